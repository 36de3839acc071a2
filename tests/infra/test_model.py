"""A model for suggestions: off unless a stage names one, and then allowed to one function."""

import pytest
from pydantic import ValidationError

from infra.stage import Stage
from shutterpost.flows.wiring import build_generator
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.settings import SuggestionsSettings
from tests.infra.reading import Synthesised, text
from tests.infra.test_permissions import FUNCTION_ROLES

MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
GIVEN = {"bedrock_region": "eu-central-1", "bedrock_input_price": 1.0, "bedrock_output_price": 5.0}


def settings_of(synthesised: Synthesised) -> SuggestionsSettings:
    variables = synthesised.template.only("AWS::Lambda::Function", named="Suggestions")["Environment"]["Variables"]
    return SuggestionsSettings.from_env({name: text(value) for name, value in variables.items()})


def test_without_a_model_nothing_of_bedrock_is_allowed_and_templates_are_filled(either: Synthesised) -> None:
    assert [role for role in FUNCTION_ROLES if either.template.actions(role, "bedrock")] == []
    assert build_generator(settings_of(either), SystemClock()).name == "template"


def test_one_function_may_call_the_model_of_the_stage_and_nothing_else(modelled: Synthesised) -> None:
    roles = {role: modelled.template.actions(role, "bedrock") for role in FUNCTION_ROLES}
    assert roles.pop("SuggestionsRole") == {"InvokeModel", "ApplyGuardrail"}
    assert not any(roles.values())
    arns = modelled.template.allowed("SuggestionsRole", "bedrock:InvokeModel")
    assert {arn.partition(":bedrock:")[2] for arn in arns} == {
        f"eu-central-1:<AWS::AccountId>:inference-profile/{MODEL}",
        "*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
    }
    [beside] = [
        statement
        for statement in modelled.template.statements("SuggestionsRole")
        if any("foundation-model" in arn for arn in statement.resources)
    ]
    assert MODEL in text(beside.condition["StringEquals"]["bedrock:InferenceProfileArn"])
    [guardrail] = modelled.template.allowed("SuggestionsRole", "bedrock:ApplyGuardrail")
    assert guardrail.endswith(":guardrail/gr1abc")
    assert modelled.template.actions("SuggestionsRole", "s3") == {"GetObject"}


def test_the_function_is_told_the_model_and_its_limits(modelled: Synthesised) -> None:
    settings = settings_of(modelled)
    assert (settings.bedrock_model, settings.bedrock_guardrail) == (MODEL, "gr1abc:3")
    assert (settings.bedrock_tokens_per_day, settings.bedrock_dollars_per_day) == (200_000, 1.0)
    assert build_generator(settings, SystemClock()).name == "bedrock"


@pytest.mark.parametrize("name", GIVEN)
def test_a_model_needs_its_region_and_prices(name: str) -> None:
    given = {key: value for key, value in GIVEN.items() if key != name}
    with pytest.raises(ValidationError, match=name):
        Stage(bedrock_model=MODEL, **given)


def test_a_model_of_another_part_of_the_world_is_refused_at_deploy() -> None:
    with pytest.raises(ValidationError, match="us-east-1"):
        Stage.model_validate({**GIVEN, "bedrock_model": MODEL, "bedrock_region": "us-east-1"})


def test_without_a_model_its_other_settings_reach_no_function() -> None:
    assert Stage(bedrock_region="eu-central-1").bedrock == {}
    assert Stage.model_validate({**GIVEN, "bedrock_model": MODEL}).bedrock["bedrock_model"] == MODEL
