"""The page on loopback: static files, the API's calls signed with the operator's credentials, and pictures."""
