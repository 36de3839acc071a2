"""Reposts: a slot without an unposted photo gets an earlier published one, in a new cycle.

Publications are examined in order of time, in windows; the position is stored, so that a pick reads a bounded number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from pydantic import Field

from shutterpost.curation import VARIETY_SPAN, Burst, Candidate, Decision, Rules, Shown, StrategyMemory, Vectors, choose
from shutterpost.flows.picking.choose_photo import WINDOW
from shutterpost.personas import Persona, SlotInstant
from shutterpost.photos import Photos
from shutterpost.runtime.values import Value
from shutterpost.scheduling import OPEN, Post, Posts, Schedule, Schedules, ScheduleStatus

# The most publications that a pick examines, however few of them may be repeated.
MAX_EXAMINED = 100


class PastPublication(Value):
    """A photo published at `at`, in `cycle`; `may_return` unless it was published again since, or never."""

    at: datetime
    candidate: Candidate
    cycle: int
    may_return: bool


class RepostSource(Protocol):
    def publications(self, after: datetime | None, until: datetime) -> Iterable[PastPublication]:
        """Publications from `after` (default: the first) to `until`, in order of time."""
        ...

    def vectors(self, photo_ids: Iterable[str]) -> Vectors: ...


class Vectored(Protocol):
    def vectors(self, photo_ids: Iterable[str]) -> Vectors: ...


@dataclass(frozen=True)
class LibraryReposts:
    vectors_of: Vectored
    history: "PublicationHistory"

    def publications(self, after: datetime | None, until: datetime) -> Iterable[PastPublication]:
        return self.history.between(after, until)

    def vectors(self, photo_ids: Iterable[str]) -> Vectors:
        return self.vectors_of.vectors(photo_ids)


class RepostChoice(Value):
    """`candidates` are those that it was chosen from, `cycles` the last one of each."""

    decision: Decision
    history: StrategyMemory
    candidates: tuple[Candidate, ...] = ()
    cycles: dict[str, int] = Field(default_factory=dict)

    def with_burst(self, burst: Burst | None) -> Decision:
        """The decision with the burst of its photo; the cycle is new for all that is posted."""
        decision = self.decision.model_copy(update={"burst": burst})
        posted = [self.cycles[photo_id] for photo_id in decision.posted_ids]
        return decision.model_copy(update={"cycle": max(posted) + 1}) if posted else decision


def choose_repost(
    source: RepostSource,
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
    eligible: list[PastPublication] = []
    reused_until = history.reused_until
    examined = 0
    # The position is behind a whole post, whose photos are all published at once.
    for at, together in groupby(source.publications(history.reused_until, until), key=lambda item: item.at):
        publications = list(together)
        examined += len(publications)
        eligible += [item for item in publications if item.may_return]
        if not eligible:
            reused_until = at
        if len(eligible) >= WINDOW or examined >= MAX_EXAMINED:
            break
    by_id = {item.candidate.photo_id: item for item in eligible}
    recent = [item.photo_id for item in shown if item.ago < VARIETY_SPAN]
    decision = choose(
        [item.candidate for item in by_id.values()],
        rules,
        slot_at=slot.run_at,
        wall=slot.wall_time,
        now=now,
        history=history,
        refused=refused,
        shown=shown,
        vectors=source.vectors([*by_id, *recent]) if rules.weights.variety and recent else None,
    )
    explained = _explained(decision, by_id, persona)
    return RepostChoice(
        decision=explained,
        history=history.model_copy(update={"reused_until": reused_until}),
        candidates=tuple(item.candidate for item in by_id.values()),
        cycles={photo_id: item.cycle for photo_id, item in by_id.items()},
    )


def _explained(decision: Decision, by_id: dict[str, PastPublication], persona: Persona) -> Decision:
    days = persona.evergreen_after_days
    if decision.picked is None:
        reason = f"No unposted photo is left, and none that went out more than {days} days ago may come again."
        return decision.model_copy(update={"reason": reason})
    publication = by_id[decision.picked]
    reason = (
        f"No unposted photo is left, so {publication.candidate.name} goes out again: it did on "
        f"{publication.at:%Y-%m-%d}, more than {days} days ago, and is the best of those whose turn it is."
    )
    return decision.model_copy(update={"reason": reason, "cycle": publication.cycle + 1})


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
        for schedule in self.schedules.between(self.persona.persona_id, first, until, page_size=MAX_EXAMINED):
            post = None if schedule.post_id in seen else self.posts.many([schedule.post_id]).get(schedule.post_id)
            seen.add(schedule.post_id)
            if post is not None:
                yield from (self._publication(post, schedule, photo_id) for photo_id in post.photo_ids)

    def _publication(self, post: Post, schedule: Schedule, photo_id: str) -> PastPublication:
        photo = self.photos.get(post.persona_id, photo_id)
        takers = [post, *self.posts.many(photo.taken_by).values()]
        last = max(taker.created_at for taker in takers) == post.created_at
        counts = OPEN | {ScheduleStatus.SUCCESS} if self.foreseen else {ScheduleStatus.SUCCESS}
        done = schedule.status in counts and post.post_id in photo.taken_by
        return PastPublication(
            at=schedule.run_at,
            candidate=Candidate.model_validate({**photo.model_dump(), "name": photo.names[0]}),
            cycle=max(taker.cycle for taker in takers),
            may_return=last and done and not (photo.withheld or photo.is_barred or post.archived),
        )
