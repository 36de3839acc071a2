"""The channel catalogue: the limits and the treatment of each destination, as versioned data."""

from shutterpost.channels.catalogue.channel_row import Catalogue, ChannelRow, ChannelStatus, Quota, catalogue
from shutterpost.channels.catalogue.circuit_breaker import Breaker
from shutterpost.channels.catalogue.extras import ExtraRule
from shutterpost.channels.catalogue.grades import Grade
from shutterpost.channels.catalogue.limits import ImageRules, Limits, TextUnit
from shutterpost.channels.catalogue.prices import Prices
from shutterpost.channels.catalogue.retries import RetryPolicy
from shutterpost.channels.catalogue.text_rules import TextRules
from shutterpost.channels.catalogue.token_life import TokenPolicy

__all__ = [
    "Breaker",
    "Catalogue",
    "ChannelRow",
    "ChannelStatus",
    "ExtraRule",
    "Grade",
    "ImageRules",
    "Limits",
    "Prices",
    "Quota",
    "RetryPolicy",
    "TextRules",
    "TextUnit",
    "TokenPolicy",
    "catalogue",
]
