"""`shutterpost post schedule`, `now` and `draft`: creates posts."""

import uuid
from typing import Annotated, Any

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import OptionMissing
from shutterpost.console.client.extras import EXTRA_HELP, parse_extras
from shutterpost.console.client.lookup import (
    find_connection_ids,
    find_persona,
    persona_path,
)
from shutterpost.console.client.times import TIME_HELP
from shutterpost.console.commands.arguments import (
    AsJson,
    ConnectionNames,
    DryRun,
    PersonaName,
    PhotoName,
    api_client,
    command_group,
    complete_connections,
    complete_photos,
    local_time,
)
from shutterpost.console.output import render
from shutterpost.console.output.holds import note_holds
from shutterpost.console.output.post_tables import show_posts

posts = command_group("Schedule, change and follow posts.")


Zone = Annotated[str | None, typer.Option(help="IANA zone of --at. Default: the persona's.")]
Caption = Annotated[str | None, typer.Option(help="Its caption. Default: the photo's, or the persona's.")]
Hashtags = Annotated[list[str] | None, typer.Option("--hashtag", help="A hashtag; repeatable. Default: the persona's.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A private label to filter by; repeatable.")]
Keys = Annotated[
    list[str] | None, typer.Option("--meta", help="A key of your own, such as campaign_id=spring; repeatable.")
]
AltText = Annotated[str | None, typer.Option(help="A description of the picture for screen readers.")]
PostLanguage = Annotated[
    str | None, typer.Option("--language", help="The language of its texts, such as de. Default: the persona's.")
]
ExtraOptions = Annotated[list[str] | None, typer.Option("--extra", help=EXTRA_HELP)]
Title = Annotated[str | None, typer.Option(help="A title for lists; it is not published.")]
Cycle = Annotated[int | None, typer.Option(min=1, max=10_000, help="2 or more reposts a photo on purpose.")]
ConnectionName = Annotated[
    str | None,
    typer.Option("--connection", "-c", autocompletion=complete_connections, help="Id, name or channel of one."),
]
WithPhotos = Annotated[
    list[str] | None,
    typer.Option("--with", autocompletion=complete_photos, help="A further photo of a carousel, in order; repeatable."),
]
Key = Annotated[
    str | None, typer.Option("--once", help="An idempotency key: a repeat with it returns the first one's post.")
]


@posts.command(epilog="Example: shutterpost post schedule dunes.jpg --at 'tomorrow 18:30' --caption 'A still morning.'")
def schedule(
    context: typer.Context,
    photo: PhotoName,
    *,
    persona_name: PersonaName = None,
    with_photos: WithPhotos = None,
    at: Annotated[str | None, typer.Option(help=f"{TIME_HELP} Default: the persona's next free slot.")] = None,
    slot: Annotated[str | None, typer.Option(help="A slot of the persona, such as 'sun 10:00', to occupy.")] = None,
    zone: Zone = None,
    connection: ConnectionNames = None,
    caption: Caption = None,
    hashtag: Hashtags = None,
    tag: Tags = None,
    meta: Keys = None,
    language: PostLanguage = None,
    alt_text: AltText = None,
    extra: ExtraOptions = None,
    title: Title = None,
    cycle: Cycle = None,
    dry_run: DryRun = False,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Schedule a photo on every connection, or on those given."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    body = {
        "photo": photo,
        "with_photos": with_photos,
        "connection_ids": find_connection_ids(api, persona, connection),
        **({"zone": zone, "at": local_time(at, zone or persona["zone"])} if at else {}),
        **_content(caption, hashtag, alt_text, title, cycle),
        "language": language,
        **further_fields(tag, meta, extra),
    }
    at_slot = local_time(slot, persona["zone"]) if slot else None
    next_slot = at is None and slot is None
    post = create_post(api, persona, body, dry_run=dry_run, next_slot=next_slot, slot=at_slot, key=key)
    respond_created(post, persona, dry_run=dry_run, as_json=json_)


