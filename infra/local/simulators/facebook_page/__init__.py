"""The simulated Pages of Facebook."""
