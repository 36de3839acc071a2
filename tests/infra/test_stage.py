"""The options of the CDK context."""

import json
from pathlib import Path

import pytest
from aws_cdk import RemovalPolicy
from pydantic import ValidationError

from infra.stage import Stage


def test_an_empty_context_means_production() -> None:
    stage = Stage.from_context(lambda _: None)
    assert (stage.prefix, stage.retain, stage.removal) == (
        "shutterpost-prod",
        True,
        RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    assert stage.token_prefix == "/shutterpost/prod/tokens"


def test_context_words_are_read_as_the_command_line_gives_them() -> None:
    words = {"stage": "local", "sync_minutes": "1", "alarm_email": "", "buffer_url": "http://127.0.0.1:4010"}
    stage = Stage.from_context(words.get)
    assert (stage.local, stage.sync_minutes, stage.alarm_email) == (True, 1, None)
    assert stage.platforms == {"buffer_url": "http://127.0.0.1:4010"}


def test_a_laptop_keeps_nothing() -> None:
    stage = Stage(stage="local")
    assert (stage.retain, stage.removal) == (False, RemovalPolicy.DESTROY)


def test_real_tokens_are_kept_from_other_platforms() -> None:
    with pytest.raises(ValidationError, match="leave out instagram_url"):
        Stage(instagram_url="https://graph.example.org")


def test_what_a_stage_was_given_is_kept_for_its_next_deploy(tmp_path: Path) -> None:
    kept = tmp_path / "stages.json"
    first = {"stage": "prod", "alarm_email": "owner@example.org", "sync_minutes": "10"}
    Stage.from_context(first.get, kept).keep(kept)
    Stage.from_context({"stage": "test", "arm_hour": "3"}.get, kept).keep(kept)
    again = Stage.from_context(lambda _: None, kept)
    assert again == Stage(alarm_email="owner@example.org", sync_minutes=10)
    Stage.from_context({"sync_minutes": "5"}.get, kept).keep(kept)
    assert json.loads(kept.read_text()) == {"prod": {"alarm_email": "owner@example.org"}, "test": {"arm_hour": 3}}


def test_a_laptop_s_settings_are_not_kept(tmp_path: Path) -> None:
    Stage(stage="local", buffer_url="http://127.0.0.1:1").keep(tmp_path / "stages.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "complaint"), [("{", "is not JSON"), ("[]", "must map"), ('{"prod": 1}', "must map")]
)
def test_a_broken_file_of_settings_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    kept = tmp_path / "stages.json"
    kept.write_text(content)
    with pytest.raises(ValueError, match=f"stages.json {complaint}"):
        Stage.from_context(lambda _: None, kept)


@pytest.mark.parametrize("name", ["", "Prod", "1st", "with-dash", "elevenchars"])
def test_a_stage_name_fits_everything_that_is_named_after_it(name: str) -> None:
    with pytest.raises(ValidationError):
        Stage(stage=name)


@pytest.mark.parametrize(
    "wrong", [{"arm_hour": 24}, {"sync_minutes": 0}, {"alarm_email": "nobody"}, {"buffer_url": "http://host/path/"}]
)
def test_an_option_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Stage.model_validate({"stage": "local", **wrong})
