"""Posts without a schedule, how they get one, and schedules that change their connection."""

from datetime import timedelta

import pytest

from shutterpost.flows.refusals import PostChanged
from shutterpost.scheduling import ClaimState, ScheduleStatus, Step, photo_claim_key
from tests.api.calling import Caller
from tests.api.test_posts import moved
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


def state_of(world: World, photo_id: str, connection_id: str) -> ClaimState | None:
    claim = world.services.claims.get(photo_claim_key(photo_id, connection_id, 1))
    return claim.state if claim else None


def shown(world: World, connection_id: str) -> list[str]:
    return [look.post_id for look in world.services.posts.shown_photos.recent(connection_id, limit=9)]


def test_a_draft_claims_nothing_until_it_is_scheduled(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True, "caption": "Fog."})
    assert (draft.status, draft.body["status"], draft.body["schedules"]) == (202, "draft", [])
    assert [(variant["status"], variant["text"]) for variant in draft.body["variants"]] == [("ready", "Fog.")]
    assert state_of(world, photo.photo_id, connection_id) is None
    assert world.services.photos.get(persona_id, photo.photo_id).in_unposted

    path = f"/posts/{draft.body['post_id']}"
    me.patch(path, {"caption": "More fog."})
    done = me.post(f"{path}/schedule", {"at": LATER})
    assert (done.status, done.body["status"]) == (202, "scheduled")
    [schedule] = done.body["schedules"]
    assert (schedule["run_at"], schedule["wall_time"]) == ("2026-04-01T07:00:00Z", LATER)
    assert done.body["variants"][0]["text"] == "More fog."
    assert state_of(world, photo.photo_id, connection_id) is ClaimState.HELD
    assert shown(world, connection_id) == [draft.body["post_id"]]
    assert not world.services.photos.get(persona_id, photo.photo_id).in_unposted
    assert len(world.timers()) == 1
    assert me.post(f"{path}/schedule", {"at": LATER}).problem() == (409, "connection-in-use")


def test_a_post_with_no_variants_needs_a_connection_to_be_scheduled(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.photo(persona_id)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    assert draft["variants"] == []
    path = f"/posts/{draft['post_id']}/schedule"
    refused = me.post(path, {"at": LATER})
    assert refused.problem() == (409, "post-has-no-variants")
    connection_id = world.connection(me, persona_id)
    done = me.post(path, {"at": LATER, "connection_ids": [connection_id]})
    assert [variant["connection_id"] for variant in done.body["variants"]] == [connection_id]
    assert done.body["variants"][0]["text"] == "Fog over the valley."


def test_a_draft_is_repeated_under_its_key_and_has_no_time(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path, body = f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}
    assert me.post(path, body, {"dry_run": "true"}).body["status"] == "draft"
    first = me.post(path, body, idempotency_key="one")
    assert me.post(path, body, idempotency_key="one").body["post_id"] == first.body["post_id"]
    assert len(me.get(path).body["posts"]) == 1
    assert me.post(path, {**body, "at": LATER}).problem() == (422, "time-invalid")


def test_a_draft_whose_photo_went_elsewhere_is_refused(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    other = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER}).body
    refused = me.post(f"/posts/{draft['post_id']}/schedule", {"at": LATER})
    assert refused.problem() == (409, "photo-already-posted")
    assert (refused.body["post_id"], refused.body["connection_id"]) == (other["post_id"], connection_id)
    assert me.get(f"/posts/{draft['post_id']}").body["status"] == "draft"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"at": "2026-01-01T09:00:00"}, "time-in-past"),
        ({"at": LATER, "zone": "Mars/Olympus"}, "time-invalid"),
        ({"at": LATER, "connection_ids": ["cnobody"]}, "connection-unknown"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_by_name(world: World, me: Caller, body, problem: str) -> None:
    persona_id, _, _ = world.ready(me)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    assert me.post(f"/posts/{draft['post_id']}/schedule", body).problem()[1] == problem


def test_a_cancelled_post_is_scheduled_again_under_a_new_revision(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER}).body
    me.post(f"/posts/{post['post_id']}/cancel")
    assert state_of(world, photo.photo_id, connection_id) is ClaimState.RELEASED
    again = me.post(f"/posts/{post['post_id']}/schedule", {"at": LATER}).body
    assert [(schedule["status"], schedule["revision"]) for schedule in again["schedules"]] == [("queued", 2)]
    assert state_of(world, photo.photo_id, connection_id) is ClaimState.HELD


