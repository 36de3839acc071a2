"""Calls of X's API: answers as values, and whole listings of an account's posts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from shutterpost.channels import http
from shutterpost.channels.answers.book import UNREADABLE, AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_instant, as_object, as_objects, as_text
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer
from shutterpost.channels.ports import Account, Cause, Failure, FailureClass
from shutterpost.channels.x.answers import RATE_LIMIT, ROWS
from shutterpost.channels.x.tokens import XSessions, error_of

_PAGE, _MAX_PAGES = 100, 10
_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_ENDLESS = Rule(meaning="The list of posts does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class XCalls:
    def __init__(self, tools: Tools) -> None:
        self.book = AnswerBook("x", ROWS, Operation.PUBLISH, tools.report)
        self._sessions, self._url = XSessions(tools, self.book), tools.settings.x_url

    def check(self, account: Account) -> Failure | None:
        """Why there is no access token; asks X only where the token has to be renewed."""
        token = self._sessions.access(account)
        return token if isinstance(token, Failure) else None

    def data(
        self,
        method: str,
        account: Account,
        path: str,
        operation: Operation,
        *,
        params: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        form: Mapping[str, str | list[str]] | None = None,
        files: http.Files | None = None,
    ) -> Json | Failure:
        """The `data` of the answer."""
        sent = {"params": params, "document": document, "form": form, "files": files}
        body = self._body(method, account, path, operation, **sent)
        if isinstance(body, Failure) or isinstance(body.get("data"), dict):
            return body if isinstance(body, Failure) else as_object(body["data"])
        return self.incomplete(operation, missing="data")

    def posted(self, account: Account, since: datetime) -> list[Json] | Failure:
        """The account's posts from `since` on, all of them, with their media keys. X bills each post once a day."""
        params = {
            "start_time": _shown(since),
            "max_results": str(_PAGE),
            "tweet.fields": "created_at,attachments",
            "expansions": "attachments.media_keys",
        }
        posts: list[Json] = []
        path = f"/2/users/{account.connection.account_id}/tweets"
        for _ in range(_MAX_PAGES):
            body = self._body("GET", account, path, Operation.READ, params=params)
            if isinstance(body, Failure):
                return body
            page = _page_of(body)
            if page is None:
                return self.incomplete(Operation.READ, missing="whole list of posts")
            posts += page
            after = as_object(body.get("meta")).get("next_token")
            if after is None:
                return posts
            if as_id(after) is None:
                return self.incomplete(Operation.READ, missing="next page")
            params = {**params, "pagination_token": str(after)}
        return self.book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def incomplete(self, operation: Operation, *, missing: str) -> Failure:
        """The failure of a successful answer that lacks `missing`."""
        self.book.report("x", operation, PlatformError(HTTPStatus.OK, "unreadable", None, f"no {missing}"))
        return self.book.failure(UNREADABLE, operation, code="unreadable", detail=f"no {missing}")

    def _body(self, method: str, account: Account, path: str, operation: Operation, **sent: Any) -> Json | Failure:
        token = self._sessions.access(account)
        for _ in range(2):
            if isinstance(token, Failure):
                return token
            answer = http.send(method, f"{self._url}{path}", token=token, **sent)
            used = token
            problem = error_of(answer) if isinstance(answer, Answer) else None
            if problem is None or problem.status != HTTPStatus.UNAUTHORIZED:
                break
            # X did nothing. The token may have been revoked before its time.
            token = self._sessions.access(account, refused=token)
            if isinstance(token, Failure) and token.failure_class is not FailureClass.PERMANENT:
                return token
        if not isinstance(answer, Answer):
            return self.book.no_answer(answer, operation)
        return self._read(answer, operation, used)

    def _read(self, answer: Answer, operation: Operation, token: SecretStr) -> Json | Failure:
        if answer.status in _SUCCESS and isinstance(answer.body, dict):
            return answer.body
        error = error_of(answer) or _limit_of(answer)
        if error is None:
            return self.book.foreign(operation, answer, token)
        return self.book.of_error(error, operation, answer, token)


def _limit_of(answer: Answer) -> PlatformError | None:
    errors = as_objects(as_object(answer.body).get("errors")) or []
    limited = answer.status >= HTTPStatus.BAD_REQUEST and any(str(each.get("code")) == RATE_LIMIT for each in errors)
    return PlatformError(answer.status, RATE_LIMIT, None, "Rate limit exceeded") if limited else None


def _page_of(body: Json) -> list[Json] | None:
    count = as_object(body.get("meta")).get("result_count")
    page = as_objects(body.get("data", []))
    if page is None or count != len(page) or body.get("errors"):
        return None
    return page if all(_is_whole(post) for post in page) else None


def _is_whole(post: Json) -> bool:
    known = as_id(post.get("id")) and as_instant(post.get("created_at")) and as_text(post.get("text")) is not None
    attached = as_object(post.get("attachments")).get("media_keys", [])
    return bool(known) and isinstance(attached, list) and all(isinstance(key, str) for key in attached)


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
