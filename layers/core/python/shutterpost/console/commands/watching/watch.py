"""`shutterpost watch`: follows what is due, or checks a past period."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.checks.findings import EXIT_CODES, Severity, worst_of
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ApiUnreachable
from shutterpost.console.client.lookup import find_personas, list_calendar, persona_path
from shutterpost.console.client.state_files import state_file_for
from shutterpost.console.client.times import parse_since
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, finite, leave
from shutterpost.console.output import render
from shutterpost.console.output.times import format_time

if TYPE_CHECKING:
    from shutterpost.console.checks.watch_facts import Fact, Observation

_MARKS = {Severity.GREEN: ("✓", "green"), Severity.YELLOW: ("!", "yellow"), Severity.RED: ("✗", "red")}
_OPEN_STATES = {"due", "under way"}
_MAX_DECISIONS = 400


def watch(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    hours: Annotated[float, typer.Option(min=0.001, max=24 * 31, callback=finite, help="Length of the period.")] = 24,
    since: Annotated[
        str | None, typer.Option(help="The start: 24h, 7d, 09:00, or 2026-11-21T09:00. Default: now.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.1, max=3600 * 24, callback=finite, help="Seconds between checks.")] = 60,
    anew: Annotated[bool, typer.Option("--anew", help="Do not resume an interrupted watch.")] = False,
    json_: AsJson = None,
) -> None:
    """Follow everything that is due; ends with 0 if all of it was published, 6 if something needs attention, 1 if
    something failed. With the same --hours it resumes an interrupted watch; a past period is reported at once."""
    api = api_client(context)
    personas = find_personas(api, persona_name)
    zone = personas[0]["zone"] if personas else "UTC"
    now = datetime.now(UTC)
    start = now if since is None else parse_since(since, zone, now)
    # A watch with a given start can be repeated, so it needs no state file.
    file = _state_file(api, personas) if since is None else None
    state = WatchState(start, start + timedelta(hours=hours), file)
    if not anew:
        state.resume()
    output = WatchOutput(zone, as_json=render.wants_json(as_json=json_))
    output.start(state)
    facts = _follow(api, personas[0]["persona_id"] if persona_name else None, state, output, every)
    state.delete()
    leave(EXIT_CODES[output.end(state, facts)])


class WatchState:
    """The period of a watch and the facts it has reported; kept in `file` to resume from."""

    def __init__(self, since: datetime, until: datetime, file: Path | None = None) -> None:
        self._file = file
        self.since = since
        self.until = until
        self.reported: set[str] = set()
        self.resumed = False

    def resume(self) -> None:
        """Load the state of the file if there is one of the same length."""
        try:
            saved = json.loads(self._file.read_text("utf-8")) if self._file else {}
            since, until = (datetime.fromisoformat(saved[name]) for name in ("since", "until"))
            if until - since != self.until - self.since:
                return
            self.since, self.until, self.reported, self.resumed = since, until, set(saved["told"]), True
        except (OSError, ValueError, TypeError, KeyError):
            return

    def save(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        saved = {"since": self.since.isoformat(), "until": self.until.isoformat(), "told": sorted(self.reported)}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(saved), "utf-8")
        fresh.replace(self._file)

    def delete(self) -> None:
        if self._file is not None:
            self._file.unlink(missing_ok=True)


class WatchOutput:
    """Prints facts as they come, one line each, as text or JSON."""

    def __init__(self, zone: str, *, as_json: bool) -> None:
        self._zone = zone
        self._as_json = as_json

    def start(self, state: WatchState) -> None:
        if not self._as_json:
            verb = "Resuming the watch" if state.resumed else "Watching"
            start, end = (format_time(at.isoformat(), self._zone) for at in (state.since, state.until))
            render.line(f"{verb} from {start} to {end} ({self._zone}).", style="bold")

    def fact(self, fact: "Fact") -> None:
        if self._as_json:
            print(json.dumps({"event": "fact", **fact.document()}, ensure_ascii=False), flush=True)
            return
        mark, style = ("·", "dim") if fact.state in _OPEN_STATES else _MARKS[fact.level]
        render.marked_line(mark, style, f"{format_time(fact.at.isoformat(), self._zone)}  {fact.about}: {fact.found}")
        if fact.do:
            render.line(f"    → {fact.do}")

    def end(self, state: WatchState, facts: Sequence["Fact"]) -> Severity:
        worst = worst_of(fact.level for fact in facts)
        counts = {level.value: sum(fact.level is level for fact in facts) for level in _MARKS}
        if self._as_json:
            span = {"since": state.since.isoformat(), "until": state.until.isoformat()}
            print(json.dumps({"event": "end", "worst": worst, **span, **counts}), flush=True)
            return worst
        problems = [fact for fact in facts if fact.level is not Severity.GREEN]
        if problems:
            render.line("Problems:", style="bold")
            for fact in problems:
                self.fact(fact)
        results = {
            Severity.GREEN: f"Green: all {len(facts)} that were due are published or cancelled.",
            Severity.YELLOW: "Yellow: nothing failed, but see the problems above.",
            Severity.RED: f"Red: {counts['red']} of {len(facts)} failed or are overdue.",
        }
        render.line(results[worst], style="bold")
        return worst


def _follow(api: ApiClient, only: str | None, state: WatchState, output: WatchOutput, every: float) -> Sequence["Fact"]:
    from shutterpost.console.checks.watch_facts import GRACE, facts_at, is_over, nothing_due

    waiting = False
    while True:
        now = datetime.now(UTC)
        try:
            facts = facts_at(_observe(api, only, state.since, state.until), now)
        except ApiUnreachable as error:
            render.note(f"{error.detail} Retrying in {every:.0f} s.")
            time.sleep(every)
            continue
        for fact in facts:
            if fact.mark not in state.reported:
                state.reported.add(fact.mark)
                output.fact(fact)
        state.save()
        if is_over(facts, state.until, now):
            return facts or [nothing_due(state.until)]
        if now >= state.until and not waiting:
            waiting = True
            render.note(f"The period is over; waiting up to {GRACE.seconds // 60} minutes for what is still open.")
        remaining = (state.until - now).total_seconds()
        time.sleep(min(every, remaining) if remaining > 0 else every)


def _observe(api: ApiClient, only: str | None, since: datetime, until: datetime) -> "Observation":
    from shutterpost.console.checks.watch_facts import Observation

    personas = [persona for persona in api.pages("/personas", "personas") if only in {None, persona["persona_id"]}]
    query = {"persona": only} if only else {}
    return Observation(
        entries=list_calendar(api, since.isoformat(), until.isoformat(), "UTC", **query) if personas else [],
        slots={persona["persona_id"]: _slots(persona, since, until) for persona in personas},
        decisions=[
            decision for persona in personas if persona["slots"] for decision in _decisions(api, persona, since, until)
        ],
        names={persona["persona_id"]: persona["name"] for persona in personas},
    )


def _slots(persona: Json, since: datetime, until: datetime) -> list[datetime]:
    """The slots by the rules of their time; those of earlier rules are known of some days."""
    from shutterpost.personas.persona import Persona
    from shutterpost.personas.slots import announced_slots

    rules = Persona.model_validate(persona)
    return announced_slots(rules, since, until)


def _decisions(api: ApiClient, persona: Json, since: datetime, until: datetime) -> Iterator[Json]:
    for number, decision in enumerate(api.pages(f"{persona_path(persona)}/decisions", "decisions"), start=1):
        at = datetime.fromisoformat(decision["slot_at"])
        if at < since or number > _MAX_DECISIONS:
            return
        if at < until:
            yield {**decision, "persona_id": persona["persona_id"]}


def _state_file(api: ApiClient, personas: Sequence[Json]) -> Path:
    ids = sorted(persona["persona_id"] for persona in personas)
    return state_file_for("watch", api.deployment.bucket, *ids, suffix=".json")
