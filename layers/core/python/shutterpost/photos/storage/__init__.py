"""The photos table: photos, analyses and statements of a persona."""
