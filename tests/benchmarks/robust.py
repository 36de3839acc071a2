"""Malformed and mutated inputs: no exception, no hang, no wrong result."""

from tests.benchmarks import robust_answers, robust_pictures
from tests.benchmarks.figures import Figure

NAME = "robust"


def measure() -> list[Figure]:
    """The figures of both halves."""
    return [*robust_pictures.figures(), *robust_answers.figures()]
