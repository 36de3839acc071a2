"""Photos that a person keeps out: in no carousel of a pick, in no offer, and in no repost."""

from datetime import timedelta

from shutterpost.flows.wiring import build_photo_adder
from shutterpost.personas import Persona, coming_slots
from shutterpost.photos import PhotoChange, change_photo
from tests.support.bursts import frames, persona_with, picked
from tests.support.system import System
from tests.workflow.test_reposts import live, posting

DAY = timedelta(days=1)
OUT = PhotoChange(kept_out="Its eyes are closed.")


def keep_out(persona: Persona, photo_id: str) -> None:
    """A person keeps the photo out."""
    change_photo(persona.persona_id, photo_id, OUT)


def test_a_burst_is_posted_without_the_photo_that_is_kept_out(system: System) -> None:
    persona = persona_with(system, "auto")
    best, second, third = frames(system, persona)
    keep_out(persona, second)
    assert picked(system, persona).post.photo_ids == (best, third)


def test_an_offered_photo_that_is_kept_out_meanwhile_is_not_added(system: System) -> None:
    persona = persona_with(system, "offer")
    best, second, third = frames(system, persona)
    post = picked(system, persona)
    assert set(post.post.burst) == {second, third}
    keep_out(persona, second)
    adder = build_photo_adder(system.stores, system.mover.start_timers)
    assert adder.add(persona, post, ()).post.photo_ids == (best, third)


def test_a_photo_that_is_kept_out_does_not_go_out_again(system: System) -> None:
    persona = posting(system, 2, evergreen=True)
    assert live(system, persona, 2) == [1, 2]
    keep_out(persona, f"{1:064x}")
    system.clock.sleep(32 * DAY)
    now = system.clock.now()
    [slot] = coming_slots(persona, now, now + DAY)
    post_id = system.picker.pick(persona.persona_id, slot.run_at).post_id
    assert system.stores.posts.details(str(post_id)).post.photo_ids == (f"{2:064x}",)
