"""Importing: dropped files become photos, renditions, sidecar statements and analyses."""
