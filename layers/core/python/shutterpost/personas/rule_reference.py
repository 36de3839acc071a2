"""Reference of a persona's rules, derived from the model that validates them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shutterpost.personas.persona import PersonaRules

_REQUIRED = "required"
_SIMPLE = {"boolean": "true or false", "null": "null"}


@dataclass(frozen=True)
class RuleReference:
    """A rule: its values, default (JSON), effect and an example (JSON)."""

    name: str
    values: str
    default: str
    effect: str
    example: str


def rule_references() -> Iterator[RuleReference]:
    schema = PersonaRules.model_json_schema()
    for name, rule in schema["properties"].items():
        yield RuleReference(
            name=name,
            values=_values(rule, schema["$defs"]),
            default=json.dumps(rule["default"]) if "default" in rule else _REQUIRED,
            effect=rule["description"],
            example=f"{name}={json.dumps(rule['examples'][0])}",
        )


def _values(rule: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in rule:
        return _values(definitions[rule["$ref"].rpartition("/")[2]], definitions)
    if "enum" in rule:
        return " or ".join(rule["enum"])
    if "anyOf" in rule:
        return " or ".join(_values(part, definitions) for part in rule["anyOf"])
    if rule["type"] == "array":
        return f"list of up to {rule['maxItems']}: {_values(rule['items'], definitions)}"
    if rule["type"] == "object":
        return f"object with {', '.join(rule['properties'])}"
    if "minimum" in rule:
        return f"{rule['minimum']} to {rule['maximum']}"
    if "maxLength" in rule:
        return f"text of up to {rule['maxLength']} characters"
    return _SIMPLE.get(rule["type"]) or str(rule.get("format", "text"))
