"""The CDK app, run by `cdk` as `python -m infra.app`; `Stage` lists its context keys."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.constructs.publish_chain import DEFINITION
from infra.layers import ROOT, LayerBuildError, Target, build_functions, build_layers
from infra.python_runtime import LambdaPythonMissing
from infra.stack import Shutterpost
from infra.stage import SETTINGS, Stage

UNSUPPORTED_REGIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")
"""Beginnings of the regions of other partitions than `aws`."""


def check_region(region: str | None) -> None:
    """Raise ValueError if `region` is in another partition than `aws`."""
    if region is not None and region.startswith(UNSUPPORTED_REGIONS):
        raise ValueError(
            f"The region {region} is not supported: CloudFront's addresses and the service principals differ there. "
            "Set AWS_REGION to a region of the partition aws, for example eu-central-1."
        )


def build(
    app: App,
    *,
    stage: Stage,
    layers: Mapping[str, Path],
    functions: Path,
    definition: str,
    env: Environment | None = None,
) -> Shutterpost:
    """Add a stage to `app`; see `Shutterpost`."""
    stack = Shutterpost(
        app, stage.prefix, stage=stage, layers=layers, functions=functions, definition=definition, env=env
    )
    Tags.of(app).add("project", "shutterpost")
    Tags.of(app).add("stage", stage.stage)
    return stack


def main() -> None:
    app = App()
    try:
        check_region(os.environ.get("CDK_DEFAULT_REGION"))
        stage = Stage.from_context(app.node.try_get_context, kept=ROOT / SETTINGS)
        target = Target.LOCAL if stage.local else Target.AWS
        layers, functions = build_layers(target), build_functions(target)
    except (LambdaPythonMissing, LayerBuildError, ValueError) as error:
        sys.exit(f"{error}")
    # Of the credentials, if there are any: CloudFormation adopts a bucket only by a name that is no formula.
    env = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
    build(app, stage=stage, layers=layers, functions=functions, definition=DEFINITION.read_text(), env=env)
    if not stage.local:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    stage.keep(ROOT / SETTINGS)


if __name__ == "__main__":
    main()
