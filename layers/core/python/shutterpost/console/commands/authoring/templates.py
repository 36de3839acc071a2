"""`shutterpost templates`: texts with placeholders."""

from collections.abc import Iterable
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import segment
from shutterpost.console.client.exit_codes import OptionMissing
from shutterpost.console.client.lookup import find_persona, find_template
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, command_group
from shutterpost.console.commands.post.creating import create_post, respond_created
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Invalid

templates = command_group("Texts with {{placeholders}}, to fill by hand or to make suggestions from.")
NO_TEMPLATE = "There is no template yet; add one: shutterpost templates add NAME 'New: {{subject}}'."
_COLUMNS = ("name", "id", "placeholders", "channel", "text")

TemplateName = Annotated[str, typer.Argument(help="Id or name of a template, or the beginning of one.")]
Body = Annotated[str | None, typer.Option(help="Its new text, with {{placeholders}}.")]
Description = Annotated[str | None, typer.Option(help="What it is for.")]
ChannelName = Annotated[str | None, typer.Option(help="The channel whose limits a text must keep, such as bluesky.")]
MaxLength = Annotated[int | None, typer.Option(min=1, max=10_000, help="The most characters of a text.")]
MaxHashtags = Annotated[int | None, typer.Option(min=0, max=60, help="The most hashtags of a text.")]
Tones = Annotated[list[str] | None, typer.Option("--tone", help="A tone that sessions may ask for; repeatable.")]
Required = Annotated[list[str] | None, typer.Option("--require", help="A placeholder that must stay; repeatable.")]
HashtagsRequired = Annotated[list[str] | None, typer.Option("--hashtag", help="A hashtag to have; repeatable.")]
HashtagsNever = Annotated[list[str] | None, typer.Option("--never", help="A hashtag not to have; repeatable.")]
Values = Annotated[list[str] | None, typer.Argument(help="Values of placeholders, as NAME=TEXT.")]
Photo = Annotated[str | None, typer.Option(help="A photo whose facts fill what has no value.")]

AsDraft = Annotated[bool, typer.Option("--draft", help="Create a draft of the photo, or of the text alone.")]


class ValueUnclear(Invalid):
    kind = "value-unclear"


@templates.command(epilog="Example: shutterpost templates add launch 'New: {{subject}}, {{year}}' --channel instagram")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, unique among yours.")],
    body: Annotated[str, typer.Argument(help="Its text, with {{placeholders}}.")],
    *,
    description: Description = None,
    channel: ChannelName = None,
    max_length: MaxLength = None,
    max_hashtags: MaxHashtags = None,
    tone: Tones = None,
    require: Required = None,
    hashtag: HashtagsRequired = None,
    never: HashtagsNever = None,
    json_: AsJson = None,
) -> None:
    """Create a template."""
    rules = _given(
        max_length=max_length,
        max_hashtags=max_hashtags,
        tones=tone,
        required_placeholders=require,
        required_hashtags=hashtag,
        never_hashtags=never,
    )
    fields = _given(description=description, default_channel=channel, constraints=rules or None)
    created: Json = api_client(context).post("/templates", {"name": name, "template_body": body, **fields}).body
    render.respond(created, lambda: _show([created]), as_json=json_)


@templates.command("list", epilog="Example: shutterpost templates list")
def list_(context: typer.Context, *, json_: AsJson = None) -> None:
    """List the templates, oldest first."""
    listed = list(api_client(context).pages("/templates", "templates"))
    render.respond({"templates": listed}, lambda: _show(listed), as_json=json_)


@templates.command(epilog="Example: shutterpost templates show launch")
def show(context: typer.Context, name: TemplateName, *, json_: AsJson = None) -> None:
    """Show a template with its constraints."""
    template = find_template(api_client(context), name)
    shown = {key: value for key, value in template.items() if key not in {"owner", "constraints"}}
    render.respond(template, lambda: render.details({**shown, **template["constraints"]}), as_json=json_)


@templates.command(epilog="Example: shutterpost templates change launch --body 'Out now: {{subject}}, {{year}}'")
def change(
    context: typer.Context,
    name: TemplateName,
    *,
    new_name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    body: Body = None,
    description: Description = None,
    channel: ChannelName = None,
    max_length: MaxLength = None,
    max_hashtags: MaxHashtags = None,
    tone: Tones = None,
    require: Required = None,
    hashtag: HashtagsRequired = None,
    never: HashtagsNever = None,
    json_: AsJson = None,
) -> None:
    """Change a template; constraints that are not given stay."""
    api = api_client(context)
    template = find_template(api, name)
    rules = _given(
        max_length=max_length,
        max_hashtags=max_hashtags,
        tones=tone,
        required_placeholders=require,
        required_hashtags=hashtag,
        never_hashtags=never,
    )
    constraints = {**template["constraints"], **rules} if rules else None
    changes = _given(
        name=new_name, template_body=body, description=description, default_channel=channel, constraints=constraints
    )
    if not changes:
        raise OptionMissing("There is nothing to change; shutterpost templates change --help lists the options.")
    changed: Json = api.patch(_path(template), changes, if_match=f'"{template["version"]}"').body
    render.respond(changed, lambda: _show([changed]), as_json=json_)


@templates.command(epilog="Example: shutterpost templates remove launch")
def remove(context: typer.Context, name: TemplateName, *, json_: AsJson = None) -> None:
    """Remove a template; its name is free again."""
    api = api_client(context)
    removed: Json = api.delete(_path(find_template(api, name))).body
    render.respond(removed, lambda: render.line(f"Removed: {removed['name']}"), as_json=json_)


@templates.command(epilog="Example: shutterpost templates fill launch subject=Fog --photo dunes.jpg")
def fill(
    context: typer.Context,
    name: TemplateName,
    values: Values = None,
    *,
    photo: Photo = None,
    channel: ChannelName = None,
    draft: AsDraft = False,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Print the filled text, checked against the template's constraints and the channel's limits, or make a draft."""
    api = api_client(context)
    template = find_template(api, name)
    body: Json = {"values": _parse_values(values or ()), **_given(channel=channel)}
    persona = find_persona(api, persona_name) if draft or photo is not None else None
    if persona is not None and photo is not None:
        body |= {"persona_id": persona["persona_id"], "photo": photo}
    filled: Json = api.post(f"{_path(template)}/fill", body).body
    if draft and persona is not None:
        content = {"photo": photo, "caption": filled["text"], "draft": True}
        respond_created(create_post(api, persona, content, key=None), persona, as_json=json_)
        return
    render.respond(filled, lambda: render.line(filled["text"]), as_json=json_)


def _parse_values(values: Iterable[str]) -> dict[str, str]:
    parts = [value.partition("=") for value in values]
    unclear = [name for name, mark, _ in parts if not mark or not name]
    if unclear:
        raise ValueUnclear(f"{unclear[0]!r} has no value; write NAME=TEXT.", field="VALUES")
    return {name: text for name, _, text in parts}


def _given(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _path(template: Json) -> str:
    return f"/templates/{segment(template['template_id'])}"


def _show(listed: Iterable[Json]) -> None:
    rows = [
        (
            each["name"],
            each["template_id"],
            ", ".join(each["placeholders"]),
            each["default_channel"] or "",
            each["template_body"],
        )
        for each in listed
    ]
    render.table(_COLUMNS, rows, empty=NO_TEMPLATE)
