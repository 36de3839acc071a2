"""Instagram: the adapter, and the table of its known answers."""

from shutterpost.channels.instagram.adapter import InstagramChannel as Adapter

__all__ = ["Adapter"]
