"""Which caption a post gets: explicit, else a person's about the photo, else the analysis's, else the persona's
default (S2 §4, requirements C18)."""

from shutterpost.runtime.values import Value


class Caption(Value):
    """A caption and where it came from: `explicit`, who stated it of the photo, `analysis` or `default`."""

    text: str
    source: str


def choose_caption(
    *, explicit: str | None, analysis: str | None, default: str, stated: Caption | None = None
) -> Caption:
    """The first of explicit, `stated`, analysis and default that says something; an explicit empty caption is a wish
    and stays empty."""
    if explicit is not None:
        return Caption(text=explicit.strip(), source="explicit")
    if stated is not None and stated.text.strip():
        return stated
    if analysis and analysis.strip():
        return Caption(text=analysis.strip(), source="analysis")
    return Caption(text=default.strip(), source="default")
