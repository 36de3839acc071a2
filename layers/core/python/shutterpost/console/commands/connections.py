"""`shutterpost connections`: a persona's accounts; only the API receives a token, which is never an argument."""

import getpass
import sys
import webbrowser
from collections.abc import Iterable
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import segment
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import find_connection, find_persona, list_connections, persona_path
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, command_group, leave
from shutterpost.console.logins.bluesky import sign_in
from shutterpost.console.logins.facebook_page import own_page, page_of
from shutterpost.console.logins.linkedin import REDIRECT, LinkedInLogin, LinkedInRefused, member_of
from shutterpost.console.logins.servers import AccountServer
from shutterpost.console.logins.x import X_REDIRECT, XLogin
from shutterpost.console.output import render
from shutterpost.console.output.holds import note_started
from shutterpost.console.output.post_texts import unit_of
from shutterpost.console.output.repairs import budget_command, budget_text
from shutterpost.console.output.times import format_time
from shutterpost.runtime.refusals import Invalid

connections = command_group("A persona's accounts on the channels.")
ConnectionName = Annotated[str, typer.Argument(help="Id, name or channel of the connection, or the beginning of one.")]
# An account there is named by its server's address, and a person signs in.
_WITH_SERVERS = frozenset({"mastodon", "pixelfed"})
_COLUMNS = (
    "name",
    "channel",
    "id",
    "account",
    "status",
    "token ends in",
    "quota",
    "error",
    "budget",
    "posts held until",
)


class TokenMissing(Invalid):
    kind = "token-missing"


class AccountMissing(Invalid):
    kind = "account-missing"


class BudgetIncomplete(Invalid):
    kind = "budget-incomplete"


@connections.command(epilog="Example: shutterpost connections channels")
def channels(context: typer.Context, *, json_: AsJson = None) -> None:
    """List the channels, what they take, and whether they can be published to."""
    catalogue = api_client(context).get("/channels")
    rows = [
        (
            row["key"],
            row["status"],
            f"{limits['max_text_length']} {unit_of(limits['text_unit'])}",
            f"{limits['min_pictures']} to {limits['max_pictures']}" if limits["supports_images"] else "none",
            "yes" if limits["supports_links"] else "no",
        )
        for row in catalogue["channels"]
        for limits in (row["limits"],)
    ]
    columns = ("channel", "status", "text", "pictures", "links")
    render.respond(catalogue, lambda: render.table(columns, rows), as_json=json_)


