"""Bluesky: the adapter, and the table of its known answers."""

from shutterpost.channels.bluesky.adapter import BlueskyChannel as Adapter

__all__ = ["Adapter"]
