"""HTTP details that all routes share."""
