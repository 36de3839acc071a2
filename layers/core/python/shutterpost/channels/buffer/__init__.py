"""Buffer: the adapter, and the table of its known answers."""

from shutterpost.channels.buffer.adapter import BufferChannel as Adapter

__all__ = ["Adapter"]