@connections.command(epilog="Example: shutterpost connections add instagram 17841400000000001 --login instagram")
def add(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="For example instagram; connections channels lists all.")],
    account_id: Annotated[
        str | None,
        typer.Argument(
            help="The id of an Instagram or Threads user or a Buffer channel, Bluesky's handle, a server's address, or "
            "the id or name of a Facebook Page if you have several. Not needed for LinkedIn and X."
        ),
    ] = None,
    *,
    persona_name: PersonaName = None,
    login: Annotated[
        str | None,
        typer.Option(help="Instagram: instagram or facebook, which issued the token. LinkedIn: member, organization."),
    ] = None,
    organization: Annotated[
        str | None, typer.Option(help="Buffer's organization id, or the LinkedIn organization to post as.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="LinkedIn, X: the client id of your app.")] = None,
    redirect: Annotated[str | None, typer.Option(help="LinkedIn, X: the redirect URL of your app.")] = None,
    name: Annotated[str | None, typer.Option(help="The connection's name. Default: the account's id.")] = None,
    expires: Annotated[str | None, typer.Option(help="When the token expires, with an offset.")] = None,
    server: Annotated[str | None, typer.Option(help="Bluesky: where to sign in. Default: https://bsky.social")] = None,
    own_token: Annotated[
        bool,
        typer.Option("--own-token", help="Mastodon, Pixelfed, LinkedIn, Pages: read a token that you made there."),
    ] = False,
    visibility: Annotated[
        str | None, typer.Option(help="Mastodon, Pixelfed: public, unlisted or private. Default: the account's.")
    ] = None,
    sensitive: Annotated[
        bool, typer.Option("--sensitive", help="Mastodon, Pixelfed: hide pictures behind a warning.")
    ] = False,
    json_: AsJson = None,
) -> None:
    """Connect an account, or connect it again. The token is read from a hidden prompt or standard input, and stored
    unless the platform refuses it. For Mastodon, Pixelfed, LinkedIn and X you agree in a browser and give the code."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    path = f"{persona_path(persona)}/connections"
    account: dict[str, object] = {"account_id": account_id}
    if channel == "linkedin":
        posts_as = organization or (account_id if login == "organization" else None)
        app = (
            None
            if own_token
            else LinkedInLogin(
                client_id or _read_secret("client id of your app"),
                "organization" if posts_as else "member",
                redirect or REDIRECT,
            )
        )
        account = _at_linkedin(app, posts_as, account_id)
    elif channel == "x":
        client = client_id or _read_secret("client id of your app")
        account = _agreed_at_x(XLogin(client, redirect or X_REDIRECT, server), account_id)
    elif channel == "facebook_page":
        account = _of_page(account_id, own_token=own_token)
    elif account_id is None:
        raise AccountMissing(f"Name the account of {channel}: shutterpost connections add {channel} ACCOUNT_ID.")
    elif channel in _WITH_SERVERS:
        account = _signed_in(AccountServer(account_id, channel), own_token=own_token)
        account |= {"visibility": visibility, "sensitive": sensitive or None}
    elif channel == "bluesky":
        password = _read_secret("bluesky app password")
        access = sign_in(account_id, password, server)
        account = {"account_id": access.did, "host": access.host, "display_name": access.handle, "token": password}
    else:
        account["token"] = _read_secret(f"{channel} token")
    body = {
        "channel": channel,
        "login": login,
        "organization_id": organization,
        "token_expires_at": expires,
        **account,
        **({"display_name": name} if name else {}),
    }
    created: Json = api.post(path, {key: value for key, value in body.items() if value is not None}).body
    render.respond(created, lambda: _show([created], persona["zone"]), as_json=json_)
    stated = expires or account.get("token_expires_at") is not None
    render.note(f"{created['detail']} {_token_text(created, persona['zone'], is_stated=bool(stated))}")
    render.note(created["unclear_outcome"])
    _note_reset(created, persona["zone"])
    if created["budget_use"] is not None and created["budget"] is None:
        render.note(f"Nothing is posted before you set a monthly budget: {budget_command(created, persona['name'])}")


@connections.command("list", epilog="Example: shutterpost connections list --persona nature")
def list_(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """List a persona's connections in every status."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    page = api.get(f"{persona_path(persona)}/connections")
    render.respond(page, lambda: _show(page["connections"], persona["zone"]), as_json=json_)


@connections.command(epilog="Example: shutterpost connections show linkedin")
def show(
    context: typer.Context, which: ConnectionName, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Show a connection, and what happens after a post without a clear answer."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    connection = find_connection(api, persona, which)
    render.respond(connection, lambda: _show([connection], persona["zone"]), as_json=json_)
    render.note(connection["unclear_outcome"])


@connections.command(epilog="Example: shutterpost connections check instagram")
def check(
    context: typer.Context,
    which: Annotated[
        str | None, typer.Argument(help="Id, name or channel of a connection. Default: all connections.")
    ] = None,
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Check each token with its platform; ends with 1 if one does not work. One that works closes its connection's
    circuit breaker and starts the posts that are due."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    selected = [find_connection(api, persona, which)] if which else list_connections(api, persona)
    path = f"{persona_path(persona)}/connections"
    checked = [
        api.post(f"{path}/{segment(each['connection_id'])}/check").body
        for each in selected
        if each["status"] != "revoked"
    ]
    columns = ("name", "channel", "works", "token ends in", "result")
    rows = [
        (each["display_name"], each["channel"], each["works"], _days(each["token_days_left"]), each["detail"])
        for each in checked
    ]
    render.respond(
        {"checked": checked},
        lambda: render.table(columns, rows, empty="There is no connection to check; connect an account first."),
        as_json=json_,
    )
    for each in checked:
        _note_reset(each, persona["zone"])
    if not all(each["works"] for each in checked):
        leave(ExitCode.REFUSED)


@connections.command(epilog="Example: shutterpost connections reset instagram")
def reset(
    context: typer.Context, which: ConnectionName, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Close a connection's circuit breaker, which holds its posts after several failures, and start what is due."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    connection_id = find_connection(api, persona, which)["connection_id"]
    path = f"{persona_path(persona)}/connections/{segment(connection_id)}/reset"
    closed: Json = api.post(path).body
    render.respond(closed, lambda: _show([closed], persona["zone"]), as_json=json_)
    _note_reset(closed, persona["zone"])
    if closed["was_open"] is None:
        render.note(f"The circuit breaker of {closed['display_name']} was not open.")


@connections.command(epilog="Example: shutterpost connections budget x --posts 30 --dollars 2.50")
def budget(
    context: typer.Context,
    which: ConnectionName,
    *,
    posts: Annotated[int | None, typer.Option(help="The most posts in a calendar month (UTC).")] = None,
    dollars: Annotated[float | None, typer.Option(help="The most US dollars in a calendar month (UTC).")] = None,
    off: Annotated[bool, typer.Option("--off", help="Remove the budget: nothing more is posted.")] = False,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Set or show the monthly budget of a connection whose channel charges for posts, such as X."""
    if (posts is None) is not (dollars is None) or (off and posts is not None):
        raise BudgetIncomplete("Give both --posts and --dollars, or --off, or none of them to see the budget.")
    api = api_client(context)
    persona = find_persona(api, persona_name)
    path = f"{persona_path(persona)}/connections/{segment(find_connection(api, persona, which)['connection_id'])}"
    if off:
        changed: Json = api.delete(f"{path}/budget").body
    elif posts is not None:
        changed = api.put(f"{path}/budget", {"posts": posts, "dollars": dollars}).body
    else:
        changed = api.get(path)
    render.respond(changed, lambda: _show([changed], persona["zone"]), as_json=json_)


@connections.command(epilog="Example: shutterpost connections remove instagram --persona nature")
def remove(
    context: typer.Context, which: ConnectionName, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Disconnect an account and delete its token; the connection stays listed as revoked."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    connection_id = find_connection(api, persona, which)["connection_id"]
    revoked: Json = api.delete(f"{persona_path(persona)}/connections/{segment(connection_id)}").body
    render.respond(revoked, lambda: _show([revoked], persona["zone"]), as_json=json_)


def _signed_in(server: AccountServer, *, own_token: bool) -> dict[str, object]:
    if own_token:
        token = _read_secret(f"token of {server.domain}")
    else:
        app = server.register()
        address = server.address_to_open(app)
        render.note(f"Open this address, agree, and type the code that {server.domain} shows:\n{address}")
        if sys.stdin.isatty():
            webbrowser.open(address)
        token = server.token_for(app, _read_secret(f"code of {server.domain}"))
    signed_in = server.account_of(token)
    return {
        "host": signed_in.host,
        "account_id": signed_in.account_id,
        "display_name": signed_in.name,
        "token": signed_in.token,
    }


def _at_linkedin(app: LinkedInLogin | None, organization: str | None, member: str | None) -> dict[str, object]:
    """A member or an organization, after a sign-in with `app`, or with a token that is typed."""
    expires_at = None
    if app is None:
        token = _read_secret("linkedin token")
    else:
        secret = _read_secret("client secret of your app")
        address = app.address_to_open
        render.note(f"Open this address, agree, and give the address that your browser is sent to:\n{address}")
        if sys.stdin.isatty():
            webbrowser.open(address)
        access = app.access(app.code_in(_read_secret(f"address that begins with {app.redirect}")), secret)
        token, expires_at = access.token, access.expires_at
    account: dict[str, object] = {"account_id": organization, "login": "organization"}
    if organization is None:
        member_id, name = member_of(token)
        if member not in {None, member_id}:
            raise LinkedInRefused(f"You signed in as {name}, whose id is {member_id} and not {member}.")
        account = {"account_id": member_id, "login": "member", "display_name": name or member_id}
    ends = {"token_expires_at": expires_at.isoformat()} if expires_at else {}
    return account | {"token": token, "organization_id": None} | ends


def _of_page(wanted: str | None, *, own_token: bool) -> dict[str, object]:
    read = own_page if own_token else page_of
    page = read(_read_secret("facebook page token" if own_token else "facebook user token"), wanted)
    return {"account_id": page.page_id, "display_name": page.name, "token": page.token}


def _agreed_at_x(login: XLogin, account: str | None) -> dict[str, object]:
    address = login.address_to_open
    render.note(f"Open this address, agree, and type the address that X opens then, or the code in it:\n{address}")
    if sys.stdin.isatty():
        webbrowser.open(address)
    access = login.access(_read_secret("code of X"), account)
    return {"account_id": access.account_id, "display_name": access.name, "token": access.token}


def _read_secret(name: str) -> str:
    text = getpass.getpass(f"{name} (hidden): ") if sys.stdin.isatty() else sys.stdin.readline()
    if not text.strip():
        detail = f"The {name} is missing; type it at the prompt, or pipe it to standard input."
        raise TokenMissing(detail, field="token")
    return text.strip()


def _show(connections: Iterable[Json], zone: str) -> None:
    rows = [
        (
            each["display_name"],
            each["channel"],
            each["connection_id"],
            each["account_id"],
            each["status"],
            _days(each["token_days_left"]),
            "" if each["quota_used"] is None else f"{each['quota_used']} of {each['quota_total']}",
            each["status_reason"],
            budget_text(each),
            _circuit(each, zone),
        )
        for each in connections
    ]
    empty = "There is no connection yet; create one: shutterpost connections add CHANNEL ACCOUNT_ID."
    render.table(_COLUMNS, rows, empty=empty)


def _token_text(connection: Json, zone: str, *, is_stated: bool) -> str:
    facts = connection["token_facts"] or {}
    account = f"Account: {facts['account_name']}. " if facts.get("account_name") else ""
    scopes = "The platform does not tell the token's scopes."
    if facts.get("scopes") is not None:
        scopes = f"Scopes: {', '.join(facts['scopes']) or 'none'}."
    left = connection["token_days_left"]
    if facts.get("expires_at"):
        expiry = f"The token expires on {format_time(facts['expires_at'], zone)} ({zone})."
    elif left is None:
        expiry = "Tokens of this channel do not expire."
    elif is_stated:
        expiry = f"The token expires in {left} days."
    else:
        expiry = f"The platform does not tell when the token expires; {left} days are assumed."
    return f"{account}{scopes} {expiry}"


def _days(left: int | None) -> str:
    return "" if left is None else f"{left} days"


def _circuit(connection: Json, zone: str) -> str:
    circuit = connection["circuit"]
    return f"{format_time(circuit['until'], zone)}, because several failed: {circuit['reason']}" if circuit else ""


def _note_reset(connection: Json, zone: str) -> None:
    was_open = connection["was_open"]
    if was_open is not None:
        until = f"{format_time(was_open['until'], zone)} ({zone})"
        render.note(f"{connection['display_name']}: its posts were held until {until}; they are started again.")
    note_started(connection["posts"])
