"""The command line: registers the commands, and turns every error into a message and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from shutterpost.console.client.exit_codes import ExitCode, exit_code_of, message_of
from shutterpost.console.commands.arguments import DeploymentChoice
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Refusal

__all__ = ["DeploymentChoice", "build_app", "main", "run"]

NAME = "shutterpost"
# Typer vendors click and does not export the base class of usage errors.
_UsageError = typer.BadParameter.__mro__[2]
_HELP = "Drop photos into a bucket; the best one is posted every day. Each command's --help has an example."
_COMMANDS = "shutterpost.console.commands"
# By the name of a group: its module and object, and the modules that add further commands to it.
_GROUPS = {
    "personas": ("personas:personas",),
    "connections": ("connections:connections", "account_posts"),
    "photos": ("photos:photos", "migrate"),
    "post": ("post.creating:posts", "post.texts", "post.moving", "post.actions"),
    "plan": ("planning:plans",),
    "templates": ("authoring.templates:templates",),
    "suggest": ("authoring.suggestions:suggestions",),
    "webhooks": ("webhooks:webhooks",),
    "demo": ("demo.faults:demo",),
}
# By the name of a command: its module and function, and the example of its help.
_SINGLE = {
    "pick": ("planning:pick", "pick --dry-run"),
    "calendar": ("planning:calendar", "calendar --month --on 2026-12-01"),
    "explain": ("planning:explain", "explain dunes.jpg fog.jpg"),
    "runway": ("planning:runway", "runway --json | jq .whole.days"),
    "status": ("status:status", "status"),
    "sync": ("status:sync", "sync --persona nature"),
    "pause": ("status:pause", "pause 'The account is restricted.'"),
    "resume": ("status:resume", "resume"),
    "web": ("watching.web:web", "web --read-only"),
    "watch": ("watching.watch:watch", "watch --hours 24"),
    "doctor": ("doctor:doctor", "doctor --json | jq -r .worst"),
    "clear-state": ("doctor:clear_state", "clear-state"),
}


def build_app(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line with the commands that `arguments` name, or with all if they name none, as for the help.

    Importing and building all of them takes longer than most commands.
    """
    named = {*_GROUPS, *_SINGLE}.intersection(arguments)
    names = named if named and arguments[0] != "--help" else {*_GROUPS, *_SINGLE}
    app = typer.Typer(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(_choose_deployment)
    for name, (group, *additions) in _GROUPS.items():
        if name in names:
            app.add_typer(_load(group), name=name)
            for module in additions:
                import_module(f"{_COMMANDS}.{module}")
    for name, (command, example) in _SINGLE.items():
        if name in names:
            app.command(name, epilog=f"Example: {NAME} {example}")(_load(command))
    return app


def _load(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(f"{_COMMANDS}.{module}"), attribute)


def _print_version(requested: bool) -> None:  # noqa: FBT001 - Typer passes the option's value
    if requested:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"{NAME} {version(NAME)}")
        except PackageNotFoundError:
            print(f"{NAME} of the checkout {Path(__file__).resolve().parents[5]}")
        raise typer.Exit


def _choose_deployment(
    context: typer.Context,
    *,
    stage: Annotated[
        str | None,
        typer.Option(
            envvar="SHUTTERPOST_STAGE",
            help="The deployment's stage. Default: local if a demo is running in this directory, else prod.",
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.")] = None,
    deployment: Annotated[
        Path | None,
        typer.Option(envvar="SHUTTERPOST_DEPLOYMENT", help="A JSON file that describes the deployment."),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Drop photos into a bucket; the best one is posted every day. Each command's --help has an example."""
    context.obj = DeploymentChoice(stage=stage, profile=profile, region=region, file=deployment)


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command in `arguments`; returns an `ExitCode`."""
    # Python decodes what is no UTF-8 as lone surrogates, which cannot be printed or sent.
    if any("\ud800" <= character <= "\udfff" for argument in arguments for character in argument):
        render.error("An argument is not valid UTF-8 text. Check the terminal's encoding.")
        return ExitCode.USAGE
    try:
        result = build_app(arguments)(list(arguments), prog_name=NAME, standalone_mode=False)
    except Refusal as refusal:
        render.error(message_of(refusal))
        return exit_code_of(refusal)
    except (KeyboardInterrupt, typer.Abort):
        result = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place that can print a message
        return _handle(error)
    if result == ExitCode.INTERRUPTED:
        render.note("Interrupted; the same command continues from here.")
    return result if isinstance(result, int) else ExitCode.OK


def _handle(error: Exception) -> ExitCode:
    if isinstance(error, _UsageError):
        return _handle_usage_error(error)
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        render.error(f"AWS refused {error.operation_name} ({code}); allow it for your role, or log in again.")
        return ExitCode.FORBIDDEN
    if isinstance(error, BotoCoreError):
        render.error(f"{error} Check the network, and that you are logged in.")
        return ExitCode.UNAVAILABLE
    if isinstance(error, OSError):
        render.error(f"{error.filename or 'A file'}: {error.strerror}. Check that it exists and is readable.")
        return ExitCode.USAGE
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    place = "an unknown place"
    if traceback:
        place = f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
    # The message may contain input or a response, so only the error's name and place are printed.
    render.error(f"Internal error: {type(error).__name__} at {place}. Repeat the command; report it if it persists.")
    return ExitCode.INTERNAL_ERROR


def _handle_usage_error(error: Any) -> ExitCode:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else NAME
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
    else:
        render.error(f"{error.format_message()} See: {command} --help")
    return ExitCode.USAGE
