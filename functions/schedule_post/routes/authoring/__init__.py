"""The routes of templates and suggestions."""