def test_a_schedule_changes_its_connection_with_its_claim(world: World, me: Caller) -> None:
    persona_id, old, photo = world.ready(me)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER, "alt_text": "A valley."}).body
    new = world.connection(me, persona_id, "buffer")
    [schedule] = post["schedules"]
    path = f"/schedules/{schedule['schedule_id']}/change-connection"
    answer = me.post(path, {"connection_id": new})
    assert (answer.status, answer.body["connection_id"], answer.body["channel"]) == (200, new, "buffer")
    assert answer.headers["Location"] == f"/schedules/{answer.body['schedule_id']}"
    assert answer.body["run_at"] == schedule["run_at"]
    assert (state_of(world, photo.photo_id, old), state_of(world, photo.photo_id, new)) == (
        ClaimState.RELEASED,
        ClaimState.HELD,
    )
    assert (shown(world, old), shown(world, new)) == ([], [post["post_id"]])
    assert world.timers() == [f"{answer.body['schedule_id']}-1"]
    now = me.get(f"/posts/{post['post_id']}").body
    assert now["status"] == "scheduled"
    assert {item["connection_id"]: item["status"] for item in now["schedules"]} == {old: "cancelled", new: "queued"}
    assert {variant["connection_id"]: variant["alt_text"] for variant in now["variants"]} == dict.fromkeys(
        (old, new), "A valley."
    )
    back = me.post(f"/schedules/{answer.body['schedule_id']}/change-connection", {"connection_id": old})
    assert (back.status, back.body["revision"]) == (200, 2)


def test_no_connection_gets_a_photo_that_it_has_already(world: World, me: Caller) -> None:
    persona_id, old, _ = world.ready(me)
    new = world.connection(me, persona_id, "buffer")
    path = f"/personas/{persona_id}/posts"
    post = me.post(path, {"photo": "fog.jpg", "at": LATER, "connection_ids": [old]}).body
    other = me.post(path, {"photo": "fog.jpg", "at": LATER, "connection_ids": [new]}).body
    change = f"/schedules/{post['schedules'][0]['schedule_id']}/change-connection"
    refused = me.post(change, {"connection_id": new})
    assert refused.problem() == (409, "photo-already-posted")
    assert refused.body["post_id"] == other["post_id"]
    assert me.post(change, {"connection_id": old}).problem() == (409, "connection-in-use")
    assert me.post(change, {"connection_id": "cnobody"}).problem() == (404, "connection-unknown")
    assert me.get(f"/posts/{post['post_id']}").body["status"] == "scheduled"


@pytest.mark.parametrize(
    ("status", "step", "problem"),
    [
        (ScheduleStatus.PROCESSING, Step.HANDED_OVER, "handed-over"),
        (ScheduleStatus.PROCESSING, Step.PREPARED, "move-in-flight"),
        (ScheduleStatus.SUCCESS, None, "nothing-to-move"),
    ],
)
def test_what_has_begun_keeps_its_connection(world: World, me: Caller, status, step, problem: str) -> None:
    persona_id, _, _ = world.ready(me)
    new = world.connection(me, persona_id, "buffer")
    body = {"photo": "fog.jpg", "at": LATER, "connection_ids": [world.connection(me, persona_id)]}
    schedule_id = me.post(f"/personas/{persona_id}/posts", body).body["schedules"][0]["schedule_id"]
    moved(world, schedule_id, ScheduleStatus.PROCESSING, step=step)
    if status is not ScheduleStatus.PROCESSING:
        moved(world, schedule_id, status)
    refused = me.post(f"/schedules/{schedule_id}/change-connection", {"connection_id": new})
    assert refused.problem() == (409, problem)


def test_the_least_gap_holds_on_the_new_connection(world: World, me: Caller) -> None:
    persona_id = world.persona(me, min_gap_minutes=60)
    old, new = world.connection(me, persona_id), world.connection(me, persona_id, "buffer")
    world.photo(persona_id)
    world.photo(persona_id, "rain.jpg")
    path = f"/personas/{persona_id}/posts"
    mine = me.post(path, {"photo": "fog.jpg", "at": LATER, "connection_ids": [old]}).body
    near = (world.clock.now() + timedelta(days=60)).replace(month=4, day=1, hour=7, minute=30).isoformat()
    assert me.post(path, {"photo": "rain.jpg", "at": near, "connection_ids": [new]}).status == 202
    change = f"/schedules/{mine['schedules'][0]['schedule_id']}/change-connection"
    assert me.post(change, {"connection_id": new}).problem() == (409, "too-near")


def text_only(monkeypatch, world: World, *channels: str) -> None:
    """Let the named channels take posts without a picture."""
    rows = tuple(
        row.model_copy(update={"limits": row.limits.model_copy(update={"min_pictures": 0})})
        if row.key in channels
        else row
        for row in world.services.catalogue.rows
    )
    catalogue = world.services.catalogue.model_copy(update={"rows": rows})
    for flow in (world.services.poster.creator, world.services.assigner.creator, world.services.editor):
        monkeypatch.setitem(flow.__dict__, "catalogue", catalogue)


