"""Access tokens of an X account. A refresh token is good once, so that only one caller may use it."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from pydantic import SecretStr

from shutterpost.channels import http
from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import Json, as_int, as_object, as_text
from shutterpost.channels.credentials.parameters import PRINTABLE
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import AccessSession, Account, Cause, Failure, FailureClass
from shutterpost.runtime.values import Value

# A token is renewed this long before it ends, so that a chain of calls does not outlive it.
_MARGIN = timedelta(minutes=10)
# A renewal takes less; after it another caller may try the same refresh token.
RENEWAL = timedelta(minutes=1)
_ACCESS_LIFE = 7_200

_UNUSABLE = Rule(
    meaning="The token is not one of X; connect the account again",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)
_NOT_RENEWABLE = Rule(
    meaning="The token has ended and cannot be renewed; connect the account again with offline.access",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)
_BEING_RENEWED = Rule(
    meaning="The token is being renewed by another call",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    refused=True,
    retry_after=RENEWAL.total_seconds(),
)
_DAMAGED = Rule(
    meaning="X's answer has no access token", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM, refused=True
)


class XTokens(Value):
    """What X gave when the account was connected, and the app that it gave it to."""

    client_id: str
    session: AccessSession

    @classmethod
    def of(cls, account: Account) -> "XTokens | None":
        """The tokens in the connection's token, which is JSON; `None` for any other text."""
        try:
            given = as_object(json.loads(account.token.get_secret_value()))
        except (ValueError, RecursionError):
            return None
        client_id, access = as_text(given.get("client_id")), as_text(given.get("access_token"))
        ends_at, refresh = as_int(given.get("expires_at")), as_text(given.get("refresh_token"))
        if not client_id or not access or ends_at is None or not 0 <= ends_at < 1 << 33:
            return None
        session = AccessSession(
            access=SecretStr(access),
            refresh=SecretStr(refresh) if refresh else None,
            expires_at=datetime.fromtimestamp(ends_at, UTC),
        )
        return cls(client_id=client_id, session=session)


class XSessions:
    """Gives access tokens, and renews them. A used refresh token whose answer was lost needs a new connection."""

    def __init__(self, tools: Tools, book: AnswerBook) -> None:
        self._store, self._clock, self._book, self._url = tools.sessions, tools.clock, book, tools.settings.x_url
        self._held: dict[tuple[str, str], AccessSession] = {}

    def access(self, account: Account, *, refused: SecretStr | None = None) -> SecretStr | Failure:
        """An access token that is not `refused`, or why there is none."""
        held = self._held.get(_key(account))
        if held is not None and self._is_good(held, refused):
            return held.access
        given = XTokens.of(account)
        if given is None:
            return self._book.failure(_UNUSABLE, Operation.REFRESH, code="token-unusable")
        kept = self._store.read(account)
        if isinstance(kept, Failure):
            return kept
        session = kept or given.session
        if not self._is_good(session, refused):
            renewed = self._renewed(account, given.client_id, session)
            if isinstance(renewed, Failure):
                return renewed
            session = renewed
        self._held[_key(account)] = session
        return session.access

    def _is_good(self, session: AccessSession, refused: SecretStr | None) -> bool:
        return session.access != refused and session.expires_at > self._clock.now() + _MARGIN

    def _renewed(self, account: Account, client_id: str, session: AccessSession) -> AccessSession | Failure:
        if session.refresh is None:
            return self._book.failure(_NOT_RENEWABLE, Operation.REFRESH, code="token-ended")
        now = self._clock.now()
        if not self._store.claim_renewal(account, session, now=now, until=now + RENEWAL):
            return self._book.failure(_BEING_RENEWED, Operation.REFRESH, code="token-in-renewal")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": session.refresh.get_secret_value(),
            "client_id": client_id,
        }
        answer = http.send("POST", f"{self._url}/2/oauth2/token", form=form)
        body = as_object(answer.body) if isinstance(answer, Answer) and answer.status == HTTPStatus.OK else {}
        renewed = _session(body, now)
        if renewed is None:
            return self._not_renewed(answer, session.refresh)
        self._store.write(account, renewed)
        return renewed

    def _not_renewed(self, answer: Answer | NoAnswer, refresh: SecretStr) -> Failure:
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, Operation.REFRESH)
        if answer.status == HTTPStatus.OK:
            return self._book.failure(_DAMAGED, Operation.REFRESH, code="unreadable")
        name, problem = as_text(as_object(answer.body).get("error")), error_of(answer)
        # The answer may hold tokens anywhere, so nothing of it is kept but the name of the error.
        if name is not None:
            failure = self._book.of_error(PlatformError(answer.status, name), Operation.REFRESH, answer, refresh)
        elif problem is not None:
            error = PlatformError(answer.status, problem.code)
            failure = self._book.of_error(error, Operation.REFRESH, answer, refresh)
        else:
            failure = self._book.foreign(Operation.REFRESH, answer, refresh)
        return failure.model_copy(update={"raw": ""})


def error_of(answer: Answer) -> PlatformError | None:
    """The error in X's own form: a problem with a title; `None` for other pages and successes."""
    body = as_object(answer.body)
    title = as_text(body.get("title"))
    if answer.status < HTTPStatus.BAD_REQUEST or title is None:
        return None
    _, problems, name = (as_text(body.get("type")) or "").rpartition("/problems/")
    detail = as_text(body.get("detail")) or title
    return PlatformError(answer.status, name if problems and name else None, None, detail)


def _session(body: Json, now: datetime) -> AccessSession | None:
    access, refresh = as_text(body.get("access_token")), as_text(body.get("refresh_token"))
    # Another text could be neither sent nor stored.
    if not access or not PRINTABLE.fullmatch(access) or not PRINTABLE.fullmatch(refresh or access):
        return None
    seconds = as_int(body.get("expires_in"))
    lasts = seconds if seconds is not None and 0 < seconds <= _ACCESS_LIFE else _ACCESS_LIFE
    return AccessSession(
        access=SecretStr(access),
        refresh=SecretStr(refresh) if refresh else None,
        expires_at=now + timedelta(seconds=lasts),
    )


def _key(account: Account) -> tuple[str, str]:
    return account.connection.connection_id, account.token.get_secret_value()
