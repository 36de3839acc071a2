"""The forecast: the picks of the coming days, computed with the pick's own code on a copy of the library."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from shutterpost.channels import Connection, ConnectionStore
from shutterpost.curation import Burst, Decision, Parts, after
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.bursts import BurstFinder, burst_notes
from shutterpost.flows.picking.choose_photo import (
    MAX_SHOWN,
    LibraryCandidates,
    as_shown,
    candidate_of,
    curate,
    history_of,
    needs_memory,
    nothing_left,
    rules_of,
    shown_on,
)
from shutterpost.flows.picking.repost import PastPublication, PublicationHistory, choose_repost
from shutterpost.flows.planning.slots import connected
from shutterpost.flows.posting.add_photos import offer_text, offered_photos
from shutterpost.personas import Persona, PersonaStatus, SlotInstant, coming_slots
from shutterpost.photos import Photos, UnpostedPhoto, demoted_rank
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Claims, ClaimState, Posts, Schedules, ShownPhoto, slot_claim_key

MAX_DAYS = 366
PAGE = 100
# How many of the next best photos a slot shows.
RUNNERS_UP = 5


class RunnerUp(Value):
    """A photo that the slot would get without those before it."""

    photo_id: str
    name: str
    theme: str
    total: float
    parts: Parts


class ForecastSlot(Value):
    """A coming slot (`run_at` in UTC) with its photo and its burst, or why there is none; `post_id` once picked.

    For a foreseen photo and if asked for, `parts` add up to `total`, and `next_in_line` are the next best photos.
    """

    run_at: datetime
    wall_time: str
    zone: str
    photo_id: str | None = None
    name: str = ""
    theme: str = ""
    score: float | None = None
    total: float | None = None
    cycle: int = 1
    reason: str
    post_id: str | None = None
    burst: Burst | None = None
    parts: Parts | None = None
    next_in_line: tuple[RunnerUp, ...] = ()


class Forecast(Value):
    """The slots from `made_at` (UTC) for `days`; `filled` of them have a photo."""

    persona_id: str
    made_at: datetime
    days: int
    filled: int
    slots: tuple[ForecastSlot, ...]


@flow
class Forecaster:
    """Forecasts picks; writes nothing."""

    clock: Clock
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    claims: Claims
    bursts: BurstFinder

    def plan(self, persona: Persona, days: int, *, why: bool = False) -> Forecast:
        """The persona's slots of the next `days` (up to `MAX_DAYS`), filled as if nothing changes and it is active."""
        now = self.clock.now()
        slots = coming_slots(persona, now, now + timedelta(days=min(days, MAX_DAYS)))
        planned = tuple(self._slots(persona, slots, now, why=why))
        return Forecast(
            persona_id=persona.persona_id,
            made_at=now,
            days=days,
            filled=sum(slot.photo_id is not None for slot in planned),
            slots=planned,
        )

    def _slots(
        self, persona: Persona, slots: Sequence[SlotInstant], now: datetime, *, why: bool
    ) -> Iterator[ForecastSlot]:
        connections = connected(self.connections.list(persona.persona_id))
        rules = rules_of(persona)
        history = history_of(self.posts, rules)
        shown_by = {connection: list(shown) for connection, shown in shown_on(self.posts, connections).items()}
        publications = PublicationHistory(
            schedules=self.schedules, posts=self.posts, photos=self.photos, persona=persona, foreseen=True
        )
        library = ForecastLibrary(self.photos, persona.persona_id, publications)
        filled = self._filled(persona, slots)
        note = "" if persona.status is PersonaStatus.ACTIVE else "Once the persona is no longer paused: "
        for slot in slots:
            if slot.run_at in filled:
                yield self._picked(slot, filled[slot.run_at])
                continue
            if not connections:
                yield _planned(slot, reason="No connection of the persona is connected; connect an account.")
                continue
            shown = as_shown(shown_by)
            decision = curate(library, rules, slot, now=now, shown=shown, history=history)
            if persona.evergreen and nothing_left(decision):
                library.carry_out(decision)
                repost = choose_repost(library, persona, rules, slot, now=now, shown=shown, history=history)
                history = repost.history
                decision = self.bursts.for_repost(persona, rules, repost, connections, shown=shown)
            else:
                decision = self.bursts.for_pick(persona, rules, decision, library, connections, shown=shown)
            library.carry_out(decision)
            if decision.picked is not None:
                if needs_memory(rules):
                    history = after(history, rules, decision, slot.wall_time)
                _show(shown_by, library.planned_photos(decision))
            yield _forecast_slot(slot, decision, note, why=why)

    def _filled(self, persona: Persona, slots: Sequence[SlotInstant]) -> dict[datetime, str]:
        if not slots:
            return {}
        within = self.schedules.between(persona.persona_id, slots[0].run_at, slots[-1].run_at)
        scheduled = {schedule.run_at for schedule in within}
        claims = {
            slot.run_at: self.claims.get(slot_claim_key(persona.persona_id, slot.run_at))
            for slot in slots
            if slot.run_at in scheduled
        }
        return {at: claim.holder for at, claim in claims.items() if claim and claim.state is ClaimState.HELD}

    def _picked(self, slot: SlotInstant, post_id: str) -> ForecastSlot:
        details = self.posts.details(post_id)
        post = details.post
        photo_id = next(iter(post.photo_ids), None)
        offered = offered_photos(post, details.schedules)
        names = self.photos.names(post.persona_id, (*post.photo_ids, *offered))
        reason = ("A post fills this slot already.", offer_text(post_id, offered, names))
        return _planned(
            slot,
            photo_id=photo_id,
            name=names.get(photo_id or "", ""),
            theme=post.theme or "",
            reason=" ".join(filter(None, reason)),
            post_id=post_id,
        )


