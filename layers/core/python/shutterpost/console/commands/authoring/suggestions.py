"""`shutterpost suggest`: texts that are proposed for each channel, to accept or not."""

import time
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    find_connection,
    find_persona,
    find_post,
    find_session,
    find_template,
    persona_path,
    take,
)
from shutterpost.console.commands.arguments import AsJson, Limit, PersonaName, api_client, command_group, leave
from shutterpost.console.output import render

suggestions = command_group("Texts that are proposed for each channel, to accept or not.")
_COLUMNS = ("suggestion", "length", "accepted", "text")
_POLL_SECONDS, _POLLS = 2, 60

SessionName = Annotated[str, typer.Argument(help="Id of a session, or the beginning of one.")]


@suggestions.command(epilog="Example: shutterpost suggest new 'Announce the fog series.' --photo dunes.jpg --channel x")
def new(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="What the texts should say.")] = "",
    *,
    photo: Annotated[str | None, typer.Option(help="The photo to write about.")] = None,
    post: Annotated[str | None, typer.Option(help="The post that accepted texts belong to.")] = None,
    template: Annotated[str | None, typer.Option(help="A template to fill first.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="A channel to write for; repeatable.")] = None,
    tone: Annotated[str | None, typer.Option(help="Such as calm or dry; one of the template's, if it has any.")] = None,
    length: Annotated[str | None, typer.Option(help="short, medium or long.")] = None,
    language: Annotated[str | None, typer.Option(help="Such as de or pt-BR.")] = None,
    per_channel: Annotated[int | None, typer.Option(min=1, max=5, help="The most texts for each channel.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the texts.")] = True,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Have texts written for each channel. Publishes nothing."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    given = {
        "prompt": prompt,
        "photo": photo,
        "post_id": post and find_post(api, post, persona_name)["post_id"],
        "template_id": template and find_template(api, template)["template_id"],
        "channels": channel,
        "tone": tone,
        "length": length,
        "language": language,
        "per_channel": per_channel,
    }
    body = {name: value for name, value in given.items() if value is not None}
    session: Json = api.post(f"{persona_path(persona)}/sessions", body).body
    path = f"{persona_path(persona)}/sessions/{segment(session['session_id'])}"
    session = _finished(api, path) if wait else api.get(path)
    _respond(session, as_json=json_)
    if session["status"] == "aborted" or (wait and session["generated_at"] is None):
        leave(ExitCode.REFUSED)


@suggestions.command("list", epilog="Example: shutterpost suggest list --limit 5")
def list_(context: typer.Context, *, limit: Limit = 20, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """List a persona's sessions, newest first."""
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/sessions"
    listed = take(api.pages(path, "sessions"), limit)
    rows = [
        (each["session_id"], each["status"], ", ".join(each["channels"]), each["created_at"], each["prompt"])
        for each in listed
    ]
    columns = ("session", "status", "channels", "created", "prompt")
    empty = "There is no session yet; create one: shutterpost suggest new."
    render.respond({"sessions": listed}, lambda: render.table(columns, rows, empty=empty), as_json=json_)


@suggestions.command(epilog="Example: shutterpost suggest show s019d2f")
def show(
    context: typer.Context, session: SessionName, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Show a session with its suggestions."""
    _respond(find_session(api_client(context), session, persona_name), as_json=json_)


@suggestions.command(epilog="Example: shutterpost suggest accept s019d2f x-1 --connection nature")
def accept(
    context: typer.Context,
    session: SessionName,
    suggestion: Annotated[str, typer.Argument(help="Channel and number of a suggestion, such as x-1.")],
    *,
    post: Annotated[str | None, typer.Option(help="The post to add the text to. Default: the session's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Id, name or channel of the connection to write for.")] = None,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Make a suggestion a variant of a post, by default of a new draft. Publishes nothing."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    known = find_session(api, session, persona_name)
    given = {
        "post_id": post and find_post(api, post, persona_name)["post_id"],
        "connection_id": connection and find_connection(api, persona, connection)["connection_id"],
    }
    body = {name: value for name, value in given.items() if value is not None}
    number = suggestion.removeprefix(f"{known['session_id']}-")
    suggestion_id = f"{known['session_id']}-{number}"
    path = f"{_path(known)}/suggestions/{segment(suggestion_id)}/accept"
    accepted: Json = api.post(path, body).body
    post_id = accepted["post"]["post_id"]
    render.respond(accepted, lambda: render.line(f"Post {post_id}\n{accepted['variant']['text']}"), as_json=json_)


@suggestions.command(epilog="Example: shutterpost suggest abort s019d2f 'Not needed.'")
def abort(
    context: typer.Context,
    session: SessionName,
    reason: Annotated[str | None, typer.Argument(help="Why.")] = None,
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """End a session in progress; none of its suggestions can be accepted any more."""
    api = api_client(context)
    known = find_session(api, session, persona_name)
    aborted: Json = api.post(f"{_path(known)}/abort", {"reason": reason} if reason else {}).body
    render.respond(aborted, lambda: render.line(f"Aborted: {aborted['reason']}"), as_json=json_)


def _finished(api: ApiClient, path: str) -> Json:
    session: Json = api.get(path)
    for _ in range(_POLLS):
        if session["generated_at"] is not None or session["status"] == "aborted":
            break
        time.sleep(_POLL_SECONDS)
        session = api.get(path)
    return session


def _path(session: Json) -> str:
    return f"/personas/{segment(session['persona_id'])}/sessions/{segment(session['session_id'])}"


def _respond(session: Json, *, as_json: bool | None) -> None:
    render.respond(session, lambda: _show(session), as_json=as_json)


def _show(session: Json) -> None:
    state = session["status"] if session["generated_at"] else f"{session['status']}, not finished"
    render.line(f"Session {session['session_id']}: {session['reason'] or state}")
    rows = [
        (
            f"{each['channel']}-{each['number']}",
            len(each["content"]),
            "yes" * each["accepted"],
            each["content"],
        )
        for each in session["suggestions"]
    ]
    render.table(_COLUMNS, rows, empty="It has no suggestion yet.")
    for channel, reason in session["failures"].items():
        render.line(f"{channel}: {reason}")
