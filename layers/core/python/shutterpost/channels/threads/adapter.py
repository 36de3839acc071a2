"""Publishing at Threads: container, status, publish, as at Instagram; posts are read with their texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from typing_extensions import override

from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_object, as_objects, as_text, same_text
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import NoAnswer
from shutterpost.channels.meta.carousel import CarouselParts, of_picture
from shutterpost.channels.meta.graph import GraphCalls
from shutterpost.channels.meta.responses import live
from shutterpost.channels.meta.token_facts import facts_of
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
from shutterpost.channels.threads.answers import ROWS

# Writes to a stored id were refused with 24/4279009 although token and account were valid
# (github.com/jeonghwanko/mimi-seed-sdk/pull/15, 2026).
_POSTS = "me/threads"
_QUOTA = "me/threads_publishing_limit"
_FIELDS = "id,permalink,timestamp,text,media_type,children"
_RECENT = "id,permalink,timestamp,text,media_type,media_url,thumbnail_url"

_ANOTHER_ACCOUNT = Rule(
    meaning="The token belongs to another account of Threads; connect this one again",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)


class ThreadsChannel(Channel, PostLister):
    """Threads. `ref` names a container, of a carousel with those of its pictures; `external_id` is a post's id."""

    def __init__(self, tools: Tools) -> None:
        self._url, self._clock = tools.settings.threads_url, tools.clock
        self._book = AnswerBook("threads", ROWS, Operation.PUBLISH, tools.report)
        self._graph = GraphCalls(self._book, self._clock, lambda _: f"{self._url}/v1.0")

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads whose token it is, then the publishing quota of the last 24 hours; `due` has no effect."""
        user = self._graph.read(account, "me", {"fields": "id"})
        if isinstance(user, Failure):
            return user
        if as_id(user.get("id")) != account.connection.account_id:
            return self._book.failure(_ANOTHER_ACCOUNT, Operation.READ, code="another-account")
        return self._graph.quota(account, _QUOTA)

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        user = self._graph.read(account, "me", {"fields": "username"})
        # The documentation has the token in the query; no log or failure carries the address.
        inspected = self._graph.read(account, "debug_token", {"input_token": account.token.get_secret_value()})
        return facts_of(user, inspected, self._clock.now())

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Creates a container; of several pictures one at a time, and when all are ready that of their carousel."""
        most = catalogue().row("threads").limits.max_pictures
        if len(message.pictures) > most:
            return self._graph.picture_count(len(message.pictures), most)
        if not message.pictures:
            return self._container(account, {"media_type": "TEXT", "text": message.text})
        if len(message.pictures) == 1:
            return self._container(account, {**_of_picture(message.pictures[0]), "text": message.text})
        parts = (CarouselParts.of(ref) if ref else None) or CarouselParts(count=len(message.pictures))
        made = self._container(account, parts.form(message, _of_picture, "text"))
        if isinstance(made, Failure):
            return made if parts.all_made else made.about(len(parts.children))
        done = parts.model_copy(update={"whole": made.ref}) if parts.all_made else parts.with_child(made.ref)
        return Submitted(ref=done.ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Reads the container, or those of a carousel's pictures. A published one does not name its post."""
        parts = CarouselParts.of(ref)
        if parts is None or parts.whole:
            return self._status(account, ref, _container_of(ref))
        read = (self._status(account, child, child) for child in parts.children if parts.all_made)
        unready = next(((place, child) for place, child in enumerate(read) if not _is_ready(child)), None)
        return parts.status(*unready) if unready else Status(ref=ref, state=RemoteState.INCOMPLETE)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`threads_publish`, once. Any answer but success counts only where the container's status confirms it."""
        answer = self._graph.call("POST", account, "me/threads_publish", form={"creation_id": _container_of(ref)})
        made = self._graph.id_of(answer, Operation.PUBLISH, account)
        if not isinstance(made, Failure):
            return Published(external_id=made)
        if isinstance(answer, NoAnswer) or made.failure_class is FailureClass.AMBIGUOUS:
            return made
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return made.model_copy(update={"failure_class": FailureClass.AMBIGUOUS, "resubmit": False})
        status = self.status(account, ref)
        refusal = self._graph.checked_refusal(made, answer, status, certain=_is_about_token)
        # One code stands for a container that is too new and for one that cannot be published any more.
        over = isinstance(status, Status) and status.state in {RemoteState.FAILED, RemoteState.EXPIRED}
        return refusal.model_copy(update={"resubmit": True}) if over else refusal

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        return self._graph.described(account, external_id)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: a container that is not published expires after 24 hours."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """`DELETE` of a post, 100 a day; hidden while the account is readable counts as deleted."""
        return self._graph.removed(account, external_id, self.health)

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches time and text, whether it is a carousel, and a carousel's containers where the post names them."""
        near = self._graph.near(account, _POSTS, attempt, _FIELDS)
        if isinstance(near, Failure):
            return Unreadable(failure=near)
        parts = CarouselParts.of(attempt.ref or "")
        of_kind = [
            item for item in near if attempt.ref is None or bool(parts) == (item.get("media_type") == "CAROUSEL_ALBUM")
        ]
        alike = [item for item in of_kind if same_text(item.get("text", ""), attempt.text)]
        same = [item for item in alike if parts and _children(item) == set(parts.children)]
        statuses = tuple(live(item, attempt) for item in same or alike)
        return Matches(statuses=statuses) if statuses else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        return self._graph.addresses(account, _POSTS, since)

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        return self._graph.recent(account, _POSTS, _RECENT, limit, cursor)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Exchanges the token for one of 60 days; it has to be a day old."""
        return self._graph.refreshed(account, f"{self._url}/refresh_access_token", "th_refresh_token")

    def _container(self, account: Account, form: Mapping[str, str]) -> Submitted | Failure:
        answer = self._graph.call("POST", account, _POSTS, form=form)
        made = self._graph.id_of(answer, Operation.SUBMIT, account)
        return made if isinstance(made, Failure) else Submitted(ref=made)

    def _status(self, account: Account, ref: str, container_id: str) -> Status | Failure:
        status = self._graph.container(account, container_id, ("status", "error_message"), _error_of)
        return status if isinstance(status, Failure) else status.model_copy(update={"ref": ref})


def _of_picture(picture: Picture) -> dict[str, str]:
    return {"media_type": "IMAGE", **of_picture(picture)}


def _container_of(ref: str) -> str:
    parts = CarouselParts.of(ref)
    return parts.whole if parts and parts.whole else ref


def _children(item: Json) -> set[str | None]:
    return {as_id(child.get("id")) for child in as_objects(as_object(item.get("children")).get("data")) or []}


def _error_of(container: Json) -> PlatformError:
    return PlatformError(HTTPStatus.OK, None, None, as_text(container.get("error_message")) or "")


def _is_about_token(row: Rule) -> bool:
    # Without a token nothing was done, and nothing can be looked up.
    return row.refused and row.cause is Cause.TOKEN


def _is_ready(status: Status | Failure) -> bool:
    return isinstance(status, Status) and status.state is RemoteState.READY
