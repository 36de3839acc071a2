"""LinkedIn: posts of members and organizations."""

from shutterpost.channels.linkedin.adapter import LinkedInChannel as Adapter

__all__ = ["Adapter"]
