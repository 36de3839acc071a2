"""A sample of the fault matrix with every test run; `make faults` runs all of it."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.breaking import NAMES, broken
from tests.faults.calls import Call, Fault
from tests.faults.oracle import findings
from tests.faults.run import base_cases, cases_of
from tests.faults.story import Case, Ending, run_case
from tests.simulation.kinds import DECLARED
from tests.support.simulated_channels import running_bench
from tests.support.system import running_deployment

Run = Callable[[Case], Ending]
SAMPLED, SAMPLED_FURTHER = 23, 113  # primes, so that the sample walks through calls, faults and channels alike
PUBLISH = Call("instagram POST media_publish", 1)
CREATE = Call("buffer createPost", 1)
NOTICED = {
    "state-before-write": Case("facebook", PUBLISH, Fault.KILLED_AFTER),
    "look-before-acting": Case("facebook", PUBLISH, Fault.EFFECT_THEN_TIMEOUT),
    "silence-is-not-no": Case("buffer", CREATE, Fault.EFFECT_THEN_TIMEOUT),
    "unclear-is-unknown": Case("facebook", PUBLISH, Fault.KILLED_AFTER),
}


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs cases on one pair of simulators."""
    with running_bench() as bench, running_deployment(bench) as deploy:
        yield lambda case: run_case(deploy, bench, case)


@pytest.mark.parametrize("base", base_cases(), ids=str)
def test_promise_holds_for_a_sample_of_broken_calls(run: Run, base: Case) -> None:
    clean = run(base)
    assert list(findings(clean)) == []
    step = SAMPLED_FURTHER if base.kind in DECLARED else SAMPLED
    for case in list(cases_of(base, clean.calls, clean.invocations))[::step]:
        assert list(findings(run(case))) == [], str(case)


@pytest.mark.parametrize("rule", NAMES)
def test_matrix_notices_a_rule_that_is_switched_off(run: Run, rule: str) -> None:
    with broken(rule):
        wrong = {kind for kind, _ in findings(run(NOTICED[rule]))}
    assert wrong
    assert list(findings(run(NOTICED[rule]))) == []
