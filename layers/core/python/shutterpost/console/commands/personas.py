"""`shutterpost personas`: identities that post, with their slots and rules."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import UnknownName
from shutterpost.console.client.lookup import NO_PERSONA, find_persona, persona_path
from shutterpost.console.client.times import DAYS
from shutterpost.console.commands.arguments import AsJson, api_client, command_group, complete_personas
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Invalid

personas = command_group("Identities that post, with their slots and rules.")

Zone = Annotated[str, typer.Option(help="IANA zone of its slots, such as Europe/Berlin.")]
Slots = Annotated[
    list[str] | None, typer.Option("--slot", help="When it posts: '18:30', or 'sat,sun 09:00'; repeatable.")
]
Hashtags = Annotated[list[str] | None, typer.Option("--hashtag", help="A hashtag of every post; repeatable.")]
Caption = Annotated[str | None, typer.Option(help="Caption of photos that have none.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--set", help="A rule of `personas rules`, as NAME=VALUE with the value in JSON; repeatable."),
]


Principal = Annotated[str, typer.Argument(help="role/NAME or user/NAME, or with the account: ACCOUNT/role/NAME.")]


class GrantedRole(StrEnum):
    VIEWER = "viewer"
    AUTHOR = "author"
    OPERATOR = "operator"


class RuleUnclear(Invalid):
    kind = "rule-unclear"


@personas.command(epilog='Example: shutterpost personas add "Nature Explorer" --zone Europe/Berlin --slot 18:30')
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, which cannot be changed later.")],
    *,
    zone: Zone,
    slot: Slots = None,
    hashtag: Hashtags = None,
    caption: Caption = None,
    rule: Rules = None,
    json_: AsJson = None,
) -> None:
    """Create a persona; the timers of its slots are set at once."""
    body = {"name": name, "zone": zone, **_parse_rules(slot, hashtag, caption, rule)}
    created: Json = api_client(context).post("/personas", body).body
    render.respond(created, lambda: _show(created), as_json=json_)


@personas.command("list", epilog="Example: shutterpost personas list --json | jq -r '.personas[].name'")
def list_(context: typer.Context, *, json_: AsJson = None) -> None:
    """List the personas."""
    listed = list(api_client(context).pages("/personas", "personas"))
    rows = [
        (each["name"], each["persona_id"], each["zone"], _slot_texts(each), each["status"], each["role"])
        for each in listed
    ]
    render.respond(
        {"personas": listed},
        lambda: render.table(("name", "id", "zone", "slots", "status", "role"), rows, empty=NO_PERSONA),
        as_json=json_,
    )


@personas.command(epilog='Example: shutterpost personas show "Nature Explorer"')
def show(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(autocompletion=complete_personas, help="Id, name or the beginning of one.")
    ] = None,
    *,
    json_: AsJson = None,
) -> None:
    """Show a persona's rules, and how long its library lasts."""
    api = api_client(context)
    persona = api.get(persona_path(find_persona(api, name)))
    render.respond(persona, lambda: _show(persona), as_json=json_)


@personas.command(epilog="Example: shutterpost personas update nature --slot 07:45 --set max_per_week=5")
def update(
    context: typer.Context,
    name: Annotated[str, typer.Argument(autocompletion=complete_personas, help="Id, name or the beginning of one.")],
    *,
    zone: Annotated[str | None, typer.Option(help="IANA zone of its slots.")] = None,
    slot: Slots = None,
    no_slots: Annotated[bool, typer.Option("--no-slots", help="Remove all its slots.")] = False,
    hashtag: Hashtags = None,
    caption: Caption = None,
    status: Annotated[str | None, typer.Option(help="active, or paused: nothing is picked for it.")] = None,
    rule: Rules = None,
    json_: AsJson = None,
) -> None:
    """Change a persona's rules; the other rules stay. The timers of its slots are set again at once."""
    changes = _parse_rules(slot, hashtag, caption, rule)
    changes |= {key: value for key, value in (("zone", zone), ("status", status)) if value is not None}
    if no_slots:
        changes["slots"] = []
    if not changes:
        raise RuleUnclear("There is nothing to change; shutterpost personas update --help lists the options.")
    api = api_client(context)
    path = persona_path(find_persona(api, name))
    version = api.request("GET", path).etag
    changed: Json = api.patch(path, changes, if_match=version).body
    render.respond(changed, lambda: _show(changed), as_json=json_)


@personas.command(epilog="Example: shutterpost personas rules approval")
def rules(
    name: Annotated[str | None, typer.Argument(help="A rule. Default: all rules.")] = None, *, json_: AsJson = None
) -> None:
    """Explain the rules that --set changes: values, default, effect and an example."""
    from shutterpost.personas.rule_reference import rule_references

    listed = [asdict(rule) for rule in rule_references() if name in {None, rule.name}]
    if not listed:
        raise UnknownName(f"There is no rule {name}; list them with: shutterpost personas rules.")

    def show() -> None:
        for rule in listed:
            values = {"values": rule["values"], "default": rule["default"], "example": f"--set '{rule['example']}'"}
            render.details(values, title=f"{rule['name']}: {rule['effect']}")

    render.respond({"rules": listed}, show, as_json=json_)


