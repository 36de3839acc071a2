"""The fault matrix: every call fails in every way, and the guarantees hold after recovery."""
