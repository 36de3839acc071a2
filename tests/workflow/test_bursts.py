"""Bursts: near duplicates taken within seconds of the picked photo, offered or posted as a carousel."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shutterpost.channels import Catalogue
from shutterpost.flows.picking.duplicates import duplicates
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.refusals import (
    AltTextMissing,
    CarouselInvalid,
    NothingToExtend,
    PhotoAlreadyPosted,
    PhotosUnfit,
    PostChanged,
    TooManyPictures,
)
from shutterpost.flows.wiring import build_photo_adder, build_reviewer
from shutterpost.scheduling import ClaimState, ScheduleStatus, photo_claim_key
from tests.support.bursts import SLOT, TAKEN, decision_of, frames, persona_with, picked
from tests.support.system import System

DAY = timedelta(days=1)


def with_most(system: System, channel: str, most: int) -> Any:
    """The stores, of whose channels one takes at most so many pictures."""
    rows = [
        row.model_copy(update={"limits": row.limits.model_copy(update={"max_pictures": most})})
        if row.key == channel
        else row
        for row in system.stores.catalogue.rows
    ]
    return replace(system.stores, catalogue=Catalogue(version="fewer", rows=tuple(rows)))


def test_auto_posts_the_burst_as_a_carousel_the_picked_photo_first(system: System) -> None:
    persona = persona_with(system, "auto")
    best, second, third = frames(system, persona)

    post = picked(system, persona)
    system.advance_to(SLOT + timedelta(minutes=5))

    assert post.post.photo_ids == (best, third, second)
    assert [variant.photo_ids for variant in post.variants] == [post.post.photo_ids]
    [media] = system.bench.sim.live_media()
    assert len(media["image_urls"]) == 3
    decision = decision_of(system, persona)
    assert decision.burst is not None
    assert (decision.picked, decision.posted_ids, decision.burst.posted) == (best, post.post.photo_ids, True)
    assert decision.notes == ("Posted as a carousel with photo-3.jpg and photo-2.jpg, taken within seconds of it.",)
    assert picked(system, persona, SLOT + DAY).post.photo_ids == (f"{99:064x}",)


def test_all_claims_of_a_carousel_are_taken_and_released_together(system: System) -> None:
    persona = persona_with(system, "auto", once_anywhere=True)
    photo_ids = frames(system, persona)
    post = picked(system, persona)
    [connection] = system.stores.connections.list(persona.persona_id)

    def claims() -> set[ClaimState | None]:
        keys = [
            photo_claim_key(item, part, 1)
            for item in photo_ids
            for part in (connection.connection_id, connection.account_key)
        ]
        return {claim.state if claim else None for claim in map(system.stores.claims.get, keys)}

    looks = system.stores.posts.shown_photos
    assert claims() == {ClaimState.HELD}
    assert not any(system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids)
    assert len(looks.recent(connection.connection_id, limit=9)) == 3

    system.canceller.cancel(post.schedules[0].schedule_id)

    assert claims() == {ClaimState.RELEASED}
    assert all(system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids)
    assert looks.recent(connection.connection_id, limit=9) == ()


@pytest.mark.parametrize(("carousels", "offered"), [("off", ()), ("offer", (3, 2))])
def test_without_auto_the_pick_is_posted_alone_and_offers_its_burst_if_wanted(
    system: System, carousels: str, offered: tuple[int, ...]
) -> None:
    persona = persona_with(system, carousels)
    best, *_ = frames(system, persona)

    post = picked(system, persona).post

    assert (post.photo_ids, post.burst) == ((best,), tuple(f"{number:064x}" for number in offered))
    decision = decision_of(system, persona)
    assert (decision.burst is None) is not bool(offered)
    command = f"shutterpost post carousel {post.post_id}"
    expected = (f"Taken within seconds of it: photo-3.jpg and photo-2.jpg. Post them as a carousel with: {command}",)
    assert decision.notes == (expected if offered else ())


def test_an_offer_is_named_wherever_the_post_is_shown(system: System) -> None:
    persona = persona_with(system, "offer")
    best, second, _ = frames(system, persona)
    [planned] = system.forecaster.plan(persona, 1).slots
    assert "photo-3.jpg and photo-2.jpg. Post them as a carousel with: shutterpost post carousel POST" in planned.reason
    post_id = picked(system, persona).post.post_id

    offer = f"Can be a carousel with photo-3.jpg, photo-2.jpg: shutterpost post carousel {post_id}"
    assert offer in system.forecaster.plan(persona, 1).slots[0].reason
    assert offer + "." in system.explainer.explain(persona, best).change
    sibling = system.explainer.explain(persona, second)
    assert (sibling.standing, sibling.change[0]) == (
        "refused",
        f"Post it in a carousel with that photo: shutterpost post carousel {post_id}.",
    )
    digest = system.notifier.digests.write(persona, (), system.clock.now()).text
    assert f"instagram: photo-1.jpg (photos/{persona.persona_id}/photo-1.jpg). {offer}" in digest

    system.advance_to(SLOT + timedelta(minutes=5))

    assert offer not in system.notifier.digests.write(persona, (), system.clock.now()).text
    assert "carousel" not in " ".join(system.explainer.explain(persona, best).change)


def adder(system: System) -> Any:
    return build_photo_adder(system.stores, system.picker.creator.start_timers)


def test_an_offer_is_taken_before_the_post_goes_out(system: System) -> None:
    persona = persona_with(system, "offer")
    photo_ids = frames(system, persona)
    post = picked(system, persona)

    extended = adder(system).add(persona, post)
    again = adder(system).add(persona, extended)

    assert extended.post.photo_ids == (photo_ids[0], photo_ids[2], photo_ids[1])
    assert again == extended
    [connection] = system.stores.connections.list(persona.persona_id)
    assert len(system.stores.posts.shown_photos.recent(connection.connection_id, limit=9)) == 3
    with pytest.raises(PhotoAlreadyPosted):
        system.poster.post(persona, PhotoRequest(photo=photo_ids[1]), request_key="two")
    system.advance_to(SLOT + timedelta(minutes=5))
    [media] = system.bench.sim.live_media()
    assert len(media["image_urls"]) == 3
    assert duplicates(system.stores.photos, persona).groups == ()
    with pytest.raises(NothingToExtend):
        adder(system).add(persona, system.stores.posts.details(post.post.post_id), [f"{99:064x}"])


def test_photos_that_were_added_are_released_with_the_post(system: System) -> None:
    persona = persona_with(system, "offer")
    photo_ids = frames(system, persona)
    post = adder(system).add(persona, picked(system, persona))
    system.canceller.cancel(post.schedules[0].schedule_id)
    assert all(system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids)
    assert system.stores.posts.shown_photos.recent(post.schedules[0].connection_id, limit=9) == ()


def test_what_cannot_be_added_is_refused_by_name_and_leaves_the_post(system: System) -> None:
    persona = persona_with(system, "offer")
    photo_ids = frames(system, persona, 12)
    system.add_photo(persona, 50, score=1.0, renditions={})
    post = picked(system, persona)
    adding = adder(system)
    with pytest.raises(PhotosUnfit):
        adding.add(persona, post, ["photo-50.jpg"])
    with pytest.raises(TooManyPictures):
        adding.add(persona, post, photo_ids)
    system.poster.post(persona, PhotoRequest(photo=photo_ids[4], at=SLOT + 3 * DAY), request_key="another")
    with pytest.raises(PhotoAlreadyPosted):
        adding.add(persona, post)
    system.editor.change(post, PostChange(title="Changed meanwhile"))
    with pytest.raises(PostChanged):
        adding.add(persona, post, [photo_ids[5]])
    assert system.stores.posts.details(post.post.post_id).post.photo_ids == (photo_ids[0],)
    assert system.stores.photos.get(persona.persona_id, photo_ids[5]).in_unposted

    alone = persona_with(system, "off", "facebook", name="Without Bursts")
    system.add_photo(alone, 70, score=5.0)
    with pytest.raises(CarouselInvalid):
        adding.add(alone, picked(system, alone))


def test_a_photo_is_added_after_a_publication_has_begun_only_if_that_gives_way(system: System) -> None:
    persona = persona_with(system, "offer")
    frames(system, persona)
    post = picked(system, persona)
    [schedule] = post.schedules
    system.clock.sleep(schedule.start_at - system.clock.now())
    system.invoke({"step": "begin", "schedule_id": schedule.schedule_id, "revision": schedule.revision})
    with pytest.raises(PostChanged):
        adder(system).add(persona, post)
    with pytest.raises(NothingToExtend):
        adder(system).add(persona, system.stores.posts.details(post.post.post_id))


def test_a_connection_that_takes_one_picture_gets_the_picked_photo(system: System) -> None:
    persona = persona_with(system, "auto", "instagram", "buffer")
    best, second, third = frames(system, persona)
    stores = with_most(system, "buffer", 1)
    result = build_reviewer(stores, system.picker.creator.start_timers).picker.pick(persona.persona_id, SLOT)
    variants = system.stores.posts.details(result.post_id or "").variants
    assert {variant.channel: variant.photo_ids for variant in variants} == {
        "instagram": (best, third, second),
        "buffer": (best,),
    }


def test_an_offer_goes_to_a_connection_as_far_as_it_takes_pictures(system: System) -> None:
    persona = persona_with(system, "offer", "instagram", "buffer")
    best, _, third = frames(system, persona)
    stores = with_most(system, "buffer", 2)
    extended = build_photo_adder(stores, system.picker.creator.start_timers).add(persona, picked(system, persona))
    photos = {variant.channel: variant.photo_ids for variant in extended.variants}
    assert (len(photos["instagram"]), photos["buffer"]) == (3, (best, third))


@pytest.mark.parametrize("accounts", [1, 3, 4])
def test_a_burst_is_cut_to_what_the_channel_and_one_transaction_take(system: System, accounts: int) -> None:
    persona = persona_with(system, "auto", min_gap_minutes=7 * 24 * 60, once_anywhere=True)
    frames(system, persona, 12, captured_at=TAKEN)
    for number in range(1, accounts):
        system.stores.connections.connect(
            persona_id=persona.persona_id,
            owner=persona.owner,
            channel="instagram",
            account_id=f"another-{number}",
            display_name=f"another {number}",
            login="instagram",
            organization_id=None,
            now=system.clock.now(),
        )
    most = {1: 10, 3: 7, 4: 5}[accounts]
    post = picked(system, persona)
    assert len(post.post.photo_ids) == most
    left_out = (decision_of(system, persona).burst or pytest.fail("no burst")).left_out
    assert {item.reason for item in left_out} == {f"a post to these connections has at most {most} photos"}
    assert len(left_out) == 12 - most
    for schedule in post.schedules:
        system.canceller.cancel(schedule.schedule_id)
    assert system.stores.photos.get(persona.persona_id, post.post.photo_ids[-1]).in_unposted


def test_a_photo_that_is_not_fit_is_left_out_with_the_reason(system: System) -> None:
    persona = persona_with(system, "auto")
    best, second, third = frames(system, persona)
    bare = system.add_photo(persona, 8, score=5.0, renditions={}, dhash=f"{0:016x}", captured_at=TAKEN)
    assert picked(system, persona).post.photo_ids == (best, third, second)
    decision = decision_of(system, persona)
    assert [(item.photo_id, item.reason) for item in (decision.burst.left_out if decision.burst else ())] == [
        (bare.photo_id, "It has no rendition feed; make it with 'shutterpost photos remake'.")
    ]
    assert decision.notes[1] == (
        "photo-8.jpg of its burst is left out: It has no rendition feed; make it with 'shutterpost photos remake'."
    )


def test_a_frame_that_another_post_takes_meanwhile_is_left_out(system: System, monkeypatch) -> None:
    persona = persona_with(system, "auto")
    best, second, third = frames(system, persona)
    picker, creator = system.picker, type(system.picker.creator)
    opened = creator.open

    def open_late(self, request, *rest):
        monkeypatch.setattr(creator, "open", opened)
        system.poster.post(persona, PhotoRequest(photo=third, at=SLOT + 3 * DAY), request_key="first")
        return opened(self, request, *rest)

    monkeypatch.setattr(creator, "open", open_late)
    result = picker.pick(persona.persona_id, SLOT)
    assert system.stores.posts.details(result.post_id or "").post.photo_ids == (best, second)
    assert decision_of(system, persona).picked == best


def test_a_rejected_carousel_passes_over_all_its_photos_for_the_slot(system: System) -> None:
    persona = persona_with(system, "auto", approval="approval")
    photo_ids = frames(system, persona)
    post = picked(system, persona)
    rejection = system.reviewer.reject(post.post.post_id, "Too many.", back=True)
    replacement = system.stores.posts.details(rejection.replacement.post_id or "").post
    assert replacement.photo_ids == (f"{99:064x}",)
    assert {item.photo_id for item in decision_of(system, persona).instead_of} == set(photo_ids)
    assert all(system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids)


def test_the_forecast_has_the_carousels_of_the_later_picks(system: System) -> None:
    persona = persona_with(system, "auto", strategy="weighted_choice", evergreen=True, evergreen_after_days=30)
    for group in range(4):
        for number in range(3):
            system.add_photo(
                persona,
                10 * group + number,
                score=9.0 - group - number / 10,
                dhash=f"{(0xFFFF << 16 * group) ^ number:016x}",
                captured_at=TAKEN + group * DAY + timedelta(seconds=number),
            )
    plan = {slot.run_at: slot for slot in system.forecaster.plan(persona, 40).slots}
    for slot_at, slot in plan.items():
        system.advance_to(slot_at - timedelta(minutes=15))
        system.connect(persona, "instagram")
        system.picker.pick(persona.persona_id, slot_at)
        decision = decision_of(system, persona, slot_at)
        assert (decision.picked, decision.burst) == (slot.photo_id, slot.burst), slot_at
        system.advance_to(slot_at + timedelta(minutes=1))
    posted = [slot for slot in plan.values() if slot.photo_id]
    assert [slot.cycle for slot in posted] == [1] * 4 + [2] * 4
    assert [len(slot.burst.photo_ids) for slot in posted if slot.burst] == [2] * 8
    assert sorted(len(media["image_urls"]) for media in system.bench.sim.live_media()) == [3] * 8


def test_every_photo_of_a_carousel_may_come_again_by_itself(system: System) -> None:
    persona = persona_with(system, "off", evergreen=True, evergreen_after_days=30, near_duplicate_bits=0)
    first, second = (system.add_photo(persona, number, score=9.0 - number).photo_id for number in (1, 2))
    request = PhotoRequest(photo=first, with_photos=(second,))
    system.poster.post(persona, request, request_key="both")
    system.run_executions()
    later = SLOT + 40 * DAY
    given = []
    for day in range(2):
        system.advance_to(later + day * DAY - timedelta(minutes=15))
        system.connect(persona, "instagram")
        given.append(picked(system, persona, later + day * DAY).post)
        system.advance_to(later + day * DAY + timedelta(minutes=1))
    assert [(post.photo_ids, post.cycle) for post in given] == [((first,), 2), ((second,), 2)]


def test_a_carousel_that_failed_returns_every_photo_to_the_picks(system: System) -> None:
    persona = persona_with(system, "auto")
    frames(system, persona)
    system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", count=9, code=190, subcode=460)
    post = picked(system, persona)
    system.advance_to(SLOT + timedelta(minutes=5))
    [schedule] = system.stores.posts.details(post.post.post_id).schedules
    assert schedule.status is ScheduleStatus.FAILED
    assert all(system.stores.photos.get(persona.persona_id, item).in_unposted for item in post.post.photo_ids)


def test_a_photo_without_an_alt_text_is_not_added_where_the_persona_requires_it(system: System) -> None:
    persona = persona_with(system, "offer", require_alt_text=True)
    frames(system, persona)
    system.add_photo(persona, 60, score=1.0, alt_text=" ")
    post = picked(system, persona)
    with pytest.raises(AltTextMissing):
        adder(system).add(persona, post, ["photo-60.jpg"])
    assert len(adder(system).add(persona, post).post.photo_ids) == 3


def test_no_photo_is_added_once_the_post_is_out_on_one_connection(system: System) -> None:
    persona = persona_with(system, "offer", "instagram", "buffer")
    frames(system, persona)
    post = picked(system, persona)
    begun, waiting = sorted(post.schedules, key=lambda item: item.channel == "buffer")
    system.clock.sleep(begun.start_at - system.clock.now())
    system.invoke({"step": "begin", "schedule_id": begun.schedule_id, "revision": begun.revision})
    with pytest.raises(NothingToExtend):
        adder(system).add(persona, system.stores.posts.details(post.post.post_id))
    assert system.stores.schedules.get(waiting.schedule_id).status is ScheduleStatus.QUEUED


def test_photos_added_after_an_attempt_are_posted_under_addresses_of_their_own(system: System) -> None:
    persona = persona_with(system, "offer")
    frames(system, persona)
    post = picked(system, persona)
    [schedule] = post.schedules
    tried = ("public/one-photo.jpg",)
    system.stores.schedules.move(schedule, schedule.status, now=system.clock.now(), public_keys=list(tried))
    adder(system).add(persona, system.stores.posts.details(post.post.post_id))

    system.advance_to(SLOT + timedelta(minutes=5))

    assert system.stores.schedules.get(schedule.schedule_id).status is ScheduleStatus.SUCCESS
    [media] = system.bench.sim.live_media()
    assert len(media["image_urls"]) == 3
    assert not any(tried[0] in url for url in media["image_urls"])
