"""Every call that leaves the process: a point at which others may run, the worker may die, or the call go wrong."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import httpx
from botocore.exceptions import ReadTimeoutError

from tests.faults.calls import RemoteBroken
from tests.simulation import kinds
from tests.simulation.aws import Account
from tests.simulation.dynamodb import Refused
from tests.simulation.fate import Fate
from tests.simulation.faults import RARE, REMOTE_READ, REMOTE_WRITE, Fault, Weather, faults_of
from tests.simulation.kernel import Kernel, ProcessKilled
from tests.simulation.kinds import DECLARED
from tests.simulation.platforms import Platforms, operation_of

# How long a caller waits for an answer: botocore with its repeats, httpx without.
AWS_PATIENCE = timedelta(seconds=20)
HTTP_PATIENCE = timedelta(seconds=10)
CANCELLED = "TransactionCanceledException"


class Words(Protocol):
    """How a broken call shows itself to its caller: by an answer, or by what is raised."""

    def refused(self) -> Any:
        """A clear error."""

    def throttled(self) -> Any:
        """Too many requests."""

    def timeout(self) -> Any:
        """No answer in time."""

    def not_sent(self) -> Any:
        """No connection."""

    def unreadable(self) -> Any:
        """An answer that says nothing."""

    def conflict(self) -> Any:
        """Another transaction is at the same item."""


class Calls:
    """Answers calls through the services, as the weather and fate have it, or as `forced` by operation.

    `hits` counts operation, fault and whether the call took effect, `broke` operation and fault by task. `watch` gets
    each remote call as it is made.
    """

    def __init__(self, kernel: Kernel, fate: Fate, weather: Weather, aws: Account, platforms: Platforms) -> None:
        self._kernel, self._fate, self.weather = kernel, fate, weather
        self._aws, self._platforms = aws, platforms
        self.hits: Counter[tuple[str, str, str]] = Counter()
        self.watch: Callable[[str, httpx.Request], None] = lambda *_: None
        self.makers: dict[str, str] = {}
        self.forced: dict[str, list[Fault]] = {}
        self.broke: dict[str, Counter[tuple[str, Fault]]] = defaultdict(Counter)
        self.delay: timedelta | None = None
        self.late_by = ""
        self.made = 0

    def aws(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """An AWS call."""
        if operation == "CopyObject" and self._kernel.task is not None:
            self.makers.setdefault(parameters["Key"], self._kernel.task.name)

        def effect() -> Any:
            return self._aws.call(service, operation, parameters)

        answer: dict[str, Any] = self._through(operation, effect, AwsWords(operation, parameters), faults_of(operation))
        return answer

    def remote(self, request: httpx.Request) -> httpx.Response:
        """A call of a platform or the CDN."""
        request.read()
        operation = operation_of(request)

        def effect() -> httpx.Response:
            task = self._kernel.task
            return self._platforms.answer(request, task.name if task else self.late_by.partition(" · ")[0])

        if self._kernel.task is not None and not self._kernel.task.dead:
            self.watch(operation, request)
        answer: httpx.Response = self._through(operation, effect, HttpWords(request), faults_of(operation))
        return answer

    def _through(self, operation: str, effect: Callable[[], Any], words: Words, kinds: tuple[Fault, ...]) -> Any:
        task = self._kernel.task
        if task is None:
            return effect()
        if task.dead:
            raise ProcessKilled
        self.made += 1
        key, weather = task.numbered(operation), self.weather
        if self.forced.get(operation):
            return self._broken(operation, key, self.forced[operation].pop(0), effect, words)
        if weather.preempts and self._fate.happens(f"{key} waits", weather.preempts):
            self._kernel.sleep(timedelta(seconds=self._fate.between(f"{key} waits for", 0.01, 3)))
        if weather.focus and weather.focus[0] == operation and self._fate.happens(f"{key} focused", weather.focused):
            return self._broken(operation, key, weather.focus[1], effect, words)
        remote = {REMOTE_WRITE: weather.breaks_writes, REMOTE_READ: weather.breaks_reads}
        breaks = remote.get(kinds, weather.breaks) if operation not in RARE else min(0.3, 15 * weather.breaks)
        if not breaks or self._fate.draw(f"{key} breaks") >= breaks:
            return self._counted(operation, "none", effect)
        fault = self._fate.choice(f"{key} how", kinds)
        if fault not in weather.kinds or not self._fate.happens(f"{key} {fault}", 1):
            return self._counted(operation, "none", effect)
        return self._broken(operation, key, fault, effect, words)

    def _broken(self, operation: str, key: str, fault: Fault, effect: Callable[[], Any], words: Words) -> Any:
        if self._kernel.task is not None:
            self.broke[self._kernel.task.name][operation, fault] += 1
        patience = HTTP_PATIENCE if isinstance(words, HttpWords) else AWS_PATIENCE
        before = {
            Fault.REFUSED: words.refused,
            Fault.THROTTLED: words.throttled,
            Fault.NOT_SENT: words.not_sent,
            Fault.UNREADABLE: words.unreadable,
            Fault.CONFLICT: words.conflict,
            Fault.KILLED_BEFORE: self._die,
        }
        if fault in before:
            self.hits[operation, fault, "no effect"] += 1
            return before[fault]()
        if fault is Fault.LATER:
            self._fate_of_late(operation, key, effect)
            self._kernel.sleep(patience)
            return words.timeout()
        if fault is Fault.SLOW:
            self._kernel.sleep(timedelta(seconds=self._fate.between(f"{key} takes", 1, patience.total_seconds() - 1)))
            return self._counted(operation, fault, effect)
        answer = self._counted(operation, fault, effect)
        if fault is Fault.TWICE:
            return effect()
        if fault is Fault.KILLED_AFTER:
            self._die()
        if fault is Fault.EFFECT_THEN_ERROR:
            return words.refused()
        self._kernel.sleep(patience)
        del answer
        return words.timeout()

    def _fate_of_late(self, operation: str, key: str, effect: Callable[[], Any]) -> None:
        """The request lies on the way; it takes effect when its caller has long given up."""

        def arrive() -> None:
            self.late_by = key
            try:
                self._counted(operation, Fault.LATER, effect)
            except Refused:
                self.hits[operation, Fault.LATER, "refused then"] += 1
            finally:
                self.late_by = ""

        drawn = timedelta(seconds=self._fate.between(f"{key} later by", 1, self.weather.latest))
        after = drawn if self.delay is None else self.delay
        self._kernel.at(self._kernel.now() + after, arrive)

    def _counted(self, operation: str, fault: str, effect: Callable[[], Any]) -> Any:
        answer = effect()
        self.hits[operation, fault, "effect"] += 1
        return answer

    def _die(self) -> None:
        task = self._kernel.task
        assert task is not None
        if task.deadline is not None:
            task.dead = True
        raise ProcessKilled


class AwsWords:
    """A broken AWS call, after botocore's own repeats."""

    def __init__(self, operation: str, parameters: dict[str, Any]) -> None:
        self._operation, self._parameters = operation, parameters

    def refused(self) -> Any:
        """An internal error."""
        raise Refused("InternalServerError")

    def throttled(self) -> Any:
        """Throttled for longer than botocore repeats."""
        raise Refused("ThrottlingException")

    def timeout(self) -> Any:
        """No answer in time."""
        raise ReadTimeoutError(endpoint_url="https://aws.invalid")

    def not_sent(self) -> Any:
        """As a refusal: botocore repeats until it knows."""
        self.refused()

    def unreadable(self) -> Any:
        """AWS answers, or it does not."""
        self.refused()

    def conflict(self) -> Any:
        """Another transaction has one of the items."""
        if self._operation != "TransactWriteItems":
            raise Refused("TransactionConflictException")
        reasons = [{"Code": "None"} for _ in self._parameters["TransactItems"]]
        reasons[-1] = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
        raise Refused(CANCELLED, "Transaction cancelled", CancellationReasons=reasons)


