"""Reads picture metadata; malformed input is ignored; pure."""
