"""`shutterpost personas`: who posts, where on the clock, and by which rules."""

import json
from typing import Annotated, Any

import typer

from shutterpost.console.client.arguments import AsJson, Json, api_client, path_of, persona_of
from shutterpost.console.output import render
from shutterpost.console.output.times import DAYS
from shutterpost.runtime.refusals import Invalid

personas = typer.Typer(help="Who posts, when, and by which rules.", no_args_is_help=True)

Zone = Annotated[str, typer.Option(help="IANA zone of its slots, such as Europe/Berlin.")]
Slots = Annotated[
    list[str] | None, typer.Option("--slot", help="When it posts: '18:30', or 'sat,sun 09:00'; repeatable.")
]
Hashtags = Annotated[list[str] | None, typer.Option("--hashtag", help="A tag for every post; repeatable.")]
Caption = Annotated[str | None, typer.Option(help="Caption of photos that have none.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any other rule of the API, as NAME=VALUE with the value in JSON; repeatable."),
]


class RuleUnclear(Invalid):
    """A rule or slot that cannot be read."""

    kind = "rule-unclear"


@personas.command(epilog='Example: shutterpost personas add "Nature Explorer" --zone Europe/Berlin --slot 18:30')
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, which stays.")],
    *,
    zone: Zone,
    slot: Slots = None,
    hashtag: Hashtags = None,
    caption: Caption = None,
    rule: Rules = None,
    json_: AsJson = None,
) -> None:
    """Make a persona; its slots are armed at once."""
    body = {"name": name, "zone": zone, **_rules(slot, hashtag, caption, rule)}
    made: Json = api_client(context).post("/personas", body).body
    render.answer(made, lambda: _show(made), as_json=json_)


@personas.command("list", epilog="Example: shutterpost personas list --json | jq -r '.personas[].name'")
def list_(context: typer.Context, *, json_: AsJson = None) -> None:
    """List the personas."""
    found = list(api_client(context).pages("/personas", "personas"))
    rows = [(one["name"], one["persona_id"], one["zone"], _slots_of(one), one["status"]) for one in found]
    empty = "There is no persona yet; make one: shutterpost personas add NAME --zone ZONE."
    render.answer(
        {"personas": found},
        lambda: render.table(("name", "id", "zone", "slots", "status"), rows, empty=empty),
        as_json=json_,
    )


@personas.command(epilog='Example: shutterpost personas show "Nature Explorer"')
def show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Id, name or the beginning of one.")] = None,
    *,
    json_: AsJson = None,
) -> None:
    """Show a persona with all its rules, and how long its library lasts."""
    reach = api_client(context)
    found = reach.get(path_of(persona_of(reach, name)))
    render.answer(found, lambda: _show(found), as_json=json_)


@personas.command(epilog="Example: shutterpost personas update nature --slot 07:45 --set max_per_week=5")
def update(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Id, name or the beginning of one.")],
    *,
    zone: Annotated[str | None, typer.Option(help="IANA zone of its slots.")] = None,
    slot: Slots = None,
    no_slots: Annotated[bool, typer.Option("--no-slots", help="Take all its slots away.")] = False,
    hashtag: Hashtags = None,
    caption: Caption = None,
    status: Annotated[str | None, typer.Option(help="active, or paused: nothing is picked for it.")] = None,
    rule: Rules = None,
    json_: AsJson = None,
) -> None:
    """Change a persona; what is left out stays. Slots are armed anew at once."""
    changes = _rules(slot, hashtag, caption, rule)
    changes |= {name: value for name, value in (("zone", zone), ("status", status)) if value is not None}
    if no_slots:
        changes["slots"] = []
    if not changes:
        raise RuleUnclear("Say what to change; shutterpost personas update --help lists it.")
    reach = api_client(context)
    path = path_of(persona_of(reach, name))
    version = reach.ask("GET", path).etag
    changed: Json = reach.patch(path, changes, if_match=version).body
    render.answer(changed, lambda: _show(changed), as_json=json_)


def _rules(slot: list[str] | None, hashtag: list[str] | None, caption: str | None, rule: list[str] | None) -> Json:
    told: dict[str, Any] = dict(_rule(one) for one in rule or ())
    if slot:
        told["slots"] = [_slot(one) for one in slot]
    if hashtag:
        told["hashtags"] = hashtag
    if caption is not None:
        told["default_caption"] = caption
    return told


def _rule(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise RuleUnclear(f"{text!r} is no rule; write NAME=VALUE, such as max_per_week=5.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


def _slot(text: str) -> Json:
    days, _, at = text.strip().rpartition(" ")
    days = days.strip().lower()
    if days in {"", "daily"}:
        return {"weekdays": "daily", "at": at}
    named = [day.strip()[:3] for day in days.split(",")]
    if any(day not in DAYS for day in named):
        raise RuleUnclear(f"{text!r} is no slot; write '18:30', or 'sat,sun 09:00'.", field="slots")
    return {"weekdays": named, "at": at}


def _slots_of(persona: Json) -> list[str]:
    def days(slot: Json) -> str:
        return "" if slot["weekdays"] == "daily" else ",".join(slot["weekdays"]) + " "

    return [days(slot) + slot["at"].removesuffix(":00") for slot in persona["slots"]]


def _show(persona: Json) -> None:
    told = {name: value for name, value in persona.items() if name not in {"runway", "owner"}}
    told["slots"] = "; ".join(_slots_of(persona))
    for name in ("weights", "themes"):
        told[name] = json.dumps(told[name], ensure_ascii=False) if told.get(name) else ""
    if "runway" in persona:
        whole = persona["runway"]["whole"]
        days = "more than 90 days" if whole["days"] is None else f"{whole['days']} days"
        told["library lasts"] = f"{days} ({whole['level']})"
    render.facts(told, title=persona["name"])
