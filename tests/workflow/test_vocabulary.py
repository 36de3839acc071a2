"""The state machine file and the steps agree."""

import json
import re
from typing import get_args

import pytest

from schedule_post.steps import StepName
from shutterpost.flows.publishing.steps.outcomes import OUTCOMES
from tests.support.asl import DEFINITION

MACHINE = json.loads(DEFINITION.read_text())
TASKS = {name: state for name, state in MACHINE["States"].items() if state["Type"] == "Task"}
# These lead on whatever they answer: nothing about a live post is undone by what follows it.
UNROUTED = {"Confirm", "Record", "Release"}


def test_every_step_has_one_task_and_every_task_a_step() -> None:
    steps = [state["Arguments"]["Payload"]["step"] for state in TASKS.values()]
    assert sorted(steps) == sorted(set(get_args(StepName)) - {"start"}) == sorted(OUTCOMES)


@pytest.mark.parametrize("name", sorted(set(TASKS) - UNROUTED))
def test_the_choice_after_a_task_handles_exactly_its_outcomes(name: str) -> None:
    route = MACHINE["States"][TASKS[name]["Next"]]
    words = re.findall(r"\$outcome = '([a-z_]+)'", " ".join(choice["Condition"] for choice in route["Choices"]))
    assert sorted(words) == sorted(OUTCOMES[TASKS[name]["Arguments"]["Payload"]["step"]])
    assert route["Default"] == "Unsettled"


@pytest.mark.parametrize("name", sorted(TASKS))
def test_task_is_bounded_in_time_and_catches_everything(name: str) -> None:
    task = TASKS[name]
    assert task["TimeoutSeconds"] > 60
    assert task["Catch"][0]["ErrorEquals"] == ["States.ALL"]


def test_only_lambda_service_errors_are_retried_and_publish_where_nothing_ran() -> None:
    [retry] = TASKS["Publish"]["Retry"]
    assert retry["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    for name, task in TASKS.items():
        for retry in task.get("Retry", []):
            assert all(error.startswith("Lambda.") for error in retry["ErrorEquals"]), name


def test_publish_is_entered_from_a_status_read_alone() -> None:
    leading = {name for name, state in MACHINE["States"].items() if '"WaitUntilDue"' in json.dumps(state)}
    assert leading == {"RoutePoll"}
