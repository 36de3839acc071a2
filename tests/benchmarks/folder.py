"""A folder of 10 000 files into a deployment in this process, killed twice on the way: nothing twice, nothing lost.

The console's importer is the real one, on moto's S3 and the real API; a thread imports what was uploaded, each key
twice, as a queue may deliver it. `make bench ONLY=folder`; `FOLDER_FILES` sets another number.
"""

import os
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Final
from unittest.mock import patch

from shutterpost.console.importing import End, FolderImport
from tests.benchmarks.figures import Figure
from tests.support.aws import keys_in
from tests.support.folders import Killed, deployed, paint_folder

NAME = "folder"
FILES: Final = int(os.environ.get("FOLDER_FILES", "10000"))
REJECTS, TWINS = FILES // 100, FILES // 200
ACCOUNT: Final = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "eu-central-1"}


def measure() -> list[Figure]:
    """What became of the files, how long it took, and what the importer itself held in memory."""
    with tempfile.TemporaryDirectory(prefix="folder-") as home, patch.dict(os.environ, ACCOUNT), deployed() as world:
        paint_folder(Path(home) / "photos", FILES, rejects=REJECTS, twins=TWINS)
        run = world.folder_import(Path(home) / "photos", Path(home) / "journal.jsonl", sleep=time.sleep)
        began = time.monotonic()
        for uploads in (FILES // 3, FILES * 2 // 3):
            world.kill_after = uploads
            try:
                run()
            except Killed:
                continue
            raise RuntimeError("the import outlived its kill")
        world.kill_after = None
        report = run()
        took = time.monotonic() - began
        photos = list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))
        keys = Counter(key for photo in photos for key in photo["keys"])
        good = FILES - REJECTS
        there = report.ends[End.IMPORTED] + report.ends[End.ALREADY_THERE]
        told = f"of {FILES} files, killed after {FILES // 3} and {FILES * 2 // 3} uploads"
        return [
            Figure("lost", good - len(keys) + REJECTS - report.ends[End.REJECTED], "files", told),
            Figure("twice in the library", sum(keys.values()) - len(keys), "files", told),
            Figure("photos too many", len(photos) - (good - TWINS + 1), "photos", f"{TWINS} files have the same bytes"),
            Figure(
                "renditions too many", len(keys_in(world.world.s3, "renditions/")) - len(photos), "renditions", told
            ),
            Figure("imported or already there", there, "files", told),
            Figure("rejected", report.ends[End.REJECTED], "files", f"{REJECTS} are no pictures"),
            Figure("sent more than once", len(world.puts) - len(set(world.puts)), "uploads", "under way at a kill"),
            Figure("rate", round(FILES / took, 1), "files/s", f"{took:.0f} s, each imported twice, on moto"),
            Figure("memory of a repeat", _held(run), "MB", "peak of all Python allocations, moto and API included"),
        ]


def _held(run: FolderImport) -> float:
    """The peak of what one more, idle run allocates."""
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 1e6, 1)
