"""Mastodon's statuses: upload each picture, wait until all are processed, publish, and look up by their media ids."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from typing_extensions import override

from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_object,
    as_text,
    as_url,
    same_text,
)
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.mastodon.calls import ServerCalls, own_id
from shutterpost.channels.mastodon.dialects import DIALECTS, Dialect
from shutterpost.channels.mastodon.instance import limits_of
from shutterpost.channels.mastodon.responses import (
    AFTER_SUBMISSION,
    BEFORE_SUBMISSION,
    error_in,
    live,
    recent_post,
    text_of,
    with_any,
)
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
    Picture,
    PostLister,
    Published,
    RecentPosts,
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
from shutterpost.channels.uploads import Uploads

# Where an attempt without a submission may have put its post; clocks differ a little.
_AROUND = timedelta(minutes=10)

_OTHER_ACCOUNT = Rule(
    meaning="The token belongs to another account of the server; connect that account, or make a token of this one",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)
_NO_SUCH_REF = Rule(
    meaning="The submission has no readable reference", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
_GONE = Rule(
    meaning="The pictures are attached or removed, and no status of the account has them",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    resubmit=True,
)
_NOT_LIVE = Rule(
    meaning="The server answered with a status that does not exist; its spam filter refuses the text",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TEXT,
)
_LOOKS_NEEDED = "The pictures' state does not exclude a live post"


class MastodonChannel(Channel, PostLister):
    """Mastodon and Pixelfed. `ref` has the media ids and the submission's instant, `external_id` is a status id."""

    def __init__(self, tools: Tools) -> None:
        self._clock, self._pictures, self._server = tools.clock, tools.pictures, ServerCalls(tools)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the token's account and the server's limits; `due` has no effect."""
        known = self._verified(account)
        if isinstance(known, Failure):
            return known
        if as_id(known.get("id")) != own_id(account):
            return self._server.book(account).failure(_OTHER_ACCOUNT, Operation.READ, code="other-account")
        instance = self._server.read(account, "/api/v2/instance")
        return Healthy(limits=None if isinstance(instance, Failure) else limits_of(instance, self._clock.now()))

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The account's name. A token does not expire, and nothing tells its scopes."""
        known = self._verified(account)
        return TokenFacts(account_name=None if isinstance(known, Failure) else as_text(known.get("acct")))

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Uploads the next picture with its description and focal point."""
        uploads = (Uploads.of(ref) if ref else None) or Uploads((), len(message.pictures), self._clock.now())
        if uploads.is_whole:
            return Submitted(ref=uploads.ref)
        picture = message.pictures[len(uploads.ids)]
        files = {"file": ("photo.jpg", self._pictures.read(picture.rendition), "image/jpeg")}
        answer = self._server.call("POST", account, "/api/v2/media", form=_described(picture), files=files)
        made = self._server.id_of(answer, Operation.SUBMIT, account)
        return made if isinstance(made, Failure) else Submitted(ref=uploads.with_picture(made).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Looks up by the media ids: free pictures mean that nothing was posted, attached ones are in the listing."""
        uploads = Uploads.of(ref)
        if uploads is None or not uploads.ids:
            return self._server.book(account).failure(_NO_SUCH_REF, Operation.READ, code="ref")
        if not self._dialect(account).reads_media:
            match = self._posted(account, uploads)
            waiting = RemoteState.READY if uploads.is_whole else RemoteState.INCOMPLETE
            return match or Status(ref=ref, state=waiting)
        return self._by_media(account, uploads)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`POST` of the status, once. A refusal is believed only where the pictures are still free."""
        uploads = Uploads.of(ref)
        if uploads is None or not uploads.is_whole:
            return self._server.book(account).failure(_NO_SUCH_REF, Operation.SUBMIT, code="ref")
        answer = self._server.call(
            "POST",
            account,
            "/api/v1/statuses",
            form=_status_form(account, message) | {"media_ids[]": list(uploads.ids)},
            key=message.key if self._dialect(account).sends_key else "",
        )
        made = self._server.id_of(answer, Operation.PUBLISH, account)
        if isinstance(made, Failure):
            refused = made.failure_class is not FailureClass.AMBIGUOUS
            return self._checked_refusal(account, ref, made) if refused and isinstance(answer, Answer) else made
        if "@" in message.text and not self._exists(account, made):
            return self._server.book(account).failure(_NOT_LIVE, Operation.PUBLISH, code="not-kept")
        return _published(as_object(answer.body if isinstance(answer, Answer) else None), made)

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        body = self._server.read(account, f"/api/v1/statuses/{external_id}")
        return body if isinstance(body, Failure) else _published(body, external_id)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Deletes free pictures where the server can (4.4); elsewhere they are removed after a day."""
        uploads = Uploads.of(ref)
        if uploads is None or not self._dialect(account).deletes_media:
            return Withdrawn()
        for media_id in uploads.ids:
            self._server.call("DELETE", account, f"/api/v1/media/{media_id}")
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Deletes the status with its pictures; one that is gone already counts as deleted."""
        path = f"/api/v1/statuses/{external_id}"
        answer = self._server.call("DELETE", account, path, params={"delete_media": "true"})
        body = self._server.body(answer, Operation.DELETE, account)
        if not isinstance(body, Failure) or body.failure_class is FailureClass.PERMANENT:
            return body if isinstance(body, Failure) else Removed()
        return Removed() if _is_missing(self._server.call("GET", account, path)) else body

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches the media ids of the attempt's submission; without one, the text and the time."""
        uploads = Uploads.of(attempt.ref) if attempt.ref else None
        if uploads is not None:
            items = self._server.listed(account, *_window(uploads))
        else:
            items = self._server.listed(account, attempt.attempted_at - _AROUND, attempt.attempted_at + _AROUND)
        if isinstance(items, Failure):
            return Unreadable(failure=items)
        if uploads is not None:
            matches = with_any(items, uploads.ids)
        else:
            matches = [item for item in items if same_text(text_of(item), attempt.text)]
        return Matches(statuses=tuple(live(item, attempt.ref) for item in matches)) if matches else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        items = self._server.listed(account, since)
        if isinstance(items, Failure):
            return items
        return frozenset(url for item in items if (url := as_url(item.get("url"))))

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        """The statuses with pictures; the page after the last one is empty."""
        items = self._server.page(account, {"max_id": cursor} if cursor else {}, limit)
        if isinstance(items, Failure):
            return items
        posts = tuple(recent_post(item) for item in items)
        return RecentPosts(posts=posts, cursor=posts[-1].external_id if posts else None)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """`None`: tokens do not expire."""
        return None

    def _by_media(self, account: Account, uploads: Uploads) -> Status | Failure:
        states = list[RemoteState]()
        broken: Failure | None = None
        for media_id in uploads.ids:
            answer = self._server.call("GET", account, f"/api/v1/media/{media_id}")
            state = _state_of(answer)
            if state is None:
                failure = self._server.failure(answer, Operation.READ, account)
                if failure.code != f"http-{HTTPStatus.UNPROCESSABLE_ENTITY}":
                    return failure
                broken, state = failure, RemoteState.FAILED
            states.append(state)
        gone = [media for media, state in zip(uploads.ids, states, strict=True) if state is RemoteState.GONE]
        if gone:
            # A status has all of a submission's pictures: where one is free, nothing was posted.
            free = len(gone) < len(states)
            return Status(ref=uploads.ref, state=RemoteState.EXPIRED) if free else self._attached(account, uploads)
        if broken is not None:
            return Status(ref=uploads.ref, state=RemoteState.FAILED, failure=broken)
        if RemoteState.WORKING in states:
            return Status(ref=uploads.ref, state=RemoteState.WORKING)
        return Status(ref=uploads.ref, state=RemoteState.READY if uploads.is_whole else RemoteState.INCOMPLETE)

    def _attached(self, account: Account, uploads: Uploads) -> Status | Failure:
        match = self._posted(account, uploads)
        return match or self._server.book(account).failure(_GONE, Operation.READ, code="media-gone")

    def _posted(self, account: Account, uploads: Uploads) -> Status | Failure | None:
        items = self._server.listed(account, *_window(uploads))
        if isinstance(items, Failure):
            return items
        matches = with_any(items, uploads.ids)
        return live(matches[0], uploads.ref) if matches else None

    def _checked_refusal(self, account: Account, ref: str, refusal: Failure) -> Published | Failure:
        if refusal.cause is Cause.TOKEN:
            return refusal
        status = self.status(account, ref)
        if isinstance(status, Failure):
            return refusal.unclear(_LOOKS_NEEDED)
        if status.state is RemoteState.PUBLISHED and status.external_id:
            return Published.from_status(status)
        if status.state is RemoteState.READY:
            return refusal
        # A picture that is not processed yet, or no longer there.
        again = {"failure_class": FailureClass.RETRYABLE, "cause": Cause.PLATFORM}
        return refusal.model_copy(update={**again, "resubmit": status.state is not RemoteState.WORKING})

    def _exists(self, account: Account, status_id: str) -> bool:
        return not _is_missing(self._server.call("GET", account, f"/api/v1/statuses/{status_id}"))

    def _verified(self, account: Account) -> Json | Failure:
        return self._server.read(account, "/api/v1/accounts/verify_credentials")

    def _dialect(self, account: Account) -> Dialect:
        return DIALECTS[account.connection.channel]


