"""`shutterpost connections recent`: what an account shows, also what was posted by hand."""

from typing import Annotated

import typer

from shutterpost.console.client.api_client import segment
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import find_connection, find_persona, persona_path
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, leave
from shutterpost.console.commands.connections import ConnectionName, connections
from shutterpost.console.output import render
from shutterpost.console.output.post_tables import show_account_posts
from shutterpost.console.output.post_texts import short_id


@connections.command(epilog="Example: shutterpost connections recent instagram --limit 9")
def recent(
    context: typer.Context,
    which: ConnectionName,
    *,
    limit: Annotated[int, typer.Option(min=1, max=40, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the page before, to go on from it.")] = None,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """List what an account shows, latest first, also what was posted by hand; ends with 1 if its platform could not be
    read."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    connection_id = find_connection(api, persona, which)["connection_id"]
    path = f"{persona_path(persona)}/connections/{segment(connection_id)}/recent"
    page = api.get(path, limit=str(limit), **({} if cursor is None else {"cursor": cursor}))
    render.respond(page, lambda: show_account_posts(page["posts"], persona["zone"]), as_json=json_)
    if page["not_shown"]:
        render.note(f"Not shown by the account, though posted: {', '.join(map(short_id, page['not_shown']))}")
    if page["detail"]:
        render.note(page["detail"])
    elif page["cursor"]:
        render.note(f"There are more: --cursor {page['cursor']}")
    if page["state"] == "unread":
        leave(ExitCode.REFUSED)
