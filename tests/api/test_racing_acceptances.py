"""Acceptances that come in each other's way: each suggestion becomes one variant, all of one post."""

from contextlib import suppress
from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from shutterpost.authoring import GenerationSession, new_session, suggestion_id_of
from shutterpost.flows.authoring.accept import Acceptance, Accepted, SuggestionAccepter
from shutterpost.flows.refusals import PostChanged
from shutterpost.runtime.commit import commit
from tests.api.world import standing_world
from tests.contract.test_authoring_store import a_suggestion
from tests.support.builders import NOW, a_persona

PERSONA = a_persona()


def test_of_racing_acceptances_each_suggestion_becomes_one_variant() -> None:
    with standing_world() as world:
        accepter, numbers = world.services.accepter, count()

        @given(st.lists(st.integers(0, 2), min_size=1, max_size=6), st.integers(0, 5))
        @settings(max_examples=30)
        def race(order: list[int], sequential: int) -> None:
            session = a_session(accepter, next(numbers))
            accept_racing(accepter, session, order, sequential)
            accepted = [accept(accepter, session, number) for number in sorted(set(order))]
            [post_id] = {each.details.post.post_id for each in accepted}
            variants = accepter.posts.details(post_id).variants
            assert {each.variant.variant_id for each in accepted} == {item.variant_id for item in variants}
            assert len(variants) == len(accepted)
            kept = {item.number for item in accepter.sessions.suggestions(session.session_id) if item.accepted}
            assert kept == set(order)

        race()


def a_session(accepter: SuggestionAccepter, number: int) -> GenerationSession:
    """A session with three suggestions."""
    ids = {
        "owner": PERSONA.owner,
        "created_by": PERSONA.owner,
        "persona_id": PERSONA.persona_id,
        "request_id": str(number),
    }
    session = accepter.sessions.create(new_session(now=NOW, prompt="", channels=("bluesky",), **ids))
    for index in range(3):
        accepter.sessions.add(a_suggestion(session, "bluesky", index))
    return session


def accept(accepter: SuggestionAccepter, session: GenerationSession, number: int) -> Accepted:
    suggestion_id = suggestion_id_of(session.session_id, "bluesky", number)
    return accepter.accept(PERSONA, session.session_id, suggestion_id, Acceptance(), created_by="any")


def accept_racing(accepter: SuggestionAccepter, session: GenerationSession, order: list[int], sequential: int) -> None:
    """Each acceptance reads, lets the rest of `order` go first, and then writes; the last `sequential` do not race."""
    rest = list(order)

    def go() -> None:
        with suppress(PostChanged):
            accept(accepter, session, rest.pop(0))

    def commit_after_the_others(writes: Any) -> Any:
        if len(rest) > sequential:
            go()
        return commit(writes)

    with patch("shutterpost.flows.authoring.accept.commit", commit_after_the_others):
        while rest:
            go()
