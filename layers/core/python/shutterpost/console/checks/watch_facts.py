"""Facts of a watch: everything that is due in a period, and its state. Pure; the time is passed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from shlex import quote

from shutterpost.console import Json
from shutterpost.console.checks.findings import Severity

# The same limit as the alarm Overdue.
GRACE = timedelta(minutes=15)
_OPEN = {"queued", "processing", "unknown", "pending"}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The state of a schedule or slot that is due at `at` (UTC).

    `settled` means that the state does not change without an operator; `do` is what the operator can do.
    """

    key: str
    at: datetime
    about: str
    state: str
    level: Severity
    found: str
    do: str = ""
    settled: bool = True

    @property
    def mark(self) -> str:
        """Identifies the item in this state, so that each state is reported once."""
        return f"{self.key} {self.state}"

    def document(self) -> Json:
        return {**asdict(self), "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")}


@dataclass(frozen=True)
class Observation:
    entries: Sequence[Json]
    slots: Mapping[str, Sequence[datetime]]
    decisions: Sequence[Json]
    names: Mapping[str, str]


def facts_at(observation: Observation, now: datetime) -> list[Fact]:
    """The facts at `now`, by the time they are due."""
    posts = (_post_fact(entry, now) for entry in observation.entries)
    return sorted([*posts, *_slot_facts(observation, now)], key=lambda fact: fact.at)


def is_over(facts: Iterable[Fact], until: datetime, now: datetime) -> bool:
    """Whether everything that was due before `until` is settled, or the grace period has passed."""
    return now >= until + GRACE or (now >= until and all(fact.settled for fact in facts))


def nothing_due(until: datetime) -> Fact:
    """The fact of a period in which nothing was due, which proves nothing."""
    return Fact(
        key="nothing",
        at=until,
        about="the whole period",
        state="empty",
        level=Severity.YELLOW,
        found="nothing was due, so nothing was checked",
        do="shutterpost personas update NAME --slot 18:30, or shutterpost post schedule PHOTO; then watch again",
    )


def _post_fact(entry: Json, now: datetime) -> Fact:
    at = datetime.fromisoformat(entry["run_at"])
    state, level, found, do = _post_state(entry, at, now)
    return Fact(
        key=entry["schedule_id"],
        at=at,
        about=f"{entry['channel']}, post {entry['post_id']}",
        state=state,
        level=level,
        found=found,
        do=do,
        settled=entry["status"] not in _OPEN,
    )


def _post_state(entry: Json, at: datetime, now: datetime) -> tuple[str, Severity, str, str]:
    post, late, why = entry["post_id"], now > at + GRACE, entry["error_message"] or "no reason given"
    review = f"shutterpost post approve {post}, or post reject {post} REASON"
    match str(entry["status"]):
        case "success":
            return "success", Severity.GREEN, f"published {entry['external_url'] or ''}".strip(), ""
        case "cancelled":
            return "cancelled", Severity.GREEN, "cancelled", ""
        case "failed" | "skipped" as status:
            level = Severity.RED if status == "failed" else Severity.YELLOW
            return status, level, f"{status}: {why}", f"shutterpost post retry {post}, after correcting the cause"
        case "unknown" if late:
            do = f"check the account, then: shutterpost post resolve {post} --live URL, or --not-live"
            return "unknown, late", Severity.RED, "whether it is live is unknown", do
        case "unknown":
            return "unknown", Severity.YELLOW, "whether it is live is unknown; sync is still checking", ""
        case "queued" | "processing" if entry.get("held"):
            held = entry["held"]
            found = f"held because {held['because']}" + (f", until {held['until']}" if held["until"] else "")
            return f"held, {held['cause']}", Severity.YELLOW, found, "shutterpost status"
        case status if late:
            do = f"shutterpost sync, then shutterpost post show {post}"
            return "overdue", Severity.RED, f"overdue, and still {status}", do
        case "pending":
            return "pending", Severity.YELLOW, "awaits review", review
        case _:
            state, found = ("under way", "in progress") if at <= now else ("due", "due")
            return state, Severity.GREEN, found, ""


def _slot_facts(observation: Observation, now: datetime) -> Iterator[Fact]:
    filled = {(entry["persona_id"], datetime.fromisoformat(entry["run_at"])) for entry in observation.entries}
    decided = {
        (decision["persona_id"], datetime.fromisoformat(decision["slot_at"])): decision
        for decision in observation.decisions
    }
    for persona_id, instants in observation.slots.items():
        # A decision may concern a slot that the persona's current rules no longer have.
        for at in {*instants, *(slot_at for owner, slot_at in decided if owner == persona_id)}:
            if (persona_id, at) in filled:
                continue
            decision = decided.get((persona_id, at))
            if decision is not None and decision["post_id"] is not None:
                continue
            yield _slot_fact(persona_id, at, decision, observation.names[persona_id], now)


def _slot_fact(persona_id: str, at: datetime, decision: Json | None, name: str, now: datetime) -> Fact:
    base: Json = {"key": f"{persona_id} {at.isoformat()}", "at": at, "about": f"slot of {name}"}
    if decision is not None:
        do = f"shutterpost runway --persona {quote(name)}; shutterpost status"
        found = f"stayed empty: {decision['reason']}"
        return Fact(**base, state="empty", level=Severity.YELLOW, found=found, do=do)
    if now <= at + GRACE:
        state, found = ("due", "due") if at > now else ("under way", "in progress")
        found = f"{found}: a photo will be picked"
        return Fact(**base, state=state, level=Severity.GREEN, found=found, settled=False)
    do = "shutterpost doctor, which checks the slots' timers"
    return Fact(**base, state="missed", level=Severity.RED, found="passed without a pick", do=do)
