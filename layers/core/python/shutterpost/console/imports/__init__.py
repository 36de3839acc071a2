"""Folders, tables and clusters on their way into the library."""
