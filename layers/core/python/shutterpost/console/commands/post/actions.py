"""`shutterpost post cancel`, `retry`, `resolve`, `approve` and others: actions on existing posts."""

import re
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, ApiResponse
from shutterpost.console.client.exit_codes import ExitCode, OptionInvalid, OptionMissing
from shutterpost.console.client.lookup import (
    apply_to_each,
    find_persona,
    find_post,
    persona_path,
    select_schedules,
)
from shutterpost.console.client.times import TIME_HELP
from shutterpost.console.commands.arguments import (
    AsJson,
    ConnectionNames,
    PersonaName,
    PostName,
    api_client,
    complete_photos,
    leave,
)
from shutterpost.console.commands.post.creating import posts
from shutterpost.console.commands.post.on_schedules import (
    ACTIVE,
    ENDED,
    WAITING,
    Zone,
    act_on_each,
    leave_if_refused,
    schedule_path,
    time_fields,
)
from shutterpost.console.output import render

_POST_URL = re.compile(r"https://[\w-]+(\.[\w-]+)+/\S+")


@posts.command(epilog="Example: shutterpost post carousel p3f2a")
def carousel(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    with_photos: Annotated[
        list[str] | None,
        typer.Option(
            "--with", autocompletion=complete_photos, help="A photo to add; repeatable. Default: the offered."
        ),
    ] = None,
    json_: AsJson = None,
) -> None:
    """Post the photos that a pick offers with it, or others, as a carousel; only while the post waits."""
    api = api_client(context)
    post_id = find_post(api, post, persona_name)["post_id"]
    extended: Json = api.post(f"/posts/{post_id}/carousel", {"photos": with_photos or []}).body
    names = ", ".join(extended["photo_names"])
    render.respond(extended, lambda: render.line(f"Post {post_id} has {names}."), as_json=json_)