class ForecastLibrary(LibraryCandidates):
    """The library after the forecast picks: without the picked photos, and with rejected ones ranked last."""

    def __init__(self, photos: Photos, persona_id: str, history: PublicationHistory) -> None:
        super().__init__(photos, persona_id)
        self._history = history
        self._before: list[PastPublication] = []
        self._further: Iterator[PastPublication] | None = None
        self._planned: list[PastPublication] = []
        self._read: dict[tuple[bool, bool, str | None], _Pages] = {}
        self._gone: set[str] = set()
        self._aside: dict[str, UnpostedPhoto] = {}
        self._seen: dict[str, UnpostedPhoto] = {}

    def candidates(
        self, limit: int, *, provisional: bool, after: str | None, aside: bool, theme: str | None
    ) -> Sequence[UnpostedPhoto]:
        """The library's candidates after the picks so far; every page is read once."""
        key = provisional, aside, theme
        if key not in self._read:
            self._read[key] = _Pages(self, *key)
        moved = sorted(
            (photo for photo in self._aside.values() if (aside or provisional) and theme in {None, photo.theme}),
            key=lambda photo: photo.rank,
        )
        photos: list[UnpostedPhoto] = []
        for photo in heapq.merge(self._untouched(self._read[key]), moved, key=lambda photo: photo.rank):
            if photo.photo_id in self._gone or (after is not None and photo.rank <= after):
                continue
            photos.append(photo)
            self._seen[photo.photo_id] = photo
            if len(photos) == limit:
                break
        return photos

    def page(self, *, provisional: bool, after: str | None, aside: bool, theme: str | None) -> Sequence[UnpostedPhoto]:
        return super().candidates(PAGE, provisional=provisional, after=after, aside=aside, theme=theme)

    def carry_out(self, decision: Decision) -> None:
        self._gone.update(decision.posted_ids)
        self._planned += [self._publication(decision, photo_id) for photo_id in decision.posted_ids]
        for judged in decision.considered if decision.cycle == 1 else ():
            if judged.lasting and judged.photo_id in self._seen:
                photo = self._seen[judged.photo_id]
                self._aside[judged.photo_id] = photo.model_copy(update={"rank": demoted_rank(photo.rank)})

    def planned_photos(self, decision: Decision) -> list[ShownPhoto]:
        """The photos of the last decision that was carried out, as connections will show them, last first."""
        photos = [item.candidate for item in self._planned[-len(decision.posted_ids) :]]
        post_id = f"planned {iso(decision.slot_at)}"
        return [
            ShownPhoto(post_id=post_id, photo_id=photo.photo_id, name=photo.name, dhash=photo.dhash)
            for photo in reversed(photos)
        ]

    def publications(self, after: datetime | None, until: datetime) -> Iterator[PastPublication]:
        """Past publications, then those of the forecast; every one is read once."""
        last = {item.candidate.photo_id: item.at for item in self._planned}
        for item in self._read_publications(after, until):
            yield item.model_copy(update={"may_return": item.may_return and item.candidate.photo_id not in last})
        for item in self._planned:
            if (after is None or item.at > after) and item.at <= until:
                yield item.model_copy(update={"may_return": last[item.candidate.photo_id] == item.at})

    def _read_publications(self, after: datetime | None, until: datetime) -> Iterator[PastPublication]:
        if self._further is None:
            self._further = self._history.between(after, until + timedelta(days=MAX_DAYS))
        place = 0
        while True:
            if place == len(self._before):
                following = next(self._further, None)
                if following is None:
                    return
                self._before.append(following)
            publication = self._before[place]
            place += 1
            if publication.at > until:
                return
            if after is None or publication.at > after:
                yield publication

    def _publication(self, decision: Decision, photo_id: str) -> PastPublication:
        if photo_id in self._seen:
            candidate = candidate_of(self._seen[photo_id])
        else:
            candidate = next(item.candidate for item in self._everything() if item.candidate.photo_id == photo_id)
        return PastPublication(at=decision.slot_at, candidate=candidate, cycle=decision.cycle, may_return=True)

    def _everything(self) -> Iterable[PastPublication]:
        return (*self._before, *self._planned)

    def _untouched(self, pages: "_Pages") -> Iterable[UnpostedPhoto]:
        return (photo for photo in pages if photo.photo_id not in self._aside)


