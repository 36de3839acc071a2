"""Commands about templates and suggestions."""
