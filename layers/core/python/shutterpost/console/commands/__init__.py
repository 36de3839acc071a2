"""The commands of the console, one module per group."""
