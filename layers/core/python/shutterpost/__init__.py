"""Shutterpost: the best photo goes out every day, exactly once, to every account."""
