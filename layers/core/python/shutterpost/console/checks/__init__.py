"""Checks of `shutterpost doctor` and `watch`."""
