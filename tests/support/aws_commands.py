"""Runs commands of the AWS CLI through botocore, so that a page's commands run where no AWS CLI is installed."""

from collections.abc import Sequence
from typing import Any

from botocore import xform_name
from botocore.model import Shape, StructureShape


def run_command(client: Any, operation: str, words: Sequence[str]) -> Any:
    """The response to `aws SERVICE operation words…`, or `None` after `wait`."""
    if operation == "wait":
        waiter, *options = words
        name = waiter.replace("-", "_")
        model = client.get_waiter(name)
        return model.wait(**_parameters(client, model.config.operation, options), WaiterConfig={"Delay": 1})
    method = operation.replace("-", "_")
    return getattr(client, method)(**_parameters(client, client.meta.method_to_api_mapping[method], words))


def _parameters(client: Any, operation: str, words: Sequence[str]) -> dict[str, Any]:
    shape = client.meta.service_model.operation_model(operation).input_shape
    members = {f"--{xform_name(name, '-')}": (name, member) for name, member in shape.members.items()}
    given: dict[str, Any] = {}
    remaining = list(words)
    while remaining:
        option = remaining.pop(0)
        positive = option.replace("--no-", "--", 1)
        name, member = members[option] if option in members else members[positive]
        given[name] = option in members if member.type_name == "boolean" else _value(member, remaining.pop(0))
    return given


def _value(shape: Shape, text: str) -> Any:
    """A value in the CLI's shorthand syntax, such as `Enabled=true,AttributeName=expires_at`."""
    if isinstance(shape, StructureShape):
        pairs = (pair.split("=", 1) for pair in text.split(","))
        return {name: _value(shape.members[name], value) for name, value in pairs}
    return text == "true" if shape.type_name == "boolean" else text
