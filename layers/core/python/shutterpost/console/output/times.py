"""Formats instants in a persona's zone."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from shutterpost.console import Json

_FORMAT = "%a %d %b %Y %H:%M"


def format_time(instant: str | None, zone: str) -> str:
    """An ISO 8601 instant as local time of `zone`, such as `Sat 21 Nov 2026 18:30`; empty for `None`."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):{_FORMAT}}" if instant else ""


def pause_start(state: Json, personas: Iterable[Json]) -> str:
    """When the pause began, in each of the personas' zones; in UTC if there is none."""
    zones = dict.fromkeys(persona["zone"] for persona in personas) or ["UTC"]
    return ", ".join(f"{format_time(state['since'], zone)} ({zone})" for zone in zones)


def local_of(instant: str, zone: ZoneInfo) -> str:
    """An ISO 8601 instant in `zone`, with its offset."""
    return datetime.fromisoformat(instant).astimezone(zone).isoformat()


def format_full(instant: datetime, zone: str) -> str:
    """An instant with the zone's abbreviation and name, such as `Sat 21 Nov 2026 18:30 CET (Europe/Berlin)`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:{_FORMAT}} {local.tzname()} ({zone})"
