"""Buffer: the adapter, and the table of its known answers."""

from shutterpost.channels.buffer.adapter import BufferChannel

__all__ = ["BufferChannel"]
