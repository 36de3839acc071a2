"""`shutterpost webhooks`: signed requests with a persona's notices and digests."""

from collections.abc import Iterable
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import segment
from shutterpost.console.client.lookup import find_persona, persona_path, take
from shutterpost.console.commands.arguments import AsJson, Limit, PersonaName, api_client, command_group
from shutterpost.console.output import render

webhooks = command_group("Signed requests with a persona's notices and digests, for Slack, ntfy and others.")
_COLUMNS = ("delivery", "event", "state", "attempts", "last", "next", "outcome")


@webhooks.command("set", epilog="Example: shutterpost webhooks set https://hooks.example.org/shutterpost")
def set_(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="An https address on a public host.")],
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Send to an address from now on. Prints the new signing secret, which is shown only once."""
    api = api_client(context)
    webhook: Json = api.put(f"{persona_path(find_persona(api, persona_name))}/webhook", {"url": url}).body
    render.respond(webhook, lambda: render.line(f"{webhook['url']}\nSecret: {webhook['secret']}"), as_json=json_)


@webhooks.command(epilog="Example: shutterpost webhooks show --persona nature")
def show(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show where a persona's events are sent."""
    api = api_client(context)
    webhook = api.get(f"{persona_path(find_persona(api, persona_name))}/webhook")
    render.respond(webhook, lambda: render.line(webhook["url"]), as_json=json_)


@webhooks.command(epilog="Example: shutterpost webhooks remove --persona nature")
def remove(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Send nothing more, and delete the secret."""
    api = api_client(context)
    webhook: Json = api.delete(f"{persona_path(find_persona(api, persona_name))}/webhook").body
    render.respond(webhook, lambda: render.line(f"Removed: {webhook['url']}"), as_json=json_)


@webhooks.command(epilog="Example: shutterpost webhooks log --limit 20")
def log(context: typer.Context, *, limit: Limit = 20, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """List the deliveries of the last 30 days with their outcome, newest first."""
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/webhook/deliveries"
    deliveries = take(api.pages(path, "deliveries"), limit)
    render.respond({"deliveries": deliveries}, lambda: _show(deliveries), as_json=json_)


@webhooks.command(epilog="Example: shutterpost webhooks replay 20261121T093000Z-0123456789abcdef")
def replay(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(help="Id of a delivery.")],
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Send a delivery again, within a quarter of an hour, with the same id and body."""
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/webhook/deliveries/{segment(delivery)}/replay"
    replayed: Json = api.post(path).body
    render.respond(replayed, lambda: _show([replayed]), as_json=json_)


def _show(deliveries: Iterable[Json]) -> None:
    rows = [
        tuple(
            each[name] or ""
            for name in ("delivery_id", "event", "state", "attempts", "last_attempt_at", "due_at", "detail")
        )
        for each in deliveries
    ]
    render.table(_COLUMNS, rows, empty="Nothing was sent in the last 30 days.")
