"""Reads CloudFormation templates for tests."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from aws_cdk import App

from infra.stack import Shutterpost
from infra.stage import Stage

Resource = dict[str, Any]


def text(value: Any) -> str:
    """A value with its references written out: `<Name>` for Ref and Sub, `<Name.Attribute>` for GetAtt."""
    match value:
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(text(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case _:
            return str(value)


def as_list(value: Any) -> list[Any]:
    """What CloudFormation shortens to a single value, as a list again."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Statement:
    """One allowing IAM statement."""

    actions: frozenset[str]
    resources: frozenset[str]
    condition: dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    body: dict[str, Any]

    @classmethod
    def read(cls, assembly: Path, stack_name: str) -> Self:
        """From a synthesised assembly."""
        return cls(json.loads((assembly / f"{stack_name}.template.json").read_text()))

    def of(self, kind: str, *, named: str = "") -> dict[str, Resource]:
        """Properties of all resources of a type whose logical id begins with `named`."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind and name.startswith(named)
        }

    def only(self, kind: str, *, named: str = "") -> Resource:
        """Properties of the only such resource."""
        ((_, result),) = self.of(kind, named=named).items()
        return result

    def statements(self, role: str) -> list[Statement]:
        """What the role whose logical id begins with `role` is allowed, by every policy attached to it."""
        ((role_id, properties),) = self.of("AWS::IAM::Role", named=role).items()
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [
            policy["PolicyDocument"]
            for policy in self.of("AWS::IAM::Policy").values()
            if {"Ref": role_id} in policy["Roles"]
        ]
        return [
            Statement(
                frozenset(as_list(entry["Action"])),
                frozenset(text(arn) for arn in as_list(entry["Resource"])),
                entry.get("Condition", {}),
            )
            for document in documents
            for entry in document["Statement"]
            if entry["Effect"] == "Allow"
        ]

    def allowed(self, role: str, action: str) -> set[str]:
        """The ARNs on which a role may do `action`."""
        return {
            arn for statement in self.statements(role) if action in statement.actions for arn in statement.resources
        }

    def actions(self, role: str, service: str) -> set[str]:
        """All that a role may do with a service, without its prefix."""
        verbs = {action for statement in self.statements(role) for action in statement.actions}
        return {verb.removeprefix(f"{service}:") for verb in verbs if verb.startswith(f"{service}:")}


class Synthesised(NamedTuple):
    """One stage, as constructs and as a template."""

    stage: Stage
    cdk: App
    stack: Shutterpost
    template: Template
