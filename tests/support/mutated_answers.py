"""Mutated answers through the adapters, with a fixed seed, and a tally of what the adapters make of them."""

import math
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import respx
from pydantic import SecretStr
from pydantic_core import PydanticSerializationError

from shutterpost.channels import (
    Account,
    Channel,
    Commented,
    Connection,
    Failure,
    FailureClass,
    NewToken,
    NoMatch,
    Published,
    Submitted,
    Withdrawn,
    adapters,
)
from shutterpost.runtime.settings import PlatformSettings
from tests.support.answer_mutations import (
    NOON,
    RENEWED,
    TOKEN,
    Case,
    Mutant,
    StoppedClock,
    encode,
    mutate,
    status_of,
)
from tests.support.good_answers import ACCOUNT_IDS, CASES, HOSTS, JPEG, RENDITION, x_tokens
from tests.support.platform_tools import KeptPictures, tools

_ID_OF: dict[type, str] = {Published: "external_id", Commented: "comment_id"}
LONGEST_WAIT = timedelta(days=30).total_seconds()


class Trial(NamedTuple):
    """One call to be tried, and the source of its mutation."""

    channel: str
    case: Case
    random: random.Random


@dataclass
class Tally:
    """What came of many mutated answers."""

    cases: int = 0
    exceptions: list[str] = field(default_factory=list)
    false_absences: list[str] = field(default_factory=list)
    false_successes: list[str] = field(default_factory=list)
    unstorable: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def findings(self) -> list[str]:
        """Everything that should not be."""
        return [*self.exceptions, *self.false_absences, *self.false_successes, *self.unstorable]


def account_of(channel: str) -> Account:
    """The account that all cases use."""
    connection = Connection(
        connection_id="c0",
        persona_id="nature",
        owner="owner",
        channel=channel,
        display_name="nature",
        account_id=ACCOUNT_IDS.get(channel, "17841400000000001"),
        login=None,
        organization_id="o1" if channel == "buffer" else None,
        host=HOSTS.get(channel),
        created_at=NOON,
        updated_at=NOON,
    )
    return Account(connection=connection, token=x_tokens() if channel == "x" else SecretStr(TOKEN))


def run(count: int, seed: int, channels: Sequence[str] = tuple(CASES)) -> Tally:
    """Send `count` mutated answers to the adapters of `channels` and tally what they make of them."""
    random_ = random.Random(seed)
    tally = Tally()
    with respx.mock(assert_all_called=False) as router:
        route = router.route()
        for _ in range(count):
            channel = random_.choice(channels)
            case = random_.choice(CASES[channel])
            _try(adapter_of(channel), Trial(channel, case, random_), route, tally)
    return tally


def adapter_of(channel: str) -> Channel:
    """An adapter of its own for each trial, so that no session of an earlier one is left."""
    pictures = KeptPictures({RENDITION: JPEG, "": JPEG})
    return adapters(tools(PlatformSettings(stage="test"), StoppedClock(), pictures=pictures))(channel)


def _try(adapter: Channel, trial: Trial, route: respx.Route, tally: Tally) -> None:
    channel, case, random_ = trial
    at = random_.randrange(len(case.bodies))
    mutant = mutate(case.bodies[at], random_)
    route.mock(side_effect=_answers(case, at, mutant))
    account = account_of(channel)
    login = random_.choice(("facebook", "instagram")) if case.name in {"health", "status"} else _login_of(case)
    if channel == "linkedin":
        login = "member" if case.name == "member" else "organization"
    if channel in {"instagram", "linkedin"}:
        account = account.model_copy(update={"connection": account.connection.model_copy(update={"login": login})})
    label = f"{channel} {case.name} {mutant.status} {mutant.headers} {mutant.body[:200]!r} {mutant.lost}"
    started = time.perf_counter()
    try:
        result = case.call(adapter, account)
    except Exception as error:  # noqa: BLE001 - what is looked for
        result = None
        tally.exceptions.append(f"{type(error).__name__}: {label}")
    tally.cases += 1
    tally.slowest = max(tally.slowest, time.perf_counter() - started)
    if mutant.nulled and isinstance(result, NoMatch):
        tally.false_absences.append(label)
    if _is_false_success(case, at, mutant, result):
        tally.false_successes.append(label)
    if result is not None and not _is_storable(result):
        tally.unstorable.append(label)


def _login_of(case: Case) -> str:
    return "instagram" if case.name == "refresh" else "facebook"


def _answers(case: Case, at: int, mutant: Mutant) -> Callable[[httpx.Request], httpx.Response]:
    """Good answers in order, the mutated one in its place; the last is repeated."""
    sent = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        place, sent = min(sent, len(case.bodies) - 1), sent + 1
        if place != at:
            body = case.bodies[place]
            return httpx.Response(status_of(body), content=encode(body))
        if mutant.lost is not None:
            raise mutant.lost("lost", request=request)
        return httpx.Response(mutant.status, headers=mutant.headers, content=_Stream(mutant.body))

    return answer


class _Stream(httpx.SyncByteStream):
    """A body that is decoded when it is read, as on a connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), 65_536):
            yield self._body[start : start + 65_536]


def _is_false_success(case: Case, at: int, mutant: Mutant, result: Any) -> bool:
    """Whether a write counts as done although its answer holds no id."""
    if at != case.makes or not isinstance(result, Published | Submitted | NewToken | Withdrawn | Commented):
        return case.name == "refused" and not isinstance(result, Failure)
    if case.name not in {"submit", "publish", "comment"}:
        return False
    match = re.search(case.made, getattr(result, _ID_OF.get(type(result), "ref"), ""))
    return match is None or not match[1] or match[1].encode() not in mutant.body


def _is_storable(result: Any) -> bool:
    """Whether a result can be stored and logged: bounded texts without half characters, finite waits, no token."""
    if isinstance(result, dict):
        return all(_is_storable(part) for part in result.values())
    try:
        text = result.model_dump_json()
    except PydanticSerializationError:
        return False
    failure = result if isinstance(result, Failure) else getattr(result, "failure", None)
    if failure is not None:
        wait = failure.retry_after
        bounded = wait is None or (math.isfinite(wait) and 0 <= wait <= LONGEST_WAIT)
        permanent = failure.failure_class is FailureClass.PERMANENT
        if not bounded or (permanent and wait is not None) or len(failure.message) + len(failure.raw) > 2_000:
            return False
    return TOKEN not in text and RENEWED not in text and len(text) < 8_000
