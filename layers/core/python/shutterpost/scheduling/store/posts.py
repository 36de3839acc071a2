"""Posts, variants, events, decisions and strategy memories."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from pynamodb.expressions.condition import Condition

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Write, delete, put, update
from shutterpost.runtime.refusals import NotFound
from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.idempotency_keys import StoredResponses
from shutterpost.scheduling.store.items import (
    DecisionItem,
    EventItem,
    Item,
    MemoryItem,
    PostItem,
    ScheduleItem,
    VariantItem,
    persona_key,
    post_key,
)
from shutterpost.scheduling.store.look_aheads import LookAheads
from shutterpost.scheduling.store.schedules import schedule_item
from shutterpost.scheduling.store.shown_photos import ShownPhotos
from shutterpost.scheduling.store.weeks import Weeks
from shutterpost.scheduling.values import DecisionRecord, Post, PostDetails, PublishEvent, Schedule, Variant

MEMORY = "MEMORY"
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class PostNotFound(NotFound):
    kind = "post-not-found"

    @classmethod
    def of(cls, post_id: str) -> Self:
        return cls(f"Post {post_id} does not exist. List the persona's posts to find its id.")


class VariantNotFound(NotFound):
    kind = "variant-not-found"


class PostPage(Value):
    posts: tuple[Post, ...]
    cursor: str | None = None


class DecisionPage(Value):
    decisions: tuple[DecisionRecord, ...]
    cursor: datetime | None = None


class Posts:
    """The store of posts; `shown_photos`, `weeks`, `responses`, `look_aheads` are stores of what belongs to posts."""

    def __init__(self) -> None:
        self.shown_photos = ShownPhotos()
        self.weeks = Weeks()
        self.responses = StoredResponses()
        self.look_aheads = LookAheads()

    def open(self, post: Post, variants: Sequence[Variant], schedules: Sequence[Schedule]) -> list[Write]:
        """The writes that create a post; the first is labelled `post`, on the condition that the post is new."""
        pk = post_key(post.post_id)
        timeline = f"{post.persona_id}#posts"
        item = PostItem(pk, "POST", timeline=timeline, timeline_at=post.created_at, **post.model_dump())
        writes = [put("post", item, PostItem.pk.does_not_exist())]
        writes += [self.writing(variant) for variant in variants]
        return writes + [put("schedule", schedule_item(schedule)) for schedule in schedules]

    def changing(self, post: Post, **changes: Any) -> Write:
        """The write of `changes` to `post`, labelled `post`; holds where neither it nor what depends on its schedules
        has changed since it was read."""
        return self._guarded("post", post, **changes, version=post.version + 1)

    def turning(self, post: Post) -> Write:
        """The write, labelled `siblings`, that goes with a change of a schedule which depends on the post's others;
        holds as `changing` does."""
        return self._guarded("siblings", post, turns=post.turns + 1)

    def _guarded(self, label: str, post: Post, **changes: Any) -> Write:
        actions = [
            getattr(PostItem, name).remove() if value is None else getattr(PostItem, name).set(value)
            for name, value in changes.items()
        ]
        return update(label, PostItem(post_key(post.post_id), "POST"), actions, _unchanged(post))

    def writing(self, variant: Variant) -> Write:
        """The write, labelled `variant`, that adds the variant, or replaces the one of its id."""
        return put("variant", _variant_item(variant, **variant.model_dump()))

    def removing(self, variant: Variant) -> Write:
        """The write, labelled `variant`, that removes the variant."""
        return delete("variant", _variant_item(variant), VariantItem.pk.exists())

    def discarding(self, details: PostDetails) -> list[Write]:
        """The writes, labelled `post` and `variant`, that delete a post; hold as `changing` does."""
        item = PostItem(post_key(details.post.post_id), "POST")
        return [delete("post", item, _unchanged(details.post)), *map(self.removing, details.variants)]

    def many(self, post_ids: Iterable[str]) -> dict[str, Post]:
        """The existing posts of `post_ids`, by id (eventually consistent)."""
        items = PostItem.batch_get([(post_key(post_id), "POST") for post_id in dict.fromkeys(post_ids)])
        posts = (Post.model_validate(item.attribute_values) for item in items)
        return {post.post_id: post for post in posts}

    def parts(
        self, schedules: Iterable[Schedule], connection_ids: Mapping[str, Iterable[str]]
    ) -> dict[str, PostDetails]:
        """The existing posts of `schedules` by id, with the variants that these publish and all of their schedules.

        `connection_ids` are those of each persona, by persona id. Read by key, eventually consistent, without events.
        """
        given = tuple(schedules)
        personas = {item.post_id: item.persona_id for item in given}
        named = {(post_key(item.post_id), _variant_key(item.variant_id)) for item in given}
        planned = [
            (post_key(post_id), f"SCHEDULE#{connection_id}")
            for post_id, persona_id in personas.items()
            for connection_id in connection_ids[persona_id]
        ]
        variants, siblings = defaultdict(list), defaultdict(list)
        for text in VariantItem.batch_get(sorted(named)):
            variants[text.post_id].append(Variant.model_validate(text.attribute_values))
        for plan in ScheduleItem.batch_get(planned):
            siblings[plan.post_id].append(Schedule.model_validate(plan.attribute_values))
        return {
            post_id: PostDetails(post=post, variants=tuple(variants[post_id]), schedules=tuple(siblings[post_id]))
            for post_id, post in self.many(personas).items()
        }

    def details(self, post_id: str, *, owner: str | None = None) -> PostDetails:
        """The post with its variants, schedules and events, read consistently. Raises `PostNotFound`."""
        items: dict[type[Item], list[dict[str, Any]]] = defaultdict(list)
        for item in Item.query(post_key(post_id), consistent_read=True):
            items[type(item)].append(item.attribute_values)
        posts = [Post.model_validate(values) for values in items[PostItem]]
        if not posts or (owner is not None and posts[0].owner != owner):
            raise PostNotFound.of(post_id)
        return PostDetails(
            post=posts[0],
            variants=tuple(Variant.model_validate(values) for values in items[VariantItem]),
            schedules=tuple(Schedule.model_validate(values) for values in items[ScheduleItem]),
            events=tuple(PublishEvent.model_validate(values) for values in items[EventItem]),
        )

    def of_persona(
        self,
        persona_id: str,
        *,
        limit: int,
        cursor: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> PostPage:
        """A page of a persona's posts created from `start` to `end`, newest first.

        `cursor` is the last post id of the previous page. Raises `PostNotFound` for an invalid cursor.
        """
        timeline = f"{persona_id}#posts"
        after, created = None, _between(start, end)
        if cursor:
            last = self.details(cursor).post
            key = {"pk": post_key(cursor), "sk": "POST", "timeline": timeline, "timeline_at": iso(last.created_at)}
            after = {name: {"S": value} for name, value in key.items()}
        results = PostItem.timeline_index.query(
            timeline, created, scan_index_forward=False, limit=limit, last_evaluated_key=after
        )
        posts = tuple(Post.model_validate(item.attribute_values) for item in results)
        more = bool(results.last_evaluated_key) and len(posts) == limit
        return PostPage(posts=posts, cursor=posts[-1].post_id if more else None)

    def decide(self, decision: DecisionRecord) -> Write:
        """The write, labelled `decision`, that stores a decision; a later decision for the slot replaces it."""
        return put("decision", _decision_item(decision))

    def memory(self, persona_id: str) -> dict[str, Any]:
        """The memory of a persona's strategy, read consistently; empty before the first pick."""
        try:
            item = MemoryItem.get(persona_key(persona_id), MEMORY, consistent_read=True)
        except MemoryItem.DoesNotExist:
            return {}
        body: dict[str, Any] = item.body
        return body

    def remember(self, persona_id: str, owner: str, body: dict[str, Any], *, version: int) -> Write:
        """The write, labelled `memory`, of `version`, on the condition that the stored version precedes it."""
        item = MemoryItem(persona_key(persona_id), MEMORY, owner=owner, version=version, body=body)
        untouched = MemoryItem.version.does_not_exist() if version == 1 else MemoryItem.version == version - 1
        return put("memory", item, untouched)

    def keep(self, decision: DecisionRecord) -> None:
        _decision_item(decision).save()

    def decision(self, persona_id: str, slot_at: datetime) -> DecisionRecord | None:
        items = DecisionItem.query(persona_key(persona_id), DecisionItem.sk == f"DECISION#{iso(slot_at)}", limit=1)
        item = next(iter(items), None)
        return None if item is None else DecisionRecord.model_validate(item.attribute_values)

    def decisions(self, persona_id: str, *, limit: int, cursor: datetime | None = None) -> DecisionPage:
        """A page of a persona's decisions, newest slot first; `cursor` is the last slot of the previous page."""
        before = iso(cursor) if cursor else "~"
        results = DecisionItem.query(
            persona_key(persona_id),
            DecisionItem.sk.between("DECISION#", f"DECISION#{before}"),
            scan_index_forward=False,
            limit=limit + 1,
        )
        records = [DecisionRecord.model_validate(item.attribute_values) for item in results]
        decisions = tuple(record for record in records if cursor is None or record.slot_at < cursor)[:limit]
        more = len(records) > limit
        return DecisionPage(decisions=decisions, cursor=decisions[-1].slot_at if more and decisions else None)


def _between(start: datetime | None, end: datetime | None) -> Condition | None:
    if start is None and end is None:
        return None
    created: Condition = PostItem.timeline_at.between(start or _FIRST, end or _LAST)
    return created


def _unchanged(post: Post) -> Condition:
    turned: Condition = PostItem.turns == post.turns
    unturned = turned if post.turns else PostItem.turns.does_not_exist() | turned
    unchanged: Condition = (PostItem.version == post.version) & unturned
    return unchanged


def _variant_item(variant: Variant, **values: Any) -> VariantItem:
    return VariantItem(post_key(variant.post_id), _variant_key(variant.variant_id), **values)


def _variant_key(variant_id: str) -> str:
    return f"VARIANT#{variant_id.partition('-')[2]}"


def _decision_item(decision: DecisionRecord) -> DecisionItem:
    return DecisionItem(persona_key(decision.persona_id), f"DECISION#{iso(decision.slot_at)}", **decision.model_dump())
