"""One post from slot to end under one fault, then recovery."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from shutterpost.channels import Budget
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.faults.calls import Call, Calls, Fault, ProcessKilled, intercepted
from tests.simulation.kinds import DECLARED
from tests.support.channel_kinds import TRAITS, Kind
from tests.support.simulated_channels import DOMAINS, Bench, fresh
from tests.support.system import System

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)  # 09:00 in Berlin
CAPTION = "The one photo."
_BUDGET = Budget(posts=500, dollars=100)
GRACE_MINUTES = 7 * 24 * 60
DELIVERIES = 3
LATER = timedelta(minutes=20)
ROUNDS, ROUND = 60, timedelta(minutes=5)


class Delivery(StrEnum):
    """How one event, or one invocation of the steps function, is delivered wrongly."""

    TWICE = "delivered-twice"
    LATE_AGAIN = "delivered-again-later"


class Meanwhile(StrEnum):
    """What happens just before the call of the case: a person's change of mind, or a second execution."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    RUN_TWICE = "run twice"


@dataclass(frozen=True)
class Case:
    """One cell of the matrix: what is broken, how, on which channel, and what happens meanwhile.

    `lost_answer` makes the irreversible call lose its answer first, so that the reconciler's own calls take part.
    """

    kind: Kind
    call: Call | None = None
    fault: Fault | None = None
    delivery: Delivery | None = None
    meanwhile: Meanwhile | None = None
    lost_answer: bool = False
    pictures: int = 1

    def __str__(self) -> str:
        what = f"{self.call.name} #{self.call.number}" if self.call else "nothing"
        how = self.fault or self.delivery or "as it is"
        extras = [*([self.meanwhile] if self.meanwhile else []), *(["lost answer"] if self.lost_answer else [])]
        post = self.kind if self.pictures == 1 else f"{self.kind} with {self.pictures} pictures"
        return f"{post}: {what} {how}" + (f" ({', '.join(extras)})" if extras else "")


@dataclass
class Ending:
    """What stands after recovery, here and on the platform."""

    case: Case
    calls: list[Call]
    invocations: list[Call]
    schedule: Schedule | None
    events: list[str]
    photo: Photo
    live: int
    existing: int
    live_ids: list[str]
    violations: list[dict[str, Any]]
    errors: list[str] = field(default_factory=list)


