"""Calls of an account's server: answers as values, and whole listings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote

from shutterpost.channels import http
from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_instant, as_object, as_objects
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.mastodon.dialects import DIALECTS, ROWS
from shutterpost.channels.mastodon.responses import error_in, is_whole, lowest_id
from shutterpost.channels.ports import Account, Cause, Failure, FailureClass

_PAGE = 40
_MAX_PAGES = 20
_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED})
_ENDLESS = Rule(meaning="The list of statuses does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class ServerCalls:
    def __init__(self, tools: Tools) -> None:
        self._books = {
            name: AnswerBook(dialect.platform, ROWS[name], Operation.PUBLISH, tools.report)
            for name, dialect in DIALECTS.items()
        }

    def listed(self, account: Account, since: datetime, until: datetime | None = None) -> list[Json] | Failure:
        """The account's statuses with pictures from `since` on, all of them, up to `until`."""
        forward = DIALECTS[account.connection.channel].lists_from_oldest
        cursor = {"min_id": lowest_id(since)} if forward else {}
        items: list[Json] = []
        for _ in range(_MAX_PAGES):
            page = self.page(account, cursor)
            if isinstance(page, Failure):
                return page
            items += page
            if not page or _is_over(page, since, until, forward=forward):
                return [item for item in items if _is_within(item, since, until)]
            ids = [as_id(item.get("id")) or "" for item in page]
            cursor = {"min_id": ids[0]} if forward else {"max_id": ids[-1]}
        return self.book(account).failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def page(self, account: Account, cursor: Mapping[str, str], limit: int = _PAGE) -> list[Json] | Failure:
        """The statuses with pictures of one page."""
        params = {"only_media": "true", "exclude_reblogs": "true", "limit": str(limit), **cursor}
        answer = self.call("GET", account, f"/api/v1/accounts/{own_id(account)}/statuses", params=params)
        page = as_objects(answer.body) if isinstance(answer, Answer) and answer.status == HTTPStatus.OK else None
        if page is None:
            return self.failure(answer, Operation.READ, account)
        if not all(is_whole(item) for item in page):
            return self.unreadable(answer, account, missing="whole list of statuses")
        return page

    def read(self, account: Account, path: str) -> Json | Failure:
        return self.body(self.call("GET", account, path), Operation.READ, account)

    def id_of(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> str | Failure:
        body = self.body(answer, operation, account)
        if isinstance(body, Failure):
            return body
        return as_id(body.get("id")) or self.unreadable(answer, account, missing="id", operation=operation)

    def body(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        successful = isinstance(answer, Answer) and answer.status in _SUCCESS and isinstance(answer.body, dict)
        if successful and isinstance(answer, Answer) and error_in(answer) is None:
            return as_object(answer.body)
        return self.failure(answer, operation, account)

    def failure(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Failure:
        book = self.book(account)
        if isinstance(answer, NoAnswer):
            return book.no_answer(answer, operation)
        error = error_in(answer)
        if error is None or answer.status < HTTPStatus.BAD_REQUEST:
            return book.foreign(operation, answer, account.token)
        return book.of_error(error, operation, answer, account.token)

    def unreadable(
        self, answer: Answer | NoAnswer, account: Account, *, missing: str, operation: Operation = Operation.READ
    ) -> Failure:
        if isinstance(answer, NoAnswer):
            return self.book(account).no_answer(answer, operation)
        return self.book(account).unreadable(operation, answer, account.token, missing=missing)

    def book(self, account: Account) -> AnswerBook:
        return self._books[account.connection.channel]

    def call(
        self,
        method: str,
        account: Account,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str | list[str]] | None = None,
        files: http.Files | None = None,
        key: str = "",
    ) -> Answer | NoAnswer:
        # Pixelfed answers with pages and redirects to a client that does not ask for JSON.
        headers = {"Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = sha256(key.encode()).hexdigest()
        url = (account.connection.host or "") + quote(path)
        return http.send(method, url, token=account.token, params=params, form=form, files=files, headers=headers)


def own_id(account: Account) -> str:
    """The account's id on its server; connections hold it with the server's name."""
    return account.connection.account_id.partition("@")[0]


def _is_over(page: Sequence[Json], since: datetime, until: datetime | None, *, forward: bool) -> bool:
    newest, oldest = as_instant(page[0].get("created_at")), as_instant(page[-1].get("created_at"))
    if forward:
        return until is not None and newest is not None and newest > until
    return oldest is not None and oldest < since


def _is_within(item: Json, since: datetime, until: datetime | None) -> bool:
    at = as_instant(item.get("created_at"))
    return at is not None and since <= at and (until is None or at <= until)