def test_a_draft_needs_neither_a_photo_nor_a_connection(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    body = {"caption": "An idea.", "draft": True, "tags": ["ideas"]}
    dry = me.post(f"/personas/{persona_id}/posts", body, {"dry_run": "true"})
    assert (dry.status, dry.body["photo_ids"]) == (200, [])
    draft = me.post(f"/personas/{persona_id}/posts", body).body
    assert (draft["status"], draft["photo_ids"], draft["variants"]) == ("draft", [], [])
    path = f"/posts/{draft['post_id']}"
    when = {"at": LATER, "connection_ids": [connection_id]}
    assert me.post(f"{path}/schedule", when).problem() == (422, "picture-required")
    with_photo = me.patch(path, {"photo": "fog.jpg"}).body
    assert with_photo["photo_names"] == ["fog.jpg"]
    done = me.post(f"{path}/schedule", when).body
    assert (done["status"], done["variants"][0]["text"]) == ("scheduled", "An idea.")
    assert done["variants"][0]["photo_ids"] == [photo.photo_id]
    assert state_of(world, photo.photo_id, connection_id) is ClaimState.HELD
    world.photo(persona_id, "rain.jpg")
    assert me.patch(path, {"photo": "rain.jpg"}).problem() == (409, "post-not-draft")


def test_the_photo_of_a_draft_is_that_of_its_variants(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    rain = world.photo(persona_id, "rain.jpg", alt_text="Rain.")
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    path = f"/posts/{draft['post_id']}"
    own = {"connection_id": connection_id, "text": "Mine."}
    me.post(f"{path}/variants", own)
    me.post(f"{path}/variants", {"channel": "x", "text": "Without a picture.", "photo_ids": []})
    changed = me.patch(path, {"photo": "rain.jpg", "caption": "Wet."}).body
    facts = [(item["text"], item["photo_ids"], item["alt_text"]) for item in changed["variants"]]
    with_rain = ([rain.photo_id], "Rain.")
    assert sorted(facts) == [("Mine.", *with_rain), ("Wet.", *with_rain), ("Without a picture.", [], "")]
    assert me.patch(path, {"photo": "nowhere.jpg"}).problem() == (404, "photo-not-found")


def test_a_text_alone_is_posted_where_the_channel_takes_it(world: World, me: Caller, monkeypatch) -> None:
    persona_id = world.persona(me, hashtags=["notes"])
    instagram, buffer = world.connection(me, persona_id), world.connection(me, persona_id, "buffer")
    path, body = f"/personas/{persona_id}/posts", {"caption": "Words.", "at": LATER}
    for connections in ([], [instagram], [buffer]):
        assert me.post(path, body | {"connection_ids": connections}).problem() == (422, "picture-required")
    assert me.post(path, {"at": LATER, "caption": " "}).problem() == (422, "post-empty")
    text_only(monkeypatch, world, "buffer")
    assert me.post(path, body).problem() == (422, "picture-required")
    post = me.post(path, body | {"connection_ids": [buffer]}).body
    assert [(item["channel"], item["status"]) for item in post["schedules"]] == [("buffer", "queued")]
    assert [(item["text"], item["photo_ids"]) for item in post["variants"]] == [("Words.\n\n#notes", [])]
    assert shown(world, buffer) == []
    again = me.post(path, body | {"connection_ids": [buffer]}, idempotency_key="one").body
    same = me.post(path, body | {"connection_ids": [buffer]}, idempotency_key="one").body
    assert again["post_id"] == same["post_id"] != post["post_id"]
    # Everything that lists posts does without a photo.
    assert me.get("/calendar", **{"from": "2026-04-01", "to": "2026-04-03"}).body["entries"][0]["photo_names"] == []
    assert {row["photo"] for row in me.get(f"/personas/{persona_id}/planned").body["rows"]} == {None}
    assert me.get(f"/personas/{persona_id}/planned.csv").status == 200
    assert me.get(f"/personas/{persona_id}/plan").status == 200
    assert me.post(f"/posts/{post['post_id']}/cancel").body["status"] == "cancelled"


def test_only_drafts_are_deleted(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path, body = f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}
    first = me.post(path, body, idempotency_key="one").body
    me.post(f"/posts/{first['post_id']}/variants", {"channel": "x", "text": "For X."})
    assert me.delete(f"/posts/{first['post_id']}").body["post_id"] == first["post_id"]
    assert me.get(f"/posts/{first['post_id']}").problem() == (404, "post-not-found")
    assert me.get(path).body["posts"] == []
    # The key is free again, and the draft the same one.
    again = me.post(path, body, idempotency_key="one")
    assert (again.status, again.body["post_id"], len(again.body["variants"])) == (202, first["post_id"], 1)
    assert me.post(path, body, idempotency_key="one").body["post_id"] == first["post_id"]
    me.post(f"/posts/{first['post_id']}/schedule", {"at": LATER})
    assert me.delete(f"/posts/{first['post_id']}").problem() == (409, "post-not-draft")
    me.post(f"/posts/{first['post_id']}/cancel")
    assert me.delete(f"/posts/{first['post_id']}").problem() == (409, "post-not-draft")


def test_a_draft_that_is_scheduled_meanwhile_is_not_deleted(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    stale = world.services.posts.details(draft["post_id"])
    me.post(f"/posts/{draft['post_id']}/schedule", {"at": LATER})
    with pytest.raises(PostChanged):
        world.services.draft_discarder.discard(stale)
    assert me.get(f"/posts/{draft['post_id']}").body["status"] == "scheduled"
