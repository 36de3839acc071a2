"""Persona: a social identity with its slots and policies."""

import hashlib
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)

from shutterpost.personas.choices import ApprovalMode, Digest, LateThen, PersonaStatus, RatioPolicy
from shutterpost.personas.curating import MAX_THEMES, Carousels, Strategy, Theme, Weights
from shutterpost.runtime.texts import placeholders_in
from shutterpost.runtime.values import DefaultExtras, Language, Value

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
    unknown = sorted(set(placeholders_in(template)) - TEMPLATE_FACTS)
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
    """The settings of a persona; docs/persona-rules.md is generated from their descriptions."""

    zone: Zone = Field(description="IANA time zone of the slots and of all local times.", examples=["Europe/Berlin"])
    slots: tuple[Slot, ...] = Field(
        default=(),
        max_length=MAX_SLOTS,
        description="Local times of posts, daily or on given weekdays. Without slots nothing is picked.",
        examples=[[{"weekdays": ["sat", "sun"], "at": "09:00"}]],
    )
    blackout_dates: tuple[date, ...] = Field(
        default=(),
        max_length=MAX_BLACKOUTS,
        description="Local dates without slots.",
        examples=[["2026-12-24"]],
    )
    jitter_minutes: int = Field(
        default=0,
        ge=0,
        le=180,
        description="Delays each slot by up to this many minutes; the delay of a slot is always the same.",
        examples=[20],
    )
    min_gap_minutes: int = Field(
        default=0,
        ge=0,
        le=7 * 24 * 60,
        description="The least time between two posts of a connection; 0 for none.",
        examples=[240],
    )
    max_per_week: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="The most posts per ISO week of the zone; null for no limit.",
        examples=[5],
    )
    strategy: Strategy = Field(
        default=Strategy.CURATORS_CHOICE,
        description=(
            "How a photo is picked. curators_choice: the highest aesthetic score; weighted_choice: the highest score "
            "with the points of the weights; theme_of_week: one theme per week; thematic_rotation: themes in turn; "
            "pillars: themes by their shares, each with the points of the weights."
        ),
        examples=["thematic_rotation"],
    )
    weights: Weights = Field(
        default=Weights(),
        description=(
            "Points added to the aesthetic score (1-10), except by the strategy curators_choice, and limits below "
            "which a photo is not picked."
        ),
        examples=[{"freshness": 0, "variety": 5}],
    )
    themes: tuple[Theme, ...] = Field(
        default=(),
        max_length=MAX_THEMES,
        description="Themes for the strategy, each with its weight, limits and dates.",
        examples=[[{"name": "sea", "weight": 2}, {"name": "city", "max_per_week": 1}]],
    )
    default_caption: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = Field(
        default="", description="The caption if no other source has one.", examples=["Out there today."]
    )
    voice: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = Field(
        default="",
        description="How posts should sound. A model that writes suggestions follows it; nothing else reads it.",
        examples=["Calm and dry, without exclamation marks."],
    )
    language: Language | None = Field(
        default=None,
        description=(
            "The language of its texts (BCP 47), stated on the channels that take one, and the default of sessions. A "
            "post may have another one; null states none."
        ),
        examples=["de"],
    )
    caption_template: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_known)
    ] = Field(
        default="",
        description=(
            "The caption of photos without a caption of their own, with facts of the photo in double braces: "
            f"{', '.join(sorted(TEMPLATE_FACTS))}. It is not used for a photo that lacks one of the facts."
        ),
        examples=["{{caption}} Photographed with {{camera}}."],
    )
    hashtags: tuple[Hashtag, ...] = Field(
        default=(), max_length=30, description="Hashtags of every post.", examples=[["nature", "outdoors"]]
    )
    hashtags_from_photo: int = Field(
        default=5,
        ge=0,
        le=30,
        description="The most hashtags derived from a photo's keywords and objects.",
        examples=[0],
    )
    hashtags_never: tuple[Hashtag, ...] = Field(
        default=(), max_length=100, description="Hashtags that are never derived from a photo.", examples=[["person"]]
    )
    ratio_policy: RatioPolicy = Field(
        default=RatioPolicy.PAD,
        description=(
            "What happens to a photo whose aspect ratio a platform refuses. pad: borders are added; crop: it is cut; "
            "skip: it is not posted there."
        ),
        examples=["crop"],
    )
    once_anywhere: bool = Field(
        default=False, description="Whether a photo is posted on one connection only.", examples=[True]
    )
    late_grace_minutes: int = Field(
        default=60,
        ge=0,
        le=7 * 24 * 60,
        description="How late a post may still be published; after that `late_then` applies.",
        examples=[30],
    )
    late_then: LateThen = Field(
        default=LateThen.NEXT_SLOT,
        description=(
            "What happens to a post that is later than `late_grace_minutes`, for example after a pause. next_slot: it "
            "moves to the next free slot; skip: it is skipped and its photo is released."
        ),
        examples=["skip"],
    )
    pick_lead_seconds: int = Field(
        default=900, ge=0, le=24 * 60 * 60, description="How long before its slot a pick is made.", examples=[3600]
    )
    allow_provisional: bool = Field(
        default=True,
        description=(
            "Whether photos without an analysis may be picked, after all that have one, by the provisional score that "
            "the import computes from sharpness, exposure and colour."
        ),
        examples=[False],
    )
    near_duplicate_bits: int = Field(
        default=NEAR_DUPLICATE_BITS,
        ge=0,
        le=32,
        description=(
            "A photo is not picked if its 64-bit image hash differs from a recent photo of a connection in this many "
            "bits or fewer; 0 allows all."
        ),
        examples=[4],
    )
    carousels: Carousels = Field(
        default=Carousels.OFF,
        description=(
            "What a pick does with near duplicates taken within seconds of its photo. off: nothing; offer: it names "
            "them, and a command posts them with it as a carousel; auto: it posts them as a carousel."
        ),
        examples=["offer"],
    )
    extras: DefaultExtras = Field(
        default=DefaultExtras(),
        description=(
            "What posts have beside text and pictures, on the channels that take it: `collaborators`, `location_id` "
            "and `first_comment`. A post may have other ones; a connection that cannot take one leaves it out."
        ),
        examples=[{"first_comment": "More on the blog.", "collaborators": ["anna"]}],
    )
    keep_credit: bool = Field(
        default=False, description="Whether renditions keep the photo's credit in their metadata.", examples=[True]
    )
    require_alt_text: bool = Field(
        default=False, description="Whether only photos with an alt text are posted.", examples=[True]
    )
    runway_days: int = Field(
        default=14,
        ge=0,
        le=90,
        description="The owner gets a notice when the library lasts for fewer days; 0 for none.",
        examples=[30],
    )
    approval: ApprovalMode = Field(
        default=ApprovalMode.AUTO,
        description=(
            "Review of picks. auto: none; veto: a pick is published unless it is rejected; approval: a pick is "
            "published only if it is approved. With veto and approval picks are made `veto_hours` before the slot."
        ),
        examples=["veto"],
    )
    veto_hours: int = Field(
        default=24, ge=1, le=72, description="How long before its slot a pick that is reviewed is made.", examples=[12]
    )
    preflight_hours: int = Field(
        default=24,
        ge=0,
        le=72,
        description="How long ahead scheduled posts and the photos of coming slots are checked; 0 for never.",
        examples=[48],
    )
    evergreen: bool = Field(
        default=False,
        description="Whether a slot without an unposted photo reposts one, see `evergreen_after_days`.",
        examples=[True],
    )
    evergreen_after_days: int = Field(
        default=365,
        ge=30,
        le=3650,
        description="The least age of a post whose photo `evergreen` may repost.",
        examples=[730],
    )
    digest: Digest = Field(
        default=Digest.OFF,
        description=(
            "A mail of what went out, what comes, what needs a person, and how long the library lasts. daily: every "
            "day; weekly: on Mondays, at `digest_hour`."
        ),
        examples=["weekly"],
    )
    digest_hour: int = Field(
        default=8, ge=0, le=23, description="The local hour from which the digest is mailed.", examples=[18]
    )
    status: PersonaStatus = Field(
        default=PersonaStatus.ACTIVE,
        description="active: slots are filled; paused: nothing is picked, scheduled posts are still published.",
        examples=["paused"],
    )

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
    """A social identity: its name, unique per owner, and its rules. `version` is the optimistic lock.

    `slots_since`: since when the slots follow from the present rules; `past_slots`: those of the days before.
    """

    persona_id: str
    owner: str
    name: Name
    created_at: datetime
    updated_at: datetime
    version: int = 1
    slots_since: datetime
    past_slots: tuple[datetime, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _slots_since_the_last_change(cls, fields: Any) -> Any:
        """A persona of an earlier release does not have this instant."""
        if isinstance(fields, dict) and fields.get("slots_since") is None:
            return {**fields, "slots_since": fields.get("updated_at")}
        return fields


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
