"""Request bodies about posts and their variants."""

from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from schedule_post.http.requests.personas import describe_change
from schedule_post.http.requests.times import ScheduledTime, ZoneName, check_year, refuse_numbers
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.posting.write_variant import NewVariant, VariantContent
from shutterpost.flows.records.plan_files import MAX_ROWS, PlanRow
from shutterpost.runtime.values import Value, WallTime


def _describe_post_change(schema: dict[str, Any]) -> None:
    describe_change(schema)
    schema["examples"] = [{"caption": "Evening fog over the valley."}, {"archived": True}]


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


class MovePostRequest(Value):
    """The new time of a post: any, that of a slot, or the one that suits a day."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"at": "2026-11-22T18:30:00"}, {"slot": "2026-11-22T17:30:00Z"}, {"day": "2026-11-22"}]
        },
    )

    at: ScheduledTime | None = Field(default=None, description="Local time in `zone`, or an instant with an offset.")
    slot: ScheduledTime | None = Field(
        default=None, description="A slot ahead of the persona instead of `at`: local time, or instant with an offset."
    )
    day: Annotated[date, BeforeValidator(refuse_numbers), AfterValidator(check_year)] | None = Field(
        default=None,
        description=(
            "A date of the persona's zone instead of `at`: the first slot of that day that is free, or the post's own "
            "wall time if the day has no slot ahead."
        ),
    )
    zone: ZoneName | None = Field(
        default=None, description="IANA zone of `at` and `slot`; default: the schedule's, for `slot` the persona's."
    )

    @model_validator(mode="after")
    def _check_one_time(self) -> "MovePostRequest":
        if sum(given is not None for given in (self.at, self.slot, self.day)) != 1:
            raise ValueError("give either `at`, `slot` or `day`")
        return self


class SwapPostsRequest(Value):
    """The post to exchange times with."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"with": "p0123456789abcdef"}]})

    other: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        alias="with", description="Id of another post of the same persona."
    )


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


class RejectPostRequest(Value):
    """The reason to reject a pick, and whether its photo can be picked for other slots."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Too dark."}, {"back": True}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None
    back: bool = Field(default=False, description="Return the photo to the library; otherwise it is not picked again.")


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
