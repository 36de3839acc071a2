"""Credentials in SSM SecureStrings: the token of each connection, and the session made from it."""
