"""`shutterpost watch`: follows what is due for a day, or looks back on one, and ends green or says what failed."""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shutterpost.console.checks.findings import EXITS, Severity, worst_of
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.arguments import AsJson, Json, Persona, api_client, leave, path_of, persona_of
from shutterpost.console.client.exit_codes import ApiUnreachable
from shutterpost.console.commands.planning import entries
from shutterpost.console.imports.state_files import state_file
from shutterpost.console.output import render
from shutterpost.console.output.times import TimeUnclear, instant, shown

if TYPE_CHECKING:
    from shutterpost.console.checks.watch_facts import Fact, Seen

_AGO = re.compile(r"(\d{1,4})\s*(h|d)")
_MARKS = {Severity.GREEN: ("✓", "green"), Severity.YELLOW: ("!", "yellow"), Severity.RED: ("✗", "red")}
_GOES_ON = {"due", "under way"}
_DECISIONS = 400


def watch(
    context: typer.Context,
    *,
    persona: Persona = None,
    hours: Annotated[float, typer.Option(min=0.001, max=24 * 31, help="How long.")] = 24,
    since: Annotated[
        str | None, typer.Option(help="From when: 24h or 7d ago, 09:00, or 2026-11-21T09:00; default: now.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 60,
    anew: Annotated[bool, typer.Option("--anew", help="Begin anew, where one was interrupted.")] = False,
    json_: AsJson = None,
) -> None:
    """Follow what is due and what becomes of it; ends with 0 where all went out, 6 where something wants care, 1 where
    something failed. Interrupted, the same command goes on; a time that has passed is told at once."""
    reach = api_client(context)
    whom = [persona_of(reach, persona)] if persona else list(reach.pages("/personas", "personas"))
    zone = whom[0]["zone"] if whom else "UTC"
    now = datetime.now(UTC)
    begun = now if since is None else _since(since, zone, now)
    # One from a time that was named can be repeated, so that nothing of it need be kept.
    notes = Notes(begun, begun + timedelta(hours=hours), _place(reach, whom) if since is None else None)
    if not anew:
        notes.resume()
    teller = Teller(zone, as_json=render.for_machines(as_json=json_))
    teller.begin(notes)
    found = _follow(reach, whom[0]["persona_id"] if persona else None, notes, teller, every)
    notes.end()
    leave(EXITS[teller.end(notes, found)])


class Notes:
    """From when until when a watch goes, and what it has told; kept in `file` so that it can go on."""

    def __init__(self, since: datetime, until: datetime, file: Path | None = None) -> None:
        self._file = file
        self.since = since
        self.until = until
        self.told: set[str] = set()
        self.resumed = False

    def resume(self) -> None:
        """Go on with the one in the file, if there is one."""
        try:
            kept = json.loads(self._file.read_text("utf-8")) if self._file else {}
            since, until = (datetime.fromisoformat(kept[name]) for name in ("since", "until"))
            self.since, self.until, self.told, self.resumed = since, until, set(kept["told"]), True
        except (OSError, ValueError, TypeError, KeyError):
            return

    def keep(self) -> None:
        """Write it down."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        told = {"since": self.since.isoformat(), "until": self.until.isoformat(), "told": sorted(self.told)}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(told), "utf-8")
        fresh.replace(self._file)

    def end(self) -> None:
        """It has come to its end; the next begins anew."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


class Teller:
    """Tells facts as they come: a line each, for people or as JSON."""

    def __init__(self, zone: str, *, as_json: bool) -> None:
        self._zone = zone
        self._as_json = as_json

    def begin(self, notes: Notes) -> None:
        """From when until when."""
        if not self._as_json:
            words = "Going on with the watch" if notes.resumed else "Watching"
            span = f"{shown(notes.since.isoformat(), self._zone)} to {shown(notes.until.isoformat(), self._zone)}"
            render.say(f"{words} from {span} ({self._zone}).", style="bold")

    def tell(self, fact: "Fact") -> None:
        """One fact."""
        if self._as_json:
            print(json.dumps({"event": "fact", **fact.model_dump(mode="json")}, ensure_ascii=False), flush=True)
            return
        mark, style = ("·", "dim") if fact.state in _GOES_ON else _MARKS[fact.level]
        render.marked(mark, style, f"{shown(fact.at.isoformat(), self._zone)}  {fact.about}: {fact.found}")
        if fact.do:
            render.say(f"    → {fact.do}")

    def end(self, notes: Notes, found: Sequence["Fact"]) -> Severity:
        """The verdict, and what speaks against a green one."""
        worst = worst_of(fact.level for fact in found)
        counted = {level.value: sum(fact.level is level for fact in found) for level in _MARKS}
        if self._as_json:
            span = {"since": notes.since.isoformat(), "until": notes.until.isoformat()}
            print(json.dumps({"event": "end", "worst": worst, **span, **counted}), flush=True)
            return worst
        amiss = [fact for fact in found if fact.level is not Severity.GREEN]
        if amiss:
            render.say("What is amiss:", style="bold")
            for fact in amiss:
                self.tell(fact)
        words = {
            Severity.GREEN: f"Green: {len(found)} were due, and all is as it should be.",
            Severity.YELLOW: "Yellow: nothing failed, but see above.",
            Severity.RED: f"Red: {counted['red']} of {len(found)} failed or are overdue.",
        }
        render.say(words[worst], style="bold")
        return worst


def _follow(reach: ApiClient, only: str | None, notes: Notes, teller: Teller, every: float) -> Sequence["Fact"]:
    """Look until there is nothing more to see; all facts at the end."""
    from shutterpost.console.checks.watch_facts import ended, facts, nothing_due

    while True:
        now = datetime.now(UTC)
        try:
            found = facts(_seen(reach, only, notes.since, notes.until), now)
        except ApiUnreachable as trouble:
            render.note(f"{trouble.detail} Looking again in {every:.0f} s.")
            time.sleep(every)
            continue
        for fact in found:
            if fact.mark not in notes.told:
                notes.told.add(fact.mark)
                teller.tell(fact)
        notes.keep()
        if ended(found, notes.until, now):
            return found or [nothing_due(notes.until)]
        time.sleep(every)


def _seen(reach: ApiClient, only: str | None, since: datetime, until: datetime) -> "Seen":
    """What there is to see now, of the persona `only` or of all."""
    from shutterpost.console.checks.watch_facts import Seen

    whom = [one for one in reach.pages("/personas", "personas") if only in {None, one["persona_id"]}]
    query = {"persona": only} if only else {}
    return Seen(
        entries=entries(reach, since.isoformat(), until.isoformat(), "UTC", **query) if whom else [],
        slots={one["persona_id"]: _slots(one, since, until) for one in whom},
        decisions=[decision for one in whom if one["slots"] for decision in _decisions(reach, one, since, until)],
        names={one["persona_id"]: one["name"] for one in whom},
    )


def _slots(persona: Json, since: datetime, until: datetime) -> list[datetime]:
    """Its slots of the stretch; from its last change on only, as its slots may have been others before."""
    from shutterpost.personas import Persona as Rules
    from shutterpost.personas import coming_slots

    rules = Rules.model_validate(persona)
    if persona["status"] != "active":
        return []
    return [slot.run_at for slot in coming_slots(rules, max(since, rules.updated_at), until)]


def _decisions(reach: ApiClient, persona: Json, since: datetime, until: datetime) -> Iterator[Json]:
    """Of the slots of the stretch, newest first."""
    for number, decision in enumerate(reach.pages(f"{path_of(persona)}/decisions", "decisions"), start=1):
        at = datetime.fromisoformat(decision["slot_at"])
        if at < since or number > _DECISIONS:
            return
        if at < until:
            yield {**decision, "persona_id": persona["persona_id"]}


def _since(text: str, zone: str, now: datetime) -> datetime:
    """The instant `text` means, which has passed. Raises `TimeUnclear`."""
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return now - timedelta(**{{"h": "hours", "d": "days"}[ago[2]]: int(ago[1])})
    at = datetime.fromisoformat(instant(text, zone, now))
    if at > now and ":" in text and "T" not in text:
        at -= timedelta(days=1)
    if at > now:
        raise TimeUnclear(f"{text!r} is yet to come; a watch begins now, or in the past: --since 24h.", field="since")
    return at


def _place(reach: ApiClient, whom: Sequence[Json]) -> Path:
    what = "\n".join((reach.deployment.bucket, *sorted(one["persona_id"] for one in whom)))
    return state_file(f"watch-{hashlib.sha256(what.encode()).hexdigest()[:16]}.json")
