"""Folders, CSV files and clusters on their way into a library."""
