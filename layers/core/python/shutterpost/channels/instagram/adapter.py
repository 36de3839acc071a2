"""Instagram's content publishing: container, status, publish."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from pydantic import SecretStr
from typing_extensions import override

from shutterpost.channels import http
from shutterpost.channels.answers.book import CANNOT_REMOVE, AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_int,
    as_object,
    as_objects,
    as_text,
    as_url,
    same_text,
)
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.instagram.answers import DAY, ROWS
from shutterpost.channels.instagram.carousel import CarouselParts, of_picture
from shutterpost.channels.instagram.responses import (
    AFTER_ATTEMPT,
    BEFORE_ATTEMPT,
    graph_error,
    in_time,
    is_hidden,
    is_whole,
    live,
)
from shutterpost.channels.instagram.token_facts import facts_of
from shutterpost.channels.ports import (
    Account,
    Attempt,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NewToken,
    NoMatch,
    Published,
    RemoteState,
    Removed,
    SearchResult,
    Status,
    Submitted,
    TokenFacts,
    TooLate,
    Unreadable,
    Withdrawn,
)

_PAGE = 50
_MAX_PAGES = 10

_READ_PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1))
_LONGEST_LIFE = 10 * 365 * 86_400

_STATES = {
    "IN_PROGRESS": RemoteState.WORKING,
    "FINISHED": RemoteState.READY,
    "PUBLISHED": RemoteState.PUBLISHED,
    "ERROR": RemoteState.FAILED,
    "EXPIRED": RemoteState.EXPIRED,
}
_NOT_PUBLISHED = {RemoteState.READY, RemoteState.FAILED, RemoteState.EXPIRED}
_SUBCODE = re.compile(r"\b2207[0-9]{3}\b")

_QUOTA_USED = Rule(
    meaning="The account's posts of the last 24 hours reach its limit",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.QUOTA,
    retry_after=DAY,
)
_PICTURE_COUNT = Rule(
    meaning="Instagram does not take this number of pictures", failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO
)
_BROKEN_CONTAINER = Rule(
    meaning="Instagram could not process the container; a new one is made",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    resubmit=True,
)
_ENDLESS = Rule(meaning="The list of media does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)
_LIVE_AFTER_REFUSAL = "Instagram refused the publish call, but its container reads as published"
_UNCLEAR_AFTER_REFUSAL = "Instagram refused the publish call, and its container's status does not exclude a live post"


class InstagramChannel(Channel):
    """Instagram, with Facebook-Login or Instagram-Login tokens. `ref` is a container id, `external_id` a media id."""

    def __init__(self, tools: Tools) -> None:
        self._settings, self._clock = tools.settings, tools.clock
        self._book = AnswerBook("instagram", ROWS, Operation.PUBLISH, tools.report)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the publishing quota of the last 24 hours; `due` has no effect."""
        fields = {"fields": "config,quota_usage"}
        answer = self._read_answer(account, f"{account.connection.account_id}/content_publishing_limit", fields)
        body = self._body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        limits = as_objects(body.get("data"))
        if limits is None:
            return self._unreadable(answer, account, missing="quota")
        limit = limits[0] if limits else {}
        total, used = as_int(as_object(limit.get("config")).get("quota_total")), as_int(limit.get("quota_usage"))
        if total is None or used is None:
            return Healthy()
        if used >= total:
            return self._book.failure(_QUOTA_USED, Operation.READ, code="quota", detail=f"{used} of {total}")
        return Healthy(remaining=total - used)

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The account's name, and of a Facebook-Login token its scopes and expiry; nothing tells those of the other."""
        user = self._read(account, account.connection.account_id, {"fields": "username"})
        inspected: Json | Failure = {}
        if account.connection.login == "facebook":
            # The documentation has the token in the query; no log or failure carries the address.
            inspected = self._read(account, "debug_token", {"input_token": account.token.get_secret_value()})
        known = {} if isinstance(user, Failure) else user
        return facts_of(known, None if isinstance(inspected, Failure) else inspected, self._clock.now())

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Creates a container; of several pictures one at a time, and when all are ready that of their carousel."""
        most = catalogue().row("instagram").limits.max_pictures
        if not 1 <= len(message.pictures) <= most:
            detail = f"{len(message.pictures)} instead of 1 to {most}"
            return self._book.failure(_PICTURE_COUNT, Operation.SUBMIT, code="picture-count", detail=detail)
        if len(message.pictures) == 1:
            return self._container(account, {**of_picture(message.pictures[0]), "caption": message.text})
        parts = (CarouselParts.of(ref) if ref else None) or CarouselParts(count=len(message.pictures))
        made = self._container(account, parts.form(message))
        if parts.all_made:
            return made
        if isinstance(made, Failure):
            return made.about(len(parts.children))
        return Submitted(ref=parts.with_child(made.ref).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Reads the container, or those of a carousel's pictures. A published one does not name its media id."""
        parts = CarouselParts.of(ref)
        if parts is not None:
            read = (self._container_status(account, child) for child in parts.children if parts.all_made)
            unready = next(((place, child) for place, child in enumerate(read) if not _is_ready(child)), None)
            return parts.status(*unready) if unready else Status(ref=ref, state=RemoteState.INCOMPLETE)
        return self._container_status(account, ref)

    def _container_status(self, account: Account, ref: str) -> Status | Failure:
        answer = self._read_answer(account, ref, {"fields": "status_code,status"})
        body = self._body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        code = as_text(body.get("status_code"))
        if not code:
            return self._unreadable(answer, account, missing="status_code")
        state = _STATES.get(code, RemoteState.WORKING)
        broken = self._broken(as_text(body.get("status")) or "") if state is RemoteState.FAILED else None
        return Status(ref=ref, state=state, failure=broken)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`media_publish`, once. A refusal is believed only where the container's status does not contradict it."""
        path = f"{account.connection.account_id}/media_publish"
        answer = self._call("POST", account, path, form={"creation_id": ref})
        made = self._id_of(answer, Operation.PUBLISH, account)
        if not isinstance(made, Failure):
            return Published(external_id=made)
        if isinstance(answer, NoAnswer) or made.failure_class is FailureClass.AMBIGUOUS:
            return made
        return self._checked_refusal(account, ref, made, answer)

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        body = self._read(account, external_id, {"fields": "id,permalink,timestamp"})
        if isinstance(body, Failure):
            return body
        return Published(
            external_id=external_id,
            external_url=as_url(body.get("permalink")),
            posted_at=as_instant(body.get("timestamp")),
        )

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: a container that is not published expires after 24 hours."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """`DELETE` of a media, with a Facebook-Login token; hidden while the account is readable counts as deleted."""
        if account.connection.login != "facebook":
            return self._book.failure(CANNOT_REMOVE, Operation.DELETE, code="cannot-remove")
        answer = self._call("DELETE", account, external_id)
        body = self._body(answer, Operation.DELETE, account)
        if isinstance(body, dict) and body.get("success") is True:
            return Removed()
        if self._is_gone(account, external_id):
            return Removed()
        return body if isinstance(body, Failure) else self._unreadable(answer, account, missing="success")

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches time and caption; the time alone with an Instagram-Login token, which reads no captions."""
        sees_captions = account.connection.login == "facebook"
        params = {
            "fields": "id,permalink,timestamp" + (",caption" if sees_captions else ""),
            "since": str(int((attempt.attempted_at - BEFORE_ATTEMPT).timestamp())),
            "until": str(int((attempt.attempted_at + AFTER_ATTEMPT).timestamp())),
            "limit": str(_PAGE),
        }
        media = self._listed(account, params)
        if isinstance(media, Failure):
            return Unreadable(failure=media)
        near = [item for item in media if in_time(item, attempt)]
        matches = [item for item in near if not sees_captions or same_text(item.get("caption", ""), attempt.text)]
        statuses = tuple(live(item, attempt) for item in matches)
        return Matches(statuses=statuses, exact=sees_captions) if statuses else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        params = {"fields": "id,permalink,timestamp", "since": str(int(since.timestamp())), "limit": str(_PAGE)}
        media = self._listed(account, params)
        if isinstance(media, Failure):
            return media
        return frozenset(url for item in media if (url := as_url(item.get("permalink"))))

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Exchanges an Instagram-Login token for one of 60 days; `None` for Facebook-Login tokens."""
        if account.connection.login != "instagram":
            return None
        # The documentation has the token in the query here and nowhere else; no log or failure carries the address.
        answer = http.send(
            "GET",
            f"{self._settings.instagram_url}/refresh_access_token",
            params={"grant_type": "ig_refresh_token", "access_token": account.token.get_secret_value()},
        )
        body = self._body(answer, Operation.REFRESH, account)
        if isinstance(body, Failure):
            return _without_raw(body)
        token, seconds = as_text(body.get("access_token")), as_int(body.get("expires_in"))
        if not token or seconds is None or not 0 < seconds < _LONGEST_LIFE:
            return _without_raw(self._unreadable(answer, account, missing="access_token", operation=Operation.REFRESH))
        return NewToken(token=SecretStr(token), expires_at=self._clock.now() + timedelta(seconds=seconds))

    def _checked_refusal(self, account: Account, ref: str, refusal: Failure, answer: Answer) -> Failure:
        """`refusal`, unless the container reads as published: 403 with code 10 was reported for live posts."""
        status = self.status(account, ref)
        if isinstance(status, Status) and status.state in _NOT_PUBLISHED:
            return refusal
        published = isinstance(status, Status) and status.state is RemoteState.PUBLISHED
        error = graph_error(answer)
        row = self._book.find(error, Operation.PUBLISH) if error else None
        if row is not None and row.refused and not published:
            return refusal
        message = f"{_LIVE_AFTER_REFUSAL if published else _UNCLEAR_AFTER_REFUSAL}. {refusal.message}"
        # A live post says nothing against the token or the photo.
        cause = Cause.PLATFORM if published else refusal.cause
        changes = {"failure_class": FailureClass.AMBIGUOUS, "cause": cause, "message": message[:1_000]}
        return refusal.model_copy(update={**changes, "resubmit": False})

    def _is_gone(self, account: Account, external_id: str) -> bool:
        media = self._call("GET", account, external_id, params={"fields": "id"})
        return is_hidden(media) and isinstance(self.health(account), Healthy)

    def _container(self, account: Account, form: Mapping[str, str]) -> Submitted | Failure:
        answer = self._call("POST", account, f"{account.connection.account_id}/media", form=form)
        made = self._id_of(answer, Operation.SUBMIT, account)
        return made if isinstance(made, Failure) else Submitted(ref=made)

    def _listed(self, account: Account, params: Mapping[str, str]) -> list[Json] | Failure:
        media: list[Json] = []
        after: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            answer = self._read_answer(account, f"{account.connection.account_id}/media", {**params, **after})
            body = self._body(answer, Operation.READ, account)
            if isinstance(body, Failure):
                return body
            page = as_objects(body.get("data"))
            if page is None or not all(is_whole(item) for item in page):
                return self._unreadable(answer, account, missing="whole list of media")
            media.extend(page)
            paging = body.get("paging", {} if not page else None)
            if not isinstance(paging, dict):
                return self._unreadable(answer, account, missing="paging")
            # `next` is an address with the token in it, so only the cursor is taken from the page.
            if "next" not in paging:
                return media
            cursor = as_text(as_object(paging.get("cursors")).get("after"))
            if not as_text(paging["next"]) or not cursor:
                return self._unreadable(answer, account, missing="cursor of the next page")
            after = {"after": cursor}
        return self._book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def _read(self, account: Account, path: str, params: Mapping[str, str]) -> Json | Failure:
        return self._body(self._read_answer(account, path, params), Operation.READ, account)

    def _read_answer(self, account: Account, path: str, params: Mapping[str, str]) -> Answer | NoAnswer:
        """The answer to a read, repeated while the object is not visible."""
        answer = self._call("GET", account, path, params=params)
        for pause in _READ_PAUSES:
            if not is_hidden(answer):
                break
            self._clock.sleep(pause)
            answer = self._call("GET", account, path, params=params)
        return answer

    def _id_of(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> str | Failure:
        body = self._body(answer, operation, account)
        if isinstance(body, Failure):
            return body
        made = as_id(body.get("id"))
        return made or self._unreadable(answer, account, missing="id", operation=operation)

    def _body(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, operation)
        error = graph_error(answer)
        if error is not None:
            passing = as_object(as_object(answer.body).get("error")).get("is_transient") is True
            return self._book.of_error(error, operation, answer, account.token, passing=passing)
        if not isinstance(answer.body, dict) or (answer.status != HTTPStatus.OK and "error" not in answer.body):
            return self._book.foreign(operation, answer, account.token)
        if "error" in answer.body:
            return self._unreadable(answer, account, missing="error code", operation=operation)
        return answer.body

    def _unreadable(
        self, answer: Answer | NoAnswer, account: Account, *, missing: str, operation: Operation = Operation.READ
    ) -> Failure:
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, operation)
        return self._book.unreadable(operation, answer, account.token, missing=missing)

    def _broken(self, text: str) -> Failure:
        subcode = _SUBCODE.search(text)
        error = PlatformError(HTTPStatus.OK, None, int(subcode.group()) if subcode else None, text)
        return self._book.of_text(
            error, Operation.SUBMIT, _BROKEN_CONTAINER, code=error.label if subcode else "container"
        )

    def _call(
        self,
        method: str,
        account: Account,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer | NoAnswer:
        settings = self._settings
        host = settings.facebook_url if account.connection.login == "facebook" else settings.instagram_url
        url = f"{host}/{settings.graph_version}/{quote(path)}"
        return http.send(method, url, token=account.token, params=params, form=form)


def _is_ready(status: Status | Failure) -> bool:
    return isinstance(status, Status) and status.state is RemoteState.READY


def _without_raw(failure: Failure) -> Failure:
    """The failure of a refresh: a damaged answer may hold the new token under any name."""
    return failure.model_copy(update={"raw": ""})
