"""Persona: a social identity with its slots and policies."""

import hashlib
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_serializer,
    field_validator,
)

from shutterpost.personas.curating import MAX_THEMES, Strategy, Theme, Weights
from shutterpost.runtime.values import Value

MAX_SLOTS = 50
TEMPLATE_FACTS = frozenset({"caption", "camera", "credit", "keywords", "month", "objects", "persona", "theme", "year"})
MAX_BLACKOUTS = 366
# Measured on 107 photos and 11 alterations of each (docs/import.md): no two distinct photos are this near.
NEAR_DUPLICATE_BITS = 8


class Weekday(StrEnum):
    """Weekdays; `tuple(Weekday)[date.weekday()]` is the weekday of a date."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class PersonaStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


class RatioPolicy(StrEnum):
    PAD = "pad"
    CROP = "crop"
    SKIP = "skip"


class ApprovalMode(StrEnum):
    """Review mode for new picks: none, publish unless rejected, or publish only if approved."""

    AUTO = "auto"
    VETO = "veto"
    APPROVAL = "approval"


class LateThen(StrEnum):
    NEXT_SLOT = "next_slot"
    SKIP = "skip"


def tidy_name(name: str) -> str:
    """`name` in NFC with single spaces, so that names that look the same are equal."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{zone!r} is not an IANA time zone; use a name such as Europe/Paris or UTC") from error
    return zone


def _tag(tag: str) -> str:
    name = tag.strip().removeprefix("#")
    if not name or any(character.isspace() or character == "#" for character in name):
        raise ValueError(f"{tag!r} is not a hashtag; use one word without spaces")
    return name


def _known(template: str) -> str:
    unknown = sorted(set(re.findall(r"\{\{\s*(.*?)\s*\}\}", template)) - TEMPLATE_FACTS)
    if unknown:
        raise ValueError(f"unknown placeholder {', '.join(unknown)}; use {', '.join(sorted(TEMPLATE_FACTS))}")
    return template


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80),
    BeforeValidator(lambda value: tidy_name(value) if isinstance(value, str) else value),
]
Zone = Annotated[str, AfterValidator(_known_zone)]
Hashtag = Annotated[str, StringConstraints(max_length=100), AfterValidator(_tag)]


class Slot(Value):
    """A wall-clock time at which a persona posts, `daily` or on weekdays; fractions of seconds are refused."""

    weekdays: frozenset[Weekday] | Literal["daily"] = "daily"
    # The JSON schema format `time` (RFC 3339) requires an offset.
    at: Annotated[time, WithJsonSchema({"type": "string", "examples": ["18:30", "18:30:15"]})]

    @field_validator("weekdays")
    @classmethod
    def _some_day(cls, days: frozenset[Weekday] | Literal["daily"]) -> frozenset[Weekday] | Literal["daily"]:
        if not days:
            raise ValueError("name at least one weekday, or 'daily'")
        return days

    @field_validator("at")
    @classmethod
    def _whole_seconds_of_the_wall(cls, at: time) -> time:
        if at.tzinfo is not None or at.microsecond:
            raise ValueError("use the local time HH:MM or HH:MM:SS without an offset; the zone is the persona's")
        return at

    @field_serializer("weekdays", when_used="json")
    def _in_week_order(self, days: frozenset[Weekday] | Literal["daily"]) -> list[Weekday] | str:
        return days if isinstance(days, str) else [day for day in Weekday if day in days]


