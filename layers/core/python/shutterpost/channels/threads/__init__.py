"""Threads: the adapter, and the table of its known answers."""

from shutterpost.channels.threads.adapter import ThreadsChannel as Adapter

__all__ = ["Adapter"]
