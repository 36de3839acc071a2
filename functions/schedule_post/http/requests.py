"""What callers send: the flows' requests, with unknown fields refused and bounds that keep keys within DynamoDB's."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from shutterpost.flows.operating.connect import AccountRequest
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.history import MAX_ROWS as MAX_HISTORY
from shutterpost.flows.posting.history import PostedPhoto
from shutterpost.flows.posting.plan_files import MAX_ROWS
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Name, PersonaRules, Zone
from shutterpost.runtime.values import Value, WallTime

# What no calendar of a person reaches, and what would overflow when turned to UTC.
FIRST_YEAR, LAST_YEAR = 2000, 2200
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=$|[T ])", re.ASCII)


def as_text(instant: Any) -> Any:
    """`instant`, unless it is a number, in digits or not, which would be taken for seconds since 1970."""
    if isinstance(instant, int | float) or (isinstance(instant, str) and not _DATE.match(instant)):
        raise ValueError("write it as text: 2026-11-21T18:30:00, or with an offset: 2026-11-21T18:30:00+01:00")
    return instant


def in_this_age(instant: datetime | None) -> datetime | None:
    if instant is not None and not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise ValueError(f"give a year from {FIRST_YEAR} to {LAST_YEAR - 1}")
    return instant


def _describe_change(schema: dict[str, Any]) -> None:
    """What is left out of a change keeps its value, so nothing has a default."""
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"status": "paused"}, {"slots": [{"at": "07:45"}]}]


def _describe_post_change(schema: dict[str, Any]) -> None:
    _describe_change(schema)
    schema["examples"] = [{"caption": "Evening fog over the valley."}, {"archived": True}]


class NewPersona(PersonaRules):
    """A persona to create: its name, its zone and any of its rules."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Nature Explorer",
                    "zone": "Europe/Paris",
                    "slots": [{"weekdays": "daily", "at": "18:30"}, {"weekdays": ["sat", "sun"], "at": "09:00"}],
                    "default_caption": "Out there.",
                    "hashtags": ["nature", "outdoors"],
                }
            ]
        },
    )

    name: Name


class PersonaChange(PersonaRules):
    """Fields of a persona to change; those left out stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_describe_change)

    name: Name = Field(default="", description="The name it has; it cannot be changed.")
    zone: Zone = "UTC"

    def changes(self) -> Mapping[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True)


class NewConnection(AccountRequest):
    """An account to connect. The token is kept in the vault and never shown again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "channel": "instagram",
                    "account_id": "17841400000000001",
                    "display_name": "Nature Explorer",
                    "login": "instagram",
                    "token": "the access token",
                },
                {
                    "channel": "buffer",
                    "account_id": "66f1c0ffee0000000000beef",
                    "organization_id": "66f1c0ffee0000000000cafe",
                    "token": "the API key",
                },
            ]
        },
    )

    token_expires_at: Annotated[AwareDatetime | None, BeforeValidator(as_text), AfterValidator(in_this_age)] = None


class NewPost(PhotoRequest):
    """A photo to post, at once or at a time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"photo": "DSC_0042.jpg", "at": "2026-11-21T18:30:00", "caption": "Morning fog over the valley."},
                {"photo": "9f86d081884c7d65", "connection_ids": ["c0123456789ab"], "zone": "Europe/Paris"},
            ]
        },
    )

    photo: str = Field(min_length=1, max_length=250, description="Id, first 8 or more digits of one, or file name.")
    connection_ids: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=20, description="Where to post it; default: every connected connection of the persona."
    )
    at: Annotated[WallTime | None, BeforeValidator(as_text), AfterValidator(in_this_age)] = Field(
        default=None, description="Local time in `zone`, or an instant with an offset; default: now."
    )
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=60, description="Hashtags; default: the persona's."
    )
    draft: bool = Field(default=False, description="Keep it without a schedule; nothing is claimed until it has one.")


class ChangedPost(PostChange):
    """Fields of a post to change; those left out stay. New words are for what is not out yet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_describe_post_change)


