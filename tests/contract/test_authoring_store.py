"""The stores of templates and sessions."""

from datetime import timedelta
from itertools import count

import pytest

from shutterpost.authoring import (
    GenerationSession,
    GenerationSuggestion,
    PostTemplate,
    SessionEnded,
    SessionNotFound,
    Sessions,
    SessionStatus,
    SuggestionNotFound,
    TemplateChanged,
    TemplateExists,
    TemplateNotFound,
    Templates,
    new_session,
    new_template,
    suggestion_id_of,
)
from shutterpost.authoring.store.items import AuthoringItem
from shutterpost.runtime.commit import Committed, Refused, commit
from tests.contract.conftest import CreateTable
from tests.support.builders import NOW, OWNER

OTHER = "123456789012/other"
NUMBERS = count()
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def table(new_table: CreateTable) -> None:
    new_table(AuthoringItem)


def a_template(name: str = "Launch", owner: str = OWNER, after: int = 0) -> PostTemplate:
    constraints = {"max_length": 200, "tones": ["neutral"], "required_hashtags": ["fog"]}
    now = NOW + timedelta(seconds=after)
    return new_template(
        owner=owner,
        now=now,
        request_id=str(next(NUMBERS)),
        name=name,
        template_body="{{a}} #fog",
        constraints=constraints,
    )


def a_session(after: int = 0, persona_id: str = "nature-1") -> GenerationSession:
    return new_session(
        now=NOW + timedelta(seconds=after),
        request_id=str(next(NUMBERS)),
        owner=OWNER,
        created_by=OWNER,
        persona_id=persona_id,
        prompt="Announce the book.",
        channels=("instagram", "x"),
        tone="dark",
    )


def a_suggestion(session: GenerationSession, channel: str = "x", number: int = 1) -> GenerationSuggestion:
    return GenerationSuggestion(
        suggestion_id=suggestion_id_of(session.session_id, channel, number),
        session_id=session.session_id,
        channel=channel,
        number=number,
        content="The book is out.",
        score=0.5,
        generator="template",
        created_at=NOW,
    )


def accept(session: GenerationSession, suggestion: GenerationSuggestion, post_id: str = "p1") -> Committed | Refused:
    return commit(Sessions().accepting(session, suggestion, post_id, "v1", LATER))


def test_a_template_comes_back_as_it_was_created() -> None:
    template = Templates().create(a_template())
    assert Templates().get(OWNER, template.template_id) == template
    with pytest.raises(TemplateNotFound):
        Templates().get(OTHER, template.template_id)


def test_names_are_unique_for_an_owner() -> None:
    first = Templates().create(a_template("Café"))
    with pytest.raises(TemplateExists):
        Templates().create(a_template("CAFE\u0301"))
    Templates().create(a_template("Café", owner=OTHER))
    renamed = Templates().update(first, first.model_copy(update={"name": "Tea"}), LATER)
    assert (renamed.version, renamed.updated_at) == (2, LATER)
    Templates().create(a_template("Café"))
    with pytest.raises(TemplateExists):
        Templates().update(renamed, renamed.model_copy(update={"name": "CAFÉ"}), LATER)
    assert Templates().get(OWNER, first.template_id) == renamed


def test_of_two_changes_of_a_version_the_first_holds() -> None:
    read = Templates().create(a_template())
    changed = Templates().update(read, read.model_copy(update={"description": "First."}), LATER)
    with pytest.raises(TemplateChanged):
        Templates().update(read, read.model_copy(update={"name": "Late"}), LATER)
    with pytest.raises(TemplateChanged):
        Templates().remove(read)
    Templates().remove(changed)
    with pytest.raises(TemplateNotFound):
        Templates().get(OWNER, read.template_id)
    with pytest.raises(TemplateChanged):
        Templates().update(changed, changed, LATER)
    Templates().create(a_template())


def test_templates_are_read_page_by_page() -> None:
    names = [f"T{number}" for number in range(5)]
    for number, name in enumerate(names):
        Templates().create(a_template(name, after=number))
    Templates().create(a_template("Other", owner=OTHER))
    first = Templates().page(OWNER, 2)
    second = Templates().page(OWNER, 2, first.cursor)
    last = Templates().page(OWNER, 2, second.cursor)
    assert [item.name for page in (first, second, last) for item in page.templates] == names
    assert last.cursor is None
    with pytest.raises(ValueError, match="x"):
        Templates().page(OWNER, 2, "x")


def test_a_session_comes_back_as_it_was_created() -> None:
    session = Sessions().create(a_session())
    assert Sessions().get("nature-1", session.session_id) == session
    for persona_id, session_id in (("nature-2", session.session_id), ("nature-1", "s0")):
        with pytest.raises(SessionNotFound):
            Sessions().get(persona_id, session_id)


