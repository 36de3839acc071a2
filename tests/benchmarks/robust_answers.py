"""The half of `robust` about answers: mutated answers of each platform through the adapters."""

import resource

from tests.benchmarks.figures import Figure, reached
from tests.support.mutated_answers import run

COUNT = 20_000
SEED = 14
MEMORY = 256
SECONDS = 30


def figures() -> list[Figure]:
    """What 20 000 mutated answers lead to, with the longest time and the memory they took."""
    before = _peak_mebibytes()
    tally = run(COUNT, SEED)
    grown = _peak_mebibytes() - before
    return [
        Figure("mutated answers", tally.cases, "answers", f"seed {SEED}, every channel, every call of the port"),
        Figure("exceptions", len(tally.exceptions), "answers", reached(len(tally.exceptions), 0)),
        Figure(
            "absence from an unreadable list",
            len(tally.false_absences),
            "answers",
            f"a post that is there was not seen because of a null; {reached(len(tally.false_absences), 0)}",
        ),
        Figure("success without an id", len(tally.false_successes), "answers", reached(len(tally.false_successes), 0)),
        Figure("results that cannot be stored", len(tally.unstorable), "answers", reached(len(tally.unstorable), 0)),
        Figure("longest time of one answer", round(tally.slowest, 3), "s", reached(tally.slowest, SECONDS)),
        Figure("peak memory added", round(grown, 1), "MiB", reached(grown, MEMORY)),
    ]


def _peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
