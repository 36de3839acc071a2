"""Tables and texts on the terminal."""
