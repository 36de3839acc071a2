"""Signing in at the platforms, without the deployment: only what comes of it is given to the API."""
