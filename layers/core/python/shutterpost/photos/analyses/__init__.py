"""Parses precomputed analyses and labels, and packs vectors; pure."""
