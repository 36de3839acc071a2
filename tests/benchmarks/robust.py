"""What is malformed or mutated: no exception, no hang, nothing untrue."""

from tests.benchmarks import robust_answers
from tests.benchmarks.figures import Figure

NAME = "robust"


def measure() -> list[Figure]:
    """The figures of all halves."""
    return robust_answers.figures()
