"""Response bodies of posts and their variants."""

from datetime import datetime
from typing import Any

from pydantic import Field

from schedule_post.http.responses import DecisionResponse, DerivedFacts, ScheduleResponse, decision, schedule
from shutterpost.channels import Catalogue, TextCount, count_text
from shutterpost.flows.records.actions import ApiCall, actions_of
from shutterpost.flows.records.preview import ChannelText, Impediment, VariantPreview
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import (
    DecisionRecord,
    EventOutcome,
    Origin,
    PostDetails,
    PostStatus,
    Variant,
    VariantSource,
    VariantStatus,
    post_status,
    variant_status,
)


class VariantResponse(Value):
    """A post's text and photos for one connection, or for any connection of its channel (`connection_id: null`).

    `count` is its text as its channel counts it. `own_text` is true for a text that was written for this variant alone.
    """

    variant_id: str
    connection_id: str | None
    channel: str
    status: VariantStatus
    text: str
    count: TextCount
    photo_ids: tuple[str, ...]
    alt_text: str
    language: str | None
    source: VariantSource
    tone: str | None
    label: str | None
    own_text: bool
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime


class PublishEventResponse(Value):
    """The outcome of an attempt; `raw` is the platform's response, shortened."""

    schedule_id: str
    index: int
    attempt: int
    revision: int
    at: datetime
    outcome: EventOutcome
    external_id: str | None
    external_url: str | None
    error_code: str | None
    error_class: str | None
    error_message: str | None
    raw: str | None


class PostPreviewResponse(Value):
    """What a post would send now, what prevents that, and how its caption and hashtags would fit each channel."""

    post_id: str
    variants: tuple[VariantPreview, ...]
    channels: tuple[ChannelText, ...]


class PostSummaryResponse(Value):
    """A post with its status and schedules; `photo_names` are the file names of its photos.

    `burst` has the photos that its pick offered to post with it.
    `tags` are private labels and `metadata` keys of the owner's; `hashtags` are published. `updated_at` includes its
    variants and schedules, `published_at` is when it was first live.
    """

    post_id: str
    persona_id: str
    status: PostStatus
    title: str | None
    photo_ids: tuple[str, ...]
    photo_names: tuple[str, ...] = ()
    burst: tuple[str, ...]
    base_caption: str
    caption_source: str
    hashtags: tuple[str, ...]
    tags: tuple[str, ...]
    metadata: dict[str, str]
    extras: Extras | None
    language: str | None
    origin: Origin
    slot_at: datetime | None
    cycle: int
    strategy: str | None
    theme: str | None
    archived: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    created_by: str | None
    schedules: tuple[ScheduleResponse, ...]


class PostResponse(PostSummaryResponse):
    """A post with its variants, schedules and events; `decision` is why its photo was picked.

    `texts`, where the post itself is read or changed, are by connection id what each connection sends, counted as its
    channel counts, with what refuses or warns. `warnings`, in the answer to its creation alone, say which connections
    leave out which of its extras. `actions` are what the post and its schedules allow now.
    """

    variants: tuple[VariantResponse, ...]
    events: tuple[PublishEventResponse, ...]
    decision: DecisionResponse | None = None
    warnings: tuple[Impediment, ...] = ()
    actions: tuple[ApiCall, ...] = ()
    texts: dict[str, VariantPreview] = Field(default_factory=dict)


class SwappedPostsResponse(Value):
    """Two posts at their new times: the one that the request is about, then the other."""

    posts: tuple[PostResponse, PostResponse]


class RejectedPostResponse(Value):
    """The rejected post, and its slot's next pick: the post's id, or the reason that there is none."""

    rejected: PostResponse
    replacement_id: str | None
    reason: str


class PostPageResponse(Value):
    """A page of posts, newest first, and the `cursor` of the next page."""

    posts: tuple[PostSummaryResponse, ...]
    cursor: str | None = None


def variant(stored: Variant, details: PostDetails, catalogue: Catalogue) -> VariantResponse:
    row, created_at = catalogue.row(stored.channel), stored.created_at or details.post.created_at
    schedules = details.schedules_of(stored)
    return VariantResponse(
        **stored.model_dump(exclude={"created_at", "updated_at"}),
        status=variant_status(stored, schedules, min_pictures=row.limits.min_pictures),
        count=count_text(stored.text, row),
        created_at=created_at,
        updated_at=stored.updated_at or created_at,
    )


def post_summary(details: PostDetails, derived: DerivedFacts, names: tuple[str, ...]) -> PostSummaryResponse:
    return PostSummaryResponse.model_validate(_common(details, derived, names))


def post(
    details: PostDetails,
    record: DecisionRecord | None,
    derived: DerivedFacts,
    names: tuple[str, ...],
    catalogue: Catalogue,
) -> PostResponse:
    events = [event.model_dump() for event in sorted(details.events, key=lambda event: (event.at, event.index))]
    return PostResponse.model_validate(
        {
            **_common(details, derived, names),
            "variants": [variant(stored, details, catalogue) for stored in details.variants],
            "events": events,
            "actions": actions_of(details, details.schedules, catalogue, derived.successors),
            # The slot's last decision may be about another post.
            "decision": decision(record) if record and record.post_id == details.post.post_id else None,
        }
    )


def _common(details: PostDetails, derived: DerivedFacts, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        **details.post.model_dump(),
        "photo_names": names,
        "updated_at": details.updated_at,
        "published_at": details.published_at,
        "status": post_status(details.post, details.schedules),
        "schedules": [schedule(item, derived) for item in details.schedules],
    }