def test_sessions_are_read_newest_first() -> None:
    created = [Sessions().create(a_session(number)) for number in range(5)]
    Sessions().create(a_session(persona_id="nature-2"))
    first = Sessions().page("nature-1", 3)
    rest = Sessions().page("nature-1", 3, first.cursor)
    assert [*first.sessions, *rest.sessions] == created[::-1]
    assert rest.cursor is None
    with pytest.raises(ValueError, match="x"):
        Sessions().page("nature-1", 3, "x")


def test_a_suggestion_is_stored_once_and_all_are_kept_in_order() -> None:
    session = a_session()
    suggestions = [a_suggestion(session, channel, number) for channel in ("instagram", "x") for number in (1, 2, 10)]
    for suggestion in reversed(suggestions):
        assert Sessions().add(suggestion)
    assert not Sessions().add(suggestions[0].model_copy(update={"content": "Another."}))
    assert Sessions().suggestions(session.session_id) == tuple(suggestions)
    assert Sessions().suggestion(session, suggestions[3].suggestion_id) == suggestions[3]
    with pytest.raises(SuggestionNotFound):
        Sessions().suggestion(a_session(), suggestions[3].suggestion_id)


def test_a_session_is_overdue_from_its_deadline_until_it_ends() -> None:
    waiting, generated, aborted = (Sessions().create(a_session(number)) for number in range(3))
    Sessions().finish(generated, {"x": "It has no text."}, LATER)
    Sessions().abort(aborted, "Not needed.", LATER)
    assert waiting.deadline_at is not None
    assert list(Sessions().overdue(waiting.deadline_at - timedelta(seconds=1), 10)) == []
    assert [each.session_id for each in Sessions().overdue(waiting.deadline_at, 10)] == [waiting.session_id]
    far = NOW + timedelta(days=31)
    assert {each.session_id for each in Sessions().overdue(far, 10)} == {waiting.session_id, generated.session_id}
    assert Sessions().get("nature-1", generated.session_id).failures == {"x": "It has no text."}


def test_generation_ends_once() -> None:
    session = Sessions().create(a_session())
    Sessions().finish(session, {}, LATER)
    Sessions().finish(session, {"x": "Late."}, LATER + timedelta(minutes=1))
    finished = Sessions().get("nature-1", session.session_id)
    assert (finished.generated_at, finished.failures) == (LATER, {})
    aborted = Sessions().abort(Sessions().create(a_session(1)), "Not needed.", LATER)
    Sessions().finish(aborted.model_copy(update={"status": SessionStatus.IN_PROGRESS}), {}, LATER)
    assert Sessions().get("nature-1", aborted.session_id) == aborted


def test_a_session_is_aborted_once_and_not_when_it_is_completed() -> None:
    session = Sessions().create(a_session())
    aborted = Sessions().abort(session, "Not needed.", LATER)
    assert (aborted.status, aborted.reason) == (SessionStatus.ABORTED, "Not needed.")
    assert Sessions().abort(session, "Again.", LATER) == aborted
    completed = Sessions().create(a_session(1))
    Sessions().add(a_suggestion(completed))
    assert accept(completed, a_suggestion(completed)) == Committed()
    with pytest.raises(SessionEnded):
        Sessions().abort(completed, "Not needed.", LATER)


def test_a_suggestion_is_accepted_once_and_completes_its_session() -> None:
    session = Sessions().create(a_session())
    suggestion = a_suggestion(session)
    Sessions().add(suggestion)
    assert accept(session, suggestion) == Committed()
    assert accept(session, suggestion) == Refused(frozenset({"suggestion", "session"}))
    accepted = Sessions().suggestion(session, suggestion.suggestion_id)
    assert (accepted.accepted, accepted.post_id, accepted.variant_id) == (True, "p1", "v1")
    completed = Sessions().get("nature-1", session.session_id)
    assert (completed.status, completed.post_id) == (SessionStatus.COMPLETED, "p1")
    assert list(Sessions().overdue(NOW + timedelta(days=99), 10)) == []
    second = a_suggestion(session, number=2)
    Sessions().add(second)
    assert accept(session, second, "p2") == Refused(frozenset({"session"}))
    assert accept(completed, second, "p2") == Committed()
    assert Sessions().get("nature-1", session.session_id).post_id == "p1"


def test_nothing_of_an_aborted_session_is_accepted() -> None:
    session = Sessions().create(a_session())
    Sessions().add(a_suggestion(session))
    Sessions().abort(session, "Not needed.", LATER)
    assert accept(session, a_suggestion(session)) == Refused(frozenset({"session"}))
    assert not Sessions().suggestion(session, a_suggestion(session).suggestion_id).accepted
