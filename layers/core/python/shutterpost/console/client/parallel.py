"""Runs independent API calls at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_WORKERS = 8
Result = TypeVar("Result")


def run_parallel(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results of `calls`, in their order. Raises the first call's error."""
    if len(calls) <= 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(_WORKERS) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]
