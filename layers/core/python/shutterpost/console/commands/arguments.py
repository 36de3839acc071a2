"""Arguments and options that several commands share."""

import contextlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    PERSONA_VARIABLE,
    active_connections,
    find_persona,
    list_connections,
    persona_path,
)
from shutterpost.console.client.times import parse_time
from shutterpost.console.output import render


@dataclass(frozen=True, kw_only=True)
class DeploymentChoice:
    """The options that choose the deployment."""

    stage: str | None
    profile: str | None
    region: str | None
    file: Path | None

    def api(self) -> ApiClient:
        """The client of the chosen deployment. Raises `DeploymentUnknown`."""
        from shutterpost.console.client.deployment import find_deployment

        return ApiClient(find_deployment(stage=self.stage, profile=self.profile, region=self.region, file=self.file))


def _names(context: typer.Context, list_names: Callable[[ApiClient], Iterable[str]]) -> list[str]:
    # During completion the callback has not run, so the options come from the root context.
    given = context.find_root().params
    choice = DeploymentChoice(
        **{key: given.get(key) for key in ("stage", "profile", "region")}, file=given.get("deployment")
    )
    with contextlib.suppress(Exception):
        return list(list_names(choice.api()))
    return []


def complete_personas(context: typer.Context) -> list[str]:
    """Names of personas."""
    return _names(context, lambda api: (persona["name"] for persona in api.pages("/personas", "personas")))


def complete_connections(context: typer.Context) -> list[str]:
    """Names of the persona's active connections."""

    def list_names(api: ApiClient) -> Iterable[str]:
        connections = list_connections(api, find_persona(api, context.params.get("persona_name")))
        return (connection["display_name"] for connection in active_connections(connections))

    return _names(context, list_names)


def complete_photos(context: typer.Context) -> list[str]:
    """Names of the persona's best unposted photos."""

    def list_names(api: ApiClient) -> Iterable[str]:
        path = persona_path(find_persona(api, context.params.get("persona_name")))
        photos = api.get(f"{path}/photos", unposted="true", limit="50")["photos"]
        return (photo["names"][0] for photo in photos if photo["names"])

    return _names(context, list_names)


PersonaName = Annotated[
    str | None,
    typer.Option(
        "--persona",
        "-p",
        envvar=PERSONA_VARIABLE,
        autocompletion=complete_personas,
        help="Id, name or the beginning of one. Default: the only persona.",
    ),
]
AsJson = Annotated[
    bool | None,
    typer.Option("--json/--no-json", help="JSON (the default in a pipe) or tables.", show_default=False),
]
Limit = Annotated[int, typer.Option(min=0, max=1_000_000, help="How many at most; 0 for all.")]
ConnectionNames = Annotated[
    list[str] | None,
    typer.Option(
        "--connection",
        "-c",
        autocompletion=complete_connections,
        help="Id, name or channel of a connection; repeatable. Default: all.",
    ),
]
PhotoName = Annotated[
    str,
    typer.Argument(autocompletion=complete_photos, help="Id of a photo, its first 8 or more digits, or a file name."),
]
PostName = Annotated[str, typer.Argument(help="Id of a post or schedule, or its first 4 or more characters.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]


def command_group(description: str) -> typer.Typer:
    """A group of commands; its help is plain text, as importing rich takes longer than the command."""
    return typer.Typer(help=description, no_args_is_help=True, rich_markup_mode=None)


def finite(value: float) -> float:
    """Callback of number options: refuses `nan`, which passes every range. Raises `typer.BadParameter`."""
    if not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number.")
    return value


def api_client(context: typer.Context) -> ApiClient:
    api: Any = context.obj.api()
    if not isinstance(api, ApiClient):
        raise TypeError("The context has no deployment.")
    return api


def leave(code: ExitCode) -> None:
    raise typer.Exit(code)


def local_time(text: str, zone: str) -> str:
    """The time that `text` names, as the API takes it; prints it in full on standard error."""
    parsed = parse_time(text, zone, datetime.now(UTC))
    render.note(f"Time: {parsed.text}.")
    return parsed.value
