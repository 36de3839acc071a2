"""`shutterpost status|sync|pause|resume`: everything at a glance, and the switches for everything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Annotated

import typer

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.arguments import AsJson, Json, Persona, api_client, leave, limited, path_of, persona_of
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.commands.planning import entries
from shutterpost.console.output import render
from shutterpost.console.output.times import shown

_BACK, _AHEAD = timedelta(days=30), timedelta(days=30)
_SHOWN = 5
_OUT, _TO_COME = {"success"}, {"pending", "queued", "processing"}
_DAYS_LEFT = 15
# What each state that waits for a person wants of one (docs/runbook.md).
_WANTED = {
    "pending": "post approve {post}, or post reject {post} REASON",
    "failed": "post retry {post}, once what it says is mended",
    "unknown": "post resolve {post} --live ADDRESS, or --not-live",
}
_OVERDUE, _LATELY = timedelta(minutes=15), timedelta(days=7)
_LOOKED_AT = 100


def status(context: typer.Context, *, persona: Persona = None, json_: AsJson = None) -> None:
    """What went out, what is next, and what needs you."""
    reach = api_client(context)
    whom = [persona_of(reach, persona)] if persona else list(reach.pages("/personas", "personas"))
    now = datetime.now(UTC)
    found = _calendar(reach, whom, now)
    zones = {one["persona_id"]: one["zone"] for one in whom}
    pause = reach.get("/pause")
    told: Json = {
        "api_url": reach.deployment.api_url,
        "pause": pause,
        "went_out": [one for one in reversed(found) if one["status"] in _OUT][:_SHOWN],
        "next": [one for one in found if one["status"] in _TO_COME][:_SHOWN],
        "needs_you": [
            *_about_pause(pause),
            *_about_posts(found, now, paused=pause["paused"]),
            *_about_personas(reach, whom, now),
        ],
    }

    def people() -> None:
        if not whom:
            render.say("There is no persona yet; make one: shutterpost personas add NAME --zone ZONE.")
            return
        render.say(told["api_url"], style="dim")
        for name, title, nothing in (
            ("went_out", "Went out", "Nothing in the last 30 days."),
            ("next", "Next", "Nothing is scheduled; see what the slots will bring: shutterpost plan."),
        ):
            rows = [_row(one, zones[one["persona_id"]]) for one in told[name]]
            render.say(title, style="bold")
            render.table(("when", "where", "status", "what", "post"), rows, empty=nothing)
        render.say("Needs you", style="bold")
        rows = [(one["what"], one["why"], one["do"]) for one in told["needs_you"]]
        render.table(("what", "why", "do"), rows, empty="Nothing.")

    render.answer(told, people, as_json=json_)


def sync(context: typer.Context, *, persona: Persona = None, json_: AsJson = None) -> None:
    """Ask the platforms what became of everything that is open, now; without --persona for all personas."""
    reach = api_client(context)
    path = f"{path_of(persona_of(reach, persona))}/sync" if persona else "/sync"
    found: Json = reach.post(path).body

    def people() -> None:
        render.say(f"{found['looked_at']} schedules looked at, {len(found['updated'])} changed.")
        rows = [
            (one["schedule_id"], one["before"], one["after"], one["reason"] or one["external_url"])
            for one in found["updated"]
        ]
        render.table(("schedule", "was", "is", "what was found"), rows, empty="Nothing new.")

    render.answer(found, people, as_json=json_)
    if found["pending"]:
        render.note(f"Still being asked: {', '.join(found['pending'])}; it goes on by itself.")
    if found["not_started"]:
        render.wrong(f"Not asked: {', '.join(found['not_started'])}; repeat it, or leave it to the standing job.")
        leave(Exit.REFUSED)


def pause(
    context: typer.Context,
    reason: Annotated[str | None, typer.Argument(help="Why, for who wonders later; without it, how it stands.")] = None,
    *,
    json_: AsJson = None,
) -> None:
    """Let nothing more be picked or begun, of any persona, until resumed; without a reason, tell how it stands."""
    reach = api_client(context)
    found: Json = reach.put("/pause", {"reason": reason}).body if reason else reach.get("/pause")
    render.answer(found, lambda: render.say(_pause_words(found)), as_json=json_)


def resume(context: typer.Context, *, json_: AsJson = None) -> None:
    """End the pause; what was held goes on by each persona's late policy, one after the other."""
    found: Json = api_client(context).delete("/pause").body
    render.answer(found, lambda: render.say(_pause_words(found)), as_json=json_)


