"""A deployment in a simulated account: the flows and stores, and the events, crons and workers that run them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shutterpost.channels import Tokens
from shutterpost.flows import wiring
from shutterpost.flows.notifying.notifier import Notifier
from shutterpost.flows.operating.cancel import Canceller
from shutterpost.flows.operating.connect import Connector
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.operating.moving.swap import PostSwapper
from shutterpost.flows.operating.remove import Remover
from shutterpost.flows.operating.resolve import Resolver
from shutterpost.flows.operating.retry import Retrier
from shutterpost.flows.operating.review import Reviewer
from shutterpost.flows.picking.explain import Explainer
from shutterpost.flows.picking.pick_next import Picker
from shutterpost.flows.planning.start_timers import StartTimers, start_revision
from shutterpost.flows.posting.add_photos import PhotoAdder
from shutterpost.flows.posting.assign import PostAssigner
from shutterpost.flows.posting.edit_post import PostEditor
from shutterpost.flows.posting.post_photo import PhotoPoster
from shutterpost.flows.records.sync_reports import SyncReport
from shutterpost.flows.syncing.arm_all import ArmAll, ArmReport
from shutterpost.flows.syncing.health import HealthCheck
from shutterpost.flows.syncing.look_ahead import LookAhead
from shutterpost.flows.syncing.sync import Syncer
from shutterpost.flows.wiring import Stores
from shutterpost.personas import Persona
from tests.simulation import aws
from tests.simulation.calls import Calls
from tests.simulation.fate import Fate
from tests.simulation.faults import Fault, Weather
from tests.simulation.kernel import Kernel, WorkerDied
from tests.simulation.machine import TaskFailed
from tests.simulation.platforms import Platforms

Json = dict[str, Any]
SYNC_EVERY = timedelta(minutes=5)
PERSON, STEP, PICK, SYNC = (timedelta(seconds=seconds) for seconds in (29, 60, 60, 300))
# Lambda repeats a failed asynchronous invocation twice (AWS, "Asynchronous invocation").
REPEATS = (timedelta(minutes=1), timedelta(minutes=2))
# After an event was lost, sync runs for so long although nothing is due.
MISSED = timedelta(hours=2)


@dataclass
class World:
    """Everything of one history; `busy` are steps whose next invocations are refused, as the account is.

    `events_lost` is the chance that a timer's event is never delivered, `died` are the events whose worker ended early.
    `failed` is told of each error in a worker, `execution_ended` of each execution that ended in order.
    """

    kernel: Kernel
    fate: Fate
    account: aws.Account
    platforms: Platforms
    calls: Calls
    stores: Stores
    tokens: Tokens
    steps: Mapping[str, wiring.StepFunction]
    start_timers: StartTimers
    poster: PhotoPoster
    editor: PostEditor
    assigner: PostAssigner
    photo_adder: PhotoAdder
    picker: Picker
    reviewer: Reviewer
    syncer: Syncer
    health_check: HealthCheck
    remover: Remover
    canceller: Canceller
    retrier: Retrier
    mover: Mover
    swapper: PostSwapper
    resolver: Resolver
    arm_all: ArmAll
    explainer: Explainer
    notifier: Notifier
    look_ahead: LookAhead
    connector: Connector
    overdue: list[tuple[datetime, float]] = field(default_factory=list)
    renditions: tuple[str, ...] = ("feed",)
    busy: dict[str, int] = field(default_factory=dict)
    events_lost: float = 0.0
    events_missed_at: datetime | None = None
    died: list[str] = field(default_factory=list)
    failed: Callable[[BaseException], None] = lambda _: None
    execution_ended: Callable[[str, int], None] = lambda *_: None
    story: list[tuple[datetime, str]] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        self.story.append((self.kernel.now(), line))

    def step(self, payload: Json) -> Json:
        """One invocation of the steps function by the state machine."""
        name = str(payload["step"])
        key = self.kernel.task.numbered(f"invoke {name}") if self.kernel.task else name
        weather = self.calls.weather
        breaks, focus = weather.breaks, weather.focus if weather.focus and weather.focus[0] == "Invoke" else None
        focused = focus[1] if focus and self.fate.happens(f"{key} focused", weather.focused) else None
        if self.busy.get(name, 0):
            self.busy[name] -= 1
            raise TaskFailed("Lambda.TooManyRequestsException")
        if focused is Fault.THROTTLED or self._happens(f"{key} too many requests", breaks):
            self._invocation_broke(Fault.THROTTLED, "no effect")
            raise TaskFailed("Lambda.TooManyRequestsException")
        try:
            answer = self.kernel.worker(lambda: self._stepped(name, payload), STEP)
        except WorkerDied:
            raise TaskFailed("Lambda.Unknown") from None
        except Exception as error:
            self.failed(error)
            self.tell(f"step {name} of {payload['schedule_id']} failed: {error!r:.200}")
            raise TaskFailed(type(error).__name__) from error
        if focused is Fault.LOST_ANSWER or self._happens(f"{key} answer lost", breaks):
            self._invocation_broke(Fault.LOST_ANSWER, "effect")
            raise TaskFailed("Lambda.SdkClientException")
        return answer

    def _invocation_broke(self, fault: Fault, effect: str) -> None:
        self.calls.hits["Invoke", fault, effect] += 1
        if self.kernel.task:
            self.calls.broke[self.kernel.task.name]["Invoke", fault] += 1

    def _happens(self, key: str, chance: float) -> bool:
        return bool(chance) and self.fate.happens(key, chance)

    def _stepped(self, name: str, payload: Json) -> Json:
        arguments = {key: value for key, value in payload.items() if key != "step"}
        outcome: Json = self.steps[name](**arguments).model_dump(mode="json")
        self.tell(f"step {name} of {payload['schedule_id']}-{payload['revision']}: {outcome['outcome']}")
        return outcome

    def event(self, name: str, work: Callable[[], Any], timeout: timedelta, *, at: datetime | None = None) -> None:
        """Deliver an event to a function, again after a while where it fails."""

        def deliver() -> None:
            for pause in (*REPEATS, None):
                try:
                    self.kernel.worker(work, timeout)
                except Exception as error:  # noqa: BLE001 - an invocation's failure, whatever it is
                    self._event_failed(name, error)
                    self.tell(f"{name} failed: {error!r:.200}")
                    if pause is None:
                        self.events_missed_at = self.kernel.now()
                        return
                    self.kernel.sleep(pause)
                else:
                    return

        self.kernel.spawn(name, deliver, at=at)

    def _event_failed(self, name: str, error: Exception) -> None:
        if isinstance(error, WorkerDied):
            self.died.append(name)
        else:
            self.failed(error)

    def fire(self, name: str, number: int, at: datetime, event: Json) -> None:
        """Take a timer in: it fires within the minute, sometimes twice, unless it is gone by then."""
        key = f"timer {name} {number}"
        late = timedelta(seconds=self.fate.between(f"{key} late", 0, 59))

        def due() -> None:
            if not self.account.timers.take(name, number):
                return
            if self.events_lost and self.fate.happens(f"{key} never", self.events_lost):
                self.tell(f"{key} is lost")
                self.events_missed_at = self.kernel.now()
                return
            self.event(key, lambda: self._fired(event), PICK)
            if self.calls.weather.breaks and self.fate.happens(f"{key} twice", self.calls.weather.breaks):
                again = self.kernel.now() + timedelta(seconds=self.fate.between(f"{key} again", 0, 600))
                self.event(f"{key} again", lambda: self._fired(event), PICK, at=again)

        self.kernel.at(at + late, due)

    def _fired(self, event: Json) -> None:
        if event.get("job") == "arm":
            self.arm_all.run(event["after"])
        elif event.get("job") == "pick":
            picked = self.picker.pick(event["persona_id"], datetime.fromisoformat(event["slot_at"]))
            self.tell(f"pick for {event['slot_at']}: {picked.post_id} ({picked.reason})")
        else:
            which = event["schedule_id"], event["revision"]
            start_revision(self.stores.schedules, self.start_timers, *which, now=self.kernel.now())

    def arm(self) -> None:
        """The daily event of the picking function."""
        self._armed(self.arm_all.run())

    def _armed(self, report: ArmReport) -> None:
        if report.failed:
            raise RuntimeError(f"not armed: {report.failed}")

    def arm_persona(self, persona: Persona) -> None:
        """The picking function's event after a persona was changed."""

        name = f"arm {persona.persona_id} {self.kernel.now():%H%M%S}"
        self.event(name, lambda: self._armed(self.arm_all.run_one(persona.persona_id)), PICK)

    def sync(self, persona_id: str | None = None) -> SyncReport:
        """The cron's event of the syncing function, or a person's."""
        report = self.syncer.run(persona_id)
        if report.overdue_seconds:
            self.overdue.append((self.kernel.now(), report.overdue_seconds))
        for update in report.updated:
            self.tell(f"sync: {update.schedule_id} {update.before} → {update.after} {update.reason or ''}")
        return report

    def crons(self, until: datetime) -> None:
        """Let the crons run until `until`; a sync that has nothing to look at is left out."""
        start = self.kernel.now()
        for day in range((until - start).days + 2):
            midnight = start.replace(hour=0, minute=10, second=0, microsecond=0) + timedelta(days=day)
            if start <= midnight <= until:
                self.event(f"arm {day}", self.arm, PICK, at=midnight)
                self.event(f"health {day}", self.health, SYNC, at=midnight + timedelta(minutes=30))

        def tick(number: int) -> None:
            if self._something_due() or self._something_missed():
                self.kernel.spawn(f"sync {number}", self._synced)
            if self.kernel.now() + SYNC_EVERY <= until:
                self.kernel.at(self.kernel.now() + SYNC_EVERY, lambda: tick(number + 1))

        self.kernel.at(start + SYNC_EVERY, lambda: tick(0))

    def _synced(self) -> None:
        try:
            self.kernel.worker(self.sync, SYNC)
        except Exception as error:  # noqa: BLE001 - told as the function's error
            self._event_failed("sync", error)
            self.tell(f"sync failed: {error!r:.200}")

    def health(self) -> None:
        """The daily look at the connections."""
        self.health_check.run()

    def notify(self, *, daily: bool = False) -> None:
        """The event of the syncing function that mails notices; the `daily` one looks at libraries as well."""
        failed = (*self.health_check.recheck(), *self.look_ahead.run().failed)
        report = self.notifier.run(daily=daily)
        if report.failed or failed:
            raise RuntimeError(f"not examined: {report.failed} {failed}")

    def _something_missed(self) -> bool:
        """Whether sync may find a slot whose timer was lost."""
        missed_at = self.events_missed_at
        return missed_at is not None and self.kernel.now() - missed_at < MISSED

    def _something_due(self) -> bool:
        index = self.account.tables.tables["posts"].indexes["due"]
        now = self.kernel.now()
        index.show(now)
        text = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return any(item["due_at"]["S"] <= text for shard in index.items.values() for item in shard.values())


CALM = Weather(breaks=0, breaks_writes=0, breaks_reads=0, preempts=0, kinds=frozenset(Fault), lag=0, latest=1)
