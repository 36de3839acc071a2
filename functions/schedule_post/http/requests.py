"""Request bodies: the flows' requests without unknown fields, and with bounds that keep keys within DynamoDB's.

A model has the name of its operation in the OpenAPI document.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from shutterpost.flows.operating.connect import AccountRequest
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.posting.write_variant import NewVariant, VariantContent
from shutterpost.flows.records.history import MAX_ROWS as MAX_HISTORY
from shutterpost.flows.records.history import PostedPhoto
from shutterpost.flows.records.plan_files import MAX_ROWS, PlanRow
from shutterpost.personas import Name, PersonaRules, Zone
from shutterpost.photos import ModelName, Vector
from shutterpost.runtime.pages import MAX_PAGE
from shutterpost.runtime.values import Value, WallTime

# Years outside these are mistakes, and some overflow when converted to UTC.
FIRST_YEAR, LAST_YEAR = 2000, 2200
DEFAULT_SIMILAR = 10
PRINCIPAL = r"^[0-9]{12}/(root|(user|role)/[A-Za-z0-9_+=,.@-]{1,64})$"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=$|[T ])", re.ASCII)


def refuse_numbers(instant: Any) -> Any:
    if isinstance(instant, int | float) or (isinstance(instant, str) and not _DATE.match(instant)):
        raise ValueError("write it as text: 2026-11-21T18:30:00, or with an offset: 2026-11-21T18:30:00+01:00")
    return instant


def check_year(instant: datetime | None) -> datetime | None:
    if instant is not None and not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise ValueError(f"give a year from {FIRST_YEAR} to {LAST_YEAR - 1}")
    return instant


def _describe_change(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"status": "paused"}, {"slots": [{"at": "07:45"}]}]


def _describe_post_change(schema: dict[str, Any]) -> None:
    _describe_change(schema)
    schema["examples"] = [{"caption": "Evening fog over the valley."}, {"archived": True}]


class CreatePersonaRequest(PersonaRules):
    """A persona to create: its name, its time zone and any of its rules."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Nature Explorer",
                    "zone": "Europe/Paris",
                    "slots": [{"weekdays": "daily", "at": "18:30"}, {"weekdays": ["sat", "sun"], "at": "09:00"}],
                    "default_caption": "Outdoors.",
                    "hashtags": ["nature", "outdoors"],
                }
            ]
        },
    )

    name: Name


class ChangePersonaRequest(PersonaRules):
    """Fields of a persona to change; fields that are left out keep their values."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_describe_change)

    name: Name = Field(default="", description="The persona's present name; it cannot be changed.")
    zone: Zone = "UTC"

    def changes(self) -> Mapping[str, Any]:
        return self.model_dump(exclude_unset=True)


class GrantRoleRequest(Value):
    """A principal and its role."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"principal": "123456789012/role/Assistant", "role": "author"}]},
    )

    principal: str = Field(
        pattern=PRINCIPAL, max_length=100, description="Account id and `role/NAME`, `user/NAME` or `root`."
    )
    role: Literal["viewer", "author", "operator"]


class ConnectAccountRequest(AccountRequest):
    """An account to connect. The token is stored as an SSM SecureString and never returned."""

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

    token_expires_at: Annotated[AwareDatetime | None, BeforeValidator(refuse_numbers), AfterValidator(check_year)] = (
        None
    )


class CreatePostRequest(PhotoRequest):
    """A photo, or a caption alone, to post now or at a time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"photo": "DSC_0042.jpg", "at": "2026-11-21T18:30:00", "caption": "Morning fog over the valley."},
                {"photo": "9f86d081884c7d65", "connection_ids": ["c0123456789ab"], "zone": "Europe/Paris"},
                {"caption": "An idea for the fog.", "draft": True, "tags": ["ideas"]},
                {"photo": "DSC_0042.jpg", "with_photos": ["DSC_0043.jpg", "DSC_0044.jpg"], "caption": "Three of them."},
            ]
        },
    )

    photo: str | None = Field(
        default=None,
        min_length=1,
        max_length=250,
        description="Photo id, its first 8 or more digits, or file name; `null` for a post of its caption alone.",
    )
    connection_ids: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(),
        max_length=20,
        description="Connections to post to; default: every connected connection of the persona, for a draft without a "
        "photo none.",
    )
    at: Annotated[WallTime | None, BeforeValidator(refuse_numbers), AfterValidator(check_year)] = Field(
        default=None, description="Local time in `zone`, or an instant with an offset; default: now."
    )
    hashtags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=60, description="Hashtags; default: the persona's."
    )
    draft: bool = Field(default=False, description="Create a draft, which has no schedule and claims no photo.")


class ChangePostRequest(PostChange):
    """Fields of a post to change; fields that are left out keep their values."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_describe_post_change)


