"""The simulated Buffer."""
