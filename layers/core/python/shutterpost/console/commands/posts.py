"""`shutterpost post`: photos out, now or at a time; posts to look at, to change and to put away."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from shutterpost.console.client.api_client import ApiClient, ApiResponse
from shutterpost.console.client.arguments import (
    AsJson,
    ConnectionsResponse,
    Json,
    Limit,
    Persona,
    api_client,
    connections_of,
    limited,
    path_of,
    persona_of,
    post_of,
)
from shutterpost.console.output import render
from shutterpost.console.output.post_tables import show_post, show_posts
from shutterpost.console.output.times import meant
from shutterpost.runtime.refusals import Invalid

posts = typer.Typer(help="Photos out, now or at a time; and posts on their way.", no_args_is_help=True)

Photo = Annotated[str, typer.Argument(help="Id of a photo, its first 8 or more digits, or a file name.")]
Post = Annotated[str, typer.Argument(help="Id of a post, or its first 4 or more characters.")]
AT = "18:30, 'tomorrow 18:30', 'sat 09:00' or 2026-11-22T18:30."
Zone = Annotated[str | None, typer.Option(help="IANA zone of --at; default: the persona's.")]
Caption = Annotated[str | None, typer.Option(help="Its caption; default: the photo's, or the persona's.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A hashtag; repeatable. Default: the persona's.")]
AltText = Annotated[str | None, typer.Option(help="What the picture shows, for who cannot see it.")]
Title = Annotated[str | None, typer.Option(help="A title for lists; it is not posted.")]
Cycle = Annotated[int | None, typer.Option(min=1, help="2 and above post a photo again on purpose.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]
Key = Annotated[
    str | None, typer.Option("--once", help="A name for this wish: a repeat with it finds the first one's post.")
]


class WordMissing(Invalid):
    """An option without which the command has no meaning."""

    kind = "word-missing"


@posts.command(epilog="Example: shutterpost post schedule dunes.jpg --at 'tomorrow 18:30' --caption 'A still morning.'")
def schedule(
    context: typer.Context,
    photo: Photo,
    *,
    persona: Persona = None,
    at: Annotated[str | None, typer.Option(help=f"{AT} Default: the persona's next free slot.")] = None,
    zone: Zone = None,
    connection: ConnectionsResponse = None,
    caption: Caption = None,
    tag: Tags = None,
    alt_text: AltText = None,
    title: Title = None,
    cycle: Cycle = None,
    dry_run: DryRun = False,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Schedule a photo, on every connection or those named."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    when = {"zone": zone, "at": meant(at, zone or whose["zone"], datetime.now(UTC))} if at else {}
    words = {"caption": caption, "tags": tag, "alt_text": alt_text, "title": title, "cycle": cycle}
    wish = {"photo": photo, "connection_ids": connections_of(reach, whose, connection), **when, **words}
    opened = _open(reach, whose, wish, dry_run=dry_run, next_slot=at is None, key=key)
    _tell(opened, whose, dry_run=dry_run, as_json=json_)


@posts.command(epilog="Example: shutterpost post now dunes.jpg --connection instagram")
def now(
    context: typer.Context,
    photo: Photo,
    *,
    persona: Persona = None,
    connection: ConnectionsResponse = None,
    caption: Caption = None,
    tag: Tags = None,
    alt_text: AltText = None,
    title: Title = None,
    cycle: Cycle = None,
    dry_run: DryRun = False,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Post a photo at once, on every connection or those named."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    words = {"caption": caption, "tags": tag, "alt_text": alt_text, "title": title, "cycle": cycle}
    wish = {"photo": photo, "connection_ids": connections_of(reach, whose, connection), **words}
    _tell(_open(reach, whose, wish, dry_run=dry_run, key=key), whose, dry_run=dry_run, as_json=json_)


@posts.command(epilog="Example: shutterpost post draft dunes.jpg --caption 'A still morning.'")
def draft(
    context: typer.Context,
    photo: Photo,
    *,
    persona: Persona = None,
    connection: ConnectionsResponse = None,
    caption: Caption = None,
    tag: Tags = None,
    alt_text: AltText = None,
    title: Title = None,
    cycle: Cycle = None,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Write a post and keep it; nothing is claimed until post reschedule gives it a time."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    words = {"caption": caption, "tags": tag, "alt_text": alt_text, "title": title, "cycle": cycle}
    wish = {"photo": photo, "connection_ids": connections_of(reach, whose, connection), "draft": True, **words}
    _tell(_open(reach, whose, wish, dry_run=False, key=key), whose, dry_run=False, as_json=json_)


@posts.command("list", epilog="Example: shutterpost post list --status failed")
def list_(
    context: typer.Context,
    *,
    persona: Persona = None,
    status: Annotated[
        str | None, typer.Option(help="scheduled, publishing, posted, partially_posted, failed, unknown or cancelled.")
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Only what was put away.")] = False,
    limit: Limit = 20,
    json_: AsJson = None,
) -> None:
    """List a persona's posts, newest first."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    every = reach.pages(f"{path_of(whose)}/posts", "posts")
    found = limited(
        (one for one in every if one["archived"] is archived and status in {None, one["status"]}),
        limit,
    )
    render.answer({"posts": found}, lambda: show_posts(found, whose["zone"]), as_json=json_)


