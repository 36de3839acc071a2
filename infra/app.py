"""The CDK app: `cdk synth`, `cdk deploy` and `cdk destroy` run it as `python -m infra.app` with the root and
`layers/core/python` on the path; `Stage` says which context keys there are."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app_stack import AppStack
from infra.constructs.publish_chain import DEFINITION
from infra.data_stack import DataStack
from infra.layers import Target, build_layers
from infra.stage import Stage


class Stacks(NamedTuple):
    """The stacks of one stage."""

    data: DataStack
    app: AppStack


def build(app: App, *, stage: Stage, layers: Mapping[str, Path], definition: str) -> Stacks:
    """Put one stage into `app`, from built layers (directories by name) and the publish chain's ASL text."""
    data = DataStack(app, f"{stage.prefix}-data", stage=stage)
    stacks = Stacks(
        data,
        AppStack(app, f"{stage.prefix}-app", stage=stage, data=data, layers=layers, definition=definition),
    )
    Tags.of(app).add("project", "shutterpost")
    Tags.of(app).add("stage", stage.stage)
    return stacks


def main() -> None:
    """Synthesise the stage that the context asks for."""
    app = App()
    stage = Stage.from_context(app.node.try_get_context)
    layers = build_layers(Target.LOCAL if stage.local else Target.AWS)
    build(app, stage=stage, layers=layers, definition=DEFINITION.read_text())
    if not stage.local:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
