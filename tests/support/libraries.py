"""Libraries from a seed: photos in themes, with scores, dates, hashes and vectors near their theme's."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shutterpost.personas import Persona
from shutterpost.photos import Analysis, Photo
from shutterpost.photos.analyses.vectors import pack
from shutterpost.photos.storage.items import ANALYSIS, AnalysisItem, PhotosTable
from shutterpost.photos.storage.store import _item
from tests.support.system import System

THEMES = ("birds", "boats", "bridges", "gardens")
MODEL = "drawn-16"
DIMENSIONS = 16


def stock(system: System, persona: Persona, count: int, *, seed: int) -> None:
    """Put `count` photos with analyses into the persona's library; the same ones for the same seed."""
    for number, (photo, vector) in enumerate(_drawn(system, persona, count, seed)):
        system.stores.photos.record(photo)
        analysis = Analysis(
            sha256=photo.photo_id,
            aesthetic_score=photo.score or 1,
            caption=photo.caption,
            embedding=vector,
            embedding_model=MODEL,
            theme=photo.theme,
        )
        system.stores.photos.record_analysis(
            persona.persona_id, persona.owner, analysis, stated_at=system.clock.now(), line=number
        )


def shelve(system: System, persona: Persona, count: int, *, seed: int) -> None:
    """As `stock`, written as it would then lie there, in batches: for libraries that take long to put in."""
    with PhotosTable.batch_write() as batch:
        for photo, vector in _drawn(system, persona, count, seed):
            batch.save(_item(photo))
            item = AnalysisItem(
                persona.persona_id, f"{ANALYSIS}{photo.photo_id}", owner=persona.owner, order="1", score=photo.score
            )
            item.objects, item.caption = [], photo.caption
            item.embedding, item.embedding_model = pack(vector), MODEL
            batch.save(item)


def _drawn(system: System, persona: Persona, count: int, seed: int) -> Iterator[tuple[Photo, tuple[float, ...]]]:
    chance = random.Random(seed)
    centres = {theme: [chance.gauss(0, 1) for _ in range(DIMENSIONS)] for theme in THEMES}
    for number in range(count):
        theme = chance.choices(THEMES, weights=(5, 3, 2, 1))[0]
        score = round(min(10, max(1, chance.gauss(6, 1.2))), 2)
        photo = system.photo(
            persona,
            seed * 1_000_000 + number,
            score=score,
            theme=theme,
            captured_at=datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(5 * 365 * 24)),
            dhash=f"{chance.getrandbits(64):016x}",
            sharpness=round(chance.expovariate(1 / 300), 1),
            exposure=round(chance.uniform(0.05, 0.95), 3),
        )
        yield photo, tuple(component + chance.gauss(0, 0.7) for component in centres[theme])
