"""Instagram's content publishing: container, status, publish."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from typing_extensions import override

from shutterpost.channels.answers.book import CANNOT_REMOVE, AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_text, same_text
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import NoAnswer
from shutterpost.channels.instagram.answers import ROWS
from shutterpost.channels.instagram.forms import container_form, container_of, is_story, story_ref
from shutterpost.channels.meta.carousel import CarouselParts
from shutterpost.channels.meta.graph import GraphCalls
from shutterpost.channels.meta.responses import in_time, live
from shutterpost.channels.meta.token_facts import facts_of
from shutterpost.channels.ports import (
    Account,
    Attempt,
    Cause,
    Channel,
    Commented,
    Commenter,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NewToken,
    NoMatch,
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

# A story is listed for a day, and its posts come a little after the attempt.
_STORY_LIFE = timedelta(hours=23)
_STORY_ENDED = Rule(
    meaning="Instagram lists a story for 24 hours only, so that it cannot be looked for any more",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
)
_NO_TEXTS = Rule(
    meaning="Instagram listed the comments without their texts",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
)
_RECENT = "id,permalink,timestamp,media_type,media_url,thumbnail_url"
_SUBCODE = re.compile(r"\b2207[0-9]{3}\b")


class InstagramChannel(Channel, Commenter, PostLister):
    """Instagram, with Facebook-Login or Instagram-Login tokens. `ref` names a container, `external_id` a media."""

    def __init__(self, tools: Tools) -> None:
        self._settings, self._clock = tools.settings, tools.clock
        self._book = AnswerBook("instagram", ROWS, Operation.PUBLISH, tools.report)
        self._graph = GraphCalls(self._book, self._clock, self._address)
        # A comment that is made twice is there twice, so its failures count as those of a publish call.
        comments = AnswerBook("instagram", ROWS, Operation.COMMENT, tools.report)
        self._comments = GraphCalls(comments, self._clock, self._address)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the publishing quota of the last 24 hours; `due` has no effect."""
        return self._graph.quota(account, _quota_path(account))

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The account's name, and of a Facebook-Login token its scopes and expiry; nothing tells those of the other."""
        user = self._graph.read(account, account.connection.account_id, {"fields": "username"})
        inspected: Json | Failure = {}
        if account.connection.login == "facebook":
            # The documentation has the token in the query; no log or failure carries the address.
            inspected = self._graph.read(account, "debug_token", {"input_token": account.token.get_secret_value()})
        return facts_of(user, inspected, self._clock.now())

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Creates a container; of several pictures one at a time, and when all are ready that of their carousel."""
        most = catalogue().row("instagram").limits.max_pictures
        if not 1 <= len(message.pictures) <= most:
            return self._graph.picture_count(len(message.pictures), most)
        if message.extras.story:
            if len(message.pictures) > 1:
                return self._graph.picture_count(len(message.pictures), 1)
            made = self._container(account, container_form(message, None))
            return made if isinstance(made, Failure) else Submitted(ref=story_ref(made.ref))
        if len(message.pictures) == 1:
            return self._container(account, container_form(message, None))
        parts = (CarouselParts.of(ref) if ref else None) or CarouselParts(count=len(message.pictures))
        made = self._container(account, container_form(message, parts))
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
        status = self._graph.container(account, container_of(ref), ("status_code", "status"), _error_of)
        return status if isinstance(status, Failure) else status.model_copy(update={"ref": ref})

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`media_publish`, once. A refusal is believed only where the container's status does not contradict it."""
        path = f"{account.connection.account_id}/media_publish"
        answer = self._graph.call("POST", account, path, form={"creation_id": container_of(ref)})
        made = self._graph.id_of(answer, Operation.PUBLISH, account)
        if not isinstance(made, Failure):
            return Published(external_id=made)
        if isinstance(answer, NoAnswer) or made.failure_class is FailureClass.AMBIGUOUS:
            return made
        # 403 with code 10 was reported for live posts.
        status = self.status(account, ref)
        return self._graph.checked_refusal(made, answer, status, certain=lambda row: row.refused)

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        return self._graph.described(account, external_id)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: a container that is not published expires after 24 hours."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """`DELETE` of a media, with a Facebook-Login token; hidden while the account is readable counts as deleted."""
        if account.connection.login != "facebook":
            return self._book.failure(CANNOT_REMOVE, Operation.DELETE, code="cannot-remove")
        return self._graph.removed(account, external_id, self.health)

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches time and caption; the time alone with an Instagram-Login token, which reads no captions."""
        if is_story(attempt.ref):
            return self._find_story(account, attempt)
        sees_captions = account.connection.login == "facebook"
        fields = "id,permalink,timestamp" + (",caption" if sees_captions else "")
        near = self._graph.near(account, _media_path(account), attempt, fields)
        if isinstance(near, Failure):
            return Unreadable(failure=near)
        matches = [item for item in near if not sees_captions or same_text(item.get("caption", ""), attempt.text)]
        statuses = tuple(live(item, attempt) for item in matches)
        return Matches(statuses=statuses, exact=sees_captions) if statuses else NoMatch()

    def _find_story(self, account: Account, attempt: Attempt) -> SearchResult:
        if self._clock.now() > attempt.attempted_at + _STORY_LIFE:
            ended = self._book.failure(_STORY_ENDED, Operation.READ, code="story-ended")
            return Unreadable(failure=ended)
        path = f"{account.connection.account_id}/stories"
        listed = self._graph.listed(account, path, {"fields": "id,permalink,timestamp"})
        if isinstance(listed, Failure):
            return Unreadable(failure=listed)
        statuses = tuple(live(item, attempt) for item in listed if in_time(item, attempt))
        return Matches(statuses=statuses, exact=False) if statuses else NoMatch()

    @override
    def comment(self, account: Account, external_id: str, text: str) -> Commented | Failure:
        """`POST` of a comment, once; what is not certainly refused is unclear."""
        answer = self._comments.call("POST", account, f"{external_id}/comments", form={"message": text})
        made = self._comments.id_of(answer, Operation.COMMENT, account)
        return made if isinstance(made, Failure) else Commented(comment_id=made)

    @override
    def find_comment(self, account: Account, external_id: str, text: str) -> Commented | NoMatch | Failure:
        listed = self._comments.listed(account, f"{external_id}/comments", {"fields": "id,text,timestamp"})
        if isinstance(listed, Failure):
            return listed
        if not all("text" in item for item in listed):
            return self._book.failure(_NO_TEXTS, Operation.READ, code="comments-without-text")
        same = (as_id(item.get("id")) for item in listed if same_text(item.get("text", ""), text))
        return next((Commented(comment_id=made) for made in same if made), NoMatch())

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        return self._graph.addresses(account, _media_path(account), since)

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        """The media of the account without its stories; an Instagram-Login token reads no captions."""
        fields = _RECENT + (",caption" if account.connection.login == "facebook" else "")
        return self._graph.recent(account, _media_path(account), fields, limit, cursor)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Exchanges an Instagram-Login token for one of 60 days; `None` for Facebook-Login tokens."""
        if account.connection.login != "instagram":
            return None
        url = f"{self._settings.instagram_url}/refresh_access_token"
        return self._graph.refreshed(account, url, "ig_refresh_token")

    def _container(self, account: Account, form: Mapping[str, str]) -> Submitted | Failure:
        answer = self._graph.call("POST", account, _media_path(account), form=form)
        made = self._graph.id_of(answer, Operation.SUBMIT, account)
        return made if isinstance(made, Failure) else Submitted(ref=made)

    def _address(self, account: Account) -> str:
        settings = self._settings
        host = settings.facebook_url if account.connection.login == "facebook" else settings.instagram_url
        return f"{host}/{settings.graph_version}"


def _quota_path(account: Account) -> str:
    return f"{account.connection.account_id}/content_publishing_limit"


def _media_path(account: Account) -> str:
    return f"{account.connection.account_id}/media"


def _error_of(container: Json) -> PlatformError:
    text = as_text(container.get("status")) or ""
    subcode = _SUBCODE.search(text)
    return PlatformError(HTTPStatus.OK, None, int(subcode.group()) if subcode else None, text)


def _is_ready(status: Status | Failure) -> bool:
    return isinstance(status, Status) and status.state is RemoteState.READY
