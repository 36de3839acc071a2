"""Notifying: what stands and needs a person, and the mails about it."""
