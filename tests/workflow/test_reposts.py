"""Reposts: only if enabled, only for slots that would stay empty, and never before unposted photos."""

from datetime import timedelta
from itertools import count

from shutterpost.curation import Candidate, Decision, StrategyMemory
from shutterpost.flows.picking.choose_photo import rules_of
from shutterpost.flows.picking.repost import MAX_EXAMINED, PastPublication, choose_repost
from shutterpost.flows.wiring import build_health_check
from shutterpost.personas import Persona, coming_slots
from shutterpost.scheduling import photo_claim_key
from tests.support.system import System

DAY = timedelta(days=1)


def posting(system: System, photos: int, **rules) -> Persona:
    persona = system.add_persona(evergreen_after_days=30, **rules)
    system.connect(persona, "instagram")
    for number in range(1, photos + 1):
        system.add_photo(persona, number, score=10.0 - number)
    return persona


def live(system: System, persona: Persona, days: int) -> list[int | None]:
    """The numbers of the photos that the slots of so many days were given."""
    now = system.clock.now()
    for slot in coming_slots(persona, now, now + days * DAY):
        system.advance_to(slot.run_at - timedelta(minutes=15))
        build_health_check(system.stores, system.platforms).run()
        system.picker.pick(persona.persona_id, slot.run_at)
        system.advance_to(slot.run_at + timedelta(minutes=1))
    return [number_at(system, persona, slot.run_at) for slot in coming_slots(persona, now, now + days * DAY)]


def number_at(system: System, persona: Persona, slot_at) -> int | None:
    record = system.stores.posts.decision(persona.persona_id, slot_at)
    assert record is not None
    picked = Decision.model_validate(record.body).picked
    return int(picked, 16) if picked else None


def test_slots_stay_empty_unless_evergreen_is_wanted(system):
    assert live(system, posting(system, 2), 33) == [1, 2, *([None] * 31)]


def test_old_successes_come_again_in_their_order_once_cooled_down(system):
    persona = posting(system, 3, evergreen=True)
    planned = system.forecaster.plan(persona, 64)

    went = live(system, persona, 64)

    assert went == [int(slot.photo_id, 16) if slot.photo_id else None for slot in planned.slots]
    assert went[:3] == went[30:33] == went[60:63] == [1, 2, 3]
    assert set(went[3:30]) == set(went[33:60]) == {None}
    assert [planned.slots[place].cycle for place in (0, 30, 60)] == [1, 2, 3]
    [connection] = system.stores.connections.list(persona.persona_id)
    for cycle in (1, 2, 3):
        claim = system.stores.claims.get(photo_claim_key(f"{1:064x}", connection.connection_id, cycle))
        assert claim is not None
    assert len(system.bench.sim.live_media()) == 9


def test_the_decision_has_the_reason_of_a_repost(system):
    persona = posting(system, 1, evergreen=True)
    live(system, persona, 31)
    page = system.stores.posts.decisions(persona.persona_id, limit=2)
    last, before = (Decision.model_validate(decision.body) for decision in page.decisions)
    assert last.reason == (
        "No unposted photo is left, so photo-1.jpg goes out again: it did on 2026-11-22, more than 30 days ago, and is "
        "the best of those whose turn it is."
    )
    assert last.cycle == 2
    assert before.reason == ("No unposted photo is left, and none that went out more than 30 days ago may come again.")


def test_nothing_comes_again_while_something_unposted_may_still_go_out(system):
    persona = posting(system, 1, evergreen=True, themes=({"name": "birds", "min_gap_days": 10},))
    live(system, persona, 1)
    system.advance_to(system.clock.now() + 31 * DAY)
    for number in (2, 3):
        system.add_photo(persona, number, score=5.0 - number, theme="birds")
    assert live(system, persona, 2) == [2, None]
    system.stores.photos.set_aside(persona.persona_id, f"{3:064x}")
    assert live(system, persona, 1) == [None]


class LongPast:
    """A persona that has posted since ever, and whose photos have all gone out again."""

    def __init__(self) -> None:
        self.looked_at = 0

    def publications(self, after, until):
        for number in count():
            self.looked_at += 1
            candidate = Candidate(photo_id=str(number), name=f"{number}.jpg", score=5.0)
            at = (after or until - 9000 * DAY) + timedelta(hours=number + 1)
            yield PastPublication(at=at, candidate=candidate, cycle=1, may_return=False)

    def vectors(self, _):
        return {}


def test_a_pick_looks_at_a_bounded_number_of_outings_and_goes_on_there(system):
    persona = system.add_persona(evergreen=True)
    [slot] = coming_slots(persona, system.clock.now(), system.clock.now() + DAY)
    past, history = LongPast(), StrategyMemory()
    for times in (1, 2):
        before = history.reused_until
        result = choose_repost(
            past, persona, rules_of(persona), slot, now=system.clock.now(), shown=(), history=history
        )
        history = result.history
        # It reads one further, to know that all photos of the last post were examined.
        assert (result.decision.picked, past.looked_at) == (None, times * (MAX_EXAMINED + 1))
        assert before is None or history.reused_until == before + timedelta(hours=MAX_EXAMINED)
