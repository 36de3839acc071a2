"""The console's access to a deployment: API client, arguments, exit codes."""
