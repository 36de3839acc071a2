"""Import and export of plans, as JSON and CSV."""

import csv
from io import StringIO

import pytest

from tests.api.calling import Caller
from tests.api.world import World

TABLE = (
    "photo,at,zone,caption,tags\r\n"
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
    assert (first["base_caption"], first["tags"]) == ('Fog, and a "bridge"', ["sea", "dusk"])


def test_a_plan_comes_out_as_it_goes_in(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    row = {"photo": "fog.jpg", "at": "2026-04-01T09:00:00", "zone": "Asia/Tokyo", "caption": "é,\n", "tags": ["sea"]}
    assert me.post(f"/personas/{persona_id}/planned", {"rows": [row]}).body["planned"] == 1
    [report] = me.get(f"/personas/{persona_id}/planned").body["rows"]
    assert report["photo"] == photo.photo_id
    assert (report["at"], report["zone"], report["tags"]) == (row["at"], "Asia/Tokyo", ["sea"])
    assert (report["caption"], report["connection_ids"]) == ("é,", [connection_id])
    text = me.get(f"/personas/{persona_id}/planned.csv").body
    [cells] = csv.DictReader(StringIO(text, newline=""))
    assert (cells["photo"], cells["at"], cells["caption"]) == (photo.photo_id, row["at"], "é,")
    [post] = me.get(f"/personas/{persona_id}/posts").body["posts"]
    me.post(f"/posts/{post['post_id']}/cancel")
    assert me.post(f"/personas/{persona_id}/planned", {"rows": [report]}).body["planned"] == 1
    assert me.get(f"/personas/{persona_id}/planned.csv").body == text


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
