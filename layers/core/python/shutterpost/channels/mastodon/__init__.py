"""Mastodon and the software that speaks its API: Pixelfed is a dialect."""

from shutterpost.channels.mastodon.adapter import MastodonChannel as Adapter

__all__ = ["Adapter"]
