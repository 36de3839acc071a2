"""Tables and messages on the terminal."""
