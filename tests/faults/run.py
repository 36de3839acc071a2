"""`make faults`: the whole matrix, generated from clean runs, on both cores.

    python -m tests.faults.run [--jobs N] [--break RULE] [--channels KINDS] [--only TEXT]

`--break` switches one rule of the chain off, to show that the matrix would notice (see `breaking.py`).
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from tests.faults.breaking import broken
from tests.faults.calls import Call, Fault
from tests.faults.oracle import Wrong, findings
from tests.faults.story import Case, Delivery, Ending, Meanwhile, asks, run_case
from tests.simulation.kinds import DECLARED
from tests.support.channel_kinds import TRAITS, Kind
from tests.support.simulated_channels import running_bench
from tests.support.system import running_deployment

KINDS: tuple[Kind, ...] = ("facebook", "buffer", *(kind for kind in TRAITS if kind in DECLARED))


@dataclass(frozen=True)
class Verdict:
    """A case and the promises it broke."""

    case: Case
    wrong: tuple[tuple[Wrong, str], ...]
    reached: bool
    asks: bool = False


def base_cases(kinds: Iterable[Kind] = KINDS) -> list[Case]:
    """The clean runs whose calls make the matrix: each channel, with a clear and a lost answer, and with carousels."""
    chosen = list(kinds)
    single = [Case(kind=kind, lost_answer=lost) for kind in chosen for lost in (False, True)]
    return single + [Case(kind=kind, pictures=2) for kind in chosen]


def cases_of(base: Case, calls: Iterable[Call], invocations: Iterable[Call]) -> Iterator[Case]:
    """Every call of a clean run broken in every way, alone and while a person cancels; everything that may happen
    meanwhile at every call; and every event and invocation delivered wrongly."""
    for call in calls:
        for fault, meanwhile in product(Fault, (None, Meanwhile.CANCELLED)):
            yield replace(base, call=call, fault=fault, meanwhile=meanwhile)
        for happens in Meanwhile:
            yield replace(base, call=call, meanwhile=happens)
    for call in invocations:
        for delivery, meanwhile in product(Delivery, (None, Meanwhile.CANCELLED)):
            yield replace(base, call=call, delivery=delivery, meanwhile=meanwhile)


_stack = ExitStack()
_run: list[Callable[[Case], Ending]] = []


def _start_worker(rule: str | None) -> None:
    logging.getLogger("shutterpost").setLevel(logging.CRITICAL)
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="eu-central-1")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        os.environ.pop(name, None)
    _stack.enter_context(broken(rule))
    bench = _stack.enter_context(running_bench())
    _run.append(partial(run_case, _stack.enter_context(running_deployment(bench)), bench))


def _record(base: Case) -> tuple[Case, list[Call], list[Call], Verdict]:
    ending = _run[0](base)
    return base, ending.calls, ending.invocations, Verdict(base, tuple(findings(ending)), reached=True)


def _judge(case: Case) -> Verdict:
    try:
        ending = _run[0](case)
    except Exception as error:  # noqa: BLE001 - a case that cannot be told to its end is one more broken promise
        return Verdict(case, ((Wrong.STUCK, f"the story broke off: {error!r}"),), reached=True)
    reached = case.call in (ending.invocations if case.delivery else ending.calls)
    return Verdict(case, tuple(findings(ending)), reached, ending.schedule is not None and asks(ending.schedule))


def main(arguments: list[str] | None = None) -> int:
    """Run the matrix; 0 where every promise held in every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--break", dest="rule", choices=NAMES)
    parser.add_argument("--channels", help="of these kinds of connections alone, by commas")
    parser.add_argument("--only", help="only cases whose description holds this text")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(options.jobs, initializer=_start_worker, initargs=(options.rule,)) as pool:
        cases: list[Case] = []
        kinds = [kind for kind in KINDS if not options.channels or kind in options.channels.split(",")]
        for base, calls, invocations, verdict in pool.map(_record, base_cases(kinds)):
            verdicts.append(verdict)
            result = [
                case for case in cases_of(base, calls, invocations) if not options.only or options.only in str(case)
            ]
            print(f"{base}: {len(calls)} calls, {len(invocations)} invocations, {len(result)} cases")  # noqa: T201
            cases += result
        futures = [pool.submit(_judge, case) for case in cases]
        for done, future in enumerate(as_completed(futures), start=1):
            verdict = future.result()
            verdicts.append(verdict)
            _tell(verdict, done, len(cases), started)
    return _sum_up(verdicts)


def _tell(verdict: Verdict, done: int, total: int, started: float) -> None:
    for wrong, words in verdict.wrong:
        print(f"{wrong.upper()}: {verdict.case}: {words}", flush=True)  # noqa: T201
    if done % 100 == 0 or done == total:
        print(f"  {done}/{total} cases, {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201


def _sum_up(verdicts: list[Verdict]) -> int:
    unreached = [verdict.case for verdict in verdicts if not verdict.reached and verdict.case.call]
    if unreached:
        print(f"calls that a changed course did not reach: {len(unreached)}")  # noqa: T201
    for kind in KINDS:
        if own := [verdict for verdict in verdicts if verdict.case.kind == kind]:
            print(f"{kind}: {_figures(own)}")  # noqa: T201
    print(f"faults: {_figures(verdicts)}")  # noqa: T201
    return 1 if any(verdict.wrong for verdict in verdicts) else 0


def _figures(verdicts: list[Verdict]) -> str:
    counts = Counter(wrong for verdict in verdicts for wrong in {kind for kind, _ in verdict.wrong})
    figures = " ".join(f"{name}={counts[wrong]}" for name, wrong in zip(NAMES, Wrong, strict=True))
    return f"cases={len(verdicts)} {figures} questions={sum(verdict.asks for verdict in verdicts)}"


NAMES = ("doubles", "lost", "stuck", "untrue")

if __name__ == "__main__":
    sys.exit(main())
