"""What the platforms show, and whose it is: a picture's address leads to its copy, and that to who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from infra.local.simulators.bluesky.repository import blob_cid
from shutterpost.flows.publishing.decision import is_handed_over
from shutterpost.scheduling import Schedule
from tests.simulation.aws import picture_of
from tests.simulation.kinds import DECLARED
from tests.simulation.platforms import key_of
from tests.simulation.world import World


def every_schedule(world: World) -> list[Schedule]:
    """All schedules, as they are."""
    items = [item for item in world.account.tables.items("posts") if item.get("kind", {}).get("S") == "Schedule"]
    return [world.stores.schedules.get(item["schedule_id"]["S"]) for item in items]


@dataclass(frozen=True)
class Shown:
    """A post on a platform that is live, was live, or may go live by itself."""

    account: str
    ident: str
    photo_ids: tuple[str, ...]
    schedule_id: str
    state: str
    was_live: bool
    live_at: datetime | None

    def __str__(self) -> str:
        """For people."""
        return f"{self.state} {self.ident} of {self.schedule_id}"


def shown_on_platforms(world: World) -> list[Shown]:
    """Everything there is on the platforms."""
    simulated = world.platforms.world
    everything = _seen(world)
    for media in simulated.instagram.media.values():
        own = _Own(f"instagram {media.account.ig_user_id}", media.media_id, media.container.urls())
        everything.append(_shown(world, own, "live", media.published_at))
    for post in simulated.buffer.posts.values():
        if post.status != "error":
            live_at = post.sent_at if post.status == "sent" else None
            own = _Own(f"buffer {post.channel_id}", post.post_id, post.image_urls)
            everything.append(_shown(world, own, post.status, live_at))
    return everything


class _Own(NamedTuple):
    account: str
    ident: str
    urls: Sequence[str]


def _shown(world: World, own: _Own, state: str, live_at: datetime | None) -> Shown:
    keys = [key_of(url) for url in own.urls]
    return Shown(
        account=own.account,
        ident=own.ident,
        photo_ids=tuple(world.account.objects.sources[key] for key in keys),
        schedule_id=schedule_behind(world, keys[0]),
        state=state,
        was_live=live_at is not None,
        live_at=live_at,
    )


def _seen(world: World) -> list[Shown]:
    """The posts of declared kinds: an address leads to its copy, an id of bytes to the photo that has them."""
    photos = photo_ids_by_bytes(world) if world.platforms.sightings else {}
    return [
        Shown(
            account=f"{sighting.channel} {sighting.post.account_id}",
            ident=sighting.post.ident,
            photo_ids=tuple(
                photos.get(part) or world.account.objects.sources[key_of(part)] for part in sighting.post.pictures
            ),
            schedule_id=schedule_of(sighting.maker),
            state="live",
            was_live=True,
            live_at=sighting.post.at,
        )
        for sighting in world.platforms.sightings.values()
    ]


def photo_ids_by_bytes(world: World) -> dict[str, str]:
    """Each photo by what the platforms call its bytes."""
    pictures = {photo_id: picture_of(photo_id) for photo_id in set(world.account.objects.sources.values())}
    return {name: photo_id for photo_id, content in pictures.items() for name in (blob_cid(content), _digest(content))}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def schedule_behind(world: World, key: str) -> str:
    """The schedule whose chain made the public copy."""
    return schedule_of(world.calls.makers[key])


def schedule_of(task: str) -> str:
    """The schedule that an execution's task belongs to."""
    return task.removeprefix("chain ").rpartition("-")[0]


def live_url(world: World, schedule: Schedule) -> str | None:
    """Where the platform shows the schedule's picture to whoever looks."""
    own = {f"/{key}" for key in schedule.public_keys}
    simulated = world.platforms.world
    declared = next((kind for kind in DECLARED.values() if kind.channel == schedule.channel), None)
    if declared is not None:
        seen, posts = world.platforms.sightings, declared.posts(simulated)
        live = [post for post in posts if post.is_live and post.ident in seen]
        mine = [post.url for post in live if schedule_of(seen[post.ident].maker) == schedule.schedule_id]
        return mine[0] if mine else None
    for media in simulated.instagram.media.values():
        if media.deleted_at is None and own & {urlsplit(url).path for url in media.container.urls()}:
            return media.permalink
    for post in simulated.buffer.posts.values():
        if post.status == "sent" and own & {urlsplit(url).path for url in post.image_urls}:
            return post.external_link
    return None


def waiting_at_buffer(world: World, connection_id: str) -> frozenset[str]:
    """The ids of the connection's posts that Buffer publishes later, and that nobody wants back."""
    posts = world.platforms.world.buffer.posts
    with world.kernel.unobserved():
        schedules = [item for item in every_schedule(world) if item.connection_id == connection_id]
    refs = {item.ref for item in schedules if is_handed_over(item) and not item.cancel_requested}
    return frozenset(ref for ref in refs if ref in posts and posts[ref].status == "scheduled")
