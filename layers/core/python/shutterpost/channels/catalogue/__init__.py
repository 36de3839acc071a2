"""The channel catalogue: the limits and the treatment of each destination, as versioned data."""

from shutterpost.channels.catalogue.model import (
    Breaker,
    Catalogue,
    ChannelRow,
    ChannelStatus,
    ImageRules,
    Limits,
    Quota,
    RetryPolicy,
    TextUnit,
    TokenPolicy,
    catalogue,
)

__all__ = [
    "Breaker",
    "Catalogue",
    "ChannelRow",
    "ChannelStatus",
    "ImageRules",
    "Limits",
    "Quota",
    "RetryPolicy",
    "TextUnit",
    "TokenPolicy",
    "catalogue",
]
