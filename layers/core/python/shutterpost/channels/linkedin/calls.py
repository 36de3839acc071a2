"""Calls of LinkedIn's versioned API: answers as values, uploads, and whole listings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from shutterpost.channels import http
from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import Json, as_objects
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.linkedin.answers import ROWS
from shutterpost.channels.linkedin.responses import changed_at, error_in, is_whole
from shutterpost.channels.ports import Account, Cause, Failure, FailureClass

_PAGE, _MAX_PAGES = 50, 20
_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_ENDLESS = Rule(meaning="The list of posts does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class LinkedInCalls:
    def __init__(self, tools: Tools) -> None:
        self._clock, self._base = tools.clock, tools.settings.linkedin_url.rstrip("/")
        self._headers = {
            "LinkedIn-Version": tools.settings.linkedin_version,
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }
        self.book = AnswerBook("linkedin", ROWS, Operation.PUBLISH, tools.report)

    def call(
        self,
        method: str,
        account: Account,
        path: str,
        *,
        key: str = "",
        params: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
    ) -> Answer | NoAnswer:
        """One call; `key` is the URN that the path ends with."""
        url = f"{self._base}{path}{'/' + quote(key, safe='') if key else ''}"
        return http.send(method, url, token=account.token, params=params, document=document, headers=self._headers)

    def upload(self, account: Account, url: str, content: bytes) -> Answer | NoAnswer:
        return http.send("PUT", url, token=account.token, content=content, media_type="image/jpeg")

    def read(self, account: Account, path: str, *, key: str = "") -> Json | Failure:
        return self.body(self.call("GET", account, path, key=key), Operation.READ, account)

    def body(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        if isinstance(answer, Answer) and answer.status in _SUCCESS and isinstance(answer.body, dict):
            return answer.body
        return self.failure(answer, operation, account)

    def failure(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Failure:
        if isinstance(answer, NoAnswer):
            return self.book.no_answer(answer, operation)
        error = error_in(answer)
        if error is None or answer.status < HTTPStatus.BAD_REQUEST:
            return self.book.foreign(operation, answer, account.token)
        failure = self.book.of_error(error, operation, answer, account.token)
        if failure.cause is Cause.QUOTA and failure.retry_after is None:
            return failure.model_copy(update={"retry_after": self._until_midnight()})
        return failure

    def unreadable(
        self, answer: Answer | NoAnswer, account: Account, *, missing: str, operation: Operation = Operation.READ
    ) -> Failure:
        if isinstance(answer, NoAnswer):
            return self.book.no_answer(answer, operation)
        return self.book.unreadable(operation, answer, account.token, missing=missing)

    def listed(self, account: Account, author: str, since: datetime) -> list[Json] | Failure:
        """The author's posts from `since` on, all of them."""
        posts: list[Json] = []
        for number in range(_MAX_PAGES):
            elements = self.page(account, author, start=number * _PAGE)
            if isinstance(elements, Failure):
                return elements
            posts += elements
            # Sorted by their last change, which comes after the creation.
            oldest = changed_at(elements[-1]) if elements else None
            if oldest is None or oldest < since:
                return posts
        return self.book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def page(self, account: Account, author: str, *, start: int = 0) -> list[Json] | Failure:
        """A page of the author's posts, the one that was changed last first."""
        params = {"q": "author", "author": author, "sortBy": "LAST_MODIFIED", "start": str(start), "count": str(_PAGE)}
        answer = self.call("GET", account, "/rest/posts", params=params)
        body = self.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        elements = as_objects(body.get("elements"))
        if elements is None or not all(is_whole(post) for post in elements):
            return self.unreadable(answer, account, missing="whole list of posts")
        return elements

    def is_own(self, url: str) -> bool:
        """Whether an address is LinkedIn's own, so that it may get the token."""
        own, given = urlsplit(self._base), urlsplit(url)
        domain = ".".join((own.hostname or "").split(".")[-2:])
        host = given.hostname or ""
        same = (given.scheme, given.netloc) == (own.scheme, own.netloc)
        return same or (given.scheme == "https" == own.scheme and (host == domain or host.endswith(f".{domain}")))

    def _until_midnight(self) -> float:
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return (midnight - now).total_seconds()
