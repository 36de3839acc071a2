"""Simulated API v2 of X."""
