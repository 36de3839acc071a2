"""Items of the table `posts`. Attributes have the names of the values' fields; a post's items share a partition.

| item | pk | sk |
|---|---|---|
| Post | `POST#{post_id}` | `POST` |
| Variant | `POST#{post_id}` | `VARIANT#` and its id without the post's: `{connection_id}` if composed from the post |
| Schedule | `POST#{post_id}` | `SCHEDULE#{connection_id}` |
| PublishEvent | `POST#{post_id}` | `EVENT#{connection_id}#{index}` |
| Claim | the claim's key | `CLAIM` |
| Decision | `PERSONA#{persona_id}` | `DECISION#{slot_at}` |
| Memory | `PERSONA#{persona_id}` | `MEMORY` |
| Look | `LOOKS#{connection_id}` | `{created_at}#{post_id}` |
| Week | `WEEKS#{persona_id}` | `WEEK#{monday}` |
| Notices | `NOTICES#{owner}` | `NOTICES` |
| Webhook | `PERSONA#{persona_id}` | `WEBHOOK` |
| Delivery | `WEBHOOK#{persona_id}` | the delivery's id, which begins with its time |
| Standing (not read since release 0.1) | `PERSONA#{persona_id}` | `STANDING#{topic}` |
| Lane | `LANE#{account}`, `LANE#{owner}#{channel}` | `LANE` |
| Pause | `PAUSE#{owner}` | `PAUSE` |
| Answer | `KEY#{owner}#{digest of the key}` | `ANSWER` |
"""

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from shutterpost.runtime.tables import InstantAttribute, Table, bind


class TimelineIndex(GlobalSecondaryIndex["Item"]):
    """A persona's posts by creation (`{persona_id}#posts`) and schedules by `run_at` (`{persona_id}#schedules`)."""

    class Meta:
        index_name = "timeline"
        projection = AllProjection()

    timeline = UnicodeAttribute(hash_key=True)
    timeline_at = InstantAttribute(range_key=True)


class DueIndex(GlobalSecondaryIndex["Item"]):
    """Open schedules by the instant at which the sync examines them; sparse and sharded."""

    class Meta:
        index_name = "due"
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = InstantAttribute(range_key=True)


class Item(Table):
    class Meta:
        table_name = "posts"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    owner = UnicodeAttribute(null=True)
    timeline = UnicodeAttribute(null=True)
    timeline_at = InstantAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)

    timeline_index = TimelineIndex()
    due_index = DueIndex()


class PostItem(Item, discriminator="Post"):
    post_id = UnicodeAttribute()
    persona_id = UnicodeAttribute()
    photo_ids: ListAttribute[Any] = ListAttribute()
    burst: ListAttribute[Any] = ListAttribute(null=True)
    base_caption = UnicodeAttribute()
    caption_source = UnicodeAttribute()
    # Release 0.1 stored hashtags as `tags`.
    hashtags: ListAttribute[Any] = ListAttribute(attr_name="tags")
    tags: ListAttribute[Any] = ListAttribute(attr_name="labels", null=True)
    metadata = JSONAttribute(null=True)
    extras = JSONAttribute(null=True)
    language = UnicodeAttribute(null=True)
    title = UnicodeAttribute(null=True)
    origin = UnicodeAttribute()
    slot_at = InstantAttribute(null=True)
    cycle = NumberAttribute()
    strategy = UnicodeAttribute(null=True)
    theme = UnicodeAttribute(null=True)
    request_key = UnicodeAttribute()
    archived = BooleanAttribute()
    version = NumberAttribute(default=1)
    turns = NumberAttribute(default=0)
    created_at = InstantAttribute()
    updated_at = InstantAttribute(null=True)
    created_by = UnicodeAttribute(null=True)


class VariantItem(Item, discriminator="Variant"):
    post_id = UnicodeAttribute()
    variant_id = UnicodeAttribute(null=True)
    connection_id = UnicodeAttribute(null=True)
    channel = UnicodeAttribute()
    text = UnicodeAttribute()
    photo_ids: ListAttribute[Any] = ListAttribute()
    alt_text = UnicodeAttribute()
    language = UnicodeAttribute(null=True)
    source = UnicodeAttribute()
    tone = UnicodeAttribute(null=True)
    label = UnicodeAttribute(null=True)
    own_text = BooleanAttribute(default=False)
    metadata = JSONAttribute(null=True)
    created_at = InstantAttribute(null=True)
    updated_at = InstantAttribute(null=True)


