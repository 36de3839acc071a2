"""UTM parameters of the links in a text, by which the pages behind them count visits. Pure."""

from collections.abc import Mapping
from urllib.parse import urlencode

from shutterpost.channels.catalogue import ChannelRow
from shutterpost.channels.text.reading import trimmed
from shutterpost.runtime.texts import LINK

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


def utm_of(row: ChannelRow, campaign: str | None, own: Mapping[str, str]) -> dict[str, str]:
    """The UTM parameters of a post's links on a channel: those of its `campaign`, replaced by its `own`.

    Empty without a campaign or parameters of its own, and for a channel that makes no links of addresses.
    """
    given = {name: own[name] for name in UTM if own.get(name)}
    if not row.limits.supports_links or not (campaign or given):
        return {}
    by_rule = {"utm_source": row.key, "utm_medium": "social"} | ({"utm_campaign": campaign} if campaign else {})
    return by_rule | given


def tag_links(text: str, parameters: Mapping[str, str]) -> str:
    """`text` with `parameters` in the query of each link that has no UTM parameter."""
    return LINK.sub(lambda match: _tagged(match[0], parameters), text) if parameters else text


def _tagged(link: str, parameters: Mapping[str, str]) -> str:
    address = trimmed(link)
    rest = link[len(address) :]
    page, mark, fragment = address.partition("#")
    if "utm_" in page:
        return link
    joint = "" if page.endswith(("?", "&")) else "&" if "?" in page else "?"
    return f"{page}{joint}{urlencode(parameters)}{mark}{fragment}{rest}"