@personas.command(epilog="Example: shutterpost personas grant nature role/Assistant author")
def grant(
    context: typer.Context,
    name: Annotated[str, typer.Argument(autocompletion=complete_personas, help="Id, name or the beginning of one.")],
    principal: Principal,
    role: Annotated[GrantedRole, typer.Argument(help="viewer reads; author also writes posts; operator also runs it.")],
    *,
    json_: AsJson = None,
) -> None:
    """Give an IAM role or user a role on a persona, instead of any that it has."""
    api = api_client(context)
    persona = find_persona(api, name)
    body = {"principal": _principal(persona, principal), "role": role.value}
    result: Json = api.put(f"{persona_path(persona)}/grants", body).body
    _respond_to_grant(result, f"{result['principal']} is {result['role']} of {persona['name']}.", as_json=json_)


@personas.command(epilog="Example: shutterpost personas revoke nature role/Assistant")
def revoke(
    context: typer.Context,
    name: Annotated[str, typer.Argument(autocompletion=complete_personas, help="Id, name or the beginning of one.")],
    principal: Principal,
    *,
    json_: AsJson = None,
) -> None:
    """Take an IAM role's or user's role on a persona away, at once. What it created stays."""
    api = api_client(context)
    persona = find_persona(api, name)
    query = {"principal": _principal(persona, principal)}
    result: Json = api.request("DELETE", f"{persona_path(persona)}/grants", query=query).body
    message = f"{result['principal']} is no longer {result['role']} of {persona['name']}."
    _respond_to_grant(result, message, as_json=json_)


@personas.command(epilog="Example: shutterpost personas grants nature")
def grants(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(autocompletion=complete_personas, help="Id, name or the beginning of one.")
    ] = None,
    *,
    json_: AsJson = None,
) -> None:
    """List who has a role on a persona."""
    api = api_client(context)
    listed = api.get(f"{persona_path(find_persona(api, name))}/grants")
    rows = [(grant["principal"], grant["role"]) for grant in listed["grants"]]
    empty = "Nobody but the owner has access."
    render.respond(listed, lambda: render.table(("principal", "role"), rows, empty=empty), as_json=json_)


def _principal(persona: Json, text: str) -> str:
    account: str = persona["owner"].partition("/")[0]
    return f"{account}/{text}" if text.startswith(("role/", "user/")) or text == "root" else text


def _respond_to_grant(grant: Json, message: str, *, as_json: bool | None) -> None:
    render.respond(grant, lambda: render.line(message), as_json=as_json)


def _parse_rules(
    slots: list[str] | None, hashtags: list[str] | None, caption: str | None, rules: list[str] | None
) -> Json:
    parsed: dict[str, Any] = dict(_parse_rule(rule) for rule in rules or ())
    if slots:
        parsed["slots"] = [_parse_slot(slot) for slot in slots]
    if hashtags:
        parsed["hashtags"] = hashtags
    if caption is not None:
        parsed["default_caption"] = caption
    return parsed


def _parse_rule(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise RuleUnclear(f"{text!r} is no rule; use NAME=VALUE, such as max_per_week=5.")
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError):
        return name.strip(), value


def _parse_slot(text: str) -> Json:
    days, _, at = text.strip().rpartition(" ")
    days = days.strip().lower()
    if days in {"", "daily"}:
        return {"weekdays": "daily", "at": at}
    named = [day.strip()[:3] for day in days.split(",")]
    if any(day not in DAYS for day in named):
        raise RuleUnclear(f"{text!r} is no slot; use '18:30', or 'sat,sun 09:00'.", field="slots")
    return {"weekdays": named, "at": at}


def _slot_texts(persona: Json) -> list[str]:
    def days(slot: Json) -> str:
        return "" if slot["weekdays"] == "daily" else ",".join(slot["weekdays"]) + " "

    return [days(slot) + slot["at"].removesuffix(":00") for slot in persona["slots"]]


def _show(persona: Json) -> None:
    values = {name: value for name, value in persona.items() if name not in {"runway", "owner"}}
    values["slots"] = "; ".join(_slot_texts(persona))
    for name in ("weights", "themes", "extras"):
        values[name] = json.dumps(values[name], ensure_ascii=False) if values.get(name) else ""
    if "runway" in persona:
        whole = persona["runway"]["whole"]
        days = "more than 90 days" if whole["days"] is None else f"{whole['days']} days"
        values["library lasts"] = f"{days} ({whole['level']})"
    render.details(values, title=persona["name"])
    _show_effects(persona)


def _show_effects(persona: Json) -> None:
    from shutterpost.personas.rule_reference import rule_references

    changed = [
        (rule.name, json.dumps(persona[rule.name], ensure_ascii=False), rule.effect)
        for rule in rule_references()
        if rule.name in persona and rule.default not in {"required", json.dumps(persona[rule.name])}
    ]
    if changed:
        render.table(("rule", "value", "effect"), changed, title="changed rules")
