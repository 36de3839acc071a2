"""Access to a deployment: API client, lookups by name, times, exit codes."""
