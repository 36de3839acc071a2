"""Posting: creating, assigning, editing and releasing posts."""
