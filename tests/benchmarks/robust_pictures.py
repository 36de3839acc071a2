"""The half of `robust` about pictures: mutated files of every kind through the import's decoder."""

from tests.benchmarks.figures import Figure, reached
from tests.support.mutated_pictures import SECONDS, run, seeds

COUNT = 20_000
SEED = 14
FUNCTION_MEMORY = 1769


def figures() -> list[Figure]:
    """What 20 000 mutated files lead to, with the longest time and the most memory that one took."""
    tally = run(COUNT, SEED)
    ends = ", ".join(f"{end} {count}" for end, count in tally.ends.most_common())
    return [
        Figure("mutated files", tally.cases, "files", f"seed {SEED}, {len(seeds())} kinds: {ends}"),
        Figure("exceptions", len(tally.exceptions), "files", reached(len(tally.exceptions), 0)),
        Figure("crashes of a decoder", len(tally.crashes), "files", reached(len(tally.crashes), 0)),
        Figure("hangs", len(tally.hangs), "files", reached(len(tally.hangs), 0)),
        Figure("longest import", round(tally.slowest, 3), "CPU s", reached(tally.slowest, SECONDS)),
        Figure("peak of the process", round(tally.peak), "MiB", reached(tally.peak, FUNCTION_MEMORY)),
    ]
