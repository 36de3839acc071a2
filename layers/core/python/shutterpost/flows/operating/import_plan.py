"""Imports plan files: rows of photos become posts, and rows of planned posts change them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from shutterpost.flows.flow import flow
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.operating.moving.swap import PostSwapper
from shutterpost.flows.planning.post_move import PostMove
from shutterpost.flows.planning.scheduled_time import check_ahead, parse_scheduled_time
from shutterpost.flows.posting.edit_post import PostChange, PostEditor
from shutterpost.flows.posting.post_photo import PhotoPoster, unnamed_fields
from shutterpost.flows.records.plan_files import PlanRow, row_of
from shutterpost.flows.refusals import SlotTaken, TooNear
from shutterpost.personas import Persona
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.refusals import Conflict, Refusal
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, PostNotFound, Posts, Schedule

_BEGUN = (
    "Rows take each other's times, and the post of one has begun or is at its channel already; move that one to a free "
    "time, then import the file again."
)
_TEXTS = ("caption", "hashtags", "tags", "metadata", "language", "alt_text", "title")


class PlannedPostFixed(Conflict):
    """A row changes what a planned post keeps: its photo, its cycle, or its connections."""

    kind = "planned-post-fixed"


class PlannedRow(Value):
    """The result of a row (from 1): what became of which post, or why it was refused."""

    row: int
    post_id: str | None = None
    result: Literal["planned", "changed", "unchanged"] | None = None
    kind: str | None = None
    detail: str | None = None


@flow
class PlanImporter:
    clock: Clock
    photos: Photos
    posts: Posts
    poster: PhotoPoster
    editor: PostEditor
    mover: Mover
    swapper: PostSwapper

    def apply(
        self, persona: Persona, rows: Sequence[PlanRow], *, dry_run: bool, created_by: str | None = None
    ) -> tuple[PlannedRow, ...]:
        """Create a post per row without `post_id`, and change the posts of the others where the row differs.

        A row that was imported before matches its post. An empty cell changes nothing. A refused row stops no other. A
        row whose time is taken is tried again after the others, which may leave it; posts that take each other's times
        are then moved together. With `dry_run` everything is checked except the new times of planned posts, and
        nothing is written.
        """
        results = {
            number: self._row(persona, number, row, dry_run=dry_run, created_by=created_by)
            for number, row in enumerate(rows, start=1)
        }
        waiting = _time_taken(results)
        while waiting and not dry_run:
            for number in waiting:
                results[number] = self._row(persona, number, rows[number - 1], dry_run=dry_run, created_by=created_by)
            waiting, before = _time_taken(results), waiting
            if waiting == before:
                results |= self._exchange(persona, {number: rows[number - 1] for number in waiting})
                break
        return tuple(results.values())

    def _exchange(self, persona: Persona, rows: Mapping[int, PlanRow]) -> dict[int, PlannedRow]:
        moves = {number: move for number, row in rows.items() if (move := self._whole_move(row)) is not None}
        results: dict[int, PlannedRow] = {}
        for numbers in _cycles(moves):
            exchanged = self.swapper.exchange(persona, [moves[number] for number in numbers])
            for number in numbers:
                rest = self._row(persona, number, rows[number], dry_run=False)
                if exchanged and rest.kind is None:
                    rest = rest.model_copy(update={"result": "changed"})
                elif rest.kind is not None:
                    rest = rest.model_copy(update={"detail": _BEGUN})
                results[number] = rest
        return results

    def _whole_move(self, row: PlanRow) -> PostMove | None:
        if row.post_id is None or row.at is None:
            return None
        details = self.posts.details(row.post_id)
        schedules = _planned(details, row)
        times = {schedule.run_at for schedule in schedules}
        if len(times) > 1 or schedules != [item for item in details.schedules if item.is_open and item.run_at in times]:
            return None
        when = parse_scheduled_time(row.at, row.zone or schedules[0].zone, self.clock.now())
        return PostMove(post=details.post, schedules=tuple(schedules), when=when)

    def _row(
        self, persona: Persona, number: int, row: PlanRow, *, dry_run: bool, created_by: str | None = None
    ) -> PlannedRow:
        try:
            if row.post_id is not None:
                changed = self._change(persona, row, row.post_id, dry_run=dry_run)
                return PlannedRow(row=number, post_id=row.post_id, result="changed" if changed else "unchanged")
            content = row.model_dump_json(exclude={"post_id", *unnamed_fields(row)})
            request_key = "plan#" + hashlib.sha256(content.encode()).hexdigest()[:16]
            details = self.poster.post(persona, row, request_key=request_key, created_by=created_by, dry_run=dry_run)
        except Refusal as refusal:
            return PlannedRow(row=number, post_id=row.post_id, kind=refusal.kind, detail=refusal.detail)
        return PlannedRow(row=number, post_id=details.post.post_id, result="planned")

    def _change(self, persona: Persona, row: PlanRow, post_id: str, *, dry_run: bool) -> bool:
        details = self.posts.details(post_id, owner=persona.owner)
        if details.post.persona_id != persona.persona_id:
            raise PostNotFound(f"{persona.name} has no post {post_id}.")
        schedules = _planned(details, row)
        self._check_fixed(persona, details, row)
        change = _text_change(row, row_of(details, schedules))
        to_move = [item for item in schedules if self._moves(row, item)]
        if not dry_run:
            for schedule in to_move:
                self.mover.move(schedule.schedule_id, row.at or schedule.run_at, row.zone)
            if change is not None:
                self.editor.change(self.posts.details(post_id), change)
        return bool(to_move or change)

    def _check_fixed(self, persona: Persona, details: PostDetails, row: PlanRow) -> None:
        photo_ids, cycle = details.post.photo_ids, details.post.cycle
        photo = row.photo
        if photo and photo not in photo_ids and self.photos.find(persona.persona_id, photo).photo_id not in photo_ids:
            changed = "photo"
        elif row.cycle != cycle:
            changed = "cycle"
        else:
            return
        raise PlannedPostFixed(
            f"Post {details.post.post_id} keeps its {changed}; cancel it, and add a row without a post_id.",
            field=changed,
        )

    def _moves(self, row: PlanRow, schedule: Schedule) -> bool:
        if row.at is None:
            return False
        now = self.clock.now()
        when = parse_scheduled_time(row.at, row.zone or schedule.zone, now)
        if when.run_at == _planned_at(schedule):
            return False
        check_ahead(when, now, self.mover.max_future)
        return True


def _planned(details: PostDetails, row: PlanRow) -> list[Schedule]:
    post_id = details.post.post_id
    chosen = [item for item in details.schedules if not row.connection_ids or item.connection_id in row.connection_ids]
    if set(row.connection_ids) - {item.connection_id for item in chosen}:
        raise PlannedPostFixed(
            f"Post {post_id} keeps its connections; change one with its own action.", field="connection_ids"
        )
    planned = [item for item in chosen if item.is_open]
    if not planned:
        raise PlannedPostFixed(f"Post {post_id} is no longer planned; leave its row out.", field="post_id")
    return planned


def _planned_at(schedule: Schedule) -> datetime:
    return schedule.next_run_at or schedule.run_at


def _text_change(row: PlanRow, now: PlanRow) -> PostChange | None:
    changed = {
        name: getattr(row, name)
        for name in _TEXTS
        if getattr(row, name) and _comparable(getattr(row, name)) != _comparable(getattr(now, name))
    }
    extras = {"extras": row.extras} if row.extras.names and row.extras != now.extras else {}
    return PostChange(**changed, **extras) if changed or extras else None


def _comparable(text: str | tuple[str, ...] | dict[str, str] | None) -> object:
    # A CSV file that an editor has saved may have other line ends.
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text


def _time_taken(results: Mapping[int, PlannedRow]) -> list[int]:
    return [number for number, result in results.items() if result.kind in {SlotTaken.kind, TooNear.kind}]


def _cycles(moves: Mapping[int, PostMove]) -> Iterator[list[int]]:
    leaving = {(move.leaves, move.connection_ids): number for number, move in moves.items()}
    seen: set[int] = set()
    for start in moves:
        path: list[int] = []
        number: int | None = start
        while number is not None and number not in seen:
            seen.add(number)
            path.append(number)
            number = leaving.get((moves[number].when.run_at, moves[number].connection_ids))
        if number in path:
            yield path[path.index(number) :]
