"""X: the adapter, and the table of its known answers."""

from shutterpost.channels.x.adapter import XChannel as Adapter

__all__ = ["Adapter"]
