"""Posts and schedules for tests, with facts that can be overridden."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shutterpost.scheduling import Origin, Post, Schedule, post_id_of, schedule_id_of

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def a_post(number: int = 1, **facts: Any) -> Post:
    given: dict[str, Any] = {
        "post_id": post_id_of("test", str(number)),
        "owner": "owner",
        "persona_id": "nature-1a2b3c",
        "photo_ids": ("ab" * 32,),
        "base_caption": "Calm.",
        "caption_source": "explicit",
        "origin": Origin.MANUAL,
        "request_key": "r",
        "created_at": NOW + timedelta(minutes=number),
    }
    return Post(**(given | facts))


def a_schedule(post: Post, **facts: Any) -> Schedule:
    given: dict[str, Any] = {
        "schedule_id": schedule_id_of(post.post_id, "cig"),
        "post_id": post.post_id,
        "connection_id": "cig",
        "persona_id": post.persona_id,
        "owner": post.owner,
        "channel": "instagram",
        "run_at": NOW + timedelta(hours=1),
        "wall_time": "2026-11-21T11:00:00",
        "zone": "Europe/Berlin",
        "start_at": NOW + timedelta(minutes=58),
        "due_at": NOW + timedelta(minutes=59),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Schedule(**(given | facts))
