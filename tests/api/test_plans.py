"""Import and export of plans, as JSON and CSV."""

import csv
from io import StringIO

import pytest

from shutterpost.scheduling import ScheduleStatus, Step
from tests.api.calling import Caller
from tests.api.world import World

TABLE = (
    "photo,at,zone,caption,hashtags\r\n"
    'fog.jpg,2026-04-01T09:00:00,Europe/Paris,"Fog, and a ""bridge""",sea dusk\r\n'
    "rain.jpg,2026-04-02T09:00:00,,,\r\n"
    "snow.jpg,2026-04-03T09:00:00,,,\r\n"
    "fog.jpg,tomorrow,,,\r\n"
)


def test_a_table_is_imported_row_by_row_and_again_without_effect(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    world.photo(persona_id, "rain.jpg")
    path = f"/personas/{persona_id}/planned.csv"
    dry = me.post(path, TABLE, {"dry_run": "true"}, content_type="text/csv").body
    assert (dry["dry_run"], dry["planned"], dry["refused"], world.timers()) == (True, 2, 2, [])
    wet = me.post(path, TABLE, content_type="text/csv; charset=utf-8").body
    assert [row["kind"] for row in wet["rows"]] == [None, None, "photo-not-found", "invalid"]
    assert wet["rows"][3]["detail"].startswith("at: ")
    assert len(world.timers()) == 2
    assert me.post(path, TABLE, content_type="text/csv").body == wet
    first = me.get(f"/posts/{wet['rows'][0]['post_id']}").body
    assert (first["base_caption"], first["hashtags"]) == ('Fog, and a "bridge"', ["sea", "dusk"])


def test_a_plan_comes_out_as_it_goes_in(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    row = {
        "photo": "fog.jpg",
        "at": "2026-04-01T09:00:00",
        "zone": "Asia/Tokyo",
        "caption": "é,\n",
        "hashtags": ["sea"],
        "tags": ["spring"],
        "metadata": {"campaign_id": "spring-1"},
    }
    assert me.post(f"/personas/{persona_id}/planned", {"rows": [row]}).body["planned"] == 1
    [report] = me.get(f"/personas/{persona_id}/planned").body["rows"]
    assert report["photo"] == photo.photo_id
    assert (report["at"], report["zone"], report["hashtags"]) == (row["at"], "Asia/Tokyo", ["sea"])
    assert (report["tags"], report["metadata"]) == (["spring"], {"campaign_id": "spring-1"})
    assert (report["caption"], report["connection_ids"]) == ("é,", [connection_id])
    text = me.get(f"/personas/{persona_id}/planned.csv").body
    [cells] = csv.DictReader(StringIO(text, newline=""))
    assert (cells["photo"], cells["at"], cells["caption"]) == (photo.photo_id, row["at"], "é,")
    [post] = me.get(f"/personas/{persona_id}/posts").body["posts"]
    me.post(f"/posts/{post['post_id']}/cancel")
    again = {name: value for name, value in report.items() if name != "post_id"}
    assert me.post(f"/personas/{persona_id}/planned", {"rows": [again]}).body["planned"] == 1
    assert _without_ids(me.get(f"/personas/{persona_id}/planned.csv").body) == _without_ids(text)


def test_exported_rows_are_imported_without_a_change(world: World, me: Caller) -> None:
    persona_id = plan_of_two(world, me)
    before = everything(me, persona_id)
    text = me.get(f"/personas/{persona_id}/planned.csv").body
    report = me.post(f"/personas/{persona_id}/planned.csv", text, content_type="text/csv").body
    assert ([row["result"] for row in report["rows"]], report["refused"]) == (["unchanged"] * 2, 0)
    rows = me.get(f"/personas/{persona_id}/planned").body["rows"]
    assert me.post(f"/personas/{persona_id}/planned", {"rows": rows}).body["unchanged"] == 2
    assert everything(me, persona_id) == before


def test_an_edited_row_changes_its_post_only(world: World, me: Caller) -> None:
    persona_id = plan_of_two(world, me)
    first, second = me.get(f"/personas/{persona_id}/planned").body["rows"]
    untouched = me.get(f"/posts/{second['post_id']}").body
    rows = [first | {"at": "2026-04-08T09:00:00", "caption": "Another one."}, second]
    path = f"/personas/{persona_id}/planned"
    dry = me.post(path, {"rows": rows}, {"dry_run": "true"}).body
    assert [row["result"] for row in dry["rows"]] == ["changed", "unchanged"]
    assert me.get(path).body["rows"] == [first, second]
    report = me.post(path, {"rows": rows}).body
    assert [row["result"] for row in report["rows"]] == ["changed", "unchanged"]
    changed = me.get(f"/posts/{first['post_id']}").body
    assert [each["run_at"] for each in changed["schedules"]] == ["2026-04-08T07:00:00Z"]
    assert (changed["base_caption"], changed["photo_ids"]) == ("Another one.", [first["photo"]])
    assert me.get(f"/posts/{second['post_id']}").body == untouched
    assert [row["result"] for row in me.post(path, {"rows": rows}).body["rows"]] == ["unchanged"] * 2


def test_a_row_takes_the_slot_that_a_later_row_leaves(world: World, me: Caller) -> None:
    persona_id = plan_of_two(world, me)
    path = f"/personas/{persona_id}/planned"
    first, second = me.get(path).body["rows"]
    shifted = [first | {"at": second["at"]}, second | {"at": "2026-04-03T09:00:00"}]
    assert me.post(path, {"rows": shifted}).body["refused"] == 0
    assert [row["at"] for row in me.get(path).body["rows"]] == ["2026-04-02T09:00:00", "2026-04-03T09:00:00"]


@pytest.mark.parametrize("rules", [{}, {"min_gap_minutes": 600, "max_per_week": 3}])
def test_posts_take_each_others_slots(world: World, me: Caller, rules: dict[str, int]) -> None:
    persona_id = plan_of_two(world, me)
    me.patch(f"/personas/{persona_id}", rules)
    world.photo(persona_id, "snow.jpg")
    path = f"/personas/{persona_id}/planned"
    me.post(path, {"rows": [{"photo": "snow.jpg", "at": "2026-04-03T09:00:00"}]})
    rows = me.get(path).body["rows"]
    turned = [row | {"at": other["at"]} for row, other in zip(rows, [*rows[1:], rows[0]], strict=True)]
    turned[0]["caption"] = "Another one."

    report = me.post(path, {"rows": turned}).body

    assert [row["result"] for row in report["rows"]] == ["changed"] * 3
    after = {row["post_id"]: row["at"] for row in me.get(path).body["rows"]}
    assert after == {row["post_id"]: row["at"] for row in turned}
    slots = me.get(f"/personas/{persona_id}/slots", **{"from": "2026-04-01", "to": "2026-04-04"}).body["slots"]
    assert [slot["post_id"] for slot in slots] == [rows[2]["post_id"], rows[0]["post_id"], rows[1]["post_id"]]
    [schedule] = me.get(f"/posts/{rows[0]['post_id']}").body["schedules"]
    assert schedule["run_at"] == "2026-04-02T07:00:00Z"
    assert sorted(world.timers()) == sorted(f"{row['post_id']}-{schedule['connection_id']}-2" for row in rows)
    assert me.get(f"/posts/{rows[0]['post_id']}").body["base_caption"] == "Another one."
    assert [row["result"] for row in me.post(path, {"rows": turned}).body["rows"]] == ["unchanged"] * 3


def test_post_that_has_begun_keeps_its_slot(world: World, me: Caller) -> None:
    persona_id = plan_of_two(world, me)
    path = f"/personas/{persona_id}/planned"
    first, second = me.get(path).body["rows"]
    [schedule] = world.services.posts.details(first["post_id"]).schedules
    world.services.schedules.move(schedule, ScheduleStatus.PROCESSING, now=world.clock.now(), step=Step.HANDED_OVER)
    swapped = [first | {"at": second["at"]}, second | {"at": first["at"]}]
    before = everything(me, persona_id)

    refused = me.post(path, {"rows": swapped}).body["rows"]

    assert [row["kind"] for row in refused] == ["slot-taken"] * 2
    assert {"move that one to a free time" in row["detail"] for row in refused} == {True}
    assert everything(me, persona_id) == before


def test_what_a_planned_post_keeps_is_refused(world: World, me: Caller, rival: Caller) -> None:
    persona_id = plan_of_two(world, me)
    path = f"/personas/{persona_id}/planned"
    first, second = me.get(path).body["rows"]
    rows = [
        first | {"photo": "rain.jpg"},
        first | {"cycle": 2},
        first | {"connection_ids": ["c0"]},
        first | {"post_id": "p0123456789abcdef"},
        first | {"at": "2020-04-01T09:00:00"},
        first | {"photo": "fog.jpg"},
    ]
    kinds = [row["kind"] for row in me.post(path, {"rows": rows}).body["rows"]]
    assert kinds == [*["planned-post-fixed"] * 3, "post-not-found", "time-in-past", None]
    me.post(f"/posts/{first['post_id']}/cancel")
    assert [row["kind"] for row in me.post(path, {"rows": [first]}).body["rows"]] == ["planned-post-fixed"]
    theirs = world.persona(rival)
    foreign = rival.post(f"/personas/{theirs}/planned", {"rows": [second]}).body["rows"]
    assert [row["kind"] for row in foreign] == ["post-not-found"]


def plan_of_two(world: World, me: Caller) -> str:
    """A persona with a slot at 09:00 and posts in the slots of the first two days of April."""
    persona_id, _, _ = world.ready(me)
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "09:00"}]})
    world.photo(persona_id, "rain.jpg")
    rows = [
        {"photo": "fog.jpg", "at": "2026-04-01T09:00:00", "caption": 'Fog,\nand "more".', "hashtags": ["sea", "dusk"]},
        {"photo": "rain.jpg", "at": "2026-04-02T09:00:00"},
    ]
    assert me.post(f"/personas/{persona_id}/planned", {"rows": rows}).body["refused"] == 0
    return persona_id


