"""Texts by channel: what a text holds, how it is counted and checked, and how it is fitted."""

from shutterpost.channels.text.checking import check_text, fits_channel
from shutterpost.channels.text.counting import TextCount, count_text, text_length
from shutterpost.channels.text.fitting import (
    as_sent,
    compose,
    fit_alt_text,
    fit_caption,
    fit_text,
    hashtag_name,
    limit_in,
)
from shutterpost.channels.text.reading import Facet, FacetKind, facets

__all__ = [
    "Facet",
    "FacetKind",
    "TextCount",
    "as_sent",
    "check_text",
    "compose",
    "count_text",
    "facets",
    "fit_alt_text",
    "fit_caption",
    "fit_text",
    "fits_channel",
    "hashtag_name",
    "limit_in",
    "text_length",
]
