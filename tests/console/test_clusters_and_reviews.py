"""Clusters and reviews."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import time_machine

from shutterpost.photos import Analysis
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

SUBJECTS = ("bird", "boat", "bridge")


def create_photos(world: Deployed) -> dict[str, str]:
    """Creates photos of three subjects with vectors; returns the subject of each photo id."""
    chance, subjects = random.Random(3), {}
    photos = world.world.services.photos
    for number, subject in enumerate(SUBJECTS):
        for item in range(8):
            photo = world.world.photo(
                world.persona_id, f"{subject}-{item}.jpg", score=7.0, caption=f"A {subject} there."
            )
            vector = tuple(chance.gauss(3 if axis == number else 0, 0.2) for axis in range(6))
            analysis = Analysis(
                sha256=photo.photo_id,
                aesthetic_score=7.0,
                caption=photo.caption,
                detected_objects=(subject,) if item % 2 else (),
                embedding=vector,
                embedding_model="drawn-6",
            )
            now = world.world.clock.now()
            photos.record_analysis(world.persona_id, photo.owner, analysis, stated_at=now)
            subjects[photo.photo_id] = subject
    return subjects


def test_cluster_assigns_named_themes(world: Deployed, shutterpost: Console) -> None:
    subjects = create_photos(world)
    dry = shutterpost("photos", "cluster", "--least", "4", "--dry-run").document
    assert dry["key"] is None
    assert sorted(theme["name"] for theme in dry["themes"]) == sorted(SUBJECTS)

    report = shutterpost("photos", "cluster", "--count", "3").document

    assert (report["photos"], report["without_theme"]) == (24, 0)
    world.importing(report["key"])
    photos = world.world.services.photos
    themes = {photo_id: photos.get(world.persona_id, photo_id).theme for photo_id in subjects}
    assert themes == subjects
    assert len(photos.candidates(world.persona_id, 20, theme="boat")) == 8


def test_similar_photos_of_a_photo_and_of_a_vector(world: Deployed, shutterpost: Console, tmp_path: Path) -> None:
    subjects = create_photos(world)
    report = shutterpost("photos", "similar", "bird-0.jpg", "--limit", "7").document
    assert {subjects[photo["photo_id"]] for photo in report["photos"]} == {"bird"}
    assert report["compared"] == len(subjects) - 1

    words = tmp_path / "boat.json"
    words.write_text('{"model": "drawn-6", "vector": [0, 3, 0, 0, 0, 0], "words": "a boat"}')
    report = shutterpost("photos", "similar", "--vector", str(words), "--unposted", "--limit", "8").document
    assert [subjects[photo["photo_id"]] for photo in report["photos"]] == ["boat"] * 8
    table = shutterpost("photos", "similar", "--vector", str(words), "--no-json").out
    assert "24 vectors of drawn-6 compared" in table


def test_similar_photos_need_a_photo_or_a_vector(shutterpost: Console, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"vector": [1, 2]}')
    for options, message in (
        ((), "Name a photo, or give a file with --vector."),
        (("bird-0.jpg", "--vector", str(empty)), "Name a photo, or give a file with --vector."),
        (("--vector", str(empty)), "empty.json has no vector"),
    ):
        result = shutterpost("photos", "similar", *options)
        assert result.code != 0
        assert message in result.err


def test_clustering_needs_vectors(shutterpost: Console) -> None:
    output = shutterpost("photos", "cluster")
    assert output.code != 0
    assert "Import analyses first." in output.err


def test_reject_and_approve_review_a_pick(world: Deployed, shutterpost: Console) -> None:
    services, me = world.world.services, world.caller
    me.patch(f"/personas/{world.persona_id}", {"approval": "approval", "slots": [{"at": "09:00"}]})
    world.world.connection(me, world.persona_id)
    for number, name in enumerate(("fog.jpg", "sun.jpg")):
        world.world.photo(world.persona_id, name, score=9.0 - number)
    slot = me.get(f"/personas/{world.persona_id}/slots", limit="1").body["slots"][0]
    picked = services.reviewer.picker.pick(world.persona_id, datetime.fromisoformat(slot["run_at"])).post_id

    report = shutterpost("post", "reject", str(picked), "Too dark.").document
    assert report["rejected"]["post_id"] == picked
    assert "Too dark" in report["reason"]
    approved = shutterpost("post", "approve", report["replacement_id"]).document
    assert [schedule["status"] for schedule in approved["schedules"]] == ["queued"]
    again = shutterpost("post", "approve", report["replacement_id"])
    assert again.code != 0
    assert "has no pending review" in again.err


def test_status_names_a_burst_with_the_command_that_makes_it_a_carousel(world: Deployed, shutterpost: Console) -> None:
    services, me = world.world.services, world.caller
    me.patch(f"/personas/{world.persona_id}", {"carousels": "offer", "slots": [{"at": "09:00"}]})
    world.world.connection(me, world.persona_id)
    taken = world.world.clock.now() - timedelta(days=9)
    for number, name in enumerate(("fog.jpg", "fog 2.jpg")):
        facts = {"score": 9.0 - number, "dhash": f"{number:016x}", "captured_at": taken + timedelta(seconds=number)}
        world.world.photo(world.persona_id, name, **facts)
    slot = me.get(f"/personas/{world.persona_id}/slots", limit="1").body["slots"][0]
    picked = services.reviewer.picker.pick(world.persona_id, datetime.fromisoformat(slot["run_at"])).post_id
    with time_machine.travel(NOW, tick=False):
        [offer] = shutterpost("status").document["offers"]
        assert (offer["what"], offer["why"]) == ("fog.jpg", "can be a carousel with fog 2.jpg")
        assert "can be a carousel with fog 2.jpg" in shutterpost("status", "--no-json").out
        assert offer["do"] == f"shutterpost post carousel {picked}"
        assert "fog 2.jpg. Post them as a carousel" in shutterpost("post", "show", str(picked), "--no-json").out
        extended = shutterpost(*offer["do"].split()[1:]).document
        assert extended["photo_names"] == ["fog.jpg", "fog 2.jpg"]
        assert shutterpost("status").document["offers"] == []
    world.world.photo(world.persona_id, "rain.jpg")
    more = shutterpost("post", "carousel", str(picked), "--with", "rain.jpg", "--no-json")
    assert more.out == f"Post {picked} has fog.jpg, fog 2.jpg, rain.jpg.\n"
