"""The commands, and how each ends: answers on standard output, everything else on standard error, never a traceback."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shutterpost.console.client.deployment import find_deployment
from shutterpost.console.client.exit_codes import Exit, exit_of, said_of
from shutterpost.console.commands import migrate, planning, post_actions, status
from shutterpost.console.commands.connections import connections
from shutterpost.console.commands.doctor import doctor
from shutterpost.console.commands.personas import personas
from shutterpost.console.commands.photos import photos
from shutterpost.console.commands.posts import posts
from shutterpost.console.commands.reviewing import approve, reject
from shutterpost.console.commands.watch import watch
from shutterpost.console.imports.clustering import cluster
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Refusal

if TYPE_CHECKING:
    from shutterpost.console.client.api_client import ApiClient

NAME = "shutterpost"
# Typer brings its own click, and names of it only what others derive from.
_SENSELESS = typer.BadParameter.__mro__[2]
_HELP = "Drop photos into a bucket; the best one goes out every day. Each command's --help has an example."
app = typer.Typer(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(personas, name="personas")
app.add_typer(connections, name="connections")
app.add_typer(photos, name="photos")
app.add_typer(posts, name="post")
posts.command(epilog=f"Example: {NAME} post approve p0123456789abcdef")(approve)
posts.command(epilog=f"Example: {NAME} post reject p0123456789abcdef 'Too dark.'")(reject)
photos.command(epilog=f"Example: {NAME} photos cluster --count 6 --dry-run")(cluster)
for command, example in (
    (planning.pick, "pick --dry-run"),
    (planning.plan, "plan --days 30"),
    (planning.calendar, "calendar --month --on 2026-12-01"),
    (planning.explain, "explain dunes.jpg"),
    (planning.runway, "runway --json | jq .whole.days"),
    (status.status, "status"),
    (status.sync, "sync --persona nature"),
    (status.pause, "pause 'The account is restricted.'"),
    (status.resume, "resume"),
    (watch, "watch --hours 24"),
    (doctor, "doctor --json | jq -r .worst"),
):
    app.command(epilog=f"Example: {NAME} {example}")(command)
__all__ = ["app", "main", "migrate", "post_actions", "run"]


@app.callback()
def choose(
    context: typer.Context,
    *,
    stage: Annotated[
        str | None,
        typer.Option(
            envvar="SHUTTERPOST_STAGE",
            help="Which deployment. Default: a demo that runs in this directory (local), else prod.",
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.")] = None,
    deployment: Annotated[
        Path | None,
        typer.Option(envvar="SHUTTERPOST_DEPLOYMENT", help="A JSON file that describes the deployment."),
    ] = None,
) -> None:
    """Drop photos into a bucket; the best one goes out every day. Each command's --help has an example."""
    context.obj = Chosen(stage=stage, profile=profile, region=region, file=deployment)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The deployment that was asked for, found at its first use."""

    stage: str | None
    profile: str | None
    region: str | None
    file: Path | None

    def reach(self) -> "ApiClient":
        """How to reach it. Raises `DeploymentUnknown`."""
        from shutterpost.console.client.api_client import ApiClient

        found = find_deployment(stage=self.stage, profile=self.profile, region=self.region, file=self.file)
        return ApiClient(found)


def main() -> None:
    """Run the command in the process's arguments, and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run the command in `words`; its exit code (see `Exit`)."""
    try:
        ended = app(list(words), prog_name=NAME, standalone_mode=False)
    except Refusal as refusal:
        render.wrong(said_of(refusal))
        return exit_of(refusal)
    except (KeyboardInterrupt, typer.Abort):
        ended = Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into words
        return _other(error)
    if ended == Exit.INTERRUPTED:
        render.note("Interrupted; the same command goes on where this one was.")
    return ended if isinstance(ended, int) else Exit.DONE


def _other(error: Exception) -> Exit:
    """What other libraries raise, in words."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, _SENSELESS):
        return _senseless(error)
    if isinstance(error, ClientError):
        told = error.response["Error"]
        render.wrong(f"AWS refused {error.operation_name} ({told['Code']}); let your role have it, or log in again.")
        return Exit.FORBIDDEN
    if isinstance(error, BotoCoreError):
        render.wrong(f"{error} Check the network, and that you are logged in.")
        return Exit.UNREACHABLE
    if isinstance(error, OSError):
        render.wrong(f"{error.filename or 'A file'}: {error.strerror}. Look whether it is there, and yours.")
        return Exit.SENSELESS
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "an unknown place"
    # Its message may hold what was typed or answered, so that only its name and place are told.
    render.wrong(f"Something went wrong here: {type(error).__name__} at {where}. Repeat it; report it if it stays.")
    return Exit.BROKEN


def _senseless(error: Any) -> Exit:
    """A command line that cannot be read; without any command, its help says what there is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else NAME
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
    else:
        render.wrong(f"{error.format_message()} See: {command} --help")
    return Exit.SENSELESS
