"""The commands. Exit codes: 0 done, 1 something was refused or is still open, 2 the command makes no sense, 130
interrupted; answers on standard output, everything else on standard error."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.console.deployment import Reach, find_deployment
from shutterpost.console.photos import photos
from shutterpost.console.telling import ERRORS
from shutterpost.runtime.refusals import Refusal

REFUSED, INTERRUPTED = 1, 130
app = typer.Typer(help="Drop photos into a bucket; the best one goes out every day.", no_args_is_help=True)
app.add_typer(photos, name="photos")


@app.callback()
def choose(
    context: typer.Context,
    *,
    stage: Annotated[str, typer.Option(help="Which deployment; 'local' is a running demo.")] = "prod",
    profile: Annotated[str | None, typer.Option(help="AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.")] = None,
    deployment: Annotated[Path | None, typer.Option(help="A JSON file that describes the deployment.")] = None,
) -> None:
    """Drop photos into a bucket; the best one goes out every day."""
    context.obj = Chosen(stage=stage, profile=profile, region=region, file=deployment)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The deployment that was asked for, found at its first use."""

    stage: str
    profile: str | None
    region: str | None
    file: Path | None

    def reach(self) -> Reach:
        """How to reach it. Raises `DeploymentUnknown`."""
        told: dict[str, Any] = vars(self)
        return Reach(find_deployment(**told))


def main() -> None:
    """Run the command in the process's arguments, and leave with its exit code."""
    try:
        app()
    except Refusal as refusal:
        ERRORS.print(refusal.detail, style="red")
        sys.exit(REFUSED)
    except (BotoCoreError, ClientError, httpx.HTTPError, OSError) as error:
        ERRORS.print(f"{type(error).__name__}: {error}", style="red", markup=False)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        ERRORS.print("Interrupted; the same command goes on where this one was.")
        sys.exit(INTERRUPTED)
