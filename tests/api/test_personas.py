"""Personas through the API."""

import pytest

from tests.api.calling import Caller
from tests.api.world import PICK_ARN, World

WHOLE = {
    "name": "  Nature   Explorer ",
    "zone": "Europe/Paris",
    "slots": [{"at": "18:30"}, {"weekdays": ["sat", "mon"], "at": "09:00:30"}],
    "default_caption": "Out there.",
    "hashtags": ["#nature", "outdoors"],
    "ratio_policy": "crop",
    "once_anywhere": True,
    "late_grace_minutes": 30,
    "late_then": "skip",
    "pick_lead_seconds": 5,
    "allow_provisional": True,
}


def test_creating_a_persona_answers_with_it_and_arms_its_slots(world: World, me: Caller) -> None:
    answer = me.post("/personas", WHOLE)
    persona_id = answer.body["persona_id"]
    assert answer.status == 201
    assert answer.headers["Location"] == f"/personas/{persona_id}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.body["owner"] == "123456789012/role/Photographer"
    assert answer.body["name"] == "Nature Explorer"
    assert answer.body["hashtags"] == ["nature", "outdoors"]
    assert answer.body["slots"] == [
        {"weekdays": "daily", "at": "18:30:00"},
        {"weekdays": ["mon", "sat"], "at": "09:00:30"},
    ]
    assert world.functions.started == [(PICK_ARN, {"job": "arm", "persona_id": persona_id})]
    body = me.get(f"/personas/{persona_id}").body
    assert body.pop("runway")["whole"]["photos"] == 0
    assert body.pop("role") == "owner"
    assert body == answer.body


def test_a_second_persona_of_the_same_name_is_refused(world: World, me: Caller, rival: Caller) -> None:
    world.persona(me)
    assert me.post("/personas", {"name": "Nature Explorer", "zone": "UTC"}).problem() == (409, "persona-exists")
    assert rival.post("/personas", {"name": "Nature Explorer", "zone": "UTC"}).status == 201


def test_personas_are_listed_by_name_in_pages(world: World, me: Caller, rival: Caller) -> None:
    for name in ("Cliffs", "Alps", "Bays"):
        world.persona(me, name)
    world.persona(rival, "Deserts")
    first = me.get("/personas", limit="2")
    second = me.get("/personas", limit="2", cursor=first.body["cursor"])
    assert [persona["name"] for page in (first, second) for persona in page.body["personas"]] == [
        "Alps",
        "Bays",
        "Cliffs",
    ]
    assert second.body["cursor"] is None


@pytest.mark.parametrize("cursor", ["*", "bm9ib2R5", "_____w"])
def test_a_cursor_that_no_page_gave_is_refused(world: World, me: Caller, cursor: str) -> None:
    assert me.get("/personas", cursor=cursor).problem() == (422, "cursor-invalid")


def test_a_change_keeps_what_is_left_out_and_arms_anew(world: World, me: Caller) -> None:
    persona_id = world.persona(me, slots=[{"at": "18:30"}], hashtags=["sea"])
    world.clock.instant = world.clock.instant.replace(hour=13)
    answer = me.patch(f"/personas/{persona_id}", {"slots": [{"at": "07:45"}]}, if_match='"1"')
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert answer.body["slots"] == [{"weekdays": "daily", "at": "07:45:00"}]
    assert answer.body["hashtags"] == ["sea"]
    assert answer.body["updated_at"] == "2026-03-01T13:00:00Z"
    assert len(world.functions.started) == 2


