"""Buffer over GraphQL: hand over with a due time, then read the post's status."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from typing_extensions import override

from shutterpost.channels import http
from shutterpost.channels.answers.book import CANNOT_REMOVE, AnswerBook
from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_object, as_objects, as_text
from shutterpost.channels.buffer import queries
from shutterpost.channels.buffer.answers import ROWS
from shutterpost.channels.buffer.responses import (
    Page,
    channel_failure,
    earliest_due,
    errors_of,
    is_of,
    page_of,
    payload_error,
    quota_of,
    recent_post,
    status_of,
    stopped,
)
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer, NoAnswer
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
from shutterpost.runtime.clock import iso

_BEFORE_ATTEMPT = timedelta(seconds=60)
_PAGE = 50
_MAX_PAGES = 20

_ON_ITS_WAY = {RemoteState.WORKING, RemoteState.PUBLISHED}
_NOT_FOUND = {"NOT_FOUND", "NotFoundError"}

_HANDS_OVER = Rule(
    meaning="Buffer publishes by itself at the due time; read its status instead",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PLATFORM,
)
_NOT_SENT_YET = Rule(
    meaning="Buffer has not sent the post yet", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
_ENDLESS = Rule(meaning="The list of posts does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class BufferChannel(Channel, PostLister):
    """Buffer posting to an Instagram profile. A Buffer post id is both `ref` and `external_id`."""

    def __init__(self, tools: Tools) -> None:
        self._url, self._clock = tools.settings.buffer_url, tools.clock
        self._book = AnswerBook("buffer", ROWS, Operation.SUBMIT, tools.report)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        channel_id = account.connection.account_id
        limits = {"channelIds": [channel_id], **({} if due is None else {"date": iso(due)})}
        variables = {"channels": {"organizationId": account.connection.organization_id}, "limits": limits}
        answer = self._call(account, queries.HEALTH, variables)
        data = self._data(answer, Operation.READ, account)
        if isinstance(data, Failure):
            return data
        channels = as_objects(data.get("channels"))
        if channels is None:
            return self._unreadable(answer, account, missing="list of channels")
        channel = _with(channels, "id", channel_id)
        if channel is None:
            return stopped("channel-missing", "Buffer does not know this channel or post", Cause.ACCOUNT)
        limit = _with(as_objects(data.get("dailyPostingLimits")) or [], "channelId", channel_id) or {}
        failure, quota = channel_failure(channel, limit), quota_of(limit)
        return failure.model_copy(update={"quota": quota}) if failure else Healthy(quota=quota)

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The channel's name; Buffer tells nothing of a key's scopes."""
        variables = {"channels": {"organizationId": account.connection.organization_id}}
        data = self._data(self._call(account, queries.CHANNELS, variables), Operation.READ, account)
        listed = [] if isinstance(data, Failure) else as_objects(data.get("channels")) or []
        channel = _with(listed, "id", account.connection.account_id) or {}
        return TokenFacts(account_name=as_text(channel.get("name")) or None)

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """`createPost` for `message.run_at`, or for 10 s from now where that is later. It has no idempotency key."""
        post = {
            "channelId": account.connection.account_id,
            "text": message.text,
            "schedulingType": "automatic",
            "mode": "customScheduled",
            "dueAt": iso(earliest_due(message.run_at, self._clock.now())),
            "assets": [_asset(picture) for picture in message.pictures],
            "metadata": {"instagram": {"type": "post", "shouldShareToFeed": True}},
        }
        answer = self._call(account, queries.CREATE, {"input": post})
        payload = _created(answer)
        post_id = as_id(as_object(payload.get("post")).get("id"))
        if post_id is not None:
            return Submitted(ref=post_id, handed_over=True)
        if payload:
            return self._unreadable(answer, account, missing="id", operation=Operation.SUBMIT)
        data = self._data(answer, Operation.SUBMIT, account)
        return (
            data if isinstance(data, Failure) else self._refused(answer, data, "createPost", Operation.SUBMIT, account)
        )

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        answer = self._call(account, queries.READ, {"input": {"id": ref}})
        data = self._data(answer, Operation.READ, account)
        if isinstance(data, Failure):
            return Status(ref=ref, state=RemoteState.GONE) if data.code in _NOT_FOUND else data
        return status_of(as_object(data.get("post"))) or self._unreadable(answer, account, missing="post")

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """Fails without a call: Buffer publishes by itself at the due time."""
        return self._book.failure(_HANDS_OVER, Operation.PUBLISH, code="hands-over")

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        status = self.status(account, external_id)
        if isinstance(status, Failure):
            return status
        if status.state is not RemoteState.PUBLISHED:
            return self._book.failure(_NOT_SENT_YET, Operation.READ, code="not-sent", detail=f"it is {status.state}")
        return Published(external_id=external_id, external_url=status.external_url, posted_at=status.posted_at)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """`deletePost`. A refusal has no code, so the post's status is read before it, and again after a refusal."""
        early = _settled(self.status(account, ref))
        if early is not None:
            return early
        answer = self._call(account, queries.DELETE, {"input": {"id": ref}})
        data = self._data(answer, Operation.DELETE, account)
        if isinstance(data, Failure):
            return Withdrawn() if data.code in _NOT_FOUND else data
        if as_object(data.get("deletePost")).get("__typename") == "DeletePostSuccess":
            return Withdrawn()
        late = _settled(self.status(account, ref))
        return late or self._refused(answer, data, "deletePost", Operation.DELETE, account)

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Fails without a call: a sent post has no `deletePost` among its `allowedActions`."""
        return self._book.failure(CANNOT_REMOVE, Operation.DELETE, code="cannot-remove")

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches channel, text, due time, and creation since a minute before the attempt."""
        filters = {
            "organizationId": account.connection.organization_id,
            "filter": {
                "channelIds": [account.connection.account_id],
                "createdAt": {"start": iso(attempt.attempted_at - _BEFORE_ATTEMPT)},
            },
            "sort": [{"field": "createdAt", "direction": "asc"}],
        }
        posts = self._listed(account, filters)
        if isinstance(posts, Failure):
            return Unreadable(failure=posts)
        statuses = [status_of(post) for post in posts if is_of(post, attempt, account)]
        matches = tuple(status for status in statuses if status is not None)
        return Matches(statuses=matches) if matches else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        """The external links of the posts that Buffer has sent."""
        statuses = self.statuses([account], since)
        if isinstance(statuses, Failure):
            return statuses
        return frozenset(status.external_url for status in statuses.values() if status.external_url)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        """Lists with the first accepted key. Raises `ValueError` for accounts of several organizations."""
        organizations = {account.connection.organization_id for account in accounts}
        if len(organizations) > 1:
            raise ValueError("statuses takes accounts of one organization")
        filters = {
            "organizationId": next(iter(organizations), None),
            "filter": {
                "channelIds": sorted({account.connection.account_id for account in accounts}),
                "dueAt": {"start": iso(since)},
            },
            "sort": [{"field": "dueAt", "direction": "asc"}],
        }
        posts: list[Json] | Failure = []
        for account in _one_per_token(accounts):
            posts = self._listed(account, filters)
            if not (isinstance(posts, Failure) and posts.cause is Cause.TOKEN):
                break
        if isinstance(posts, Failure):
            return posts
        return {status.ref: status for status in map(status_of, posts) if status is not None}

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        """The posts that Buffer has sent; what was posted beside it is not among them."""
        filters = {
            "organizationId": account.connection.organization_id,
            "filter": {"channelIds": [account.connection.account_id], "status": ["sent"]},
            "sort": [{"field": "dueAt", "direction": "desc"}],
        }
        page = self._page(account, queries.RECENT, {"input": filters, "first": limit, "after": cursor})
        if isinstance(page, Failure):
            return page
        return RecentPosts(posts=tuple(recent_post(post) for post in page.posts), cursor=page.after)

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        return None

    def _listed(self, account: Account, filters: Mapping[str, Any]) -> list[Json] | Failure:
        posts: list[Json] = []
        after: str | None = None
        for _ in range(_MAX_PAGES):
            page = self._page(account, queries.LIST, {"input": filters, "first": _PAGE, "after": after})
            if isinstance(page, Failure):
                return page
            posts.extend(page.posts)
            after = page.after
            if after is None:
                return posts
        return self._book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def _page(self, account: Account, query: str, variables: Mapping[str, Any]) -> Page | Failure:
        answer = self._call(account, query, variables)
        data = self._data(answer, Operation.READ, account)
        if isinstance(data, Failure):
            return data
        page = page_of(data.get("posts"))
        return page or self._unreadable(answer, account, missing="whole list of posts")

    def _call(self, account: Account, query: str, variables: Mapping[str, Any]) -> Answer | NoAnswer:
        document = {"query": query, "variables": variables}
        return http.send("POST", self._url, token=account.token, document=document)

    def _data(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        """The `data` of a successful answer; partial data beside errors is a failure."""
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, operation)
        errors = errors_of(answer)
        if errors:
            known = (error for error in errors if self._book.find(error, operation))
            # Without a known code, GraphQL's 200 says nothing about a repetition.
            passing = answer.status == HTTPStatus.OK
            return self._book.of_error(next(known, errors[0]), operation, answer, account.token, passing=passing)
        body = as_object(answer.body)
        if "data" not in body and "errors" not in body:
            return self._book.foreign(operation, answer, account.token)
        if (
            answer.status != HTTPStatus.OK
            or body.get("errors") not in (None, [])
            or not isinstance(body.get("data"), dict)
        ):
            return self._unreadable(answer, account, missing="data", operation=operation)
        return as_object(body["data"])

    def _refused(
        self, answer: Answer | NoAnswer, data: Json, field: str, operation: Operation, account: Account
    ) -> Failure:
        payload = as_object(data.get(field))
        if isinstance(answer, NoAnswer) or "__typename" not in payload:
            return self._unreadable(answer, account, missing=f"typed {field}", operation=operation)
        error = payload_error(payload, answer.status)
        passing = error.subcode is None
        return self._book.of_error(error, operation, answer, account.token, passing=passing)

    def _unreadable(
        self, answer: Answer | NoAnswer, account: Account, *, missing: str, operation: Operation = Operation.READ
    ) -> Failure:
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, operation)
        return self._book.unreadable(operation, answer, account.token, missing=missing)


def _created(answer: Answer | NoAnswer) -> Json:
    """The payload of a successful create, also where errors stand beside it; else an empty one."""
    body = as_object(None if isinstance(answer, NoAnswer) else answer.body)
    payload = as_object(as_object(body.get("data")).get("createPost"))
    return payload if payload.get("__typename") == "PostActionSuccess" else {}


def _asset(picture: Picture) -> Json:
    described = {"metadata": {"altText": picture.alt_text}} if picture.alt_text else {}
    return {"image": {"url": picture.url, **described}}


def _with(rows: Iterable[Json], name: str, value: str) -> Json | None:
    return next((row for row in rows if row.get(name) == value), None)


def _settled(status: Status | Failure) -> Withdrawn | TooLate | Failure | None:
    """What a status says of a withdrawal; `None` where the post can still be deleted."""
    if isinstance(status, Failure):
        return status
    if status.state is RemoteState.GONE:
        return Withdrawn()
    return TooLate(external_id=status.ref) if status.state in _ON_ITS_WAY else None


def _one_per_token(accounts: Iterable[Account]) -> list[Account]:
    return list({account.token.get_secret_value(): account for account in accounts}.values())
