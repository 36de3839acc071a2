"""How varied a 30-day plan is, and what that costs: neighbours' embedding distance against plain score order.

`PHOTOS_ANALYSES` names a file of analyses (a JSON object per line, with vectors); without it a library is drawn.
"""

import os
from itertools import pairwise
from pathlib import Path
from statistics import mean

from shutterpost.curation import cosine, unit
from shutterpost.personas import Persona, Weights
from shutterpost.photos import parse_analysis
from tests.benchmarks.figures import Figure
from tests.support.aws import as_nobody
from tests.support.libraries import stock
from tests.support.simulated_channels import fresh, running_bench
from tests.support.system import System, running_system

NAME = "variety"
DAYS = 30
DRAWN = 107


def measure() -> list[Figure]:
    """Mean distance (1 − cosine) of neighbours, and mean score, with variety and in order of score."""
    source = os.environ.get("PHOTOS_ANALYSES")
    with as_nobody(), running_bench() as bench, running_system(fresh(bench)) as system:
        persona = system.add_persona(strategy="weighted_choice")
        system.connect(persona, "instagram")
        if source:
            _read(system, persona, Path(source))
        else:
            stock(system, persona, DRAWN, seed=1)
        plain = Weights(freshness=0, season=0, on_this_day=0, variety=0)
        alone = Weights(freshness=0, season=0, on_this_day=0)
        ways = {"score order": plain, "variety alone": alone, "default weights": Weights()}
        report = {name: _told(system, persona.model_copy(update={"weights": way})) for name, way in ways.items()}
    against = f"of {DAYS} days, {'the given' if source else 'a drawn'} library"
    return [
        figure
        for name, (distance, score) in report.items()
        for figure in (
            Figure(f"neighbours' distance, {name}", distance, "1 - cosine", against),
            Figure(f"mean score, {name}", score, "points", f"{score - report['score order'][1]:+.3f} to score order"),
        )
    ]


def _told(system: System, persona: Persona) -> tuple[float, float]:
    slots = [slot for slot in system.forecaster.plan(persona, DAYS).slots if slot.photo_id]
    embeddings = system.stores.photos.embeddings(persona.persona_id, [slot.photo_id or "" for slot in slots])
    units = [unit(item.model, item.vector) for item in (embeddings[slot.photo_id or ""] for slot in slots)]
    return mean(1 - cosine(item, other) for item, other in pairwise(units)), mean(slot.score or 0 for slot in slots)


def _read(system: System, persona: Persona, source: Path) -> None:
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines()):
        analysis = parse_analysis(line)
        photo = system.add_photo(
            persona,
            number,
            score=analysis.aesthetic_score,
            sharpness=analysis.sharpness_score,
            exposure=analysis.exposure_score,
        )
        system.stores.photos.record_analysis(
            persona.persona_id,
            persona.owner,
            analysis.model_copy(update={"sha256": photo.photo_id, "photo": None}),
            stated_at=system.clock.now(),
            line=number,
        )