class _Pages:
    def __init__(self, library: ForecastLibrary, provisional: bool, aside: bool, theme: str | None) -> None:  # noqa: FBT001 - the key's parts
        self._library = library
        self._provisional, self._aside, self._theme = provisional, aside, theme
        self._photos: list[UnpostedPhoto] = []
        self._whole = False

    def __iter__(self) -> Iterator[UnpostedPhoto]:
        place = 0
        while True:
            if place == len(self._photos) and not self._further():
                return
            yield self._photos[place]
            place += 1

    def _further(self) -> bool:
        if self._whole:
            return False
        after = self._photos[-1].rank if self._photos else None
        page = self._library.page(provisional=self._provisional, after=after, aside=self._aside, theme=self._theme)
        self._whole = len(page) < PAGE
        self._photos += page
        return bool(page)


def _show(shown_by: dict[Connection, list[ShownPhoto]], photos: Sequence[ShownPhoto]) -> None:
    for shown in shown_by.values():
        shown[:0] = photos
        del shown[MAX_SHOWN:]


def _forecast_slot(slot: SlotInstant, decision: Decision, note: str, *, why: bool) -> ForecastSlot:
    picked = next((judged for judged in decision.considered if judged.verdict == "picked"), None)
    if picked is None:
        return _planned(slot, reason=note + decision.reason)
    facts = picked.model_dump(include={"photo_id", "name", "theme", "score", "total"}) | {"cycle": decision.cycle}
    reason = " ".join((note + decision.reason, *burst_notes(decision.burst)))
    if why:
        following = (judged.model_dump() for judged in decision.considered if judged.verdict == "next")
        facts |= {"parts": picked.parts, "next_in_line": tuple(islice(following, RUNNERS_UP))}
    return _planned(slot, **facts, burst=decision.burst, reason=reason)


def _planned(slot: SlotInstant, **facts: object) -> ForecastSlot:
    return ForecastSlot.model_validate({**slot.model_dump(), "wall_time": slot.wall_time.isoformat(), **facts})