@posts.command(epilog="Example: shutterpost post show p3f2a")
def show(context: typer.Context, post: Post, *, persona: Persona = None, json_: AsJson = None) -> None:
    """Show a post: its text, its schedules, what was tried, and why its photo was picked."""
    found = post_of(api_client(context), post, persona)
    render.answer(found, lambda: show_post(found), as_json=json_)


@posts.command(epilog="Example: shutterpost post edit p3f2a --caption 'Evening fog.'")
def edit(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    caption: Annotated[str | None, typer.Option(help="Its new caption.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Its new hashtags; repeatable.")] = None,
    alt_text: AltText = None,
    title: Title = None,
    json_: AsJson = None,
) -> None:
    """Change the words of a post of which nothing is out yet."""
    given = {"caption": caption, "tags": tag, "alt_text": alt_text, "title": title}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise WordMissing("Say what to change; shutterpost post edit --help lists it.")
    _change(context, post, persona, changes, as_json=json_)


@posts.command(epilog="Example: shutterpost post archive p3f2a")
def archive(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take it out of the archive.")] = False,
    json_: AsJson = None,
) -> None:
    """Put away a post that has ended; it stays in the books, and out of the lists."""
    _change(context, post, persona, {"archived": not undo}, as_json=json_)


def _change(context: typer.Context, post: str, persona: str | None, changes: Json, *, as_json: bool | None) -> None:
    reach = api_client(context)
    path = f"/posts/{post_of(reach, post, persona)['post_id']}"
    # By the version that is there now: what changed since it was found is refused, not overwritten.
    changed: Json = reach.patch(path, changes, if_match=reach.ask("GET", path).etag).body
    render.answer(changed, lambda: show_post(changed), as_json=as_json)


def _open(
    reach: ApiClient, persona: Json, wish: dict[str, Any], *, dry_run: bool, key: str | None, next_slot: bool = False
) -> ApiResponse:
    """Ask for the post; a key makes a repeat after a lost answer find the first one's."""
    told = {name: value for name, value in wish.items() if value not in (None, [])}
    query = {name: "true" for name, wanted in (("dry_run", dry_run), ("next_slot", next_slot)) if wanted}
    return reach.post(f"{path_of(persona)}/posts", told, key=key or str(uuid.uuid4()), **query)


def _tell(opened: ApiResponse, persona: Json, *, dry_run: bool, as_json: bool | None) -> None:
    post: Json = opened.body

    def people() -> None:
        render.say("This is how it would be; nothing was changed." if dry_run else f"Post {post['post_id']}")
        show_posts([post], persona["zone"])
        if not dry_run:
            render.say(f"Follow it with: shutterpost post show {post['post_id']}", style="dim")

    render.answer(post, people, as_json=as_json)
