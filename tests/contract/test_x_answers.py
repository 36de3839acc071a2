"""Answers of X that a test writes: what is read of them, and what is not."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from shutterpost.channels import Cause, Channel, Failure, FailureClass, Healthy, adapters
from shutterpost.runtime.settings import PlatformSettings
from tests.support.adapter_answers import failure_of
from tests.support.answer_mutations import NOON, StoppedClock
from tests.support.good_answers import JPEG, RENDITION, UPLOADED, X_MEDIA, ended
from tests.support.mutated_answers import account_of
from tests.support.platform_tools import KeptPictures, KeptSessions, tools

PERMANENT, RETRYABLE, AMBIGUOUS = FailureClass.PERMANENT, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS
PAIR = {"token_type": "bearer", "expires_in": 7_200, "access_token": "second", "refresh_token": "next"}
NOT_ACCEPTED = httpx.Response(401, json={"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank"})


@pytest.fixture
def sessions() -> KeptSessions:
    return KeptSessions()


@pytest.fixture
def channel(sessions: KeptSessions) -> Channel:
    pictures = KeptPictures({RENDITION: JPEG})
    return adapters(tools(PlatformSettings(stage="test"), StoppedClock(), pictures=pictures, sessions=sessions))("x")


def answers(platform: respx.Router, path: str, *responses: httpx.Response) -> respx.Route:
    return platform.post(f"https://api.x.com{path}").mock(side_effect=responses)


def renewed(platform: respx.Router, channel: Channel, **fields: Any) -> Healthy | Failure:
    """What a check makes of a renewal that is answered with these fields."""
    answers(platform, "/2/oauth2/token", httpx.Response(200, json=PAIR | fields))
    return channel.health(ended(account_of("x")))


@pytest.mark.parametrize("seconds", [7_201, 1 << 40, 0, -60, None, "soon"])
def test_a_session_lasts_two_hours_at_most_whatever_x_says(
    platform: respx.Router, channel: Channel, sessions: KeptSessions, seconds: object
) -> None:
    assert renewed(platform, channel, expires_in=seconds) == Healthy()
    [kept] = sessions.sessions.values()
    assert kept.expires_at == NOON + timedelta(hours=2)


@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
@pytest.mark.parametrize("text", ["two words", "a line\nX-More: 1", "für-dich"])
def test_a_token_that_cannot_be_sent_is_no_session(
    platform: respx.Router, channel: Channel, sessions: KeptSessions, field: str, text: str
) -> None:
    assert failure_of(renewed(platform, channel, **{field: text})) == (RETRYABLE, Cause.PLATFORM, "unreadable")
    assert sessions.sessions == {}


def test_a_renewal_that_fails_for_now_is_no_error_of_the_token(platform: respx.Router, channel: Channel) -> None:
    answers(platform, "/2/media/upload", NOT_ACCEPTED, NOT_ACCEPTED)
    shorter = httpx.Response(200, json=PAIR | {"expires_in": 7_000})
    renewals = answers(platform, "/2/oauth2/token", shorter, httpx.Response(503, text="Busy"))
    refused = channel.submit(account_of("x"), UPLOADED)
    assert failure_of(refused)[:2] == (RETRYABLE, Cause.PLATFORM)
    assert renewals.call_count == 2


@pytest.mark.parametrize("name", ["invalid_scope", "temporarily_unavailable"])
def test_a_refused_renewal_of_no_known_name_may_be_repeated(
    platform: respx.Router, channel: Channel, name: str
) -> None:
    answers(platform, "/2/oauth2/token", httpx.Response(400, json={"error": name}))
    assert failure_of(channel.health(ended(account_of("x")))) == (RETRYABLE, Cause.PLATFORM, name)


@pytest.mark.parametrize("kind", ["usage-capped", "https://docs.example/usage-capped", "about:blank"])
def test_an_error_has_its_name_from_a_problem_type_of_x_alone(
    platform: respx.Router, channel: Channel, kind: str
) -> None:
    problem = {"title": "Forbidden", "detail": "You are not permitted to do this.", "type": kind}
    answers(platform, "/2/tweets", httpx.Response(403, json=problem))
    platform.get(url__regex=r"https://api\.x\.com/2/users/.*").respond(json={"meta": {"result_count": 0}})
    refused = channel.publish(account_of("x"), X_MEDIA, UPLOADED)
    assert failure_of(refused) == (PERMANENT, Cause.ACCOUNT, "http-403")


@pytest.mark.parametrize("made", [{"text": "A calm lake."}, {"id": None}, {"id": ""}, {"id": {}}])
def test_a_post_without_an_id_is_unclear(platform: respx.Router, channel: Channel, made: dict[str, Any]) -> None:
    answers(platform, "/2/tweets", httpx.Response(201, json={"data": made}))
    unclear = channel.publish(account_of("x"), X_MEDIA, UPLOADED)
    assert failure_of(unclear) == (AMBIGUOUS, Cause.PLATFORM, "unreadable")
