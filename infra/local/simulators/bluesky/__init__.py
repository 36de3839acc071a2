"""A server of the AT Protocol (Bluesky), as far as posting photos needs it."""