def _described(picture: Picture) -> dict[str, str | list[str]]:
    form: dict[str, str | list[str]] = {"description": picture.alt_text} if picture.alt_text else {}
    if picture.focus is not None:
        form["focus"] = f"{picture.focus[0]:.2f},{picture.focus[1]:.2f}"
    return form


def _status_form(account: Account, message: Message) -> dict[str, str | list[str]]:
    connection = account.connection
    fields = {
        "status": message.text,
        "visibility": connection.visibility,
        "sensitive": "true" if connection.sensitive or message.extras.content_labels else None,
        # A code of ISO 639, which has no region.
        "language": message.language and message.language.partition("-")[0],
    }
    return {name: value for name, value in fields.items() if value}


def _published(body: Json, status_id: str) -> Published:
    return Published(
        external_id=status_id,
        external_url=as_url(body.get("url")),
        posted_at=as_instant(body.get("created_at")),
    )


def _state_of(answer: Answer | NoAnswer) -> RemoteState | None:
    if isinstance(answer, NoAnswer) or not isinstance(answer.body, dict):
        return None
    if answer.status == HTTPStatus.NOT_FOUND:
        return RemoteState.GONE if error_in(answer) is not None else None
    if as_id(answer.body.get("id")) is None:
        return None
    states: dict[int, RemoteState] = {
        HTTPStatus.OK: RemoteState.READY,
        HTTPStatus.PARTIAL_CONTENT: RemoteState.WORKING,
    }
    return states.get(answer.status)


def _is_missing(answer: Answer | NoAnswer) -> bool:
    return isinstance(answer, Answer) and answer.status == HTTPStatus.NOT_FOUND and error_in(answer) is not None


def _window(uploads: Uploads) -> tuple[datetime, datetime]:
    return uploads.at - BEFORE_SUBMISSION, uploads.at + AFTER_SUBMISSION
