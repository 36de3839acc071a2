"""Templates, generation sessions, and what becomes of suggestions."""
