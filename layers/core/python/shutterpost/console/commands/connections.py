"""`shutterpost connections`: a persona's accounts. A token comes from a hidden prompt or standard input, and goes to
the API alone."""

import getpass
import sys
from typing import Annotated

import typer

from shutterpost.console.client.api_client import segment
from shutterpost.console.client.arguments import (
    AsJson,
    Json,
    Persona,
    api_client,
    connection_of,
    leave,
    path_of,
    persona_of,
)
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Invalid

connections = typer.Typer(help="A persona's accounts on Instagram and Buffer.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="Id, name or channel of the connection, or the beginning of one.")]
_COLUMNS = ("name", "channel", "id", "account", "status", "token ends in", "trouble")


class TokenMissing(Invalid):
    """No token was given."""

    kind = "token-missing"


@connections.command(epilog="Example: shutterpost connections add instagram 17841400000000001 --login instagram")
def add(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="instagram or buffer.")],
    account_id: Annotated[str, typer.Argument(help="The platform's id: Instagram user id, Buffer channel id.")],
    *,
    persona: Persona = None,
    login: Annotated[str | None, typer.Option(help="How Instagram's token was made: instagram or facebook.")] = None,
    organization: Annotated[str | None, typer.Option(help="Buffer's organization id.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; default: the account's id.")] = None,
    expires: Annotated[str | None, typer.Option(help="When the token ends, with an offset.")] = None,
    json_: AsJson = None,
) -> None:
    """Connect an account, or connect it anew. The token is asked for, hidden, or read from standard input."""
    reach = api_client(context)
    path = f"{path_of(persona_of(reach, persona))}/connections"
    told = {
        "channel": channel,
        "account_id": account_id,
        "login": login,
        "organization_id": organization,
        "display_name": name,
        "token_expires_at": expires,
        "token": _token(channel),
    }
    made: Json = reach.post(path, {key: value for key, value in told.items() if value is not None}).body
    render.answer(made, lambda: _show([made]), as_json=json_)


@connections.command("list", epilog="Example: shutterpost connections list --persona nature")
def list_(context: typer.Context, *, persona: Persona = None, json_: AsJson = None) -> None:
    """List a persona's connections, of every status."""
    reach = api_client(context)
    found = reach.get(f"{path_of(persona_of(reach, persona))}/connections")
    render.answer(found, lambda: _show(found["connections"]), as_json=json_)


@connections.command(epilog="Example: shutterpost connections check instagram")
def check(
    context: typer.Context,
    which: Annotated[str | None, typer.Argument(help="Id, name or channel of a connection; default: all.")] = None,
    *,
    persona: Persona = None,
    json_: AsJson = None,
) -> None:
    """Ask the platforms whether the tokens work; ends with 1 where one does not."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    path = f"{path_of(whose)}/connections"
    asked = [connection_of(reach, whose, which)] if which else reach.get(path)["connections"]
    found = [
        reach.post(f"{path}/{segment(one['connection_id'])}/check").body for one in asked if one["status"] != "revoked"
    ]
    columns = ("name", "channel", "works", "token ends in", "what was found")
    rows = [
        (one["display_name"], one["channel"], one["works"], _days(one["token_days_left"]), one["detail"])
        for one in found
    ]
    render.answer(
        {"checked": found},
        lambda: render.table(columns, rows, empty="There is nothing to check; connect an account first."),
        as_json=json_,
    )
    if not all(one["works"] for one in found):
        leave(Exit.REFUSED)


@connections.command(epilog="Example: shutterpost connections remove instagram --persona nature")
def remove(context: typer.Context, which: Which, *, persona: Persona = None, json_: AsJson = None) -> None:
    """End a connection and forget its token; it stays listed as revoked."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    found = connection_of(reach, whose, which)
    ended: Json = reach.delete(f"{path_of(whose)}/connections/{segment(found['connection_id'])}").body
    render.answer(ended, lambda: _show([ended]), as_json=json_)


def _token(channel: str) -> str:
    """The token, from a hidden prompt or the first line of standard input. Raises `TokenMissing`."""
    words = f"{channel} token (hidden): "
    told = getpass.getpass(words) if sys.stdin.isatty() else sys.stdin.readline()
    if not told.strip():
        raise TokenMissing("There is no token; type it at the prompt, or send it as standard input.", field="token")
    return told.strip()


def _show(found: list[Json]) -> None:
    rows = [
        (
            one["display_name"],
            one["channel"],
            one["connection_id"],
            one["account_id"],
            one["status"],
            _days(one["token_days_left"]),
            one["status_reason"],
        )
        for one in found
    ]
    empty = "There is no connection yet; make one: shutterpost connections add CHANNEL ACCOUNT_ID."
    render.table(_COLUMNS, rows, empty=empty)


def _days(left: int | None) -> str:
    return "" if left is None else f"{left} days"