class HttpWords:
    """A broken call of a platform, in the platform's own words."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._said = RemoteBroken(request)
        self._is_buffer = "buffer" in request.url.host
        self._kind = next((kind for kind in DECLARED.values() if kind.host == request.url.host), None)

    def refused(self) -> httpx.Response:
        """A server error."""
        if self._kind is not None:
            return self._answer(self._kind.refusal)
        if self._is_buffer:
            error = {"message": "Something went wrong", "extensions": {"code": "UNEXPECTED"}}
            return httpx.Response(200, json={"data": None, "errors": [error]}, request=self._request)
        return self._said.refused()

    def throttled(self) -> httpx.Response:
        """The platform's rate limit."""
        if self._kind is not None:
            return self._answer(self._kind.throttling)
        if self._is_buffer:
            error = {"message": "Too many requests", "extensions": {"code": "RATE_LIMIT_EXCEEDED"}, "window": "15m"}
            return httpx.Response(429, json={"errors": [error]}, headers={"Retry-After": "60"}, request=self._request)
        return self._said.throttled()

    def timeout(self) -> httpx.Response:
        """No answer in time."""
        raise httpx.ReadTimeout("timed out", request=self._request)

    def not_sent(self) -> httpx.Response:
        """No connection."""
        raise httpx.ConnectError("no route", request=self._request)

    def unreadable(self) -> httpx.Response:
        """A page of something in between, or an answer without content."""
        if len(self._request.content) % 2:
            return httpx.Response(200, json={"data": None}, request=self._request)
        return httpx.Response(502, text="upstream connect error", request=self._request)

    def conflict(self) -> httpx.Response:
        """No platform has transactions."""
        return self.refused()

    def _answer(self, words: kinds.Words) -> httpx.Response:
        return httpx.Response(words.status, json=dict(words.body), headers=dict(words.headers), request=self._request)
