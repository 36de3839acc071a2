"""Arguments and options that several commands share."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import PERSONA_VARIABLE
from shutterpost.console.client.times import parse_time
from shutterpost.console.output import render

PersonaName = Annotated[
    str | None,
    typer.Option(
        "--persona",
        "-p",
        envvar=PERSONA_VARIABLE,
        help="Id, name or the beginning of one. Default: the only persona.",
    ),
]
AsJson = Annotated[
    bool | None,
    typer.Option("--json/--no-json", help="JSON (the default in a pipe) or tables.", show_default=False),
]
Limit = Annotated[int, typer.Option(min=0, help="How many at most; 0 for all.")]
ConnectionNames = Annotated[
    list[str] | None,
    typer.Option("--connection", "-c", help="Id, name or channel of a connection; repeatable. Default: all."),
]
PhotoName = Annotated[str, typer.Argument(help="Id of a photo, its first 8 or more digits, or a file name.")]
PostName = Annotated[str, typer.Argument(help="Id of a post or schedule, or its first 4 or more characters.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]


def api_client(context: typer.Context) -> ApiClient:
    """The client of the chosen deployment."""
    api: Any = context.obj.api()
    if not isinstance(api, ApiClient):
        raise TypeError("The context has no deployment.")
    return api


def leave(code: ExitCode) -> None:
    """End the command with `code`."""
    raise typer.Exit(code)


def local_time(text: str, zone: str) -> str:
    """The time that `text` names, as the API takes it; prints it in full on standard error."""
    parsed = parse_time(text, zone, datetime.now(UTC))
    render.note(f"Time: {parsed.text}.")
    return parsed.value
