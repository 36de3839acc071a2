"""The whole system in a simulated world: one seed is one history of everything that interleaves, fails or is late."""
