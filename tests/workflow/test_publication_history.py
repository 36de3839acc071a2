"""The publications that a repost chooses among, as the tables hold them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shutterpost.flows.picking.choose_photo import LibraryCandidates
from shutterpost.flows.picking.repost import LibraryReposts, PastPublication, PublicationHistory
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.personas import Persona
from shutterpost.runtime.commit import commit
from shutterpost.scheduling import ScheduleStatus
from tests.support.libraries import stock
from tests.support.system import System

DAY = timedelta(days=1)


def history_of(system: System, persona: Persona, *, foreseen: bool = False) -> PublicationHistory:
    stores = system.stores
    return PublicationHistory(
        schedules=stores.schedules, posts=stores.posts, photos=stores.photos, persona=persona, foreseen=foreseen
    )


def posting(system: System, days: int) -> tuple[Persona, list[datetime]]:
    """A persona with as many photos as days, picked for; nothing is published yet."""
    persona = system.add_persona()
    system.connect(persona, "instagram")
    for number in range(1, days + 1):
        system.add_photo(persona, number, score=10.0 - number)
    first = system.clock.now().replace(hour=8) + DAY
    slots = [first + number * DAY for number in range(days)]
    for slot_at in slots:
        system.picker.pick(persona.persona_id, slot_at)
    return persona, slots


def dates(publications: Iterable[PastPublication]) -> list[datetime]:
    return [publication.at for publication in publications]


def returning(system: System, persona: Persona, until: datetime, *, foreseen: bool = False) -> list[bool]:
    history = history_of(system, persona, foreseen=foreseen)
    return [publication.may_return for publication in history.between(None, until)]


def test_publications_lie_behind_the_last_one_read_up_to_a_bound(system: System) -> None:
    persona, slots = posting(system, 3)
    history = history_of(system, persona)
    assert dates(history.between(None, slots[2])) == slots
    assert dates(history.between(None, slots[2] - timedelta(seconds=1))) == slots[:2]
    assert dates(history.between(slots[0], slots[2])) == slots[1:]
    assert dates(history.between(slots[0] - timedelta(seconds=1), slots[2])) == slots


def test_a_post_on_two_channels_is_one_publication(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.connect(persona, "buffer")
    system.add_photo(persona, 1, score=9.0, caption="x")
    slot_at = system.clock.now().replace(hour=8) + DAY
    system.picker.pick(persona.persona_id, slot_at)
    assert dates(history_of(system, persona).between(None, slot_at)) == [slot_at]


def test_a_photo_returns_after_its_publication_and_in_a_forecast_before(system: System) -> None:
    persona, slots = posting(system, 2)
    assert returning(system, persona, slots[1]) == [False, False]
    assert returning(system, persona, slots[1], foreseen=True) == [True, True]
    system.advance_to(slots[0] + timedelta(hours=1))
    assert returning(system, persona, slots[1]) == [True, False]
    first, _ = history_of(system, persona).between(None, slots[1])
    assert (first.candidate.name, first.candidate.score, first.cycle) == ("photo-1.jpg", 9.0, 1)


def test_a_cancelled_publication_does_not_return(system: System) -> None:
    persona, [slot_at] = posting(system, 1)
    [post] = system.stores.posts.of_persona(persona.persona_id, limit=5).posts
    [schedule] = system.schedules_of(post.post_id).values()
    system.canceller.cancel(schedule.schedule_id)
    assert system.stores.schedules.get(schedule.schedule_id).status is ScheduleStatus.CANCELLED
    assert returning(system, persona, slot_at) == returning(system, persona, slot_at, foreseen=True) == [False]


def test_a_photo_that_a_later_post_lost_or_whose_post_is_archived_does_not_return(system: System) -> None:
    persona, slots = posting(system, 3)
    system.advance_to(slots[2] + timedelta(hours=1))
    assert returning(system, persona, slots[2]) == [True, True, True]
    photo = system.stores.photos.get(persona.persona_id, f"{1:064x}")
    commit([system.stores.photos.let_go(photo, "another post", excluded="It was refused.")])
    posts = system.stores.posts.of_persona(persona.persona_id, limit=5).posts
    [second] = [post for post in posts if post.photo_ids == (f"{2:064x}",)]
    system.editor.change(system.stores.posts.details(second.post_id), PostChange(archived=True))
    assert returning(system, persona, slots[2]) == [False, False, True]


def test_a_repost_reads_publications_and_vectors_of_the_library(system: System) -> None:
    persona, slots = posting(system, 2)
    stock(system, persona, 1, seed=5)
    [item] = system.stores.photos.candidates(persona.persona_id, 1)
    library, history = LibraryCandidates(system.stores.photos, persona.persona_id), history_of(system, persona)
    source = LibraryReposts(library, history)
    assert dates(source.publications(slots[0], slots[1])) == slots[1:]
    assert set(source.vectors([item.photo_id])) == {item.photo_id}
