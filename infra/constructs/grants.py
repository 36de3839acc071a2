"""Statements of roles, and acknowledged cdk-nag findings."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept cdk-nag's findings on `construct` and below; `reasons` by rule, e.g. `AwsSolutions-S1`."""
    for rule, reason in reasons.items():
        Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


class Grants:
    def __init__(self, role: iam.Role) -> None:
        self._role = role

    def allow(
        self,
        *actions: str,
        on: Sequence[str],
        where: Mapping[str, Mapping[str, str]] | None = None,
        because: str = "",
    ) -> None:
        """Allow `actions` on the ARNs `on` under the IAM conditions `where`.

        A wildcard ARN requires the reason `because`, which acknowledges the finding. Raises ValueError for a wildcard
        without a reason, and for a wildcard action.
        """
        wildcards = [text for text in map(self._text, on) if "*" in text]
        if any("*" in action for action in actions) or (wildcards and not because):
            raise ValueError(
                f"{self._role.node.path}: {', '.join(actions)} on {wildcards} needs narrowing or a reason."
            )
        self._role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=where))
        acknowledge(self._role, {f"AwsSolutions-IAM5[Resource::{text}]": because for text in wildcards})

    def _text(self, arn: str) -> str:
        return _flat(Stack.of(self._role).resolve(arn))


def _flat(value: Any) -> str:
    match value:
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(_flat(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case _:
            return str(value)
