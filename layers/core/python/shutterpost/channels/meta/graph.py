"""Calls of the Graph API, whose answers become values or failures of a platform's table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from pydantic import SecretStr

from shutterpost.channels import http
from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_instant, as_int, as_object, as_objects, as_text, as_url
from shutterpost.channels.connection import QuotaUse
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.meta.responses import (
    AFTER_ATTEMPT,
    BEFORE_ATTEMPT,
    graph_error,
    in_time,
    is_hidden,
    is_whole,
    recent_post,
)
from shutterpost.channels.ports import (
    Account,
    Attempt,
    Cause,
    Failure,
    FailureClass,
    Healthy,
    NewToken,
    Published,
    RecentPosts,
    RemoteState,
    Removed,
    Status,
)
from shutterpost.runtime.clock import Clock

_STATES = {
    "IN_PROGRESS": RemoteState.WORKING,
    "FINISHED": RemoteState.READY,
    "PUBLISHED": RemoteState.PUBLISHED,
    "ERROR": RemoteState.FAILED,
    "EXPIRED": RemoteState.EXPIRED,
}
_PAGE = 50
DAY = 86_400.0
_NOT_PUBLISHED = {RemoteState.READY, RemoteState.FAILED, RemoteState.EXPIRED}
_MAX_PAGES = 10
_READ_PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1))
_LONGEST_LIFE = 10 * 365 * 86_400

_QUOTA_USED = Rule(
    meaning="The account's posts of the last 24 hours reach its limit",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.QUOTA,
    retry_after=DAY,
)
_BROKEN_CONTAINER = Rule(
    meaning="The platform could not process the container; a new one is made",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    resubmit=True,
)
_PICTURE_COUNT = Rule(
    meaning="The platform does not take this number of pictures",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PHOTO,
)
_ENDLESS = Rule(meaning="The list of media does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)
_LIVE_AFTER_REFUSAL = "The publish call was refused, but its container reads as published"
_UNCLEAR_AFTER_REFUSAL = "The publish call was refused, and its container's status does not exclude a live post"


@dataclass(frozen=True, slots=True)
class GraphCalls:
    """One platform's calls; `address` gives the account's host with the version of the API."""

    book: AnswerBook
    clock: Clock
    address: Callable[[Account], str]

    def call(
        self,
        method: str,
        account: Account,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer | NoAnswer:
        """One request; fields of a write go as a form, because Threads ignores most of a JSON body."""
        url = f"{self.address(account)}/{quote(path)}"
        return http.send(method, url, token=account.token, params=params, form=form)

    def read(self, account: Account, path: str, params: Mapping[str, str]) -> Json | Failure:
        return self.body(self.read_answer(account, path, params), Operation.READ, account)

    def read_answer(self, account: Account, path: str, params: Mapping[str, str]) -> Answer | NoAnswer:
        """The answer to a read, repeated while the object is not visible."""
        answer = self.call("GET", account, path, params=params)
        for pause in _READ_PAUSES:
            if not is_hidden(answer):
                break
            self.clock.sleep(pause)
            answer = self.call("GET", account, path, params=params)
        return answer

    def id_of(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> str | Failure:
        body = self.body(answer, operation, account)
        if isinstance(body, Failure):
            return body
        made = as_id(body.get("id"))
        return made or self.unreadable(answer, account, missing="id", operation=operation)

    def body(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        if isinstance(answer, NoAnswer):
            return self.book.no_answer(answer, operation)
        error = graph_error(answer)
        if error is not None:
            passing = as_object(as_object(answer.body).get("error")).get("is_transient") is True
            return self.book.of_error(error, operation, answer, account.token, passing=passing)
        if not isinstance(answer.body, dict) or (answer.status != HTTPStatus.OK and "error" not in answer.body):
            return self.book.foreign(operation, answer, account.token)
        if "error" in answer.body:
            return self.unreadable(answer, account, missing="error code", operation=operation)
        return answer.body

    def unreadable(
        self, answer: Answer | NoAnswer, account: Account, *, missing: str, operation: Operation = Operation.READ
    ) -> Failure:
        if isinstance(answer, NoAnswer):
            return self.book.no_answer(answer, operation)
        return self.book.unreadable(operation, answer, account.token, missing=missing)

    def picture_count(self, count: int, most: int) -> Failure:
        detail = f"{count} instead of 1 to {most}"
        return self.book.failure(_PICTURE_COUNT, Operation.SUBMIT, code="picture-count", detail=detail)

    def container(
        self, account: Account, ref: str, fields: Sequence[str], error_of: Callable[[Json], PlatformError]
    ) -> Status | Failure:
        """The status of a container, which is the first of `fields`; `error_of` reads why it failed."""
        answer = self.read_answer(account, ref, {"fields": ",".join(fields)})
        body = self.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        code = as_text(body.get(fields[0]))
        if not code:
            return self.unreadable(answer, account, missing=fields[0])
        state = _STATES.get(code, RemoteState.WORKING)
        broken = self._broken(error_of(body)) if state is RemoteState.FAILED else None
        return Status(ref=ref, state=state, failure=broken)

    def _broken(self, error: PlatformError) -> Failure:
        code = error.label if error.subcode is not None else "container"
        return self.book.of_text(error, Operation.SUBMIT, _BROKEN_CONTAINER, code=code)

    def listed(
        self,
        account: Account,
        path: str,
        params: Mapping[str, str],
        *,
        as_media: Callable[[Json], Json] = lambda item: item,
    ) -> list[Json] | Failure:
        """All media of a list, with the names that `as_media` gives their fields; an incomplete one is a failure."""
        media: list[Json] = []
        after: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            page = self.page(account, path, {**params, **after}, as_media=as_media)
            if isinstance(page, Failure):
                return page
            media.extend(page[0])
            if page[1] is None:
                return media
            after = {"after": page[1]}
        return self.book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def page(
        self, account: Account, path: str, params: Mapping[str, str], *, as_media: Callable[[Json], Json]
    ) -> tuple[list[Json], str | None] | Failure:
        """The media of one page, and the cursor of the next one, `None` on the last."""
        answer = self.read_answer(account, path, params)
        body = self.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        listed = as_objects(body.get("data"))
        page = None if listed is None else [as_media(item) for item in listed]
        if page is None or not all(is_whole(item) for item in page):
            return self.unreadable(answer, account, missing="whole list of media")
        paging = body.get("paging", {} if not page else None)
        if not isinstance(paging, dict):
            return self.unreadable(answer, account, missing="paging")
        # `next` is an address with the token in it, so only the cursor is taken from the page.
        if "next" not in paging:
            return page, None
        cursor = as_text(as_object(paging.get("cursors")).get("after"))
        if not as_text(paging["next"]) or not cursor:
            return self.unreadable(answer, account, missing="cursor of the next page")
        return page, cursor

    def recent(
        self,
        account: Account,
        path: str,
        fields: str,
        limit: int,
        cursor: str | None,
        *,
        as_media: Callable[[Json], Json] = lambda item: item,
    ) -> RecentPosts | Failure:
        """One page of a list, latest first."""
        params = {"fields": fields, "limit": str(limit)} | ({"after": cursor} if cursor else {})
        page = self.page(account, path, params, as_media=as_media)
        if isinstance(page, Failure):
            return page
        return RecentPosts(posts=tuple(recent_post(item) for item in page[0]), cursor=page[1])

    def quota(self, account: Account, path: str) -> Healthy | Failure:
        answer = self.read_answer(account, path, {"fields": "config,quota_usage"})
        body = self.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        limits = as_objects(body.get("data"))
        if limits is None:
            return self.unreadable(answer, account, missing="quota")
        limit = limits[0] if limits else {}
        total, used = as_int(as_object(limit.get("config")).get("quota_total")), as_int(limit.get("quota_usage"))
        if total is None or used is None:
            return Healthy()
        quota = QuotaUse(used=used, total=total)
        if used >= total:
            full = self.book.failure(_QUOTA_USED, Operation.READ, code="quota", detail=f"{used} of {total}")
            return full.model_copy(update={"quota": quota})
        return Healthy(quota=quota)

    def checked_refusal(
        self, refusal: Failure, answer: Answer, status: Status | Failure, *, certain: Callable[[Rule], bool]
    ) -> Failure:
        """`refusal`, unless the container may be published; without its status only a `certain` row counts."""
        if isinstance(status, Status) and status.state in _NOT_PUBLISHED:
            return refusal
        published = isinstance(status, Status) and status.state is RemoteState.PUBLISHED
        error = graph_error(answer)
        row = self.book.find(error, Operation.PUBLISH) if error else None
        if row is not None and certain(row) and not published:
            return refusal
        message = f"{_LIVE_AFTER_REFUSAL if published else _UNCLEAR_AFTER_REFUSAL}. {refusal.message}"
        # A live post says nothing against the token or the photo.
        cause = Cause.PLATFORM if published else refusal.cause
        changes = {"failure_class": FailureClass.AMBIGUOUS, "cause": cause, "message": message[:1_000]}
        return refusal.model_copy(update={**changes, "resubmit": False})

    def described(self, account: Account, external_id: str) -> Published | Failure:
        body = self.read(account, external_id, {"fields": "id,permalink,timestamp"})
        if isinstance(body, Failure):
            return body
        return Published(
            external_id=external_id,
            external_url=as_url(body.get("permalink")),
            posted_at=as_instant(body.get("timestamp")),
        )

    def addresses(self, account: Account, path: str, since: datetime) -> frozenset[str] | Failure:
        """The addresses of all media in a list that are live since `since`."""
        params = {"fields": "id,permalink,timestamp", "since": str(int(since.timestamp())), "limit": str(_PAGE)}
        media = self.listed(account, path, params)
        if isinstance(media, Failure):
            return media
        return frozenset(url for item in media if (url := as_url(item.get("permalink"))))

    def near(self, account: Account, path: str, attempt: Attempt, fields: str) -> list[Json] | Failure:
        """The media of a list that were posted about the time of `attempt`."""
        params = {
            "fields": fields,
            "since": str(int((attempt.attempted_at - BEFORE_ATTEMPT).timestamp())),
            "until": str(int((attempt.attempted_at + AFTER_ATTEMPT).timestamp())),
            "limit": str(_PAGE),
        }
        media = self.listed(account, path, params)
        return media if isinstance(media, Failure) else [item for item in media if in_time(item, attempt)]

    def removed(
        self, account: Account, external_id: str, check: Callable[[Account], Healthy | Failure]
    ) -> Removed | Failure:
        """`DELETE` of a media; hidden while the account is readable for `check` counts as deleted."""
        answer = self.call("DELETE", account, external_id)
        body = self.body(answer, Operation.DELETE, account)
        if isinstance(body, dict) and body.get("success") is True:
            return Removed()
        hidden = is_hidden(self.call("GET", account, external_id, params={"fields": "id"}))
        if hidden and isinstance(check(account), Healthy):
            return Removed()
        return body if isinstance(body, Failure) else self.unreadable(answer, account, missing="success")

    def refreshed(self, account: Account, url: str, grant_type: str) -> NewToken | Failure:
        """The token of 60 days that takes the place of the account's."""
        # The documentation has the token in the query here and nowhere else; no log or failure carries the address.
        params = {"grant_type": grant_type, "access_token": account.token.get_secret_value()}
        answer = http.send("GET", url, params=params)
        body = self.body(answer, Operation.REFRESH, account)
        if isinstance(body, Failure):
            return _without_raw(body)
        token, seconds = as_text(body.get("access_token")), as_int(body.get("expires_in"))
        if not token or seconds is None or not 0 < seconds < _LONGEST_LIFE:
            return _without_raw(self.unreadable(answer, account, missing="access_token", operation=Operation.REFRESH))
        return NewToken(token=SecretStr(token), expires_at=self.clock.now() + timedelta(seconds=seconds))


def _without_raw(failure: Failure) -> Failure:
    """The failure of a refresh: a damaged answer may hold the new token under any name."""
    return failure.model_copy(update={"raw": ""})
