"""Precomputed analyses and labels: what a line of a file becomes, and how vectors are stored; pure."""