class PersonaRules(Value):
    """The settings of a persona: IANA zone, slots, and the rules by which its photos are posted.

    `late_grace_minutes` and `late_then` are the late policy. A pick is made `pick_lead_seconds` before its slot.
    `once_anywhere` posts a photo on one connection only. A pick skips photos whose hash differs from a recent photo of
    a connection by `near_duplicate_bits` of 64 or fewer (0: skips none). `keep_credit` keeps the photo's credit in its
    renditions. The owner gets a notice when the library lasts for fewer than `runway_days`. `caption_template` may
    contain facts of a photo in double braces (`TEMPLATE_FACTS`); it is skipped when a fact is unknown. Up to
    `hashtags_from_photo` hashtags are derived from keywords and objects, except `hashtags_never`.

    Slots skip `blackout_dates` (in the zone). `jitter_minutes` delays each slot by up to that time; a slot's delay is
    always the same. Two posts of one connection are at least `min_gap_minutes` apart, and an ISO week (in the zone)
    has at most `max_per_week` posts.

    With `approval: veto` a pick is made `veto_hours` before its slot and goes out unless it is rejected; with
    `approval: approval` it goes out only if it is approved. Posts are checked `preflight_hours` ahead, or as soon as
    they are scheduled (0: not checked). With `evergreen` a slot without an unposted photo gets one that was published
    at least `evergreen_after_days` ago.
    """

    zone: Zone
    slots: tuple[Slot, ...] = Field(default=(), max_length=MAX_SLOTS)
    blackout_dates: tuple[date, ...] = Field(default=(), max_length=MAX_BLACKOUTS)
    jitter_minutes: int = Field(default=0, ge=0, le=180)
    min_gap_minutes: int = Field(default=0, ge=0, le=7 * 24 * 60)
    max_per_week: int | None = Field(default=None, ge=1, le=1000)
    strategy: Strategy = Strategy.CURATORS_CHOICE
    weights: Weights = Weights()
    themes: tuple[Theme, ...] = Field(default=(), max_length=MAX_THEMES)
    default_caption: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    caption_template: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_known)
    ] = ""
    hashtags: tuple[Hashtag, ...] = Field(default=(), max_length=30)
    hashtags_from_photo: int = Field(default=5, ge=0, le=30)
    hashtags_never: tuple[Hashtag, ...] = Field(default=(), max_length=100)
    ratio_policy: RatioPolicy = RatioPolicy.PAD
    once_anywhere: bool = False
    late_grace_minutes: int = Field(default=60, ge=0, le=7 * 24 * 60)
    late_then: LateThen = LateThen.NEXT_SLOT
    pick_lead_seconds: int = Field(default=900, ge=0, le=24 * 60 * 60)
    allow_provisional: bool = False
    near_duplicate_bits: int = Field(default=NEAR_DUPLICATE_BITS, ge=0, le=32)
    keep_credit: bool = False
    runway_days: int = Field(default=14, ge=0, le=90)
    approval: ApprovalMode = ApprovalMode.AUTO
    veto_hours: int = Field(default=24, ge=1, le=72)
    preflight_hours: int = Field(default=24, ge=0, le=72)
    evergreen: bool = False
    evergreen_after_days: int = Field(default=365, ge=30, le=3650)
    status: PersonaStatus = PersonaStatus.ACTIVE

    @property
    def late_grace(self) -> timedelta:
        """How long after its time a post may still be published; after that `late_then` applies."""
        return timedelta(minutes=self.late_grace_minutes)

    @property
    def pick_ahead(self) -> timedelta:
        """How long before a slot its pick is made, including the time for a review."""
        lead = timedelta(seconds=self.pick_lead_seconds)
        return lead if self.approval is ApprovalMode.AUTO else max(lead, timedelta(hours=self.veto_hours))

    @field_validator("themes")
    @classmethod
    def _each_theme_once(cls, themes: tuple[Theme, ...]) -> tuple[Theme, ...]:
        if len({theme.name for theme in themes}) < len(themes):
            raise ValueError("name each theme once")
        return themes


class Persona(PersonaRules):
    """A social identity: its name, unique per owner, and its rules. `version` is the optimistic lock."""

    persona_id: str
    owner: str
    name: Name
    created_at: datetime
    updated_at: datetime
    version: int = 1


def persona_id_for(owner: str, name: str) -> str:
    """The id of `owner`'s persona `name`: a slug and a hash, so that each name has exactly one id."""
    tidy = tidy_name(name)
    plain = unicodedata.normalize("NFKD", tidy).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "persona"
    digest = hashlib.sha256("\n".join((owner, tidy)).encode()).hexdigest()
    return f"{slug}-{digest[:6]}"


def new_persona(*, owner: str, name: str, zone: str, now: datetime, **rules: object) -> Persona:
    """A new persona; `rules` are any further fields of `Persona`. Raises pydantic's `ValidationError`."""
    fields = {"owner": owner, "name": name, "zone": zone, "created_at": now, "updated_at": now, **rules}
    return Persona.model_validate({**fields, "persona_id": persona_id_for(owner, name), "version": 1})
