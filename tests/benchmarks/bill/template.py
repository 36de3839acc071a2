"""The template of the production stage, synthesized as a deploy does."""

import json
import tempfile
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import build
from infra.constructs.publish_chain import DEFINITION
from infra.layers import ROOT, Target, build_functions
from infra.stage import Stage
from tests.benchmarks.bill.standing import Resource


def synthesized() -> list[Resource]:
    """All resources of the production stage's stack."""
    return list(synthesized_template()["Resources"].values())


def synthesized_template() -> dict[str, Any]:
    """The template of the production stage, made without an account and without building a layer."""
    with tempfile.TemporaryDirectory(prefix="cost-") as home:
        layers = {}
        for name in ("dependencies", "core", "imaging"):
            layers[name] = Path(home) / name
            (layers[name] / "python").mkdir(parents=True)
            (layers[name] / "python" / f"{name}.py").touch()
        app = App(outdir=f"{home}/out", context=json.loads((ROOT / "cdk.json").read_text())["context"])
        stage = Stage(alarm_email="owner@example.org")
        functions = build_functions(Target.LOCAL, byte_code=False)
        stack = build(app, stage=stage, layers=layers, functions=functions, definition=DEFINITION.read_text())
        app.synth()
        template: dict[str, Any] = json.loads(Path(home, "out", f"{stack.stack_name}.template.json").read_text())
    return template