class ScheduleItem(Item, discriminator="Schedule"):
    schedule_id = UnicodeAttribute()
    post_id = UnicodeAttribute()
    connection_id = UnicodeAttribute()
    variant_id = UnicodeAttribute(null=True)
    persona_id = UnicodeAttribute()
    channel = UnicodeAttribute()
    account = UnicodeAttribute(null=True)
    run_at = InstantAttribute()
    wall_time = UnicodeAttribute()
    zone = UnicodeAttribute()
    publish_at = InstantAttribute(null=True)
    start_at = InstantAttribute()
    status = UnicodeAttribute()
    step = UnicodeAttribute(null=True)
    revision = NumberAttribute()
    intent = UnicodeAttribute()
    cancel_requested = BooleanAttribute()
    attempt_count = NumberAttribute()
    retry_count = NumberAttribute()
    part_count = NumberAttribute(default=0)
    poll_count = NumberAttribute()
    look_count = NumberAttribute()
    event_count = NumberAttribute()
    last_attempt_at = InstantAttribute(null=True)
    run_id = UnicodeAttribute(null=True)
    write_id = UnicodeAttribute(null=True)
    lease_until = InstantAttribute(null=True)
    public_keys: ListAttribute[Any] = ListAttribute()
    ref = UnicodeAttribute(null=True)
    external_id = UnicodeAttribute(null=True)
    external_url = UnicodeAttribute(null=True)
    posted_at = InstantAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_class = UnicodeAttribute(null=True)
    error_cause = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    error_raw = UnicodeAttribute(null=True)
    error_picture = NumberAttribute(null=True)
    verdict = UnicodeAttribute(null=True, attr_name="told")
    verdict_url = UnicodeAttribute(null=True, attr_name="told_url")
    next_run_at = InstantAttribute(null=True)
    next_wall_time = UnicodeAttribute(null=True)
    next_zone = UnicodeAttribute(null=True)
    removal_requested_at = InstantAttribute(null=True)
    removed_at = InstantAttribute(null=True)
    review = UnicodeAttribute(null=True)
    checked_at = InstantAttribute(null=True)
    concern = UnicodeAttribute(null=True)
    first_comment = UnicodeAttribute(null=True)
    first_comment_note = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    updated_at = InstantAttribute()


class EventItem(Item, discriminator="Event"):
    schedule_id = UnicodeAttribute()
    index = NumberAttribute()
    attempt = NumberAttribute()
    revision = NumberAttribute()
    at = InstantAttribute()
    outcome = UnicodeAttribute()
    external_id = UnicodeAttribute(null=True)
    external_url = UnicodeAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_class = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    raw = UnicodeAttribute(null=True)


class ShownPhotoItem(Item, discriminator="Look"):
    """A ShownPhoto; without `photo_id` if the schedule ended without publication."""

    post_id = UnicodeAttribute()
    photo_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    dhash = UnicodeAttribute()


class ClaimItem(Item, discriminator="Claim"):
    key = UnicodeAttribute()
    holder = UnicodeAttribute()
    state = UnicodeAttribute()
    held_at = InstantAttribute()
    released_at = InstantAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    history: ListAttribute[Any] = ListAttribute()


class DecisionItem(Item, discriminator="Decision"):
    persona_id = UnicodeAttribute()
    slot_at = InstantAttribute()
    decided_at = InstantAttribute()
    post_id = UnicodeAttribute(null=True)
    body = JSONAttribute()


class MemoryItem(Item, discriminator="Memory"):
    version = NumberAttribute()
    body = JSONAttribute()


class WeekItem(Item, discriminator="Week"):
    """A Week; DynamoDB removes it after `expires_at`."""

    expires_at = TTLAttribute(null=True)
    version = NumberAttribute()
    body = JSONAttribute()


class WebhookItem(Item, discriminator="Webhook"):
    persona_id = UnicodeAttribute()
    url = UnicodeAttribute()
    active = BooleanAttribute()
    updated_at = InstantAttribute()


class DeliveryItem(Item, discriminator="Delivery"):
    """A Delivery; DynamoDB removes it after `expires_at`."""

    expires_at = TTLAttribute()
    delivery_id = UnicodeAttribute()
    persona_id = UnicodeAttribute()
    event = UnicodeAttribute()
    body = UnicodeAttribute()
    created_at = InstantAttribute()
    state = UnicodeAttribute()
    attempts = NumberAttribute()
    last_attempt_at = InstantAttribute(null=True)
    detail = UnicodeAttribute()


class NoticesItem(Item, discriminator="Notices"):
    version = NumberAttribute()
    body = JSONAttribute()


class LaneItem(Item, discriminator="Lane"):
    version = NumberAttribute()
    body = JSONAttribute()


class StoredResponseItem(Item, discriminator="Answer"):
    """A StoredResponse; DynamoDB removes it after `expires_at`."""

    expires_at = TTLAttribute()
    request = UnicodeAttribute()
    begun_at = InstantAttribute()
    state = UnicodeAttribute()
    status = NumberAttribute()
    headers = JSONAttribute()
    body = UnicodeAttribute()


class PauseItem(Item, discriminator="Pause"):
    """A Pause; `paused` is false after its end."""

    reason = UnicodeAttribute()
    since = InstantAttribute()
    paused = BooleanAttribute()


def post_key(post_id: str) -> str:
    return f"POST#{post_id}"


def persona_key(persona_id: str) -> str:
    return f"PERSONA#{persona_id}"


def shard_of(schedule_id: str) -> str:
    """The schedule's shard of the due index; four shards spread a burst over four partitions."""
    return f"due-{sum(schedule_id.encode()) % len(SHARDS)}"


SHARDS = tuple(f"due-{number}" for number in range(4))


def use_table(name: str) -> None:
    """Keep posts and all that belongs to them in the DynamoDB table `name`; called once, at wiring."""
    bind(Item, name)
