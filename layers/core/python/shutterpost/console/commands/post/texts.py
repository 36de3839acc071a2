"""`shutterpost post list`, `show`, `edit`, `write`, `preview` and others: posts, their texts and variants."""

import uuid
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.exit_codes import OptionMissing
from shutterpost.console.client.extras import parse_extras
from shutterpost.console.client.lookup import (
    find_connection,
    find_persona,
    find_photo,
    find_post,
    list_connections,
    persona_path,
    take,
)
from shutterpost.console.commands.arguments import (
    AsJson,
    DryRun,
    Limit,
    PersonaName,
    PostName,
    api_client,
    complete_photos,
)
from shutterpost.console.commands.post.creating import (
    AltText,
    ConnectionName,
    ExtraOptions,
    Key,
    Keys,
    PostLanguage,
    Title,
    further_fields,
    posts,
)
from shutterpost.console.output import render
from shutterpost.console.output.post_tables import show_channel_texts, show_post, show_posts, show_preview, show_variant


@posts.command("list", epilog="Example: shutterpost post list --status failed")
def list_(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    status: Annotated[
        str | None,
        typer.Option(help="draft, scheduled, publishing, posted, partially_posted, failed, unknown or cancelled."),
    ] = None,
    tag: Annotated[str | None, typer.Option(help="A private label.")] = None,
    channel: Annotated[str | None, typer.Option(help="A channel of its variants or schedules.")] = None,
    connection: ConnectionName = None,
    source: Annotated[str | None, typer.Option(help="manual, generated or imported: where a text comes from.")] = None,
    since: Annotated[str | None, typer.Option(help="Created since then, such as 2026-04-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Created before then.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Only archived posts.")] = False,
    limit: Limit = 20,
    json_: AsJson = None,
) -> None:
    """List a persona's posts, newest first."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    where = find_connection(api, persona, connection)["connection_id"] if connection else None
    given = {"status": status, "tag": tag, "channel": channel, "connection": where, "source": source}
    given |= {"from": since, "to": until, "archived": str(archived).lower()}
    query = {name: value for name, value in given.items() if value is not None}
    listed = take(api.pages(f"{persona_path(persona)}/posts", "posts", **query), limit)
    render.respond({"posts": listed}, lambda: show_posts(listed, persona["zone"]), as_json=json_)


@posts.command(epilog="Example: shutterpost post show p3f2a")
def show(context: typer.Context, post: PostName, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show a post: its text, its schedules, the attempts, and why its photo was picked."""
    api = api_client(context)
    details = find_post(api, post, persona_name)
    render.respond(details, lambda: show_post(details, _accounts_of(api, details)), as_json=json_)


