"""Notifying: conditions that need a person, and the mails about them."""
