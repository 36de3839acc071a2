"""Explanations why a photo is not posted, and how long the library lasts."""

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.syncing.runway import runway_of
from tests.support.libraries import stock
from tests.support.system import System, soon


def test_each_standing_is_explained_with_what_would_change_it(system: System) -> None:
    persona = system.add_persona(themes=({"name": "birds"},))
    system.connect(persona, "instagram")
    stock(system, persona, 33, seed=3)
    best = system.stores.photos.candidates(persona.persona_id, 50)
    blurred = system.add_photo(persona, 1, score=9.9, sharpness=1.0)
    unscored = system.add_photo(persona, 2, score=None)
    poor = system.add_photo(persona, 3, score=1.0)

    def explained(photo_id: str):
        return system.explainer.explain(persona, photo_id)

    planned = explained(best[0].photo_id)
    assert planned.standing == "planned"
    refused = explained(blurred.photo_id)
    assert refused.standing == "refused"
    assert "below the floor of 2" in refused.because[0]
    assert refused.change == ("Lower the floors in the persona's weights.",)
    assert explained(unscored.photo_id).change == ("Import an analysis of it.",)
    assert explained(poor.photo_id).standing == "behind"
    assert "points more" in explained(poor.photo_id).change[0]

    slot = planned.planned_for
    assert slot is not None
    system.picker.pick(persona.persona_id, slot)
    assert explained(best[0].photo_id).considered or explained(blurred.photo_id).considered


def test_photo_stands_scheduled_until_its_post_is_published(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=soon(system, 60))
    post_id = system.poster.post(persona, request, request_key="one").post.post_id

    scheduled = system.explainer.explain(persona, photo.photo_id)
    system.advance_to(soon(system, 62))
    posted = system.explainer.explain(persona, photo.photo_id)

    assert (scheduled.standing, posted.standing) == ("scheduled", "posted")
    assert scheduled.because == posted.because == (f"Post {post_id} uses it.",)
    assert scheduled.change == ("Cancel that post while it waits.",)


def test_runway_counts_slots_until_the_first_that_stays_empty(system: System) -> None:
    persona = system.add_persona(themes=({"name": "birds", "weight": 3}, {"name": "boats"}))
    stock(system, persona, 12, seed=3)
    runway = runway_of(system.stores.photos, persona, system.clock.now())
    assert (runway.whole.photos, runway.whole.days, runway.whole.level) == (12, 12, "low")
    assert [theme.theme for theme in runway.themes] == ["birds", "boats"]
    assert sum(theme.photos for theme in runway.themes) <= 12
