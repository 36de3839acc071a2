"""Buffer's posts: create, list, delete, and send when due."""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from infra.local.simulators.background import Background, SimulatorSettings
from infra.local.simulators.buffer.records import (
    BufferAccount,
    BufferPost,
    BufferSetup,
    ChannelSetup,
    Organization,
    PostStatus,
    hex_id,
    wire_time,
)
from infra.local.simulators.faults import Fault, FaultBook
from infra.local.simulators.images import Fetcher

QUEUE_TIME = time(9, tzinfo=UTC)
DEFAULT_PAGE = 20
LARGEST_PAGE = 100
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


class InputRefused(Exception):
    """A typed error of a mutation."""

    def __init__(self, type_name: str, message: str) -> None:
        super().__init__(message)
        self.type_name = type_name


@dataclass
class BufferState:
    settings: SimulatorSettings
    faults: FaultBook
    fetcher: Fetcher
    background: Background
    accounts: dict[str, BufferAccount] = field(default_factory=dict)
    posts: dict[str, BufferPost] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    created_per_text: Counter[str] = field(default_factory=Counter)
    violations: list[dict[str, str]] = field(default_factory=list)

    def configure(self, setup: BufferSetup) -> BufferAccount:
        key = hashlib.sha256(setup.api_key.encode()).hexdigest()
        organizations = [
            Organization(
                organization_id=organization.id or hex_id("organization", f"{key}/{organization.name}"),
                setup=organization,
                channels={
                    item.id or hex_id("channel", f"{key}/{organization.name}/{item.service}/{item.name}"): item
                    for item in organization.channels
                },
            )
            for organization in setup.organizations
        ]
        account = BufferAccount(
            account_id=key[:24],
            timezone=setup.timezone,
            organizations={item.organization_id: item for item in organizations},
            rate_limits={str(window): limit for window, limit in setup.rate_limits.items()},
        )
        self.accounts[key] = account
        return account

    def account_of(self, api_key: str) -> BufferAccount | None:
        return self.accounts.get(hashlib.sha256(api_key.encode()).hexdigest())

    def create(self, account: BufferAccount, wanted: dict[str, Any], now: datetime) -> BufferPost:
        """Create a post; a repetition creates another. Raises `InputRefused`."""
        organization, channel = self._channel(account, wanted["channelId"])
        images = images_of(wanted)
        check_content(wanted, channel, images)
        due_at: datetime | None = self._due_at(wanted, now)
        status: PostStatus = "scheduled"
        if wanted.get("saveToDraft"):
            status, due_at = "draft", wanted.get("dueAt")
        elif wanted.get("needsApproval"):
            status = "needs_approval"
        if status == "scheduled":
            self._check_limits(organization, channel, wanted["channelId"], due_at or now)
        number = len(self.posts) + len(self.deleted) + 1
        post = BufferPost(
            post_id=f"{int(now.timestamp()):08x}{hex_id('post', str(number))[:16]}",
            organization_id=organization.organization_id,
            channel_id=wanted["channelId"],
            service=channel.service,
            text=wanted.get("text") or "",
            mode=wanted["mode"],
            scheduling_type=wanted["schedulingType"],
            created_at=now,
            updated_at=now,
            status=status,
            due_at=due_at,
            image_urls=[image["url"] for image in images],
            alt_texts=[(image.get("metadata") or {}).get("altText", "") for image in images],
        )
        self.posts[post.post_id] = post
        self.created_per_text[post.text] += 1
        return post

    def edit(self, account: BufferAccount, wanted: dict[str, Any], now: datetime) -> BufferPost:
        """Edit a waiting post. Raises `InputRefused`."""
        post = self.find(account, wanted["id"])
        if post is None:
            raise InputRefused("NotFoundError", "Post not found")
        if "editPost" not in post.allowed_actions:
            raise InputRefused("InvalidInputError", "Post can no longer be edited")
        if wanted.get("dueAt"):
            post.due_at = self._due_at({"mode": "customScheduled", "dueAt": wanted["dueAt"]}, now)
            post.mode = "customScheduled"
        if wanted.get("text") is not None:
            post.text = wanted["text"]
        post.updated_at = now
        return post

    def delete(self, account: BufferAccount, post_id: str, now: datetime) -> None:
        """Delete a waiting post. Raises `InputRefused`."""
        post = self.find(account, post_id)
        if post is None:
            raise InputRefused("VoidMutationError", "Post not found")
        if "deletePost" not in post.allowed_actions:
            what = f"deleted a post in status {post.status}"
            self.violations.append({"at": now.isoformat(), "post_id": post_id, "what": what})
            raise InputRefused("VoidMutationError", "Post cannot be deleted in its current status")
        self.deleted.append(self.posts.pop(post_id).post_id)

    def find(self, account: BufferAccount, post_id: str) -> BufferPost | None:
        post = self.posts.get(post_id)
        return post if post and post.organization_id in account.organizations else None

    def advance(self, now: datetime) -> None:
        """Update all posts to `now`: due ones start to send, fetched ones are sent."""
        for post in self.posts.values():
            if post.status == "scheduled" and post.due_at and post.due_at <= now:
                post.status = "sending"
                post.sending_at = max(post.due_at, post.created_at)
                post.updated_at = post.sending_at
                self.background.start(self._fetch(post, self.faults.take("buffer", "send")))
            if post.status == "sending" and post.fetched and post.sending_at:
                arrives = post.sending_at + timedelta(seconds=self.settings.sending_seconds)
                if now >= arrives:
                    self._arrive(post, arrives)

    async def _fetch(self, post: BufferPost, fault: Fault | None) -> None:
        if fault and fault.kind == "slow" and post.sending_at:
            post.sending_at += timedelta(seconds=fault.seconds)
        fetched = [await self.fetcher.fetch(url) for url in post.image_urls]
        flaws = [fetch.flaw for fetch in fetched if fetch.flaw]
        strict = post.service == "instagram"
        bad = [flaw for flaw in flaws if strict or flaw in {"timeout", "unreachable", "not_an_image"}]
        if fault and fault.kind != "slow":
            post.error = fault.message or "The network refused this post."
        if bad:
            post.error = f"The image could not be used: {bad[0]}"
        if self._is_disconnected(post):
            post.error = "The channel is disconnected, please reconnect it."
        post.fetched = True

    def _is_disconnected(self, post: BufferPost) -> bool:
        return any(
            organization.channels[post.channel_id].is_disconnected
            for account in self.accounts.values()
            for organization in account.organizations.values()
            if post.channel_id in organization.channels
        )

    def _arrive(self, post: BufferPost, at: datetime) -> None:
        post.updated_at = at
        if post.error:
            post.status = "error"
            return
        post.status, post.sent_at = "sent", at
        post.external_link = f"https://{post.service}.example/p/{post.post_id}"

    def _channel(self, account: BufferAccount, channel_id: str) -> tuple[Organization, ChannelSetup]:
        for organization in account.organizations.values():
            channel = organization.channels.get(channel_id)
            if channel is None:
                continue
            if channel.is_locked:
                raise InputRefused("UnauthorizedError", "Channel is locked")
            return organization, channel
        raise InputRefused("NotFoundError", "Channel not found")

    def _due_at(self, wanted: dict[str, Any], now: datetime) -> datetime:
        if wanted["mode"] == "shareNow":
            return now
        if wanted["mode"] == "customScheduled":
            due_at: datetime | None = wanted.get("dueAt")
            if due_at is None:
                raise InputRefused("InvalidInputError", "Invalid post: dueAt is required for customScheduled posts.")
            if due_at < now and self.settings.refuse_past_due:
                raise InputRefused("InvalidInputError", "Invalid post: dueAt must be in the future.")
            return due_at.astimezone(UTC)
        slot = datetime.combine(now.date(), QUEUE_TIME)
        taken = {post.due_at for post in self.posts.values()}
        while slot <= now or slot in taken:
            slot += timedelta(days=1)
        return slot

    def _check_limits(self, organization: Organization, channel: ChannelSetup, channel_id: str, due: datetime) -> None:
        waiting = [
            post
            for post in self.posts.values()
            if post.organization_id == organization.organization_id and post.status == "scheduled"
        ]
        if len(waiting) >= organization.setup.scheduled_posts:
            raise InputRefused("LimitReachedError", "You have reached the scheduled posts limit of your plan.")
        sent, scheduled = self.on_day(channel_id, due)
        if sent + scheduled >= channel.daily_limit:
            raise InputRefused("LimitReachedError", "You have reached the daily posting limit of this channel.")

    def on_day(self, channel_id: str, at: datetime) -> tuple[int, int]:
        """Posts of a channel sent and scheduled on the UTC day of `at`."""
        day = at.astimezone(UTC).date()
        due = [post for post in self.posts.values() if post.channel_id == channel_id and post.due_at]
        statuses = [post.status for post in due if post.due_at and post.due_at.date() == day]
        return statuses.count("sent"), statuses.count("scheduled") + statuses.count("sending")

    def listing(self, wanted: dict[str, Any], first: int | None, after: str | None) -> dict[str, Any]:
        """One page of an organization's posts as a connection; raises `ValueError` for a foreign cursor."""
        order = (wanted.get("sort") or [{"field": "dueAt", "direction": "asc"}])[0]
        chosen = wanted.get("filter") or {}
        posts = [post for post in self.posts.values() if post.organization_id == wanted["organizationId"]]
        matching = [post for post in posts if matches(post, chosen)]

        def key(post: BufferPost) -> str:
            at = post.created_at if order["field"] == "createdAt" else post.due_at or FAR_FUTURE
            return f"{wire_time(at)}|{post.post_id}"

        backwards = order["direction"] == "desc"
        matching.sort(key=key, reverse=backwards)
        if after:
            last = base64.b64decode(after.encode(), altchars=b"-_", validate=True).decode()
            matching = [post for post in matching if (key(post) < last if backwards else key(post) > last)]
        page = matching[: min(first if first is not None else DEFAULT_PAGE, LARGEST_PAGE)]
        edges = [
            {"cursor": base64.urlsafe_b64encode(key(item).encode()).decode(), "node": item.node()} for item in page
        ]
        return {
            "edges": edges,
            "pageInfo": {
                "hasNextPage": len(page) < len(matching),
                "hasPreviousPage": False,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
        }

    def dump(self) -> dict[str, Any]:
        """The state as JSON; `created_per_text` counts deleted posts too."""
        by_status: dict[str, list[str]] = {}
        for post in self.posts.values():
            by_status.setdefault(post.status, []).append(post.post_id)
        sent = [post.text for post in self.posts.values() if post.status == "sent"]
        return {
            "created_per_text": dict(self.created_per_text),
            "sent_per_text": dict(Counter(sent)),
            "posts_by_status": by_status,
            "posts": [post.dump() for post in self.posts.values()],
            "deleted": list(self.deleted),
        }


def images_of(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The image assets in order; raises `InputRefused` for an asset that is not exactly one thing."""
    assets = wanted.get("assets") or []
    for asset in assets:
        if sum(value is not None for value in asset.values()) != 1:
            raise InputRefused("InvalidInputError", "Invalid post: each asset needs exactly one kind.")
    return [asset["image"] for asset in assets if asset.get("image")]


def check_content(wanted: dict[str, Any], channel: ChannelSetup, images: list[dict[str, Any]]) -> None:
    """Raise `InputRefused` for a post that Instagram cannot show."""
    faults = []
    if channel.service == "instagram":
        if not images and not any(asset.get("video") for asset in wanted.get("assets") or []):
            faults.append("Instagram posts require at least one image or video.")
        if not (wanted.get("metadata") or {}).get("instagram"):
            faults.append("Instagram posts require a type (post, story, or reel).")
    elif not (wanted.get("text") or wanted.get("assets")):
        faults.append("Posts require text or media.")
    if faults:
        raise InputRefused("InvalidInputError", "Invalid post: " + ", ".join(faults))


def within(at: datetime | None, span: dict[str, datetime | None] | None) -> bool:
    """Whether `at` lies in a comparator's span, ends included."""
    if not span:
        return True
    start, end = span.get("start"), span.get("end")
    return at is not None and (start is None or at >= start) and (end is None or at <= end)


def matches(post: BufferPost, chosen: dict[str, Any]) -> bool:
    """Whether a post passes a `PostsFiltersInput`."""
    presence = chosen.get("dueAtPresence")
    return (
        (not chosen.get("channelIds") or post.channel_id in chosen["channelIds"])
        and (not chosen.get("status") or post.status in chosen["status"])
        and within(post.created_at, chosen.get("createdAt"))
        and within(post.due_at, chosen.get("dueAt"))
        and within(post.due_at, span_of(chosen))
        and (presence is None or (presence == "present") == (post.due_at is not None))
    )


def span_of(chosen: dict[str, Any]) -> dict[str, datetime | None] | None:
    """`startDate` and `endDate` as a comparator on `dueAt`."""
    if not (chosen.get("startDate") or chosen.get("endDate")):
        return None
    return {"start": chosen.get("startDate"), "end": chosen.get("endDate")}
