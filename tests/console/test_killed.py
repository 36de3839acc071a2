"""`shutterpost photos import` as a process, killed and started again."""

import json
import signal
from collections import Counter

from shutterpost.console.imports.importing import WORKERS
from tests.support.doors import Importer, doors
from tests.support.folders import Deployed, paint_folder

FILES, REJECTS = 60, 2


def test_a_killed_import_process_continues(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", FILES, rejects=REJECTS)
    with doors(world, tmp_path) as deployment:
        importer = Importer(world=world, deployment=deployment, folder=tmp_path / "photos", home=tmp_path)
        assert [importer.run(kill_after=uploads).code for uploads in (15, 40)] == [-signal.SIGKILL] * 2
        ended = importer.run()
    told = json.loads(ended.out)
    assert (ended.code, told["files"], told["waiting"], told["rejected"]) == (0, FILES, 0, REJECTS)
    photos = list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))
    assert Counter(key for photo in photos for key in photo["keys"]) == Counter(
        f"photos/{world.persona_id}/000/{number:05}.jpg" for number in range(FILES - REJECTS)
    )
    # What was under way at a kill may be sent again.
    assert len(world.puts) <= FILES + 2 * 2 * WORKERS