class NewPlan(Value):
    """Rows to plan, each a photo to post."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {"photo": "DSC_0042.jpg", "at": "2026-11-21T18:30:00", "caption": "Morning fog."},
                        {"photo": "DSC_0043.jpg", "at": "2026-11-22T18:30:00", "zone": "Europe/Paris"},
                    ]
                }
            ]
        },
    )

    rows: tuple[NewPost, ...] = Field(min_length=1, max_length=MAX_ROWS)


ScheduledTime = Annotated[WallTime, BeforeValidator(as_text), AfterValidator(in_this_age)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class PostedRow(PostedPhoto):
    """A photo that went out before."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(min_length=1, max_length=250, description="Id, first 8 or more digits of one, or file name.")
    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    posted_at: Annotated[AwareDatetime, BeforeValidator(as_text), AfterValidator(in_this_age)] = Field(
        description="When it went out, with an offset."
    )
    caption: str = Field(default="", max_length=10_000)
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="The platform's id of it, where it is known."
    )
    external_url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://")] | None = None


class NewHistory(Value):
    """What went out before Shutterpost did it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "photo": "DSC_0042.jpg",
                            "connection_id": "c0123456789ab",
                            "posted_at": "2025-10-03T09:00:00Z",
                            "caption": "Morning fog over the valley.",
                            "external_id": "17920238422030506",
                        }
                    ]
                }
            ]
        },
    )

    rows: tuple[PostedRow, ...] = Field(min_length=1, max_length=MAX_HISTORY)


class NewPick(Value):
    """Which slot to fill before its time."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"slot_at": "2026-11-22T17:30:00Z"}]})

    slot_at: Annotated[AwareDatetime, BeforeValidator(as_text), AfterValidator(in_this_age)] | None = Field(
        default=None, description="The slot's instant, with an offset; default: the next free one."
    )


class Retry(Value):
    """When to try again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"at": "2026-11-22T18:30:00"}]})

    at: ScheduledTime | None = Field(
        default=None,
        description="Local time in `zone`, or an instant with an offset; default: its own, or now where that is past.",
    )
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class RetryAll(Value):
    """Which of a persona's failed and skipped schedules to try again; without a class and a code, all of them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"error_class": "retryable"}, {"error_code": "190/460"}]}
    )

    error_class: Literal["retryable", "permanent", "ambiguous"] | None = None
    error_code: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    limit: int = Field(default=100, ge=1, le=100, description="How many schedules to look at.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="`cursor` of the page before; absent for the first."
    )


class Skip(Value):
    """Why it is not to go out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Not this week."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None


class Reject(Value):
    """Why a pick is not to go out, and whether its photo may be picked again for another slot."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Too dark."}, {"back": True}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None
    back: bool = Field(default=False, description="Let the photo return to the library; else it is not picked again.")


class Resolve(Value):
    """What a person found on the platform: where the post is live, or that it is not."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"live_url": "https://www.instagram.com/p/ABC/"}, {"not_live": True}]},
    )

    live_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    not_live: bool = False


class Move(Value):
    """When it is to go out instead."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-11-22T18:30:00", "zone": "Europe/Paris"}]}
    )

    at: ScheduledTime = Field(description="Local time in `zone`, or an instant with an offset.")
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class PostSchedule(Value):
    """When and where a post is to go out."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-11-22T18:30:00", "zone": "Europe/Paris"}, {}]}
    )

    at: ScheduledTime | None = Field(
        default=None, description="Local time in `zone`, or an instant with an offset; default: now."
    )
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the persona's.")
    connection_ids: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=20, description="Where to post it; default: where it has variants for."
    )


class ConnectionChange(Value):
    """Where it is to go out instead."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"connection_id": "c0123456789ab"}]})

    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Another connection of the same persona."
    )


class Pause(Value):
    """Why nothing more is to begin."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "The account is restricted."}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