@posts.command(epilog="Example: shutterpost post now dunes.jpg --connection instagram")
def now(
    context: typer.Context,
    photo: PhotoName,
    *,
    persona_name: PersonaName = None,
    with_photos: WithPhotos = None,
    connection: ConnectionNames = None,
    caption: Caption = None,
    hashtag: Hashtags = None,
    tag: Tags = None,
    meta: Keys = None,
    language: PostLanguage = None,
    alt_text: AltText = None,
    extra: ExtraOptions = None,
    title: Title = None,
    cycle: Cycle = None,
    dry_run: DryRun = False,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Publish a photo at once on every connection, or on those given."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    body = {
        "photo": photo,
        "with_photos": with_photos,
        "connection_ids": find_connection_ids(api, persona, connection),
        **_content(caption, hashtag, alt_text, title, cycle),
        "language": language,
        **further_fields(tag, meta, extra),
    }
    post = create_post(api, persona, body, dry_run=dry_run, key=key)
    respond_created(post, persona, dry_run=dry_run, as_json=json_)


@posts.command(epilog="Example: shutterpost post draft dunes.jpg --caption 'A still morning.'")
def draft(
    context: typer.Context,
    photo: Annotated[
        str | None,
        typer.Argument(autocompletion=complete_photos, help="A photo's id or file name. Default: none, a text alone."),
    ] = None,
    *,
    persona_name: PersonaName = None,
    with_photos: WithPhotos = None,
    connection: ConnectionNames = None,
    caption: Caption = None,
    hashtag: Hashtags = None,
    tag: Tags = None,
    meta: Keys = None,
    language: PostLanguage = None,
    alt_text: AltText = None,
    extra: ExtraOptions = None,
    title: Title = None,
    cycle: Cycle = None,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Create a draft, of a photo or of a text alone; it claims no photo until post reschedule sets a time."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    body = {
        "photo": photo,
        "with_photos": with_photos,
        "connection_ids": find_connection_ids(api, persona, connection),
        "draft": True,
        **_content(caption, hashtag, alt_text, title, cycle),
        "language": language,
        **further_fields(tag, meta, extra),
    }
    respond_created(create_post(api, persona, body, key=key), persona, as_json=json_)


def _content(
    caption: str | None, hashtags: list[str] | None, alt_text: str | None, title: str | None, cycle: int | None
) -> Json:
    return {"caption": caption, "hashtags": hashtags, "alt_text": alt_text, "title": title, "cycle": cycle}


def further_fields(tags: list[str] | None, meta: list[str] | None, extras: list[str] | None = None) -> Json:
    keys = [item.partition("=") for item in meta or ()]
    if any(not (name and mark) for name, mark, _ in keys):
        raise OptionMissing("Write a key with its value: --meta campaign_id=spring.", field="metadata")
    labels = {"tags": tags, "metadata": {name: value for name, _, value in keys} or None}
    return labels | ({"extras": parse_extras(extras)} if extras else {})


def create_post(
    api: ApiClient,
    persona: Json,
    body: dict[str, Any],
    *,
    dry_run: bool = False,
    key: str | None,
    next_slot: bool = False,
    slot: str | None = None,
) -> Json:
    """Create a post of `persona`; the idempotency key makes a retry after a lost response return the first post."""
    given = {name: value for name, value in body.items() if value not in (None, [])}
    query = {name: "true" for name, wanted in (("dry_run", dry_run), ("next_slot", next_slot)) if wanted}
    query |= {"slot": slot} if slot else {}
    created: Json = api.post(f"{persona_path(persona)}/posts", given, key=key or str(uuid.uuid4()), **query).body
    return created


def respond_created(post: Json, persona: Json, *, dry_run: bool = False, as_json: bool | None) -> None:
    def show() -> None:
        render.line("Dry run, nothing was changed. The post would be:" if dry_run else f"Post {post['post_id']}")
        show_posts([post], persona["zone"])
        for warning in post.get("warnings", ()):
            render.line(warning["detail"])
        if not dry_run:
            render.line(f"Follow it with: shutterpost post show {post['post_id']}", style="dim")

    render.respond(post, show, as_json=as_json)
    note_holds(post["schedules"], persona["zone"])
