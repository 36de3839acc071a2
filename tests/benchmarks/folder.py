"""A folder of 10 000 files into a deployment in this process, by an importer that SIGKILL ends twice on the way.

The importer is `shutterpost photos import` in a process of its own, with the real API and moto's S3 behind sockets; a
thread here imports what was uploaded, every fifth key twice, as a queue may deliver it. Looked for is what is lost and
what is there twice; the importer's peak memory is set beside that for a folder of a twentieth.
`make bench ONLY=folder`; `FOLDER_FILES` sets another number.
"""

import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.figures import Figure
from tests.support.aws import as_nobody, keys_in
from tests.support.folders import Deployed, deployed, paint_folder
from tests.support.import_process import Ended, Importer, serving

NAME = "folder"
FILES: Final = int(os.environ.get("FOLDER_FILES", "10000"))
REJECTS, TWINS = FILES // 100, FILES // 200
SMALL: Final = FILES // 20


def measure() -> list[Figure]:
    """What became of the files, how long it took, and the importer's peak memory."""
    small = _import(SMALL)
    large = _import(FILES, rejects=REJECTS, twins=TWINS, kills=(FILES // 3, FILES * 2 // 3))
    return [
        *large.figures(),
        Figure("importer's peak, small", round(small.peak), "MB", f"RSS of the process, {SMALL} files"),
        Figure("importer's peak", round(large.peak), "MB", f"RSS of the process, highest of three, {FILES} files"),
        Figure(
            "importer's memory of a file",
            round((large.peak - small.peak) * 1024 / (FILES - SMALL), 1),
            "KB",
            "names, digests and ends; no file is held whole",
        ),
    ]


class _Imported:
    """What a deployment holds after a folder's import, beside what the importer said of it."""

    def __init__(self, world: Deployed, runs: list[Ended], seconds: float) -> None:
        self.summary: dict[str, Any] = json.loads(runs[-1].out)
        self.peak = max(run.peak for run in runs)
        self.killed = [run.code for run in runs[:-1]]
        self.seconds = seconds
        photos = list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))
        self.photos = len(photos)
        self.keys = Counter(key for photo in photos for key in photo["keys"])
        self.renditions = len(keys_in(world.world.s3, "renditions/"))
        self.sent_again = len(world.puts) - len(set(world.puts))

    def figures(self) -> list[Figure]:
        """What must be nought first."""
        words = f"of {FILES} files; the runs before the last ended with {self.killed}"
        lost = FILES - REJECTS - len(self.keys) + REJECTS - self.summary["rejected"]
        there = self.summary["imported"] + self.summary["already_there"]
        return [
            Figure("lost", lost, "files", words),
            Figure("twice in the library", sum(self.keys.values()) - len(self.keys), "files", words),
            Figure("photos too many", self.photos - (FILES - REJECTS - TWINS + 1), "photos", f"{TWINS} are alike"),
            Figure("renditions too many", self.renditions - self.photos, "renditions", words),
            Figure("imported or already there", there, "files", words),
            Figure("rejected", self.summary["rejected"], "files", f"{REJECTS} are no pictures"),
            Figure("sent more than once", self.sent_again, "uploads", "under way at a kill"),
            Figure(
                "rate", round(FILES / self.seconds, 1), "files/s", f"{self.seconds:.0f} s, one process plays all of AWS"
            ),
        ]


def _import(files: int, *, rejects: int = 0, twins: int = 0, kills: tuple[int, ...] = ()) -> _Imported:
    with tempfile.TemporaryDirectory(prefix="folder-") as place, as_nobody(), deployed() as world:
        home = Path(place)
        paint_folder(home / "photos", files, rejects=rejects, twins=twins)
        world.twice = 5
        with serving(world, home) as deployment:
            importer = Importer(world=world, deployment=deployment, folder=home / "photos", home=home)
            began = time.monotonic()
            runs = [importer.run(kill_after=uploads) for uploads in kills]
            runs.append(importer.run())
            return _Imported(world, runs, time.monotonic() - began)
