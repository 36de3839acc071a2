"""Posting: creating, assigning, editing and releasing posts, their slots and their times."""
