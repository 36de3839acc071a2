"""The photos table: a persona's photos, analyses and statements."""
