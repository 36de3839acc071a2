"""The fault matrix: every call broken in every way, and the promise checked after recovery."""