def _pause_words(found: Json) -> str:
    return f"Paused since {found['since']}: {found['reason']}" if found["paused"] else "Nothing is paused."


def _calendar(reach: ApiClient, whom: list[Json], now: datetime) -> list[Json]:
    span = ((now - _BACK).isoformat(), (now + _AHEAD).isoformat(), "UTC")
    only = {"persona": whom[0]["persona_id"]} if len(whom) == 1 else {}
    return entries(reach, *span, **only) if whom else []


def _row(entry: Json, zone: str) -> tuple[str, ...]:
    what = render.shortened(entry["title"] or entry["caption"])
    return (shown(entry["run_at"], zone), entry["channel"], entry["status"], what, entry["post_id"])


def _about_pause(pause: Json) -> Iterator[Json]:
    if pause["paused"]:
        yield _need("everything", _pause_words(pause), "resume")


def _about_posts(found: list[Json], now: datetime, *, paused: bool) -> Iterator[Json]:
    for one in found:
        late = datetime.fromisoformat(one["run_at"]) < now - _OVERDUE
        overdue = late and not paused and one["status"] in {"queued", "processing"}
        wanted = "sync, then post show {post}" if overdue else _WANTED.get(one["status"])
        if wanted is not None:
            waits = f"waits for a word ({one['review']})" if one.get("review") else one["status"]
            why = "overdue" if overdue else one["error_message"] or waits
            yield _need(f"post {one['post_id']} ({one['channel']})", why, wanted.format(post=one["post_id"]))


def _about_personas(reach: ApiClient, whom: list[Json], now: datetime) -> Iterator[Json]:
    for one in whom:
        name, path = one["name"], path_of(one)
        yield from _about_connections(name, reach.get(f"{path}/connections")["connections"])
        lasts = reach.get(path)["runway"]["whole"]
        if one["slots"] and lasts["level"] != "ready":
            why = f"{lasts['photos']} photos left, for {lasts['days'] or 0} days"
            yield _need(f"library of {name}", why, f"photos import FOLDER --persona {quote(name)}")
        lately = [file for file in _rejected(reach, path) if datetime.fromisoformat(file["at"]) > now - _LATELY]
        if lately:
            why = f"{len(lately)} could not be used these days"
            yield _need(f"files of {name}", why, f"photos rejected --persona {quote(name)}")


def _rejected(reach: ApiClient, path: str) -> list[Json]:
    return limited(reach.pages(f"{path}/rejected", "rejected"), _LOOKED_AT)


def _about_connections(name: str, found: list[Json]) -> Iterator[Json]:
    usable = [one for one in found if one["status"] != "revoked"]
    if not usable:
        yield _need(name, "no account is connected", f"connections add CHANNEL ACCOUNT_ID --persona {quote(name)}")
    for one in usable:
        login = f" --login {one['login']}" if one["login"] else f" --organization {one['organization_id']}"
        again = f"connections add {one['channel']} {one['account_id']}{login} --persona {quote(name)}"
        left = one["token_days_left"]
        if one["status"] == "error":
            yield _need(f"{one['display_name']} of {name}", one["status_reason"] or "its token does not work", again)
        elif left is not None and left < _DAYS_LEFT:
            yield _need(f"{one['display_name']} of {name}", f"its token ends in {left} days", again)


def _need(what: str, why: str, do: str) -> Json:
    return {"what": what, "why": why, "do": f"shutterpost {do}"}
