"""Recognises files by their bytes and reads the structure of picture files; pure."""
