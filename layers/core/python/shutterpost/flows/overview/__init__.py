"""Overview: what was published, what is next, and what needs a person."""
