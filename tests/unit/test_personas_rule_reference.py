"""The reference of a persona's rules."""

import json

import pytest

from shutterpost.personas import PersonaRules
from shutterpost.personas.rule_reference import RuleReference, rule_references

RULES = {rule.name: rule for rule in rule_references()}


def test_every_rule_is_in_the_reference() -> None:
    assert list(RULES) == list(PersonaRules.model_fields)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_s_example_is_valid_and_differs_from_its_default(rule: RuleReference) -> None:
    name, _, value = rule.example.partition("=")
    persona = PersonaRules.model_validate({"zone": "UTC", name: json.loads(value)})
    assert persona.model_dump(mode="json")[name] != PersonaRules(zone="UTC").model_dump(mode="json")[name]
    assert rule.effect.endswith(".")


@pytest.mark.parametrize(
    ("name", "values", "default"),
    [
        ("approval", "auto or veto or approval", '"auto"'),
        ("max_per_week", "1 to 1000 or null", "null"),
        ("blackout_dates", "list of up to 366: date", "[]"),
        ("evergreen", "true or false", "false"),
        ("zone", "text", "required"),
    ],
)
def test_values_and_default_are_in_words(name: str, values: str, default: str) -> None:
    assert (RULES[name].values, RULES[name].default) == (values, default)


def test_an_effect_names_each_of_the_rule_s_values() -> None:
    for name in ("approval", "strategy", "late_then", "ratio_policy", "status"):
        assert all(f"{value}: " in f"{RULES[name].effect} " for value in RULES[name].values.split(" or ")), name
