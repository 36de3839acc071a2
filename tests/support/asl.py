"""A small interpreter of the state machine file, so that the order of the chain's steps exists in one place only.

It knows what `publish.asl.json` uses: Task, Choice, Wait, Pass, Succeed and Fail with JSONata and variables. Lambda
results come from a callable, Wait asks the clock, Catch takes any exception. Retry is not modelled: a Lambda service
error reaches the function or not, and both are tested as deliveries.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jsonata import Jsonata

from shutterpost.runtime.clock import Clock

DEFINITION = Path(__file__).parents[2] / "infra" / "workflows" / "publish.asl.json"
MAX_STATES = 500

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


class Endless(Exception):
    """More states were entered than any real run has."""


class StateMachine:
    """Runs the definition against `invoke`, with waits on `clock`."""

    def __init__(self, invoke: Invoke, clock: Clock, definition: Path = DEFINITION) -> None:
        self.machine = json.loads(definition.read_text())
        self._invoke = invoke
        self._clock = clock

    def run(self, execution_input: dict[str, Any]) -> list[str]:
        """The names of the states entered, in order; the last one says how it ended."""
        variables: dict[str, Any] = {}
        name, trail = self.machine["StartAt"], []
        while True:
            trail.append(name)
            if len(trail) > MAX_STATES:
                raise Endless(" ".join(trail[-20:]))
            state = self.machine["States"][name]
            if state["Type"] in {"Succeed", "Fail"}:
                return trail
            name = getattr(self, f"_{state['Type'].lower()}")(state, variables, execution_input)

    def _pass(self, state: dict[str, Any], variables: dict[str, Any], given: dict[str, Any]) -> str:
        self._assign(state, variables, {"input": given})
        return str(state["Next"])

    def _task(self, state: dict[str, Any], variables: dict[str, Any], given: dict[str, Any]) -> str:
        payload = evaluate(state["Arguments"]["Payload"], variables, {"input": given})
        try:
            result = self._invoke(payload)
        except Exception:  # noqa: BLE001 - Catch takes States.ALL
            caught = state["Catch"][0]
            self._assign(caught, variables, {"input": given})
            return str(caught["Next"])
        self._assign(state, variables, {"input": given, "result": {"Payload": result}})
        return str(state["Next"])

    def _choice(self, state: dict[str, Any], variables: dict[str, Any], given: dict[str, Any]) -> str:
        for choice in state["Choices"]:
            if evaluate(choice["Condition"], variables, {"input": given}) is True:
                return str(choice["Next"])
        return str(state["Default"])

    def _wait(self, state: dict[str, Any], variables: dict[str, Any], given: dict[str, Any]) -> str:
        until = evaluate(state["Timestamp"], variables, {"input": given})
        self._clock.sleep(max(timedelta(0), datetime.fromisoformat(until) - self._clock.now()))
        return str(state["Next"])

    def _assign(self, state: dict[str, Any], variables: dict[str, Any], states: dict[str, Any]) -> None:
        variables.update(evaluate(state.get("Assign", {}), variables, states))


def evaluate(template: Any, variables: dict[str, Any], states: dict[str, Any]) -> Any:
    """`template` with every `{% … %}` string replaced by its JSONata value."""
    if isinstance(template, dict):
        return {key: evaluate(value, variables, states) for key, value in template.items()}
    if not (isinstance(template, str) and template.startswith("{%")):
        return template
    expression = Jsonata(template.removeprefix("{%").removesuffix("%}").strip())
    for name, value in {**variables, "states": states}.items():
        expression.assign(name, value)
    return expression.evaluate(None)