@posts.command(epilog="Example: shutterpost post cancel p3f2a --connection buffer")
def cancel(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Cancel what is not published yet; what is live stays."""
    act_on_each(
        context,
        post,
        persona_name,
        connection,
        statuses=ACTIVE,
        act=lambda api, schedule: api.post(f"{schedule_path(schedule)}/cancel"),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post retry --code 190/460")
def retry(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="Id of a post or schedule. Default: all that failed with --class or --code.")
    ] = None,
    *,
    persona_name: PersonaName = None,
    at: Annotated[str | None, typer.Option(help=f"{TIME_HELP} Default: its own time, or now.")] = None,
    zone: Zone = None,
    connection: ConnectionNames = None,
    error_class: Annotated[str | None, typer.Option("--class", help="retryable, permanent or ambiguous.")] = None,
    code: Annotated[str | None, typer.Option(help="The error code, as post show prints it.")] = None,
    json_: AsJson = None,
) -> None:
    """Retry failed or skipped posts, one after the other; nothing is published twice."""
    if post is not None:
        act_on_each(
            context,
            post,
            persona_name,
            connection,
            statuses=ENDED,
            act=lambda api, schedule: api.post(f"{schedule_path(schedule)}/retry", time_fields(schedule, at, zone)),
            as_json=json_,
        )
        return
    if error_class is None and code is None:
        raise OptionMissing("Give a post, or --class or --code of the error.", field="post")
    api = api_client(context)
    report = _retry_all(api, find_persona(api, persona_name), error_class, code)
    summary = f"{len(report['retried'])} retried, {len(report['refused'])} refused."
    render.respond(report, lambda: render.line(summary), as_json=json_)
    leave_if_refused(report["refused"])


@posts.command(epilog="Example: shutterpost post resolve p3f2a --live https://www.instagram.com/p/ABC/")
def resolve(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    live: Annotated[str | None, typer.Option(help="The post is live at this URL.")] = None,
    not_live: Annotated[bool, typer.Option("--not-live", help="The post is not live; it can then be retried.")] = False,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Resolve a post whose outcome is unknown; sync applies the answer within a minute."""
    if (live is None) is not not_live:
        raise OptionMissing("Use either --live URL or --not-live.", field="live")
    if live is not None and not _POST_URL.fullmatch(live):
        raise OptionInvalid(f"{live!r} is no URL of a post; use its address, such as https://www.instagram.com/p/ABC/.")
    verdict: Json = {"live_url": live} if live else {"not_live": True}
    checks: list[Json] = []

    def act(api: ApiClient, schedule: Json) -> ApiResponse:
        response = api.post(f"{schedule_path(schedule)}/resolve", verdict)
        checks.append(response.body["address_check"])
        return response

    act_on_each(context, post, persona_name, connection, statuses=("unknown",), act=act, as_json=json_)
    for check in filter(None, checks):
        checked = "" if check["is_ours"] else "The address was not checked, because the platform cannot tell: "
        render.note(f"{checked}{check['detail']}")


@posts.command(epilog="Example: shutterpost post skip p3f2a --reason 'Not this week.'")
def skip(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    reason: Annotated[str | None, typer.Option(help="The reason, kept with the post.")] = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Skip a waiting post and release its photo; the post can be retried later."""
    act_on_each(
        context,
        post,
        persona_name,
        connection,
        statuses=WAITING,
        act=lambda api, schedule: api.post(f"{schedule_path(schedule)}/skip", {"reason": reason} if reason else {}),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post remove p3f2a --connection instagram")
def remove(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Delete a live post where the platform allows it; else print where to delete it yourself, and end with 1."""
    api = api_client(context)
    existing = find_post(api, post, persona_name)
    removals, refused = apply_to_each(
        select_schedules(existing, post, connection, ("success",)),
        lambda schedule: api.post(f"{schedule_path(schedule)}/remove").body,
    )
    rows = [(removal["removed"], removal["detail"], removal["external_url"]) for removal in removals]
    document = {"post_id": existing["post_id"], "removals": removals, "refused": refused}
    render.respond(document, lambda: render.table(("removed", "result", "where"), rows), as_json=json_)
    leave_if_refused(refused)
    if not all(removal["removed"] for removal in removals):
        leave(ExitCode.REFUSED)


@posts.command(epilog="Example: shutterpost post approve p0123456789abcdef")
def approve(context: typer.Context, post: PostName, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Approve a pick that awaits review."""
    api = api_client(context)
    post_id = find_post(api, post, persona_name)["post_id"]
    approved: Json = api.post(f"/posts/{post_id}/approve", {}).body
    render.respond(approved, lambda: render.note(f"{post_id} is approved for its slot."), as_json=json_)


@posts.command(epilog="Example: shutterpost post reject p0123456789abcdef 'Too dark.'")
def reject(
    context: typer.Context,
    post: PostName,
    reason: Annotated[str | None, typer.Argument(help="The reason, kept with the decision.")] = None,
    *,
    back: Annotated[bool, typer.Option("--back", help="Allow the photo for other slots.")] = False,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Reject a pick that awaits review, and pick another photo for its slot."""
    api = api_client(context)
    post_id = find_post(api, post, persona_name)["post_id"]
    rejection: Json = api.post(f"/posts/{post_id}/reject", {"reason": reason, "back": back}).body
    render.respond(rejection, lambda: render.note(rejection["reason"]), as_json=json_)


def _retry_all(api: ApiClient, persona: Json, error_class: str | None, code: str | None) -> Json:
    body = {"error_class": error_class, "error_code": code, "cursor": None}
    retried: list[str] = []
    refused: list[Json] = []
    while True:
        page = api.post(f"{persona_path(persona)}/retry", {name: value for name, value in body.items() if value}).body
        retried += page["retried"]
        refused += page["refused"]
        body["cursor"] = page["cursor"]
        if page["cursor"] is None:
            return {"retried": retried, "refused": refused}
