"""A pick reads the stored library as the store gives it, and each vector once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from shutterpost.curation import Rules, StrategyMemory, unit
from shutterpost.flows.picking.choose_photo import MAX_SHOWN, LibraryCandidates, history_of, shown_on
from shutterpost.runtime.commit import commit
from shutterpost.scheduling import ShownPhoto
from tests.support.libraries import DIMENSIONS, MODEL, stock
from tests.support.system import System

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_the_candidates_are_those_of_the_store(system: System) -> None:
    persona = system.add_persona()
    for number in range(1, 9):
        theme = "sea" if number % 2 else "fog"
        photo = system.add_photo(persona, number, score=9 - number / 10, theme=theme, provisional=number > 6)
        if number in {3, 4}:
            system.stores.photos.set_aside(persona.persona_id, photo.photo_id)
    library, photos = LibraryCandidates(system.stores.photos, persona.persona_id), system.stores.photos
    after = photos.candidates(persona.persona_id, 1)[0].rank
    read = set()
    choices = {"provisional": (True, False), "aside": (True, False), "theme": (None, "sea"), "after": (None, after)}
    for values in product(*choices.values()):
        given: dict[str, Any] = dict(zip(choices, values, strict=True))
        candidates = library.candidates(3, **given)
        assert candidates == photos.candidates(persona.persona_id, 3, **given)
        read.add(tuple(candidate.photo_id for candidate in candidates))
    assert len(read) > 6


def test_each_vector_is_read_once(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona()
    stock(system, persona, 3, seed=5)
    first, second, third = (item.photo_id for item in system.stores.photos.candidates(persona.persona_id, 3))
    embeddings, read = system.stores.photos.embeddings, list[list[str]]()

    def counted(persona_id: str, photo_ids: Sequence[str]):
        read.append(list(photo_ids))
        return embeddings(persona_id, photo_ids)

    monkeypatch.setattr(system.stores.photos, "embeddings", counted)
    library = LibraryCandidates(system.stores.photos, persona.persona_id)
    assert set(library.vectors([first, "unknown"])) == {first}
    assert set(library.vectors([first, "unknown", second])) == {first, second}
    vectors = library.vectors([first, second])
    assert read == [[first, "unknown"], [second]]
    stored = embeddings(persona.persona_id, [first])[first]
    assert vectors[first] == unit(MODEL, stored.vector)
    assert len(vectors[first][1]) == DIMENSIONS
    assert third not in vectors


def test_a_memory_is_read_only_for_strategies_that_need_one(system: System) -> None:
    persona = system.add_persona()
    memory = StrategyMemory(theme="sea", version=1)
    posts = system.stores.posts
    commit([posts.remember(persona.persona_id, persona.owner, memory.model_dump(mode="json"), version=1)])
    rules = Rules(persona_id=persona.persona_id)
    assert history_of(posts, rules) == StrategyMemory()
    assert history_of(posts, rules.model_copy(update={"strategy": "pillars"})) == memory


def test_the_last_photos_of_each_connection_are_compared(system: System) -> None:
    persona = system.add_persona()
    connections = [system.connect(persona, "instagram"), system.connect(persona, "buffer")]
    posts = system.stores.posts
    for number in range(MAX_SHOWN + 1):
        shown = ShownPhoto(post_id=f"post-{number}", photo_id=f"p{number}", name="n", dhash="00")
        at = NOW + timedelta(minutes=number)
        commit(posts.shown_photos.keep(connections[0].connection_id, [shown], owner=persona.owner, created_at=at))
    result = shown_on(posts, connections)
    assert [item.photo_id for item in result[connections[0]]] == [f"p{number}" for number in range(MAX_SHOWN, 0, -1)]
    assert result[connections[1]] == ()
