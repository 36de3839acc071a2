"""Pages of Facebook: the adapter, and the table of its known answers."""

from shutterpost.channels.facebook_page.adapter import FacebookPageChannel as Adapter

__all__ = ["Adapter"]
