"""Libraries drawn from a seed: photos in themes, with scores, dates, hashes and vectors that lie near their theme's."""

import random
from datetime import UTC, datetime, timedelta

from shutterpost.personas import Persona
from shutterpost.photos import Analysis
from tests.support.system import System

THEMES = ("birds", "boats", "bridges", "gardens")
MODEL = "drawn-16"
DIMENSIONS = 16


def stock(system: System, persona: Persona, count: int, *, seed: int) -> None:
    """Put `count` photos with analyses into the persona's library; the same ones for the same seed."""
    chance = random.Random(seed)
    centres = {theme: [chance.gauss(0, 1) for _ in range(DIMENSIONS)] for theme in THEMES}
    for number in range(count):
        theme = chance.choices(THEMES, weights=(5, 3, 2, 1))[0]
        score = round(min(10, max(1, chance.gauss(6, 1.2))), 2)
        photo = system.add_photo(
            persona,
            seed * 1_000_000 + number,
            score=score,
            theme=theme,
            captured_at=datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(5 * 365 * 24)),
            dhash=f"{chance.getrandbits(64):016x}",
            sharpness=round(chance.expovariate(1 / 300), 1),
            exposure=round(chance.uniform(0.05, 0.95), 3),
        )
        vector = [component + chance.gauss(0, 0.7) for component in centres[theme]]
        analysis = Analysis(
            sha256=photo.photo_id,
            aesthetic_score=score,
            caption=photo.caption,
            embedding=tuple(vector),
            embedding_model=MODEL,
            theme=theme,
        )
        system.chain.photos.record_analysis(
            persona.persona_id, persona.owner, analysis, stated_at=system.clock.now(), line=number
        )