def test_a_change_that_changes_nothing_leaves_the_version(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    answer = me.patch(f"/personas/{persona_id}", {"zone": "Europe/Paris", "name": "Nature Explorer"})
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert len(world.functions.started) == 1


def test_a_persona_is_paused_and_resumed(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    me.patch(f"/personas/{persona_id}", {"status": "paused"})
    assert list(world.services.personas.active()) == []
    me.patch(f"/personas/{persona_id}", {"status": "active"})
    assert [item.persona_id for item in world.services.personas.active()] == [persona_id]


def test_a_change_of_an_older_version_is_refused(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    me.patch(f"/personas/{persona_id}", {"zone": "UTC"})
    answer = me.patch(f"/personas/{persona_id}", {"zone": "Asia/Tokyo"}, if_match='"1"')
    assert answer.problem() == (412, "stale-version")
    assert answer.body["version"] == 2
    assert me.patch(f"/personas/{persona_id}", {"zone": "Asia/Tokyo"}, if_match='"1", "2"').status == 200
    assert me.patch(f"/personas/{persona_id}", {"zone": "UTC"}, if_match="*").status == 200


def test_a_persona_keeps_its_name(world: World, me: Caller) -> None:
    answer = me.patch(f"/personas/{world.persona(me)}", {"name": "City Explorer"})
    assert answer.problem() == (422, "persona-name-fixed")
    assert answer.body["errors"][0]["field"] == "name"


@pytest.mark.parametrize(
    ("field", "value", "at", "rule"),
    [
        ("name", "", "name", "string_too_short"),
        ("name", "\ud800", "name", "string_unicode"),
        ("name", None, "name", "string_type"),
        ("zone", "Mars/Olympus", "zone", "value_error"),
        ("zone", "../etc/passwd", "zone", "value_error"),
        ("slots", [{"at": "25:00"}], "slots.0.at", "time_parsing"),
        ("slots", [{"at": "18:30+02:00"}], "slots.0.at", "value_error"),
        ("slots", [{"at": "18:30", "on": "mon"}] * 51, "slots", "too_long"),
        ("hashtags", ["two words"], "hashtags.0", "value_error"),
        ("late_grace_minutes", -1, "late_grace_minutes", "greater_than_equal"),
        ("ratio_policy", "stretch", "ratio_policy", "enum"),
        ("approval", "manual", "approval", "enum"),
        ("owner", "somebody/else", "owner", "extra_forbidden"),
        ("colour", "blue", "colour", "extra_forbidden"),
    ],
)
def test_bad_values_are_refused_by_field_and_rule(
    *, world: World, me: Caller, field: str, value: object, at: str, rule: str
) -> None:
    body = {"name": "Nature Explorer", "zone": "UTC", field: value}
    assert me.post("/personas", body).broken() == {at: rule}
    if field != "owner":
        persona_id = world.persona(me)
        assert me.patch(f"/personas/{persona_id}", {field: value}).broken() == {at: rule}


def test_missing_fields_are_named(world: World, me: Caller) -> None:
    assert me.post("/personas", {}).broken() == {"name": "missing", "zone": "missing"}
    assert me.post("/personas").broken() == {"": "missing"}


@pytest.mark.parametrize("limit", ["0", "101", "many", "1,2"])
def test_a_limit_out_of_bounds_is_refused(me: Caller, limit: str) -> None:
    assert list(me.get("/personas", limit=limit).broken()) == ["limit"]


def test_a_persona_is_returned_with_its_runway(world: World, me: Caller) -> None:
    persona_id = world.persona(me, slots=[{"at": "09:00"}])
    world.photo(persona_id, score=7.0)
    runway = me.get(f"/personas/{persona_id}").body["runway"]
    assert (runway["whole"]["photos"], runway["whole"]["level"]) == (1, "critical")


def test_the_coming_days_are_planned_and_a_photo_explained(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "09:00"}]})
    plan = me.get(f"/personas/{persona_id}/plan", days="3").body
    assert [slot["photo_id"] for slot in plan["slots"]] == [photo.photo_id, None, None]
    assert plan["filled"] == 1
    report = me.get(f"/personas/{persona_id}/photos/{photo.names[0]}/explain").body
    assert (report["standing"], report["planned_for"]) == ("planned", plan["slots"][0]["run_at"])
    [first, *_] = me.get(f"/personas/{persona_id}/plan", days="3", why="true").body["slots"]
    assert (first["parts"]["aesthetic"], plan["slots"][0]["parts"]) == (first["score"], None)
    assert (report["parts"], report["total"]) == (first["parts"], first["total"])
    assert me.get(f"/personas/{persona_id}/plan", days="0").broken()
    assert me.get("/personas/nobody-000000/plan").problem() == (404, "persona-not-found")


def test_a_template_with_an_unknown_fact_and_a_theme_twice_are_refused(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    path = f"/personas/{persona_id}"
    assert "caption_template" in me.patch(path, {"caption_template": "At {{place}}"}).broken()
    assert "themes" in me.patch(path, {"themes": [{"name": "a"}, {"name": "a"}]}).broken()
    changed = me.patch(path, {"strategy": "pillars", "themes": [{"name": "a", "weight": 2}], "weights": {"variety": 1}})
    assert changed.body["themes"][0]["weight"] == 2
    assert me.get(path).body["weights"]["variety"] == 1
