"""What the adapters of Meta's platforms share: calls of the Graph API, carousels, answers as values."""
