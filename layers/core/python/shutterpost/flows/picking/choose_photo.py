"""The choice for a slot from windows of the library, for picks and forecasts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shutterpost.channels import Connection
from shutterpost.curation import (
    CURATORS_CHOICE,
    THEMELESS,
    VARIETY_SPAN,
    Candidate,
    Decision,
    Rules,
    Shown,
    StrategyMemory,
    Vector,
    Vectors,
    choose,
    preferences,
    unit,
)
from shutterpost.personas import Persona, SlotInstant
from shutterpost.photos import Photos, UnpostedPhoto
from shutterpost.scheduling import Posts, ShownPhoto

# Photos that a pick considers at once, and windows that it reads when all are excluded. They bound the reads of a pick,
# whatever the size of the library.
WINDOW = 18
MAX_WINDOWS = 4
MAX_SHOWN = 30
NO_ANALYSES = (
    "The unposted photos have no analysis, and the persona's allow_provisional is false. Import analyses, or set it to"
    " true."
)


class CandidateSource(Protocol):
    def candidates(
        self, limit: int, *, provisional: bool, after: str | None, aside: bool, theme: str | None
    ) -> Sequence[UnpostedPhoto]: ...

    def vectors(self, photo_ids: Iterable[str]) -> Vectors: ...

    def alt_texts(self, photo_ids: Iterable[str]) -> Mapping[str, str]: ...


class LibraryCandidates:
    """Candidates of the stored library; every vector is read once."""

    def __init__(self, photos: Photos, persona_id: str) -> None:
        self._photos = photos
        self._persona_id = persona_id
        self._asked: set[str] = set()
        self._vectors: dict[str, Vector] = {}
        self._alt_texts: dict[str, str] = {}

    def candidates(
        self, limit: int, *, provisional: bool, after: str | None, aside: bool, theme: str | None
    ) -> Sequence[UnpostedPhoto]:
        return self._photos.candidates(
            self._persona_id, limit, provisional=provisional, after=after, aside=aside, theme=theme
        )

    def vectors(self, photo_ids: Iterable[str]) -> Vectors:
        fresh = [photo_id for photo_id in photo_ids if photo_id not in self._asked]
        self._asked.update(fresh)
        for photo_id, embedding in self._photos.embeddings(self._persona_id, fresh).items() if fresh else ():
            self._vectors[photo_id] = unit(embedding.model, embedding.vector)
        return self._vectors

    def alt_texts(self, photo_ids: Iterable[str]) -> Mapping[str, str]:
        fresh = [photo_id for photo_id in photo_ids if photo_id not in self._alt_texts]
        self._alt_texts |= {photo.photo_id: photo.alt_text for photo in self._photos.many(self._persona_id, fresh)}
        return self._alt_texts


def curate(
    source: CandidateSource,
    rules: Rules,
    slot: SlotInstant,
    *,
    now: datetime,
    shown: Sequence[Shown],
    history: StrategyMemory,
    refused: Mapping[str, str] | None = None,
) -> Decision:
    """The decision for `slot`: the best photo of the first preference that has one, or why there is none."""
    seen: dict[str, Candidate] = {}
    recent = [item.photo_id for item in shown if item.ago < VARIETY_SPAN]
    at, wall = slot.run_at, slot.wall_time
    themes = _top_themes(source, rules)
    for preference in preferences(rules, history, slot_at=at, wall=wall, known=themes):
        candidates: list[Candidate] = []
        for window in _windows(source, rules, preference.theme):
            candidates += window
            seen |= {item.photo_id: item for item in window}
            wanted = [*(item.photo_id for item in window), *recent]
            decision = choose(
                candidates,
                rules,
                slot_at=at,
                wall=wall,
                now=now,
                history=history,
                preference=preference,
                refused=refused,
                shown=shown,
                vectors=source.vectors(wanted) if rules.weights.variety and recent else None,
            )
            if decision.picked is not None:
                return decision
    decision = choose(
        list(seen.values()), rules, slot_at=at, wall=wall, now=now, history=history, refused=refused, shown=shown
    )
    if decision.considered or not _has_unanalysed(source):
        return decision
    return decision.model_copy(update={"reason": NO_ANALYSES})


def nothing_left(decision: Decision) -> bool:
    """Whether no photo can ever be picked: there is none, or lasting rules refuse all."""
    return len(decision.considered) < WINDOW * MAX_WINDOWS and all(judged.lasting for judged in decision.considered)


def rules_of(persona: Persona) -> Rules:
    """The rules of the persona's picks; under Curator's Choice the aesthetic score alone orders the photos."""
    rules = Rules.model_validate(persona, from_attributes=True)
    if rules.strategy != CURATORS_CHOICE:
        return rules
    return rules.model_copy(update={"weights": rules.weights.floors_only()})


def history_of(posts: Posts, rules: Rules) -> StrategyMemory:
    return StrategyMemory.model_validate(posts.memory(rules.persona_id)) if needs_memory(rules) else StrategyMemory()


def needs_memory(rules: Rules) -> bool:
    return bool(rules.themes) or rules.strategy not in THEMELESS or rules.evergreen


def shown_on(posts: Posts, connections: Sequence[Connection]) -> dict[Connection, tuple[ShownPhoto, ...]]:
    """Photos that each connection has shown or will show, newest first."""
    return {item: posts.shown_photos.recent(item.connection_id, limit=MAX_SHOWN) for item in connections}


def as_shown(shown_by: Mapping[Connection, Sequence[ShownPhoto]]) -> list[Shown]:
    shown = []
    for connection, photos in shown_by.items():
        posts = list(dict.fromkeys(photo.post_id for photo in photos))
        shown += [
            Shown(**photo.model_dump(), where=connection.display_name, ago=posts.index(photo.post_id))
            for photo in photos
        ]
    return shown


def _top_themes(source: CandidateSource, rules: Rules) -> tuple[str, ...]:
    if rules.themes or rules.strategy in THEMELESS:
        return ()
    best = source.candidates(WINDOW, provisional=rules.allow_provisional, after=None, aside=False, theme=None)
    return tuple(sorted({photo.theme for photo in best if photo.theme}))


def _has_unanalysed(source: CandidateSource) -> bool:
    return bool(source.candidates(1, provisional=True, after=None, aside=False, theme=None))


def _windows(source: CandidateSource, rules: Rules, theme: str | None) -> Iterable[list[Candidate]]:
    after, aside, left = None, False, MAX_WINDOWS
    while left > 0:
        photos = source.candidates(WINDOW, provisional=rules.allow_provisional, after=after, aside=aside, theme=theme)
        left -= 1
        after = photos[-1].rank if photos else None
        if len(photos) < WINDOW:
            # With provisional scores allowed, demoted photos are in the same order already.
            left = 0 if aside or rules.allow_provisional else 1
            aside, after = True, None
        if photos:
            # The index of unposted photos does not have them.
            texts = source.alt_texts([photo.photo_id for photo in photos]) if rules.require_alt_text else {}
            yield [candidate_of(photo, texts.get(photo.photo_id)) for photo in photos]


def candidate_of(unposted: UnpostedPhoto, alt_text: str | None = None) -> Candidate:
    return Candidate.model_validate({**unposted.model_dump(), "name": unposted.names[0], "alt_text": alt_text})
