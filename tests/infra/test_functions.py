"""The functions: environment, layers, limits and what starts them."""

import platform
import sys

import pytest

from infra.layers import ROOT
from infra.python_runtime import START_CHEAPER
from shutterpost.authoring.session import GENERATION_TIME
from shutterpost.runtime.settings import (
    PREFIX,
    ApiSettings,
    ImportPhotosSettings,
    PostNextBestSettings,
    Settings,
    StepsSettings,
    SuggestionsSettings,
    SyncStatusSettings,
)
from tests.infra.reading import Synthesised, text

SETTINGS: dict[str, type[Settings]] = {
    "ImportPhotos": ImportPhotosSettings,
    "PostNextBest": PostNextBestSettings,
    "Api": ApiSettings,
    "Steps": StepsSettings,
    "SyncStatus": SyncStatusSettings,
    "Suggestions": SuggestionsSettings,
}


@pytest.mark.parametrize(("name", "model"), SETTINGS.items())
def test_environment_equals_the_settings_model(either: Synthesised, name: str, model: type[Settings]) -> None:
    variables = either.template.only("AWS::Lambda::Function", named=f"{name}Function")["Environment"]["Variables"]
    environment = {variable: text(value) for variable, value in variables.items() if variable.startswith(PREFIX)}
    assert set(variables) - set(environment) == set(START_CHEAPER)
    settings = model.from_env(environment)
    assert settings.environment() == environment
    assert settings.stage == either.stage.stage


def test_the_horizon_of_plans_is_the_stage_s(either: Synthesised) -> None:
    variables = either.template.only("AWS::Lambda::Function", named="Api")["Environment"]["Variables"]
    assert variables["SHUTTERPOST_MAX_FUTURE_DAYS"] == str(either.stage.max_future_days)
    assert either.stage.max_future_days == {"prod": 365, "local": 90}[either.stage.stage]


def test_settings_name_what_they_say(prod: Synthesised) -> None:
    variables = prod.template.only("AWS::Lambda::Function", named="Api")["Environment"]["Variables"]
    settings = ApiSettings.from_env({name: text(value) for name, value in variables.items()})
    assert "PersonasTable" in settings.personas_table
    assert "ChannelsTable" in settings.channels_table
    assert "PhotosTable" in settings.photos_table
    assert "PostsTable" in settings.posts_table
    assert "AuthoringTable" in settings.authoring_table
    assert "LibraryBucket" in settings.library_bucket
    assert settings.start_function_arn.startswith("<StepsFunction")
    assert settings.pick_function_arn.startswith("<PostNextBestFunction")
    assert settings.sync_function_arn.startswith("<SyncStatusFunction")
    assert settings.suggest_function_arn.startswith("<SuggestionsFunction")
    assert settings.scheduler_role_arn.startswith("<TimersTimerRole")
    assert "LibraryDeadLetters" in settings.scheduler_dlq_arn
    assert settings.state_machine_arn.endswith(":stateMachine:shutterpost-prod-publish")


def test_simulators_take_the_place_of_platforms_on_a_laptop_only(prod: Synthesised, local: Synthesised) -> None:
    for name in ("Steps", "SyncStatus"):
        given = [
            item.template.only("AWS::Lambda::Function", named=f"{name}Function")["Environment"]["Variables"]
            for item in (prod, local)
        ]
        assert [item["SHUTTERPOST_BUFFER_URL"] for item in given] == ["https://api.buffer.com", "http://127.0.0.1:3"]
        assert [item["SHUTTERPOST_THREADS_URL"] for item in given] == [
            "https://graph.threads.net",
            "http://127.0.0.1:4",
        ]
        assert [item["SHUTTERPOST_LINKEDIN_URL"] for item in given] == [
            "https://api.linkedin.com",
            "http://127.0.0.1:5",
        ]
        assert [item["SHUTTERPOST_INSTAGRAM_URL"] for item in given] == [
            "https://graph.instagram.com",
            "http://127.0.0.1:1",
        ]


def test_production_runs_on_arm_with_python_3_13_from_any_machine(prod: Synthesised) -> None:
    for function in prod.template.of("AWS::Lambda::Function").values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]


def test_a_laptop_runs_its_own_python(local: Synthesised) -> None:
    machine = "x86_64" if platform.machine().lower() in {"x86_64", "amd64"} else "arm64"
    for function in local.template.of("AWS::Lambda::Function").values():
        assert function["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
        assert function["Architectures"] == [machine]


def test_imaging_is_a_layer_of_import_photos_alone(either: Synthesised) -> None:
    layers = {
        name: [text(layer).removeprefix("<Layers") for layer in function["Layers"]]
        for name, function in either.template.of("AWS::Lambda::Function").items()
    }
    with_imaging = [name for name, used in layers.items() if any(layer.startswith("Imaging") for layer in used)]
    assert [name.startswith("ImportPhotos") for name in with_imaging] == [True]
    for used in layers.values():
        assert {kind for kind in ("Dependencies", "Core") for layer in used if layer.startswith(kind)} == {
            "Dependencies",
            "Core",
        }


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("ImportPhotos", "import_photos.handler.handler"),
        ("PostNextBest", "post_next_best.handler.handler"),
        ("Api", "schedule_post.api.handler"),
        ("Steps", "schedule_post.steps.handler"),
        ("SyncStatus", "sync_status.handler.handler"),
        ("Suggestions", "schedule_post.suggestions.handler"),
    ],
)
def test_entries_lie_in_the_folder_that_is_shipped(prod: Synthesised, name: str, entry: str) -> None:
    assert prod.template.only("AWS::Lambda::Function", named=f"{name}Function")["Handler"] == entry
    folder, module, _ = entry.split(".")
    assert (ROOT / "functions" / folder / f"{module}.py").is_file()


def test_logs_are_json_and_kept_two_weeks(either: Synthesised) -> None:
    groups = either.template.of("AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups.values()} == {14}
    for function in either.template.of("AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups
    ends = [
        resource["DeletionPolicy"]
        for resource in either.template.body["Resources"].values()
        if resource["Type"].endswith("::LogGroup")
    ]
    assert set(ends) == {"Delete"}


def test_import_takes_batches_and_answers_for_each_message(either: Synthesised) -> None:
    source = either.template.only("AWS::Lambda::EventSourceMapping")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert source["BatchSize"] == 10


def test_calls_by_timers_that_fail_for_good_become_dead_letters(either: Synthesised) -> None:
    kept = {
        text(config["FunctionName"]).strip("<>").split("Function")[0]: config["DestinationConfig"]["OnFailure"]
        for config in either.template.of("AWS::Lambda::EventInvokeConfig").values()
        if "DestinationConfig" in config
    }
    assert set(kept) == {"Steps", "PostNextBest", "Suggestions"}
    assert all("LibraryDeadLetters" in text(place["Destination"]) for place in kept.values())
    for name in kept:
        config = either.template.only("AWS::Lambda::EventInvokeConfig", named=name)
        age = GENERATION_TIME.total_seconds() if name == "Suggestions" else 3600
        assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, age)


def test_an_old_sync_is_not_repeated(prod: Synthesised) -> None:
    config = prod.template.only("AWS::Lambda::EventInvokeConfig", named="SyncStatus")
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 300)
