"""Recognises files by their bytes and reads the structures of picture files; pure."""