class Story:
    """Runs a case on a fresh system."""

    def __init__(self, system: System, case: Case) -> None:
        self.system = system
        self.case = case
        self.calls = Calls(system.clock)
        self.invocations: list[Call] = []
        self.later: list[Callable[[], object]] = []
        self.errors: list[str] = []
        self._counts: dict[str, int] = {}
        if case.delivery is None:
            self.calls.target, self.calls.fault = case.call, case.fault

    def run(self) -> Ending:
        """The story, its recovery, and what it came to."""
        persona, photo = self._begin()
        with intercepted(self.calls):
            if self.case.pictures == 1:
                self._deliver("arm event", lambda: self.system.armer.arm(persona.persona_id))
            else:
                self._deliver("post request", lambda: self._post(persona, photo))
            self._until(SLOT + timedelta(minutes=2))
            self._repeat_out_of_order()
            self._recover(persona)
            self._repeat_out_of_order()
        return self._ending(persona, photo)

    def _begin(self) -> tuple[Persona, Photo]:
        system = self.system
        rules: dict[str, Any] = {} if self.case.pictures == 1 else {"slots": ()}
        persona = system.add_persona(late_grace_minutes=GRACE_MINUTES, **rules)
        connection = system.connect(persona, self.case.kind)
        if self.case.kind in DECLARED and DECLARED[self.case.kind].needs_budget:
            system.stores.connections.set_budget(persona.persona_id, connection.connection_id, _BUDGET)
        photo = system.add_photo(persona, 1, score=9.0, caption=CAPTION)
        if self.case.lost_answer:
            self._lose_the_answer()
        if self.case.meanwhile is not None:
            self.calls.meanwhile = lambda: self._meanwhile(persona)
        self._wire()
        return persona, photo

    def _post(self, persona: Persona, photo: Photo) -> None:
        """A person's request for a carousel, whose last picture is `photo`."""
        others = [
            self.system.add_photo(persona, 100 + number, score=1.0).photo_id for number in range(self.case.pictures - 1)
        ]
        first, *further = (*others, photo.photo_id)
        request = PhotoRequest(photo=first, with_photos=tuple(further), caption=CAPTION, at=SLOT)
        self.system.poster.post(persona, request, request_key="the carousel")

    def _lose_the_answer(self) -> None:
        traits = TRAITS[self.case.kind]
        self.system.bench.sim.add_fault(traits.platform, traits.posts_by, "effect_then_drop")

    def _wire(self) -> None:
        """Let executions start, and steps be invoked, through this story's eyes."""
        executions = self.system.executions
        original_start, original_invoke = executions.start, self.system.invoke
        executions.start = lambda schedule: self.calls.start(schedule, original_start)  # type: ignore[method-assign]  # watched
        self.system.invoke = lambda payload: self._invoke(payload, original_invoke)  # type: ignore[method-assign]  # watched

    def _invoke(self, payload: dict[str, Any], original: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        call = self._noted(name := str(payload["step"]))
        try:
            answer = original(payload)
            if self._is_delivered_again(call, lambda: System.invoke(self.system, payload)):
                again = original(payload)
                # Step Functions retries every task but Publish, and then takes the second answer.
                return answer if name == "publish" else again
        except ProcessKilled as killed:
            raise RuntimeError("Runtime exited") from killed
        return answer

    def _noted(self, name: str) -> Call:
        self._counts[name] = self._counts.get(name, 0) + 1
        call = Call(name, self._counts[name])
        self.invocations.append(call)
        return call

    def _repeat_out_of_order(self) -> None:
        """Deliver again, after everything that came later, what is to come out of its order."""
        for deliver in self.later:
            try:
                deliver()
            except Exception as error:  # noqa: BLE001 - whatever it answers goes nowhere
                self.errors.append(repr(error))
            self.system.run_executions()
        self.later.clear()

    def _deliver(self, name: str, event: Callable[[], object]) -> None:
        """Deliver an event as EventBridge does: at least once, and again after a minute while it fails."""
        call = self._noted(name)
        self._attempt(event)
        if self._is_delivered_again(call, event):
            self._attempt(event)

    def _is_delivered_again(self, call: Call, event: Callable[[], object]) -> bool:
        """Whether `call` is repeated at once, after what happens meanwhile; out of its order, it is kept for later."""
        if call != self.case.call or self.case.delivery is None:
            return False
        if self.calls.meanwhile is not None:
            self.calls.meanwhile()
        if self.case.delivery is Delivery.LATE_AGAIN:
            self.later.append(event)
        return self.case.delivery is Delivery.TWICE

    def _attempt(self, event: Callable[[], object]) -> None:
        for _ in range(DELIVERIES):
            try:
                event()
            except (Exception, ProcessKilled) as error:  # noqa: BLE001 - an invocation's failure, whatever it is
                self.errors.append(repr(error))
                self.system.clock.sleep(timedelta(minutes=1))
            else:
                return

    def _until(self, instant: datetime) -> None:
        """Move on to `instant`, with every timer and execution on the way."""
        system = self.system
        while (timer := system.next_timer(instant)) is not None:
            at, name, payload = timer
            system.clock.sleep(at - system.clock.now())
            system.forget_timer(name)
            kind = "pick event" if payload.get("job") == "pick" else "start event"
            self._deliver(kind, lambda given=payload: system.fire(given))  # type: ignore[misc]  # bound now
            system.run_executions()
        system.run_executions()
        system.clock.sleep(instant - system.clock.now())

    def _recover(self, persona: Persona) -> None:
        """Sync as its cron does, until everything has ended or waits for a person."""
        for _ in range(ROUNDS):
            self._until(self.system.clock.now() + ROUND)
            self._deliver("sync event", self.system.syncer.run)
            self.system.run_executions()
            schedule = self._schedule(persona)
            if schedule is not None and (not schedule.is_open or asks(schedule)):
                break

    def _meanwhile(self, persona: Persona) -> None:
        schedule = self._schedule(persona)
        if schedule is None:
            return
        try:
            if self.case.meanwhile is Meanwhile.CANCELLED:
                self.system.canceller.cancel(schedule.schedule_id)
            elif self.case.meanwhile is Meanwhile.MOVED:
                self.system.mover.move(schedule.schedule_id, self.system.clock.now() + LATER)
            else:
                self.system.execute(schedule)
        except Refusal as refusal:
            self.errors.append(repr(refusal))

    def _schedule(self, persona: Persona) -> Schedule | None:
        posts = self.system.stores.posts.of_persona(persona.persona_id, limit=5).posts
        if not posts:
            return None
        return self.system.stores.posts.details(posts[0].post_id).schedules[0]

    def _ending(self, persona: Persona, photo: Photo) -> Ending:
        system, schedule = self.system, self._schedule(persona)
        events = system.stores.posts.details(schedule.post_id).events if schedule else ()
        live_ids, existing = _on_platform(system.bench, self.case.kind)
        return Ending(
            case=self.case,
            calls=self.calls.made,
            invocations=self.invocations,
            schedule=schedule,
            events=[str(event.outcome) for event in events],
            photo=system.stores.photos.get(persona.persona_id, photo.photo_id),
            live=len(live_ids),
            existing=existing,
            live_ids=live_ids,
            violations=system.bench.sim.violations(),
            errors=self.errors,
        )


def asks(schedule: Schedule) -> bool:
    """Whether the schedule waits for a person, and says why."""
    return schedule.status is ScheduleStatus.UNKNOWN and schedule.error_code == "needs-a-person"


def run_case(deploy: Callable[[], System], bench: Bench, case: Case) -> Ending:
    """Run `case` on a fresh system that `deploy` gives around `bench`."""
    fresh(bench)
    return Story(deploy(), case).run()


def _on_platform(bench: Bench, kind: Kind) -> tuple[list[str], int]:
    """Ids of what is live with the caption, and how many posts exist that are live or will be."""
    state = bench.sim.state()
    if kind == "buffer":
        posts = [post for post in state["buffer"]["posts"] if post["text"].startswith(CAPTION)]
        sent = [str(post["id"]) for post in posts if post["status"] == "sent"]
        return sent, sum(post["status"] in {"scheduled", "sending", "sent"} for post in posts)
    if kind in DECLARED:
        posts = state[TRAITS[kind].platform]["statuses" if kind in DOMAINS else "posts"]
        ids = [str(post["uri"] if kind == "bluesky" else post["id"]) for post in posts if _is_live(post, kind)]
        return ids, len(ids)
    media = [item for item in state["instagram"]["media"] if (item["caption"] or "").startswith(CAPTION)]
    alive = [str(item["id"]) for item in media if not item.get("deleted_at")]
    return alive, len(alive)


def _is_live(post: dict[str, Any], kind: Kind) -> bool:
    here = post.get("server") == DOMAINS.get(kind)
    return here and post["text"].startswith(CAPTION) and not post.get("deleted_at")
