"""Instagram's content publishing: container, status, publish (platform-apis.md §3)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from typing_extensions import override

from shutterpost.channels import errors, http
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.failures import (
    Call,
    failure,
    graph_code,
    graph_failure,
    scrubbed,
    unanswered,
    unexplained,
)
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import (
    Account,
    Channel,
    Failure,
    FailureClass,
    Found,
    Healthy,
    Message,
    NewToken,
    Picture,
    Published,
    RemoteState,
    Removed,
    Status,
    Submitted,
    TooLate,
    Trace,
    Withdrawn,
)
from shutterpost.runtime.clock import Clock, SystemClock
from shutterpost.runtime.settings import PlatformSettings

# Where an attempt may have put its post in the media list: clocks differ a little, and a publish may take minutes.
_BEFORE_ATTEMPT = timedelta(seconds=60)
_AFTER_ATTEMPT = timedelta(minutes=10)
_PAGE = 50
_MAX_PAGES = 10

_READ_PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1))

_STATES = {
    "IN_PROGRESS": RemoteState.WORKING,
    "FINISHED": RemoteState.READY,
    "PUBLISHED": RemoteState.PUBLISHED,
    "ERROR": RemoteState.FAILED,
    "EXPIRED": RemoteState.EXPIRED,
}
_SUBCODE = re.compile(r"\b2207\d{3}\b")


class InstagramChannel(Channel):
    """Instagram through Facebook-Login or Instagram-Login tokens; the connection's `login` tells which.

    A container id is the `ref`, a media id the `external_id`. Nothing is scheduled there: containers are made shortly
    before `run_at` and expire after 24 hours.
    """

    def __init__(self, settings: PlatformSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the publishing quota of the last 24 hours, whatever `due`."""
        fields = {"fields": "config,quota_usage"}
        answer = self._read(account, f"{account.connection.account_id}/content_publishing_limit", fields)
        if isinstance(answer, Failure):
            return answer
        rows = answer.get("data") or [{}]
        total, used = (rows[0].get("config") or {}).get("quota_total"), rows[0].get("quota_usage")
        if not isinstance(total, int) or not isinstance(used, int):
            return Healthy()
        if used >= total:
            return failure(errors.GRAPH[9, 2207042], Call.REPEATABLE, code="quota", said=f"{used} of {total}")
        return Healthy(remaining=total - used)

    @override
    def submit(self, account: Account, message: Message) -> Submitted | Failure:
        """Makes a container; for several pictures a child container each and their carousel. All are invisible."""
        most = catalogue().row("instagram").limits.max_pictures
        if not 1 <= len(message.pictures) <= most:
            said = f"{len(message.pictures)} instead of 1 to {most}"
            return failure(errors.GRAPH[100, 2207028], Call.REPEATABLE, code="picture-count", said=said)
        if len(message.pictures) == 1:
            return self._container(account, {**_of_picture(message.pictures[0]), "caption": message.text})
        children: list[str] = []
        for picture in message.pictures:
            child = self._container(account, {**_of_picture(picture), "is_carousel_item": "true"})
            if isinstance(child, Failure):
                return child
            children.append(child.ref)
        carousel = {"media_type": "CAROUSEL", "children": ",".join(children), "caption": message.text}
        return self._container(account, carousel)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Reads the container. One that was published does not name its media id."""
        answer = self._read(account, ref, {"fields": "status_code,status"})
        if isinstance(answer, Failure):
            return answer
        state = _STATES.get(str(answer.get("status_code")), RemoteState.WORKING)
        said = str(answer.get("status") or "")
        return Status(ref=ref, state=state, failure=_broken(said) if state is RemoteState.FAILED else None)

    @override
    def publish(self, account: Account, ref: str) -> Published | Failure:
        """`media_publish`, once. What is not surely refused is ambiguous."""
        path = f"{account.connection.account_id}/media_publish"
        answer = self._ask("POST", account, path, form={"creation_id": ref})
        made = _id_of(answer, Call.POSTING, account.token)
        return made if isinstance(made, Failure) else Published(external_id=made)

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """Reads permalink and timestamp of a media."""
        answer = self._read(account, external_id, {"fields": "id,permalink,timestamp"})
        if isinstance(answer, Failure):
            return answer
        return Published(
            external_id=external_id, external_url=answer.get("permalink"), posted_at=_instant(answer.get("timestamp"))
        )

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: a container that nobody publishes never appears, and expires after 24 hours."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """`DELETE` of a media, which a Facebook-Login token alone may do (Meta, since 2025-12-03); best effort.

        Where the answer leaves it open, the media is looked for: not visible while the account is, means gone.
        """
        if account.connection.login != "facebook":
            return failure(errors.CANNOT_REMOVE, Call.REPEATABLE, code="cannot-remove")
        answer = self._ask("DELETE", account, external_id)
        if _is_done(answer) or self._is_gone(account, external_id):
            return Removed()
        if isinstance(answer, NoAnswer):
            return unanswered(answer, Call.REPEATABLE)
        return graph_failure(answer, Call.REPEATABLE, account.token)

    @override
    def find(self, account: Account, trace: Trace) -> Found | Failure:
        """Lists media from a minute before to ten minutes after the attempt.

        With a Facebook-Login token only those with exactly this caption; Instagram-Login does not show captions, so
        there the time alone decides. Raises nothing; a listing that does not end is a retryable failure.
        """
        sees_captions = account.connection.login == "facebook"
        params = {
            "fields": "id,permalink,timestamp" + (",caption" if sees_captions else ""),
            "since": str(int((trace.attempted_at - _BEFORE_ATTEMPT).timestamp())),
            "until": str(int((trace.attempted_at + _AFTER_ATTEMPT).timestamp())),
            "limit": str(_PAGE),
        }
        media = self._listed(account, params)
        if isinstance(media, Failure):
            return media
        matches = [
            _live(item, trace)
            for item in media
            if _is_of(item, trace) and (not sees_captions or _same_text(item.get("caption"), trace.text))
        ]
        return Found(matches=tuple(matches))

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        """Always empty: Instagram publishes when told to and has no listing of containers."""
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Exchanges an Instagram-Login token for one of 60 more days; Facebook-Login tokens need their owner."""
        if account.connection.login != "instagram":
            return None
        # The documentation has the token in the query here and nowhere else; no log or failure carries the address.
        answer = http.send(
            "GET",
            f"{self._settings.instagram_url}/refresh_access_token",
            params={"grant_type": "ig_refresh_token", "access_token": account.token.get_secret_value()},
        )
        if isinstance(answer, NoAnswer):
            return unanswered(answer, Call.REPEATABLE)
        body = answer.body if isinstance(answer.body, dict) else {}
        token, seconds = body.get("access_token"), body.get("expires_in")
        if answer.status != HTTPStatus.OK or not isinstance(token, str) or not isinstance(seconds, int):
            return graph_failure(answer, Call.REPEATABLE, account.token)
        return NewToken(token=SecretStr(token), expires_at=self._clock.now() + timedelta(seconds=seconds))

    def _is_gone(self, account: Account, external_id: str) -> bool:
        media = self._ask("GET", account, external_id, params={"fields": "id"})
        return _is_transient(media) and isinstance(self.health(account), Healthy)

    def _container(self, account: Account, form: Mapping[str, str]) -> Submitted | Failure:
        answer = self._ask("POST", account, f"{account.connection.account_id}/media", form=form)
        made = _id_of(answer, Call.REPEATABLE, account.token)
        return made if isinstance(made, Failure) else Submitted(ref=made)

    def _listed(self, account: Account, params: Mapping[str, str]) -> list[dict[str, Any]] | Failure:
        media: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            answer = self._read(account, f"{account.connection.account_id}/media", {**params, **after})
            if isinstance(answer, Failure):
                return answer
            media.extend(answer.get("data") or [])
            paging = answer.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            # `next` is an address with the token in it, so only the cursor is taken from the page.
            if not paging.get("next") or not cursor:
                return media
            after = {"after": str(cursor)}
        return failure(errors.UNKNOWN_TROUBLE, Call.REPEATABLE, code="listing-too-long")

    def _read(self, account: Account, path: str, params: Mapping[str, str]) -> dict[str, Any] | Failure:
        """The answer's object; an object that is not visible is looked for a few times."""
        answer = self._ask("GET", account, path, params=params)
        for pause in _READ_PAUSES:
            if not _is_transient(answer):
                break
            self._clock.sleep(pause)
            answer = self._ask("GET", account, path, params=params)
        if isinstance(answer, NoAnswer):
            return unanswered(answer, Call.REPEATABLE)
        if answer.status != HTTPStatus.OK or not isinstance(answer.body, dict) or "error" in answer.body:
            failed = graph_failure(answer, Call.REPEATABLE, account.token)
            transient = {"failure_class": FailureClass.RETRYABLE}
            return failed.model_copy(update=transient) if _is_transient(answer) else failed
        return answer.body

    def _ask(
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


def _of_picture(picture: Picture) -> dict[str, str]:
    return {"image_url": picture.url, **({"alt_text": picture.alt_text} if picture.alt_text else {})}


def _id_of(answer: Answer | NoAnswer, call: Call, token: SecretStr) -> str | Failure:
    """The id that a write answered with."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer, call)
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == HTTPStatus.OK and body.get("id") and "error" not in body:
        return str(body["id"])
    return graph_failure(answer, call, token) if "error" in body else unexplained(answer, call, token)


def _is_done(answer: Answer | NoAnswer) -> bool:
    if isinstance(answer, NoAnswer) or answer.status != HTTPStatus.OK or not isinstance(answer.body, dict):
        return False
    return answer.body.get("success") is True


def _is_transient(answer: Answer | NoAnswer) -> bool:
    return isinstance(answer, Answer) and graph_code(answer) == errors.TRANSIENT_READ


def _broken(said: str) -> Failure:
    """The failure of a container that ended in ERROR; its `status` text holds the subcode."""
    subcode = _SUBCODE.search(said)
    known = [rule for (_, sub), rule in errors.GRAPH.items() if subcode and sub == int(subcode.group())]
    rule = known[0] if known else errors.UNKNOWN_TROUBLE
    code = f"container/{subcode.group()}" if subcode else "container"
    return failure(rule, Call.REPEATABLE, code=code, said=scrubbed(said, SecretStr("")))


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _is_of(item: Mapping[str, Any], trace: Trace) -> bool:
    """Whether a media's time fits the attempt; also checked here, in case the window is ignored."""
    posted_at = _instant(item.get("timestamp"))
    if posted_at is None:
        return False
    return trace.attempted_at - _BEFORE_ATTEMPT <= posted_at <= trace.attempted_at + _AFTER_ATTEMPT


def _same_text(caption: Any, text: str) -> bool:
    """Exactly the same, but for blanks at the ends, which Instagram removes, and the kind of line break."""
    return str(caption or "").replace("\r\n", "\n").strip() == text.replace("\r\n", "\n").strip()


def _live(item: Mapping[str, Any], trace: Trace) -> Status:
    media_id = str(item["id"])
    return Status(
        ref=trace.ref or media_id,
        state=RemoteState.PUBLISHED,
        external_id=media_id,
        external_url=item.get("permalink"),
        posted_at=_instant(item.get("timestamp")),
    )
