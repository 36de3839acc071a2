"""Simulated Mastodon and Pixelfed servers."""
