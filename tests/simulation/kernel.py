"""Simulated time, and the tasks that take turns in it: each a greenlet that stops only where it waits."""

import contextlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from greenlet import greenlet

T = TypeVar("T")
ZERO = timedelta(0)


class ProcessKilled(BaseException):
    """The worker ends here: nothing in the process can catch it, whoever invoked it sees an error."""


class WorkerDied(Exception):
    """What the invoker of a killed or overdue worker sees."""


@dataclass
class Task:
    """Something that runs beside others; `deadline` is when its worker's time is up."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)
    deadline: datetime | None = None
    dead: bool = False

    def numbered(self, what: str) -> str:
        """A name for the next call of its kind by this task."""
        self.counts[what] = number = self.counts.get(what, 0) + 1
        return f"{self.name} · {what} {number}"


class Kernel:
    """Runs what is due in the order of time; itself a `Clock` for all that it runs."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self._hub = greenlet.getcurrent()
        self.task: Task | None = None
        self.failures: list[tuple[str, Exception]] = []

    def now(self) -> datetime:
        """The simulated instant, UTC."""
        return self._now

    def sleep(self, duration: timedelta) -> None:
        """Let others run until `duration` has passed. Raises `ProcessKilled` where the worker's time is up by then."""
        task = self.task
        if task is None:
            return
        resumed = greenlet.getcurrent()
        wake = self._now + max(ZERO, duration)
        if task.deadline is not None and wake > task.deadline:
            wake = max(self._now, task.deadline)
            task.dead = True
        self.at(wake, lambda: self._switch(task, resumed))
        self._hub.switch()
        if task.dead:
            raise ProcessKilled

    def at(self, instant: datetime, what: Callable[[], None]) -> None:
        """Do `what` at `instant`, in between the tasks."""
        self._number += 1
        heapq.heappush(self._queue, (max(instant, self._now), self._number, what))

    def spawn(self, name: str, work: Callable[[], Any], *, at: datetime | None = None) -> Task:
        """A new task that begins at once, or `at` an instant."""
        task = Task(name)

        def run() -> None:
            try:
                work()
            except ProcessKilled:
                pass
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told of this task
                self.failures.append((name, error))

        self.at(at or self._now, lambda: self._switch(task, greenlet(run, self._hub)))
        return task

    def worker(self, work: Callable[[], T], timeout: timedelta) -> T:
        """Do `work` in a worker process with its own time limit. Raises `WorkerDied`."""
        task = self.task
        if task is None:
            return work()
        task.deadline = self._now + timeout
        try:
            return work()
        except ProcessKilled:
            raise WorkerDied(task.name) from None
        finally:
            task.deadline, task.dead = None, False

    def run_until(self, instant: datetime) -> None:
        """Run everything that is due by `instant`."""
        while self._queue and self._queue[0][0] <= instant:
            at, _, what = heapq.heappop(self._queue)
            self._now = max(self._now, at)
            what()
        self._now = max(self._now, instant)

    @contextlib.contextmanager
    def unobserved(self) -> Iterator[None]:
        """Look at the world without a task: no call fails, and no other task runs meanwhile."""
        task, self.task = self.task, None
        try:
            yield
        finally:
            self.task = task

    def _switch(self, task: Task, target: greenlet) -> None:
        before, self.task = self.task, task
        try:
            target.switch()
        finally:
            self.task = before
