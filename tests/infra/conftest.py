"""Both stages, synthesised once per run without an AWS account and without building a layer."""

import json
from pathlib import Path

import pytest
from aws_cdk import App

from infra.app import build
from infra.layers import ROOT, Target, build_functions
from infra.stage import Stage
from tests.infra.reading import Synthesised, Template

FIXTURES = frozenset({"prod", "local", "either", "modelled"})
ASL = '{"StartAt": "Begin", "States": {"Begin": {"Type": "Task", "Resource": "${StepsFn}", "End": true}}}'


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the templates on one worker."""
    for item in items:
        if FIXTURES & set(getattr(item, "fixturenames", ())) and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("templates"))


@pytest.fixture(scope="session")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Directories in the place of built layers."""
    home = tmp_path_factory.mktemp("layers")
    for name in ("dependencies", "core", "imaging"):
        (home / name / "python").mkdir(parents=True)
        (home / name / "python" / f"{name}.py").touch()
    return {path.name: path for path in home.iterdir()}


@pytest.fixture(scope="session")
def prod(layers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The stage of a real account, with an address for its alarms."""
    return _synthesise(Stage(alarm_email="owner@example.org"), layers, tmp_path_factory.mktemp("prod"))


@pytest.fixture(scope="session")
def local(layers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The stage of a laptop, with simulators in the place of the platforms."""
    stage = Stage(
        stage="local",
        instagram_url="http://127.0.0.1:1",
        facebook_url="http://127.0.0.1:2",
        buffer_url="http://127.0.0.1:3",
        threads_url="http://127.0.0.1:4",
        linkedin_url="http://127.0.0.1:5",
        x_url="http://127.0.0.1:6",
        facebook_page_url="http://127.0.0.1:7",
        sync_minutes=1,
        max_future_days=90,
    )
    return _synthesise(stage, layers, tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="session")
def modelled(layers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The stage of a real account, with a model that writes suggestions."""
    stage = Stage(
        bedrock_model="eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        bedrock_region="eu-central-1",
        bedrock_guardrail="gr1abc:3",
        bedrock_input_price=1.0,
        bedrock_output_price=5.0,
    )
    return _synthesise(stage, layers, tmp_path_factory.mktemp("modelled"))


@pytest.fixture(scope="session", params=["prod", "local"])
def either(request: pytest.FixtureRequest) -> Synthesised:
    """Each stage in turn."""
    result: Synthesised = request.getfixturevalue(request.param)
    return result


def _synthesise(stage: Stage, layers: dict[str, Path], out: Path) -> Synthesised:
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "CDK_DEFAULT_ACCOUNT"):
            environment.delenv(name, raising=False)
        # The feature flags of cdk.json shape the templates, and only the command line reads them by itself.
        app = App(outdir=str(out), context=json.loads((ROOT / "cdk.json").read_text())["context"])
        functions = build_functions(Target.LOCAL, byte_code=False)
        stack = build(app, stage=stage, layers=layers, functions=functions, definition=ASL)
        app.synth()
    return Synthesised(stage, app, stack, Template.read(out, stack.stack_name))