def everything(me: Caller, persona_id: str) -> list[object]:
    """The persona's posts in full."""
    listed = me.get(f"/personas/{persona_id}/posts").body["posts"]
    return [me.get(f"/posts/{post['post_id']}").body for post in listed]


def _without_ids(text: str) -> list[dict[str, str]]:
    return [{**row, "post_id": ""} for row in csv.DictReader(StringIO(text, newline=""))]


def test_the_second_of_a_folds_two_comes_out_as_an_instant(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    second = "2026-10-25T02:30:00+01:00"
    me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": second})
    [row] = me.get(f"/personas/{persona_id}/planned").body["rows"]
    assert row["at"] == "2026-10-25T01:30:00Z"


def test_a_range_narrows_the_plan(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"})
    path = f"/personas/{persona_id}/planned"
    assert len(me.get(path, **{"from": "2026-04-01T09:00:00", "to": "2026-04-02"}).body["rows"]) == 1
    assert me.get(path, **{"from": "2026-04-01", "to": "2026-04-01T09:00:00"}).body["rows"] == []


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "plan-malformed"),
        ("picture,at\r\nfog.jpg,\r\n", "plan-malformed"),
        ("photo\r\nfog.jpg,2026\r\n", "plan-malformed"),
        ('photo\r\n"fog.jpg\r\n', "plan-malformed"),
        ("photo\r\n" + "fog.jpg\r\n" * 101, "plan-too-long"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(world: World, me: Caller, table: str, problem: str) -> None:
    answer = me.post(f"/personas/{world.persona(me)}/planned.csv", table, content_type="text/csv")
    assert answer.problem() == (422, problem)


def test_a_table_goes_to_its_own_path_alone(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    wrong = me.post(f"/personas/{persona_id}/planned", TABLE, content_type="text/csv")
    assert wrong.problem() == (415, "media-type-unsupported")
    wrong = me.post(f"/personas/{persona_id}/planned.csv", {"rows": []})
    assert wrong.problem() == (415, "media-type-unsupported")


def test_a_json_row_is_refused_by_its_place(world: World, me: Caller) -> None:
    rows = [{"photo": "fog.jpg"}, {"photo": "fog.jpg", "at": "tomorrow"}]
    answer = me.post(f"/personas/{world.persona(me)}/planned", {"rows": rows})
    assert list(answer.broken()) == ["rows.1.at"]
