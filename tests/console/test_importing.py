"""Folder imports."""

import json
from collections import Counter

import pytest

from shutterpost.console.imports.importing import FileOutcome, files_in
from tests.support.aws import keys_in
from tests.support.folders import Deployed, Killed, paint_folder

FILES, REJECTS, TWINS = 60, 6, 3


def test_an_import_killed_twice_imports_every_file_once(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", FILES, rejects=REJECTS, twins=TWINS)
    state = tmp_path / "state" / "journal.jsonl"
    run = world.folder_import(tmp_path / "photos", state)
    for uploads in (20, 40):
        world.kill_after = uploads
        with pytest.raises(Killed):
            run()
        # A kill cuts off what was being written.
        state.write_bytes(state.read_bytes()[:-20])
    world.kill_after = None

    report = run()

    assert report.outcomes[FileOutcome.IMPORTED] + report.outcomes[FileOutcome.ALREADY_THERE] == FILES - REJECTS
    assert (report.outcomes[FileOutcome.REJECTED], report.waiting) == (REJECTS, [])
    assert {file["reason"] for file in report.rejected.values()} == {"not-an-image"}
    photos = list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))
    assert len(photos) == FILES - REJECTS - TWINS + 1
    keys = Counter(key for photo in photos for key in photo["keys"])
    assert len(keys) == FILES - REJECTS
    assert set(keys.values()) == {1}
    made = Counter(key.rpartition("/")[2] for key in keys_in(world.world.s3, "renditions/"))
    assert made == {"feed.jpg": len(photos), "thumb.webp": len(photos)}

    sent = len(world.puts)
    again = run()
    assert (again.sent, len(world.puts)) == (0, sent)
    assert again.outcomes == {FileOutcome.ALREADY_THERE: FILES - REJECTS, FileOutcome.REJECTED: REJECTS}


def test_import_without_a_manifest_uploads_nothing_twice(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", 5)
    world.folder_import(tmp_path / "photos", tmp_path / "one.jsonl")()
    report = world.folder_import(tmp_path / "photos", tmp_path / "two.jsonl")()
    assert (report.sent, report.outcomes) == (0, {FileOutcome.ALREADY_THERE: 5})


def test_import_uploads_changed_files_and_sidecars(world: Deployed, tmp_path) -> None:
    folder = tmp_path / "photos"
    paint_folder(folder, 3)
    (folder / "000" / "00001.txt").write_text("A caption.")
    run = world.folder_import(folder, tmp_path / "j.jsonl")
    assert run().outcomes == {FileOutcome.IMPORTED: 3, FileOutcome.SIDECAR: 1}
    paint_folder(tmp_path / "other", 9)
    (folder / "000" / "00001.jpg").write_bytes((tmp_path / "other" / "000" / "00008.jpg").read_bytes())
    assert run().sent == 1
    captions = [photo["caption"] for photo in world.pages(f"/personas/{world.persona_id}/photos", "photos")]
    assert captions.count("A caption.") == 2


def test_import_lists_files_without_a_result(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", 1)
    world.deaf = True
    report = world.folder_import(tmp_path / "photos", tmp_path / "j", patience=0)()
    document = json.loads(json.dumps(report.document()))
    assert (document["waiting"], document["waiting_files"], document["files"]) == (1, ["000/00000.jpg"], 1)


def test_import_reports_progress_per_file(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", 4)
    seen: list[tuple[int, int]] = []
    world.folder_import(tmp_path / "photos", tmp_path / "j", progress=lambda *output: seen.append(output))()
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_import_ignores_hidden_and_system_files(tmp_path) -> None:
    for name in ("a.jpg", ".hidden.jpg", "Thumbs.db", ".git/b.jpg", "sub/ü.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert files_in(tmp_path) == ["a.jpg", "sub/ü.jpg"]
