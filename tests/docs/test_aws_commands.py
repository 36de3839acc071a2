"""The AWS CLI commands of the documentation name operations and options that exist."""

import re
import shlex
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.docs.pages import FENCE, PAGES, ROOT, name_of

_COMMAND = re.compile(r"aws (dynamodb) ([^\n;|]+)")
_SESSION = Session()


def commands(page: Path) -> list[list[str]]:
    """The words of each command of DynamoDB in the page's blocks, after `aws`."""
    blocks = "\n".join(FENCE.findall(page.read_text("utf-8")))
    return [[service, *shlex.split(rest.replace("$table", "T"))] for service, rest in _COMMAND.findall(blocks)]


def options_of(service: str, operation: str) -> set[str]:
    """The options of an operation, or of the operation that a waiter calls."""
    model = _SESSION.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, f"{service} has no operation {operation}"
    shape = model.operation_model(names[operation]).input_shape
    assert shape is not None
    members = {f"--{xform_name(name, '-')}" for name in shape.members}
    return members | {name.replace("--", "--no-", 1) for name in members}


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name_of)
def test_every_dynamodb_command_has_an_operation_with_its_options(page: Path) -> None:
    for service, operation, *words in commands(page):
        if operation == "wait":
            loader = _SESSION.get_component("data_loader")
            waiters = loader.load_service_model(service, "waiters-2")["waiters"]
            waiter = {xform_name(name, "-"): name for name in waiters}[words.pop(0)]
            known = options_of(service, xform_name(waiters[waiter]["operation"], "-"))
        else:
            known = options_of(service, operation)
        assert {option for option in words if option.startswith("--")} <= known, operation


def test_the_guide_to_operations_restores_a_table() -> None:
    operations = {command[1] for command in commands(ROOT / "docs" / "operations.md")}
    assert {"restore-table-to-point-in-time", "restore-table-from-backup"} <= operations
