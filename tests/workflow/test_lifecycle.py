"""A schedule's whole life in any order: what people, timers, sync and failing platforms do to it, and what holds."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from infra.local.simulators.faults import FaultKind, Platform
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.posting.write_variant import NewVariant
from shutterpost.flows.wiring import build_variant_writer
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.faults.story import asks
from tests.support.simulated_channels import Bench, fresh
from tests.support.system import OWNER, System, running_deployment, soon

OPERATIONS: tuple[tuple[Platform, str], ...] = (
    ("instagram", "create_container"),
    ("instagram", "read_container"),
    ("instagram", "media_publish"),
    ("buffer", "createPost"),
    ("buffer", "deletePost"),
)
# A slow answer takes real time, and the matrix has it.
KINDS = st.sampled_from([kind for kind in get_args(FaultKind) if kind != "slow"])
MINUTES = st.sampled_from((1, 7, 30, 90, 60 * 26))
ROUND = timedelta(minutes=5)
RECOVERY = 60


class Lifecycle(RuleBasedStateMachine):
    """Anything that may happen to the schedules of one persona; a refusal by name is always a right answer."""

    deploy: Callable[[], System]
    bench: Bench
    schedules = Bundle("schedules")

    @initialize(kind=st.sampled_from(("facebook", "instagram", "buffer")))
    def connect(self, kind: Any) -> None:
        """A persona with one connection, and nothing posted."""
        fresh(self.bench)
        self.system = type(self).deploy()
        self.persona = self.system.add_persona(late_grace_minutes=7 * 24 * 60)
        self.system.connect(self.persona, kind)
        self.photos: list[str] = []

    @rule(target=schedules, minutes=st.one_of(st.none(), MINUTES))
    def schedule(self, minutes: int | None) -> str:
        """A photo of its own, now or later."""
        photo = self.system.add_photo(self.persona, len(self.photos) + 1, score=7.0)
        caption = f"Photo number {len(self.photos) + 1}."
        self.photos.append(photo.photo_id)
        at = None if minutes is None else soon(self.system, minutes)
        request = PhotoRequest(photo=photo.photo_id, at=at, caption=caption)
        details = self.system.poster.post(self.persona, request, request_key=photo.photo_id)
        return details.schedules[0].schedule_id

    @rule(schedule_id=schedules, minutes=MINUTES)
    def schedule_another_variant(self, schedule_id: str, minutes: int) -> None:
        """A second variant for the same connection, with the same text, scheduled where that is accepted."""
        posts, writer = self.system.stores.posts, build_variant_writer(self.system.stores)
        schedule = self.system.stores.schedules.get(schedule_id)
        details = posts.details(schedule.post_id)
        text = details.variant(schedule.variant_id).text
        new = NewVariant(connection_id=schedule.connection_id, text=text)
        variant = writer.write(details, new, key="another")
        when = parse_scheduled_time(soon(self.system, minutes), "UTC", self.system.clock.now())
        with suppress(Refusal):
            details = posts.details(schedule.post_id)
            self.system.assigner.plan(self.persona, details, when, variant_ids=[variant.variant_id])

    @rule(schedule_id=schedules, minutes=MINUTES)
    def move(self, schedule_id: str, minutes: int) -> None:
        with suppress(Refusal):
            self.system.mover.move(schedule_id, soon(self.system, minutes))

    @rule(schedule_id=schedules)
    def cancel(self, schedule_id: str) -> None:
        with suppress(Refusal):
            self.system.canceller.cancel(schedule_id)

    @rule(schedule_id=schedules)
    def retry(self, schedule_id: str) -> None:
        with suppress(Refusal):
            self.system.retrier.retry(schedule_id)

    @rule(schedule_id=schedules)
    def skip(self, schedule_id: str) -> None:
        with suppress(Refusal):
            self.system.canceller.skip(schedule_id, "Not this one.")

    @rule(schedule_id=schedules)
    def resolve(self, schedule_id: str) -> None:
        """A person looks at the platform, and says what is there."""
        there = self.existing()[self.text_of(schedule_id)]
        with suppress(Refusal):
            if there:
                self.system.resolver.resolve(schedule_id, live_url="https://www.instagram.com/p/ABC/")
            else:
                self.system.resolver.resolve(schedule_id, not_live=True)

    @rule()
    def pause(self) -> None:
        self.system.stores.pauses.pause(OWNER, "A look around.", self.system.clock.now())

    @rule()
    def resume(self) -> None:
        self.system.stores.pauses.resume(OWNER)

    @rule(operation=st.sampled_from(OPERATIONS), kind=KINDS, count=st.integers(1, 3))
    def fail(self, operation: tuple[Platform, str], kind: Any, count: int) -> None:
        """The platform fails at its next calls."""
        self.bench.sim.add_fault(*operation, kind, count=count)

    @rule()
    def let_executions_run(self) -> None:
        self.system.run_executions()

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        self.system.advance_to(soon(self.system, minutes))

    @rule()
    def sync(self) -> None:
        self.system.syncer.run()
        self.system.run_executions()

    @invariant()
    def nothing_is_out_twice(self) -> None:
        assert max(self.existing().values(), default=0) <= 1
        assert not self.bench.sim.violations()

    @invariant()
    def success_is_live(self) -> None:
        existing = self.existing()
        for schedule in self.all_schedules():
            assert schedule.status is not ScheduleStatus.SUCCESS or existing[self.text_of(schedule.schedule_id)] == 1

    def teardown(self) -> None:
        """With the platforms well again and nothing paused, everything ends, and as the platform shows it."""
        if not hasattr(self, "system"):
            return
        self.bench.sim.clear_faults()
        self.resume()
        for _ in range(RECOVERY):
            self.sync()
            if all(not item.is_open or asks(item) for item in self.all_schedules()):
                break
            self.system.advance_to(self.system.clock.now() + self._pause())
        self.nothing_is_out_twice()
        self.success_is_live()
        existing = self.existing()
        for schedule in self.all_schedules():
            assert not schedule.is_open or (asks(schedule) and schedule.error_message), (
                f"{schedule.status} at {schedule.step}"
            )
            ended_without = not schedule.is_open and schedule.status is not ScheduleStatus.SUCCESS
            assert not (ended_without and existing[self.text_of(schedule.schedule_id)]), (
                f"{schedule.status}, but it is out"
            )

    def _pause(self) -> timedelta:
        """Five minutes as sync's cron has it, or up to the next that is due where all of them lie further ahead."""
        now = self.system.clock.now()
        ahead = [schedule.run_at - now for schedule in self.all_schedules() if schedule.is_open]
        return max(ROUND, min(ahead, default=ROUND))

    def all_schedules(self) -> list[Schedule]:
        posts = self.system.stores.posts
        result = posts.of_persona(self.persona.persona_id, limit=100).posts
        return [schedule for post in result for schedule in posts.details(post.post_id).schedules]

    def text_of(self, schedule_id: str) -> str:
        schedule = self.system.stores.schedules.get(schedule_id)
        return self.system.stores.posts.details(schedule.post_id).variants[0].text

    def existing(self) -> Counter[str]:
        """By text, how many posts are live or will be."""
        state = self.bench.sim.state()
        live = [item["caption"] for item in state["instagram"]["media"] if not item.get("deleted_at")]
        coming = [
            post["text"] for post in state["buffer"]["posts"] if post["status"] in {"scheduled", "sending", "sent"}
        ]
        return Counter(live + coming)


@contextmanager
def lifecycle_on(bench: Bench) -> Iterator[type[Lifecycle]]:
    """The machine around one deployment, which each example finds as new."""
    with running_deployment(bench) as deploy:
        yield type("LifecycleHere", (Lifecycle,), {"deploy": staticmethod(deploy), "bench": bench})


@pytest.fixture
def lifecycle(bench: Bench) -> Iterator[type[Lifecycle]]:
    with lifecycle_on(bench) as machine:
        yield machine


def test_any_order_of_events_publishes_once_and_ends_truthfully(lifecycle: type[Lifecycle]) -> None:
    run_state_machine_as_test(
        lifecycle,
        settings=settings(max_examples=25, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
