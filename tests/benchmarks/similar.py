"""What a search by similarity reads, and its time and memory, in libraries of 10², 10³ and 2 · 10⁴ photos.

On AWS's DynamoDB Local, which tells the read units. The search runs in a process of its own, whose peak memory is
taken before and after. Needs Java. `SIMILAR_MOST` names the largest library.
"""

import json
import os
import random
import subprocess
import sys
import time
from unittest.mock import patch

from shutterpost.personas import Persona
from shutterpost.photos import Embedding, find_like_vector
from shutterpost.photos.analyses.vectors import pack
from shutterpost.photos.storage.items import ANALYSIS, MODEL, AnalysisItem, ModelItem, PhotosTable
from shutterpost.photos.storage.store import _item
from shutterpost.runtime.tables import bind
from tests.benchmarks.figures import Figure, reached
from tests.benchmarks.pick import counting
from tests.support.aws import as_nobody, create_table, forget_clients
from tests.support.builders import OWNER, a_persona, a_photo
from tests.support.dynamodb_local import missing, running_dynamodb_local
from tests.support.process_memory import peak_of

NAME = "similar"
SIZES = (100, 1_000, 20_000)
DIMENSIONS = 512
MODEL_NAME = "drawn"
LIMIT = 10
# A function of 512 MB has 512/1769 of a processor (docs.aws.amazon.com/lambda, "Configure Lambda function memory").
SHARE = 512 / 1769
MOST_SECONDS, MOST_MEMORY = 29, 64


def measure() -> list[Figure]:
    """Seconds, memory and read units of a search at each size."""
    lacking = missing()
    if lacking:
        return [Figure("sizes measured", 0, "", lacking)]
    most = int(os.environ.get("SIMILAR_MOST", str(SIZES[-1])))
    figures: list[Figure] = []
    with as_nobody(), running_dynamodb_local() as endpoint, patch.dict(os.environ, AWS_ENDPOINT_URL=endpoint):
        forget_clients()
        create_table(PhotosTable, NAME)
        for size in (item for item in SIZES if item <= most):
            persona = a_persona(f"Library of {size}")
            _fill(persona, size)
            result = json.loads(
                subprocess.run(
                    [sys.executable, "-m", __name__, persona.persona_id], capture_output=True, text=True, check=True
                ).stdout
            )
            figures += _figures(size, result)
    forget_clients()
    return figures


def _figures(size: int, result: dict[str, float]) -> list[Figure]:
    if result["compared"] != size:
        raise RuntimeError(f"{result['compared']} of {size} vectors were compared")
    elsewhere = result["processor"] / SHARE
    return [
        Figure(f"{size:,} photos: time", round(result["seconds"], 2), "s", "with DynamoDB Local on this machine"),
        Figure(f"{size:,} photos: processor", round(result["processor"], 2), "s", "of the search alone"),
        Figure(
            f"{size:,} photos: processor at 512 MB",
            round(elsewhere, 2),
            "s",
            f"its share of a processor; {reached(elsewhere, MOST_SECONDS)}",
        ),
        Figure(f"{size:,} photos: memory", result["mebibytes"], "MiB", reached(result["mebibytes"], MOST_MEMORY)),
        Figure(f"{size:,} photos: read units", result["units"], "units", f"{result['calls']:.0f} calls"),
    ]


def _fill(persona: Persona, size: int) -> None:
    chance, words = random.Random(size), dict.fromkeys(("caption", "alt_text", "camera", "theme"), "some words")
    with PhotosTable.batch_write() as batch:
        batch.save(ModelItem(persona.persona_id, f"{MODEL}{MODEL_NAME}", owner=OWNER, dimensions=DIMENSIONS))
        for number in range(size):
            photo = a_photo(f"{number}.jpg", persona_id=persona.persona_id, dhash=f"{number:016x}", **words)
            batch.save(_item(photo))
            item = AnalysisItem(persona.persona_id, f"{ANALYSIS}{photo.photo_id}", owner=OWNER, order="1", score=5)
            item.objects, item.caption = [], "A picture."
            item.embedding, item.embedding_model = pack(_vector(chance)), MODEL_NAME
            batch.save(item)


def _vector(chance: random.Random) -> tuple[float, ...]:
    return tuple(chance.gauss(0, 1) for _ in range(DIMENSIONS))


def search(persona_id: str) -> dict[str, float]:
    """Search once and state what it took."""
    bind(PhotosTable, NAME)
    query = Embedding(model=MODEL_NAME, vector=_vector(random.Random(1)))
    # Once on nothing, so that the client's own memory and start are not counted.
    list(ModelItem.query(persona_id, ModelItem.item_key.startswith(MODEL)))
    before, processor, started = peak_of(os.getpid()), time.process_time(), time.perf_counter()
    with counting() as seen:
        result = find_like_vector(persona_id, query, LIMIT, unposted=True)
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "mebibytes": round((peak_of(os.getpid()) - before) / 1024, 1),
        "units": sum(units for _, (units, _) in seen),
        "calls": len(seen),
        "compared": result.compared,
    }


if __name__ == "__main__":
    print(json.dumps(search(sys.argv[1])))  # noqa: T201 - its output