class PlanRowRequest(CreatePostRequest, PlanRow):
    """A row of a plan: a photo to post, or a planned post to change."""

    post_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="A planned post, whose time and texts become those of the row; empty ones stay."
    )


class ImportPlanRequest(Value):
    """Rows to plan; each is a photo to post."""

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

    rows: tuple[PlanRowRequest, ...] = Field(min_length=1, max_length=MAX_ROWS)


ScheduledTime = Annotated[WallTime, BeforeValidator(refuse_numbers), AfterValidator(check_year)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class HistoryRowRequest(PostedPhoto):
    """A photo that was published elsewhere."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(min_length=1, max_length=250, description="Photo id, its first 8 or more digits, or file name.")
    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    posted_at: Annotated[AwareDatetime, BeforeValidator(refuse_numbers), AfterValidator(check_year)] = Field(
        description="The instant of publication, with an offset."
    )
    caption: str = Field(default="", max_length=10_000)
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="The platform's id of the post, if known."
    )
    external_url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://")] | None = None


class SearchPhotosRequest(Value):
    """A vector, for example of words, made by a model that the library's vectors are made by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"model": "clip-vit-b32", "vector": [0.12, -0.53, 0.31], "limit": 10}]},
    )

    model: ModelName
    vector: Vector
    limit: int = Field(default=DEFAULT_SIMILAR, ge=1, le=MAX_PAGE, description="Maximum number of photos.")
    unposted: bool = Field(default=False, description="Only photos that no post uses.")


class RecordHistoryRequest(Value):
    """Publications that Shutterpost did not make."""

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

    rows: tuple[HistoryRowRequest, ...] = Field(min_length=1, max_length=MAX_HISTORY)


class PickNowRequest(Value):
    """The slot to fill before its pick time."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"slot_at": "2026-11-22T17:30:00Z"}]})

    slot_at: Annotated[AwareDatetime, BeforeValidator(refuse_numbers), AfterValidator(check_year)] | None = Field(
        default=None, description="The slot's instant, with an offset; default: the next free slot."
    )


class RetryScheduleRequest(Value):
    """The time of a retry."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"at": "2026-11-22T18:30:00"}]})

    at: ScheduledTime | None = Field(
        default=None,
        description="Local time in `zone`, or an instant with an offset; default: the schedule's time, or now if past.",
    )
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class RetrySchedulesRequest(Value):
    """Selects failed and skipped schedules of a persona to retry; all of them without a class and a code."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"error_class": "retryable"}, {"error_code": "190/460"}]}
    )

    error_class: Literal["retryable", "permanent", "ambiguous"] | None = None
    error_code: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    limit: int = Field(default=100, ge=1, le=100, description="Maximum number of schedules to examine.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="`cursor` of the previous page; omit it for the first page."
    )


class SkipScheduleRequest(Value):
    """The reason to skip a schedule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Not this week."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None


class RejectPostRequest(Value):
    """The reason to reject a pick, and whether its photo can be picked for other slots."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Too dark."}, {"back": True}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None
    back: bool = Field(default=False, description="Return the photo to the library; otherwise it is not picked again.")


class ResolveScheduleRequest(Value):
    """The operator's verdict on an unknown outcome: the address of the live post, or that it is not live."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"live_url": "https://www.instagram.com/p/ABC/"}, {"not_live": True}]},
    )

    live_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    not_live: bool = False


class MoveScheduleRequest(Value):
    """The new time of a schedule."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-11-22T18:30:00", "zone": "Europe/Paris"}]}
    )

    at: ScheduledTime = Field(description="Local time in `zone`, or an instant with an offset.")
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class SchedulePostRequest(Value):
    """The time and connections of a post."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-11-22T18:30:00", "zone": "Europe/Paris"}, {}]}
    )

    at: ScheduledTime | None = Field(
        default=None, description="Local time in `zone`, or an instant with an offset; default: now."
    )
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the persona's.")
    connection_ids: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=20, description="Connections to post to; default: those that the post has variants for."
    )
    variant_ids: tuple[Annotated[str, StringConstraints(min_length=1, max_length=130)], ...] = Field(
        default=(), max_length=20, description="Variants to publish; needed where a connection has several."
    )


class CreateVariantRequest(NewVariant):
    """A variant to write, for a connection or for any connection of a channel."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"channel": "bluesky", "text": "Fog over the valley.", "tone": "calm"},
                {"connection_id": "c0123456789ab", "text": "Fog.", "label": "short"},
            ]
        },
    )


class ChangeVariantRequest(VariantContent):
    """Fields of a variant to change; fields that are left out keep their values."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Evening fog."}, {"tone": "calm"}]}
    )


class ChangeConnectionRequest(Value):
    """The new connection of a schedule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"connection_id": "c0123456789ab"}]})

    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Another connection of the same persona."
    )


class PauseRequest(Value):
    """The reason of a pause."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "The account is restricted."}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
