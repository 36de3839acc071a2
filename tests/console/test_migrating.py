"""Migration of another publisher's history and analyses."""

import hashlib
import json
from pathlib import Path

import pytest

from shutterpost.console.imports.csv_files import BrokenTable
from shutterpost.console.imports.foreign_csv import read_analyses, read_history
from tests.support.aws import BUCKET
from tests.support.consoles import Console
from tests.support.folders import Deployed
from tests.support.pictures import jpeg

POSTS = (
    "path,caption,status,provider_post_id,scheduled_at,posted_at,created_at,persona\n"
    '/old/fog.jpg,"Fog, and a ""bridge""\nin it",posted,179,2025-10-03 09:00:00.5,2025-10-03 09:00:07,2025-10-01,'
    "Nature Explorer\n"
    "/old/rain.jpg,Rain,scheduled,180,2025-10-04 09:00:00,,2025-10-01 00:00:00,nature explorer\n"
    "/old/snow.jpg,,draft,,2025-10-05 09:00:00,,2025-10-01 00:00:00,Nature Explorer\n"
    "/old/sun.jpg,,posting,,2025-10-05 09:00:00,,2025-10-01 00:00:00,Nature Explorer\n"
    "/old/sea.jpg,,posted,,,,,Nature Explorer\n"
    "/old/fog.jpg,,posted,,,2025-10-03 09:00:00 UTC,,Somebody Else\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "posted.csv"
    file.write_text(POSTS, "utf-8")
    return file


def test_history_keeps_published_rows_only(table: Path) -> None:
    read = read_history(table, persona="Nature Explorer")
    assert read.rows == {
        1: {
            "photo": "fog.jpg",
            "posted_at": "2025-10-03T09:00:07+00:00",
            "caption": 'Fog, and a "bridge"\nin it',
            "external_id": "179",
        },
        2: {
            "photo": "rain.jpg",
            "posted_at": "2025-10-04T09:00:00+00:00",
            "caption": "Rain",
            "external_id": "180",
        },
    }
    assert read.left_out == {"not published: draft": 1, "of another persona": 1}
    assert read.broken == {
        4: "posting: check whether it is live, and replace it with posted or failed",
        5: "'' is no publish time",
    }


def test_history_identifies_existing_photos_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"bytes")
    (tmp_path / "t.csv").write_text(f"photo,posted_at\n/elsewhere/a.jpg,2025-10-03\n{tmp_path}/a.jpg,2025-10-03\n")
    digest = hashlib.sha256(b"bytes").hexdigest()
    both = [read_history(tmp_path / "t.csv", persona="P", folder=folder).rows for folder in (None, tmp_path)]
    assert [[row["photo"] for row in rows.values()] for rows in both] == [["a.jpg", digest], [digest, digest]]


def test_history_records_each_row_once(shutterpost: Console, world: Deployed, table: Path) -> None:
    world.world.connection(world.caller, world.persona_id)
    for name in ("fog.jpg", "snow.jpg"):
        world.world.photo(world.persona_id, name)
    dry = shutterpost("photos", "history", str(table), "--dry-run", "--no-json")
    assert "Dry run, nothing was changed: 1 recorded" in dry.out
    assert shutterpost("post", "list").document["posts"] == []
    output = shutterpost("photos", "history", str(table))
    document = json.loads(output.out)
    assert (output.code, document["rows"], document["recorded"], document["known"]) == (1, 4, 1, 0)
    assert {item["row"]: item["kind"] for item in document["refused"]} == {
        2: "photo-not-found",
        4: "row-broken",
        5: "row-broken",
    }
    assert json.loads(shutterpost("photos", "history", str(table)).out)["known"] == 1
    [post] = shutterpost("post", "list").document["posts"]
    assert (post["origin"], post["status"]) == ("history", "posted")
    assert [photo["names"] for photo in shutterpost("photos", "list", "--unposted").document["photos"]] == [
        ["snow.jpg"]
    ]
    assert shutterpost("post", "now", "fog.jpg").err.rstrip().endswith("[photo-already-posted]")


def test_history_sends_batches_per_connection(shutterpost: Console, world: Deployed, tmp_path: Path) -> None:
    for channel in ("instagram", "buffer"):
        world.world.connection(world.caller, world.persona_id, channel)
    rows = "".join(f"p{number}.jpg,2025-10-03\n" for number in range(60))
    (tmp_path / "t.csv").write_text("file,posted_at\n" + rows)
    world.world.photo(world.persona_id, "p59.jpg")
    which = shutterpost("photos", "history", str(tmp_path / "t.csv"))
    assert (which.code, "Choose a connection with --connection" in which.err) == (2, True)
    both = ("-c", "instagram", "-c", "buffer")
    document = json.loads(shutterpost("photos", "history", str(tmp_path / "t.csv"), *both).out)
    assert (document["recorded"], len(document["refused"])) == (2, 118)
    people = shutterpost("photos", "history", str(tmp_path / "t.csv"), *both, "--no-json").out
    assert "And 98 more" in people


ANALYSES = (
    "path,persona,aesthetic_score,sharpness_score,exposure_score,detected_objects,caption,embedding,cluster\n"
    '/old/a.jpg,Nature Explorer,8.25,120.5,99,"[{""label"": ""fog"", ""confidence"": 0.9}]",Fog.,"[0.5,-1]",hills\n'
    '/old/b.jpg,Nature Explorer,3,,,"{""sea"": 2}",,,\n'
    "/old/c.jpg,Nature Explorer,,,,,,,\n"
    "/old/d.jpg,Nature Explorer,11,,,,,,\n"
    "/old/e.jpg,Nature Explorer,good,,,,,,\n"
    "/old/a.jpg,Somebody Else,3,,,,,,\n"
)


def test_analyses_are_applied_to_their_photos(shutterpost: Console, world: Deployed, tmp_path: Path) -> None:
    key = f"photos/{world.persona_id}/a.jpg"
    world.world.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
    world.importing(key)
    (tmp_path / "t.csv").write_text(ANALYSES)
    output = shutterpost("photos", "analyses", str(tmp_path / "t.csv"), "--dry-run")
    assert "key" not in json.loads(output.out)
    output = shutterpost("photos", "analyses", str(tmp_path / "t.csv"))
    document = json.loads(output.out)
    assert (output.code, document["rows"], document["recorded"]) == (1, 4, 2)
    assert document["left_out"] == {"without an aesthetic score": 1, "of another persona": 1}
    assert {item["row"] for item in document["refused"]} == {4, 5}
    assert world.importing(document["key"]).analyses == 2
    photo = shutterpost("photos", "show", "a.jpg").document
    assert (photo["score"], photo["objects"], photo["caption"]) == (8.25, ["fog"], "Fog.")
    assert (photo["theme"], photo["provisional"]) == ("hills", False)


def test_vectors_have_their_model_s_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ANALYSES)
    read = read_analyses(tmp_path / "t.csv", persona="Nature Explorer", model="clip")
    assert (read.rows[1]["embedding"], read.rows[1]["embedding_model"]) == ([0.5, -1.0], "clip")
    assert read.rows[2] == {"photo": "b.jpg", "aesthetic_score": 3.0, "detected_objects": ["sea"]}


@pytest.mark.parametrize(("text", "message"), [("id,status\n1,posted\n", "no photo column"), ("", "no photo column")])
def test_a_file_without_a_photo_column_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(BrokenTable, match=message):
        read_history(tmp_path / "t.csv", persona="P")
