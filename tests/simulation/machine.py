"""Step Functions: the real state machine file, with its waits, retries and catches, as one task per execution."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from jsonata import Jsonata

from tests.simulation.kernel import Kernel
from tests.support.asl import DEFINITION

Json = dict[str, Any]
# What needs no evaluation: a variable, or a place in one.
_PATH = re.compile(r"\$\w+(\.\w+)*")


class TaskFailed(Exception):
    """A Lambda invocation that failed; `name` is the error's as the state machine knows it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@lru_cache
def definition() -> Json:
    """The state machine file."""
    machine: Json = json.loads(DEFINITION.read_text())
    return machine


class Machine:
    """Runs executions; `invoke` calls the steps function, or raises `TaskFailed`; `jitter` gives a part of a pause."""

    def __init__(self, kernel: Kernel, invoke: Callable[[Json], Json], jitter: Callable[[], float]) -> None:
        self._kernel, self._invoke, self._jitter = kernel, invoke, jitter

    def run(self, given: Json) -> str:
        """One execution to its end; the last state's name."""
        variables: Json = {}
        name = definition()["StartAt"]
        while True:
            state = definition()["States"][name]
            if state["Type"] in {"Succeed", "Fail"}:
                return str(name)
            name = getattr(self, f"_{state['Type'].lower()}")(state, variables, given)

    def _pass(self, state: Json, variables: Json, given: Json) -> str:
        variables.update(filled(state["Assign"], variables, {"input": given}))
        return str(state["Next"])

    def _task(self, state: Json, variables: Json, given: Json) -> str:
        payload = filled(state["Arguments"]["Payload"], variables, {"input": given})
        try:
            result = self._retried(state.get("Retry", ()), payload)
        except TaskFailed as failed:
            for caught in state["Catch"]:
                if failed.name in caught["ErrorEquals"] or "States.ALL" in caught["ErrorEquals"]:
                    variables.update(filled(caught.get("Assign", {}), variables, {"input": given}))
                    return str(caught["Next"])
            raise
        variables.update(filled(state.get("Assign", {}), variables, {"input": given, "result": {"Payload": result}}))
        return str(state["Next"])

    def _retried(self, retriers: list[Json], payload: Json) -> Json:
        attempts = 0
        while True:
            try:
                return self._invoke(payload)
            except TaskFailed as failed:
                retrier = next((rule for rule in retriers if failed.name in rule["ErrorEquals"]), None)
                if retrier is None or attempts >= retrier["MaxAttempts"]:
                    raise
                pause = min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempts, retrier["MaxDelaySeconds"])
                attempts += 1
                self._kernel.sleep(timedelta(seconds=pause * self._jitter()))

    def _choice(self, state: Json, variables: Json, given: Json) -> str:
        for choice in state["Choices"]:
            if filled(choice["Condition"], variables, {"input": given}) is True:
                return str(choice["Next"])
        return str(state["Default"])

    def _wait(self, state: Json, variables: Json, given: Json) -> str:
        until = datetime.fromisoformat(filled(state["Timestamp"], variables, {"input": given}))
        self._kernel.sleep(max(timedelta(0), until - self._kernel.now()))
        return str(state["Next"])


def filled(template: Any, variables: Json, states: Json) -> Any:
    """`template` with every `{% … %}` string replaced by its JSONata value."""
    if isinstance(template, dict):
        return {key: filled(value, variables, states) for key, value in template.items()}
    if not (isinstance(template, str) and template.startswith("{%")):
        return template
    expression = template.removeprefix("{%").removesuffix("%}").strip()
    if _PATH.fullmatch(expression):
        value: Any = {**variables, "states": states}
        for name in expression[1:].split("."):
            value = value[name]
        return value
    relevant = {name: value for name, value in variables.items() if f"${name}" in expression}
    return _evaluated(expression, json.dumps(relevant))


@lru_cache(maxsize=4096)
def _evaluated(expression: str, variables: str) -> Any:
    compiled = Jsonata(expression)
    for name, value in json.loads(variables).items():
        compiled.assign(name, value)
    return compiled.evaluate(None)
