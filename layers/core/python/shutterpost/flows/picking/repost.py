"""Reposts: a slot without an unposted photo gets an earlier published one, in a new cycle.

Publications are examined in order of time, in windows; the position is stored, so that a pick reads a bounded number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shutterpost.curation import VARIETY_SPAN, Candidate, Decision, Rules, Shown, StrategyMemory, Vectors, choose
from shutterpost.flows.picking.choose_photo import WINDOW
from shutterpost.personas import Persona, SlotInstant
from shutterpost.photos import Photos
from shutterpost.runtime.values import Value
from shutterpost.scheduling import OPEN, Post, Posts, Schedule, Schedules, ScheduleStatus

# How many outings one pick looks at, at most, however few of them may come again.
LOOKED_AT = 100


class PastPublication(Value):
    """A photo published at `at`, in `cycle`; `may_return` unless it was published again since, or never."""

    at: datetime
    candidate: Candidate
    cycle: int
    may_return: bool


class RepostSource(Protocol):
    def outings(self, after: datetime | None, until: datetime) -> Iterable[PastPublication]:
        """Publications from `after` (default: the first) to `until`, in order of time."""
        ...

    def vectors(self, photo_ids: Iterable[str]) -> Vectors: ...


class Vectored(Protocol):
    def vectors(self, photo_ids: Iterable[str]) -> Vectors: ...


@dataclass(frozen=True)
class LibraryReposts:
    shelf: Vectored
    found: "PublicationHistory"

    def outings(self, after: datetime | None, until: datetime) -> Iterable[PastPublication]:
        return self.found.between(after, until)

    def vectors(self, photo_ids: Iterable[str]) -> Vectors:
        return self.shelf.vectors(photo_ids)


class RepostChoice(Value):
    decision: Decision
    history: StrategyMemory


def again(
    shelf: RepostSource,
    persona: Persona,
    rules: Rules,
    slot: SlotInstant,
    *,
    now: datetime,
    shown: Sequence[Shown],
    history: StrategyMemory,
    refused: Mapping[str, str] | None = None,
) -> RepostChoice:
    """The publication to repeat at `slot`, or why there is none."""
    until = slot.run_at - timedelta(days=persona.evergreen_after_days)
    found: list[PastPublication] = []
    reused_until = history.reused_until
    for count, outing in enumerate(shelf.outings(history.reused_until, until)):
        if outing.may_return:
            found.append(outing)
        elif not found:
            reused_until = outing.at
        if len(found) == WINDOW or count + 1 == LOOKED_AT:
            break
    by_id = {one.candidate.photo_id: one for one in found}
    lately = [one.photo_id for one in shown if one.ago < VARIETY_SPAN]
    decision = choose(
        [one.candidate for one in by_id.values()],
        rules,
        slot_at=slot.run_at,
        wall=slot.wall_time,
        now=now,
        history=history,
        refused=refused,
        shown=shown,
        vectors=shelf.vectors([*by_id, *lately]) if rules.weights.variety and lately else None,
    )
    told = _told(decision, by_id, persona)
    return RepostChoice(decision=told, history=history.model_copy(update={"reused_until": reused_until}))


def _told(decision: Decision, by_id: dict[str, PastPublication], persona: Persona) -> Decision:
    days = persona.evergreen_after_days
    if decision.picked is None:
        reason = f"No unposted photo is left, and none that went out more than {days} days ago may come again."
        return decision.model_copy(update={"reason": reason})
    outing = by_id[decision.picked]
    reason = (
        f"No unposted photo is left, so {outing.candidate.name} goes out again: it did on {outing.at:%Y-%m-%d}, more "
        f"than {days} days ago, and is the best of those whose turn it is."
    )
    return decision.model_copy(update={"reason": reason, "cycle": outing.cycle + 1})


@dataclass(frozen=True, kw_only=True)
class PublicationHistory:
    """A persona's stored publications; with `foreseen`, scheduled ones too."""

    schedules: Schedules
    posts: Posts
    photos: Photos
    persona: Persona
    foreseen: bool = False

    def between(self, after: datetime | None, until: datetime) -> Iterator[PastPublication]:
        first = after + timedelta(milliseconds=1) if after else self.persona.created_at
        seen: set[str] = set()
        for schedule in self.schedules.between(self.persona.persona_id, first, until, page_size=LOOKED_AT):
            post = None if schedule.post_id in seen else self.posts.many([schedule.post_id]).get(schedule.post_id)
            seen.add(schedule.post_id)
            if post is not None:
                yield self._outing(post, schedule)

    def _outing(self, post: Post, schedule: Schedule) -> PastPublication:
        photo = self.photos.get(post.persona_id, post.photo_ids[0])
        others = self.posts.many(photo.taken_by).values()
        last = max((one.created_at for one in others), default=post.created_at) == post.created_at
        counts = OPEN | {ScheduleStatus.SUCCESS} if self.foreseen else {ScheduleStatus.SUCCESS}
        done = schedule.status in counts and post.post_id in photo.taken_by
        facts = photo.model_dump(include=set(Candidate.model_fields))
        return PastPublication(
            at=schedule.run_at,
            candidate=Candidate.model_validate({**facts, "name": photo.names[0]}),
            cycle=max((one.cycle for one in others), default=post.cycle),
            may_return=last and done and photo.withheld is None and not post.archived,
        )
