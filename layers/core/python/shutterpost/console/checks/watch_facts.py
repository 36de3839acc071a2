"""What a watch sees: everything that was due in a stretch of time, and how it stands. Pure: the time is passed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shutterpost.console.checks.findings import Severity
from shutterpost.console.client.arguments import Json
from shutterpost.runtime.values import Value

# What is later than that is no delay any more: the alarm for what is overdue has the same border.
GRACE = timedelta(minutes=15)
_UNDER_WAY = {"queued", "processing", "unknown", "pending"}


class Fact(Value):
    """How one thing stands that was due at `at` (UTC): a post on a connection, or a slot.

    `settled` is what changes no more by itself; `do` is what a person can do about it.
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
        """The thing in this state, so that each is told once."""
        return f"{self.key} {self.state}"


@dataclass(frozen=True)
class Seen:
    """One look: schedules due in the stretch, slots of it by persona id, decisions, names of personas."""

    entries: Sequence[Json]
    slots: Mapping[str, Sequence[datetime]]
    decisions: Sequence[Json]
    names: Mapping[str, str]


def facts(seen: Seen, now: datetime) -> list[Fact]:
    """How everything stands at `now`, in order of the instants it was due at."""
    return sorted([*(_post(one, now) for one in seen.entries), *_slots(seen, now)], key=lambda fact: fact.at)


def ended(found: Iterable[Fact], until: datetime, now: datetime) -> bool:
    """Whether there is nothing more to see of what was due before `until`."""
    return now >= until + GRACE or (now >= until and all(fact.settled for fact in found))


def nothing_due(until: datetime) -> Fact:
    """What speaks against ending green though nothing failed."""
    return Fact(
        key="nothing",
        at=until,
        about="all that time",
        state="empty",
        level=Severity.YELLOW,
        found="nothing was due, so that nothing is shown by it",
        do="shutterpost personas update NAME --slot 18:30, or shutterpost post schedule PHOTO; then watch again",
    )


def _post(entry: Json, now: datetime) -> Fact:
    at = datetime.fromisoformat(entry["run_at"])
    state, level, found, do = _stands(entry, at, now)
    return Fact(
        key=entry["schedule_id"],
        at=at,
        about=f"{entry['channel']}, post {entry['post_id']}",
        state=state,
        level=level,
        found=found,
        do=do,
        settled=entry["status"] not in _UNDER_WAY,
    )


def _stands(entry: Json, at: datetime, now: datetime) -> tuple[str, Severity, str, str]:
    """State, level, what is found and what to do of a schedule that is due `at`."""
    post, late, why = entry["post_id"], now > at + GRACE, entry["error_message"] or "no reason is told"
    match str(entry["status"]):
        case "success":
            return "success", Severity.GREEN, f"out {entry['external_url'] or ''}".strip(), ""
        case "cancelled":
            return "cancelled", Severity.GREEN, "cancelled", ""
        case "failed" | "skipped" as status:
            level = Severity.RED if status == "failed" else Severity.YELLOW
            return status, level, f"{status}: {why}", f"shutterpost post retry {post}, once that is mended"
        case "unknown" if late:
            do = f"look at the account, then: shutterpost post resolve {post} --live ADDRESS, or --not-live"
            return "unknown, late", Severity.RED, "nobody knows whether it is out", do
        case "unknown":
            return "unknown", Severity.YELLOW, "unknown whether it is out; it is being looked for", ""
        case status if late:
            do = f"shutterpost sync, then shutterpost post show {post}"
            return "overdue", Severity.RED, f"overdue, and still {status}", do
        case "pending":
            return (
                "pending",
                Severity.YELLOW,
                "waits for you",
                f"shutterpost post approve {post}, or post reject {post} REASON",
            )
        case _ if at <= now:
            return "under way", Severity.GREEN, "under way", ""
        case _:
            return "due", Severity.GREEN, "due", ""


def _slots(seen: Seen, now: datetime) -> Iterator[Fact]:
    """Slots that brought no post; those that did are told by it."""
    filled = {(one["persona_id"], datetime.fromisoformat(one["run_at"])) for one in seen.entries}
    decided = {(one["persona_id"], datetime.fromisoformat(one["slot_at"])): one for one in seen.decisions}
    for persona_id, instants in seen.slots.items():
        # A decision tells of a slot that the persona's rules of today may not have any more.
        for at in {*instants, *(slot_at for whose, slot_at in decided if whose == persona_id)}:
            if (persona_id, at) in filled:
                continue
            decision = decided.get((persona_id, at))
            if decision is not None and decision["post_id"] is not None:
                continue
            yield _slot(persona_id, at, decision, seen.names[persona_id], now)


def _slot(persona_id: str, at: datetime, decision: Json | None, name: str, now: datetime) -> Fact:
    told = {"key": f"{persona_id} {at.isoformat()}", "at": at, "about": f"slot of {name}"}
    if decision is not None:
        found, do = f"stayed empty: {decision['reason']}", f"shutterpost runway --persona '{name}'; shutterpost status"
        return Fact(**told, state="empty", level=Severity.YELLOW, found=found, do=do)
    if now <= at + GRACE:
        state = "due" if at > now else "under way"
        return Fact(**told, state=state, level=Severity.GREEN, found=f"{state}: a photo will be picked", settled=False)
    do = "shutterpost doctor tells whether slots are armed"
    return Fact(**told, state="missed", level=Severity.RED, found="passed, and nothing was picked", do=do)