@posts.command(epilog="Example: shutterpost post edit p3f2a --caption 'Evening fog.'")
def edit(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    photo: Annotated[
        str | None, typer.Option(autocompletion=complete_photos, help="Of a draft: its photo, by id or file name.")
    ] = None,
    caption: Annotated[str | None, typer.Option(help="Its new caption.")] = None,
    hashtag: Annotated[list[str] | None, typer.Option("--hashtag", help="Its new hashtags; repeatable.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Its new private labels; repeatable.")] = None,
    meta: Keys = None,
    language: PostLanguage = None,
    alt_text: AltText = None,
    extra: ExtraOptions = None,
    title: Title = None,
    order: Annotated[
        list[str] | None,
        typer.Option(
            "--order", autocompletion=complete_photos, help="A carousel's photos in their new order; repeatable."
        ),
    ] = None,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Edit the text, or the order of photos, of a post that is not live on any connection yet."""
    texts = {"caption": caption, "hashtags": hashtag, "language": language, "alt_text": alt_text, "title": title}
    ordered = _ordered(context, post, persona_name, order)
    given = {"photo": photo, "photo_ids": ordered, **texts, **further_fields(tag, meta)}
    if extra:
        given["extras"] = parse_extras(extra, find_post(api_client(context), post, persona_name)["extras"])
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise OptionMissing("There is nothing to change; shutterpost post edit --help lists the options.")
    _patch(context, post, persona_name, changes, dry_run=dry_run, as_json=json_)


@posts.command(epilog="Example: shutterpost post write p3f2a --connection instagram --label short --text 'Fog. #sea'")
def write(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    channel: Annotated[str | None, typer.Option(help="A channel, such as bluesky; its connection comes later.")] = None,
    connection: ConnectionName = None,
    variant: Annotated[str | None, typer.Option(help="Id of a variant to change. Default: add another one.")] = None,
    text: Annotated[str | None, typer.Option(help="The final text, with its hashtags.")] = None,
    language: PostLanguage = None,
    alt_text: AltText = None,
    tone: Annotated[str | None, typer.Option(help="A name for its tone, such as calm.")] = None,
    label: Annotated[str | None, typer.Option(help="Distinguishes variants of one connection, such as short.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the variant.")] = False,
    dry_run: DryRun = False,
    key: Key = None,
    json_: AsJson = None,
) -> None:
    """Write the text for one channel or connection, or change or remove one such variant."""
    api = api_client(context)
    existing = find_post(api, post, persona_name)
    path = f"/posts/{segment(existing['post_id'])}/variants"
    given = {"text": text, "language": language, "alt_text": alt_text, "tone": tone, "label": label}
    body = {name: value for name, value in given.items() if value is not None}
    if variant is None:
        if text is None or remove:
            raise OptionMissing("Give the text of a new variant with --text, or an existing --variant.", field="text")
        persona = find_persona(api, existing["persona_id"])
        where = {"connection_id": find_connection(api, persona, connection)["connection_id"]} if connection else {}
        target = where | ({"channel": channel} if channel else {})
        query = {"dry_run": "true"} if dry_run else {}
        shown = api.post(path, body | target, key=key or str(uuid.uuid4()), **query).body
    elif remove:
        shown = api.delete(f"{path}/{segment(variant)}").body
    elif body:
        shown = api.patch(f"{path}/{segment(variant)}", body).body
    else:
        raise OptionMissing("There is nothing to change; shutterpost post write --help lists the options.")

    def show() -> None:
        if remove:
            show_post(shown, _accounts_of(api, shown))
        else:
            show_variant(shown)

    render.respond(shown, show, as_json=json_)


@posts.command(epilog="Example: shutterpost post preview p3f2a --channels")
def preview(
    context: typer.Context,
    post: PostName,
    *,
    channels: Annotated[bool, typer.Option("--channels", help="How the caption would fit each channel.")] = False,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Show what each variant would send, counted as its channel counts, and what prevents it."""
    api = api_client(context)
    result = api.get(f"/posts/{segment(find_post(api, post, persona_name)['post_id'])}/preview")
    show = show_channel_texts if channels else show_preview
    render.respond(result, lambda: show(result), as_json=json_)


@posts.command(epilog="Example: shutterpost post delete p3f2a")
def delete(context: typer.Context, post: PostName, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Delete a draft; a post that had a schedule stays."""
    api = api_client(context)
    deleted = api.delete(f"/posts/{segment(find_post(api, post, persona_name)['post_id'])}").body
    render.respond(deleted, lambda: render.line(f"Draft {deleted['post_id']} is deleted."), as_json=json_)


@posts.command(epilog="Example: shutterpost post archive p3f2a")
def archive(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    undo: Annotated[bool, typer.Option("--undo", help="Restore it from the archive.")] = False,
    json_: AsJson = None,
) -> None:
    """Archive a finished post: it is kept, and no longer listed."""
    _patch(context, post, persona_name, {"archived": not undo}, as_json=json_)


def _patch(
    context: typer.Context,
    post: str,
    persona: str | None,
    changes: Json,
    *,
    as_json: bool | None,
    dry_run: bool = False,
) -> None:
    api = api_client(context)
    path = f"/posts/{find_post(api, post, persona)['post_id']}"
    query = {"dry_run": "true"} if dry_run else {}
    # The version makes the API refuse the change if another one came between.
    changed: Json = api.patch(path, changes, if_match=api.request("GET", path).etag, **query).body

    def show() -> None:
        if dry_run:
            show_preview({"variants": list(changed["texts"].values())})
        else:
            show_post(changed, _accounts_of(api, changed))

    render.respond(changed, show, as_json=as_json)


def _accounts_of(api: ApiClient, post: Json) -> list[Json]:
    failed = any(schedule["status"] == "failed" for schedule in post["schedules"])
    return list_connections(api, post) if failed else []


def _ordered(context: typer.Context, post: str, persona_name: str | None, names: list[str] | None) -> list[str] | None:
    if names is None:
        return None
    api = api_client(context)
    persona = find_persona(api, find_post(api, post, persona_name)["persona_id"])
    return [find_photo(api, persona, name)["photo_id"] for name in names]
