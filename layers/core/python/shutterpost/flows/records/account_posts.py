"""What an account shows lately, also what was posted by hand, and which of it Shutterpost made."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shutterpost.channels import (
    Catalogue,
    Cause,
    ChannelFactory,
    Connection,
    ConnectionStore,
    Failure,
    PostLister,
    RecentPost,
    Tokens,
)
from shutterpost.flows.flow import flow
from shutterpost.personas import Personas
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Claims, Schedule, Schedules, ScheduleStatus, post_id_in, remote_claim_key

# Posts of the history have no claim; their schedules have about the platform's time.
_AROUND = timedelta(days=1)


class Listing(StrEnum):
    LISTED = "listed"
    NOT_LISTED = "not_listed"
    UNREAD = "unread"


class AccountPost(RecentPost):
    """A post that an account shows; `post_id` is Shutterpost's, `null` for one that was posted by hand.

    `local_time` is `posted_at` in the persona's zone.
    """

    local_time: datetime | None = None
    post_id: str | None = None


class AccountPosts(Value):
    """A page of what an account shows, latest first, and the `cursor` of the next page.

    `detail` says why nothing is `listed`: the channel does not list, or the platform could not be read now, with the
    `cause` of that and the seconds after which it may be read again. `not_shown` are posts of Shutterpost that went out
    between these and are not among them: they were removed there, or are stories.
    """

    state: Listing
    detail: str | None = None
    cause: Cause | None = None
    retry_after: float | None = None
    posts: tuple[AccountPost, ...] = ()
    not_shown: tuple[str, ...] = ()
    cursor: str | None = None


@flow
class AccountReader:
    personas: Personas
    connections: ConnectionStore
    tokens: Tokens
    channels: ChannelFactory
    catalogue: Catalogue
    claims: Claims
    schedules: Schedules

    def read(self, persona_id: str, connection_id: str, limit: int, cursor: str | None = None) -> AccountPosts:
        """Read a page of the account's posts. Raises `PersonaNotFound` and `ConnectionUnknown`."""
        zone = ZoneInfo(self.personas.get(persona_id).zone)
        connection = self.connections.get(persona_id, connection_id)
        row, adapter = self.catalogue.row(connection.channel), self.channels(connection.channel)
        if not isinstance(adapter, PostLister):
            return AccountPosts(state=Listing.NOT_LISTED, detail=row.not_listed)
        account = self.tokens.account(connection)
        page = account if isinstance(account, Failure) else adapter.recent_posts(account, limit, cursor)
        if isinstance(page, Failure):
            return AccountPosts(
                state=Listing.UNREAD, detail=page.message, cause=page.cause, retry_after=page.retry_after
            )
        own, recorded = self._claimed(connection, page.posts), self._published(connection, page.posts)
        own = {each.external_id: each.post_id for each in recorded if each.external_id} | own
        posts = tuple(_account_post(post, own.get(post.external_id), zone) for post in page.posts)
        return AccountPosts(
            state=Listing.LISTED, posts=posts, not_shown=_not_shown(posts, recorded), cursor=page.cursor
        )

    def _claimed(self, connection: Connection, posts: Sequence[RecentPost]) -> dict[str, str]:
        keys = {remote_claim_key(connection.channel, post.external_id): post.external_id for post in posts}
        claims = self.claims.held(keys)
        return {keys[key]: post_id_in(claim.holder) for key, claim in claims.items() if claim.owner == connection.owner}

    def _published(self, connection: Connection, posts: Sequence[RecentPost]) -> list[Schedule]:
        """The connection's schedules that were published about the time of the posts."""
        times = [post.posted_at for post in posts if post.posted_at is not None]
        if not times:
            return []
        near = self.schedules.between(connection.persona_id, min(times) - _AROUND, max(times) + _AROUND)
        own = (schedule for schedule in near if schedule.connection_id == connection.connection_id)
        return [schedule for schedule in own if schedule.status is ScheduleStatus.SUCCESS]


def _not_shown(posts: Sequence[AccountPost], published: Sequence[Schedule]) -> tuple[str, ...]:
    """The posts whose time lies between those of others that are shown, and that are not."""
    times = [post.posted_at for post in posts if post.posted_at is not None]
    shown = {post.post_id for post in posts}
    return tuple(
        schedule.post_id
        for schedule in published
        if schedule.post_id not in shown and schedule.posted_at and min(times) < schedule.posted_at < max(times)
    )


def _account_post(post: RecentPost, post_id: str | None, zone: ZoneInfo) -> AccountPost:
    local_time = None if post.posted_at is None else post.posted_at.astimezone(zone)
    return AccountPost(**post.model_dump(), post_id=post_id, local_time=local_time)
