"""What an import costs: small painted photos through the real handler and store calls, on moto and on the embedded AWS.

On moto, in this process: two libraries, of 10² and of 10⁴ photos, each imported into an empty account in batches of ten
as SQS hands them over. Requests are counted at botocore and priced with `prices.json`; the function's own time is
assumed as in `cost`, because decoding a 12-megapixel photo on arm64 is not what this machine does here. On the embedded
AWS: see `import_embedded`.
"""

import contextlib
import io
import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

from PIL import Image

from import_photos import handler, wiring
from shutterpost.personas import Personas
from shutterpost.photos import Photos
from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import ImportPhotosSettings
from shutterpost.runtime.telemetry import logger
from tests.benchmarks import import_embedded
from tests.benchmarks.bill.meter import Meter
from tests.benchmarks.bill.month import BATCH, REGION, Context
from tests.benchmarks.bill.prices import Price, prices
from tests.benchmarks.cost import ASSUMED
from tests.benchmarks.figures import Figure, reached
from tests.support.aws import BUCKET, CHANNELS_TABLE, PERSONAS_TABLE, PHOTOS_TABLE, create_library, mocked_aws
from tests.support.builders import a_persona

NAME = "import"
SIZES: Final = (100, 10_000)
# Files for the embedded AWS; `IMPORT_FILES` sets another number.
EMBEDDED: Final = int(os.environ.get("IMPORT_FILES", "10000"))
MEMORY_GB: Final = 1769 / 1024
# How much dearer a photo may be in the larger library.
FLAT: Final = 1.02


@dataclass(frozen=True)
class Taken:
    """One library's import: CPU and wall seconds, and amounts by price item."""

    photos: int
    seconds: float
    amounts: dict[str, float]

    def cents(self, table: dict[str, Price]) -> float:
        """US cents for 1 000 photos at list price: what was counted, the queue, and the function's time."""
        each = {item: amount / self.photos for item, amount in self.amounts.items()}
        each["sqs-requests"] = 3 / BATCH
        each["lambda-requests"] = 1 / BATCH
        each["lambda-gb-seconds"] = (ASSUMED["start"][0] / BATCH + ASSUMED["import_photos"][0]) * MEMORY_GB
        return sum(amount * table[item].usd / table[item].per for item, amount in each.items()) * 1000 * 100


def measure() -> list[Figure]:
    """Rates, requests and cents at each size, and whether the cost of a photo is flat."""
    source, table = prices()
    sizes = tuple(int(text) for text in os.environ.get("IMPORT_SIZES", "").split()) or SIZES
    taken = [_imported(size) for size in sizes]
    figures = []
    for entry in taken:
        words = f"{entry.photos} painted photos of 340 x 240 on moto"
        figures += [
            Figure(f"{entry.photos} photos, rate", round(entry.photos / entry.seconds, 1), "photos/s", f"CPU; {words}"),
            Figure(
                f"{entry.photos} photos, cost",
                round(entry.cents(table), 3),
                "cents per 1 000 photos",
                f"list, {source}",
            ),
        ]
        for item, amount in sorted(entry.amounts.items()):
            figures.append(
                Figure(f"{entry.photos} photos, {item}", round(amount / entry.photos, 3), "per photo", words)
            )
    growth = taken[-1].cents(table) / taken[0].cents(table)
    report = f"{taken[-1].photos} against {taken[0].photos} photos; {reached(round(growth, 3), FLAT)}"
    figures.append(Figure("cost of a photo, growth", round(growth, 3), "×", report))
    return [*figures, *import_embedded.figures(EMBEDDED)]


def _imported(count: int) -> Taken:
    meter = Meter(REGION)
    with meter.attached(), mocked_aws(), _environment():
        s3 = create_library()
        persona_id = Personas().create(a_persona()).persona_id
        data = _picture()
        tally, seconds = meter.fresh(), 0.0
        for start in range(0, count, BATCH):
            keys = [f"photos/{persona_id}/{number:05}.jpg" for number in range(start, min(count, start + BATCH))]
            for number, key in enumerate(keys, start):
                s3.put_object(Bucket=BUCKET, Key=key, Body=_unlike(data, number))
            began = time.process_time()
            with meter.inside("import_photos"):
                answer = handler.handler(_event(keys), Context("import_photos"))  # type: ignore[arg-type]  # a Lambda's, as far as it is looked at
            seconds += time.process_time() - began
            if answer["batchItemFailures"]:
                raise RuntimeError(f"not imported: {answer}")
        result = len(Photos().snapshots(persona_id, count + 1))
        if result != count:
            raise RuntimeError(f"{result} of {count} photos are in the library")
        return Taken(count, seconds, dict(tally.amounts))


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    settings = ImportPhotosSettings(
        stage="bench",
        personas_table=PERSONAS_TABLE,
        photos_table=PHOTOS_TABLE,
        channels_table=CHANNELS_TABLE,
        library_bucket=BUCKET,
    )
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION}
    wiring.import_photo.cache_clear()
    with patch.dict(os.environ, {**settings.environment(), **keys}):
        client.cache_clear()
        level = logger.log_level
        logger.setLevel(logging.ERROR)
        yield
        logger.setLevel(level)
    wiring.import_photo.cache_clear()


def _picture() -> bytes:
    file = io.BytesIO()
    Image.effect_mandelbrot((340, 240), (-2.2, -1.2, 0.8, 1.2), 60).convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


def _unlike(data: bytes, number: int) -> bytes:
    """The same picture in other bytes: with a comment of its own."""
    comment = f"{number:08}".encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


def _event(keys: list[str]) -> dict[str, Any]:
    record = {"eventSource": "aws:sqs", "receiptHandle": "any", "attributes": {}, "messageAttributes": {}}
    return {
        "Records": [
            {**record, "messageId": str(number), "body": json.dumps({"key": key}), "awsRegion": REGION}
            for number, key in enumerate(keys)
        ]
    }
