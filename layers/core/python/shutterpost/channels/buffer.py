"""Buffer over GraphQL: hand over with a due time, then ask what became of it (platform-apis.md §1)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr
from typing_extensions import override

from shutterpost.channels import errors, http
from shutterpost.channels.failures import Call, failure, retry_after, scrubbed, unanswered, unexplained
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import (
    Account,
    Cause,
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
from shutterpost.runtime.clock import Clock, SystemClock, iso
from shutterpost.runtime.settings import PlatformSettings

_BEFORE_ATTEMPT = timedelta(seconds=60)
# Buffer refuses a due time that lies behind, so what is late is handed over for a moment from now.
_SOONEST = timedelta(seconds=10)
# The longest time between the record of an attempt and its call.
_LATEST_CALL = timedelta(seconds=60)
_PAGE = 50
_MAX_PAGES = 20
_HOUR = 3_600.0

_POST = "id status text channelId dueAt sentAt externalLink error { message }"
_HEALTH = """query Health($channels: ChannelsInput!, $limits: DailyPostingLimitsInput!) {
  channels(input: $channels) { id isDisconnected isLocked isQueuePaused }
  dailyPostingLimits(input: $limits) { channelId limit isAtLimit sent scheduled }
}"""
_CREATE = """mutation Create($input: CreatePostInput!) {
  createPost(input: $input) {
    __typename
    ... on PostActionSuccess { post { id status } }
    ... on RestProxyError { code }
    ... on MutationError { message }
  }
}"""
_READ = f"query Read($input: PostInput!) {{ post(input: $input) {{ {_POST} }} }}"
_LIST = f"""query List($input: PostsInput!, $first: Int, $after: String) {{
  posts(input: $input, first: $first, after: $after) {{
    edges {{ node {{ {_POST} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""
_DELETE = """mutation Delete($input: DeletePostInput!) {
  deletePost(input: $input) {
    __typename
    ... on MutationError { message }
  }
}"""

_STATES = {
    "draft": RemoteState.SCHEDULED,
    "needs_approval": RemoteState.SCHEDULED,
    "scheduled": RemoteState.SCHEDULED,
    "sending": RemoteState.WORKING,
    "sent": RemoteState.PUBLISHED,
    "error": RemoteState.FAILED,
}
_WAITS_FOR_A_PERSON = {"draft", "needs_approval"}
_ON_ITS_WAY = {RemoteState.WORKING, RemoteState.PUBLISHED}
_NOT_FOUND = {"NOT_FOUND", "NotFoundError"}

Json = dict[str, Any]


class BufferChannel(Channel):
    """Buffer posting to an Instagram profile. A Buffer post id is both `ref` and `external_id`."""

    def __init__(self, settings: PlatformSettings, clock: Clock | None = None) -> None:
        self._url = settings.buffer_url
        self._clock = clock or SystemClock()

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the channel's state and the posts left on the day of `due` (default: today)."""
        channel_id = account.connection.account_id
        limits = {"channelIds": [channel_id], **({} if due is None else {"date": iso(due)})}
        asked = {"channels": {"organizationId": account.connection.organization_id}, "limits": limits}
        data = self._ask(account, _HEALTH, asked, Call.REPEATABLE)
        if isinstance(data, Failure):
            return data
        channel = _with(data.get("channels"), "id", channel_id)
        limit = _with(data.get("dailyPostingLimits"), "channelId", channel_id) or {}
        return _trouble(channel, limit) or Healthy(remaining=_remaining(limit))

    @override
    def submit(self, account: Account, message: Message) -> Submitted | Failure:
        """`createPost` for `message.run_at`, or for 10 s from now where that is nearer or past.

        There is no idempotency key, so an unclear answer is ambiguous.
        """
        asked = {
            "channelId": account.connection.account_id,
            "text": message.text,
            "schedulingType": "automatic",
            "mode": "customScheduled",
            "dueAt": iso(max(message.run_at, self._clock.now() + _SOONEST)),
            "assets": [_asset(picture) for picture in message.pictures],
            "metadata": {"instagram": {"type": "post", "shouldShareToFeed": True}},
        }
        data = self._ask(account, _CREATE, {"input": asked}, Call.POSTING)
        if isinstance(data, Failure):
            return data
        payload = data.get("createPost") or {}
        post = payload.get("post") or {}
        if payload.get("__typename") == "PostActionSuccess" and post.get("id"):
            return Submitted(ref=str(post["id"]), handed_over=True)
        return _refused(payload, Call.POSTING, account.token)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Reads one post; a post that Buffer does not know is `gone`."""
        data = self._ask(account, _READ, {"input": {"id": ref}}, Call.REPEATABLE)
        if isinstance(data, Failure):
            return Status(ref=ref, state=RemoteState.GONE) if data.code in _NOT_FOUND else data
        post = data.get("post")
        return _status(post) if post else Status(ref=ref, state=RemoteState.GONE)

    @override
    def publish(self, account: Account, ref: str) -> Published | Failure:
        """Never calls Buffer, which publishes by itself at the due time."""
        rule = errors.Rule(
            "Buffer publishes by itself at the due time; read its status instead",
            Cause.PLATFORM,
            FailureClass.PERMANENT,
            FailureClass.PERMANENT,
        )
        return failure(rule, Call.POSTING, code="hands-over")

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """URL and instant of a sent post; one that is not sent yet is a retryable failure."""
        status = self.status(account, external_id)
        if isinstance(status, Failure):
            return status
        if status.state is not RemoteState.PUBLISHED:
            rule = errors.UNKNOWN_TROUBLE
            return failure(rule, Call.REPEATABLE, code="not-sent", said=f"the post is {status.state}")
        return Published(external_id=external_id, external_url=status.external_url, posted_at=status.posted_at)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """`deletePost` unless it is gone (done) or on its way (too late).

        Buffer refuses in words only, so the post's status decides before and, where the delete was refused, after.
        """
        early = _settled(self.status(account, ref))
        if early is not None:
            return early
        data = self._ask(account, _DELETE, {"input": {"id": ref}}, Call.REPEATABLE)
        if isinstance(data, Failure):
            return Withdrawn() if data.code in _NOT_FOUND else data
        payload = data.get("deletePost") or {}
        if payload.get("__typename") == "DeletePostSuccess":
            return Withdrawn()
        return _settled(self.status(account, ref)) or _refused(payload, Call.REPEATABLE, account.token)

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Never calls Buffer, which does not take a sent post back from the network (platform-apis.md §5)."""
        return failure(errors.CANNOT_REMOVE, Call.REPEATABLE, code="cannot-remove")

    @override
    def find(self, account: Account, trace: Trace) -> Found | Failure:
        """Lists the channel's posts created since a minute before the attempt; text and due time must be the same.

        Where the attempt was too late for `trace.run_at`, a due time shortly after the attempt is the same.
        """
        asked = {
            "organizationId": account.connection.organization_id,
            "filter": {
                "channelIds": [account.connection.account_id],
                "createdAt": {"start": iso(trace.attempted_at - _BEFORE_ATTEMPT)},
            },
            "sort": [{"field": "createdAt", "direction": "asc"}],
        }
        posts = self._listed(account, asked)
        if isinstance(posts, Failure):
            return posts
        return Found(matches=tuple(_status(post) for post in posts if _is_of(post, trace, account)))

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        """Lists what is due since `since` on all accounts of one organization; a post deleted at Buffer is missing.

        One key suffices for an organization: the first that Buffer accepts is used. Raises `ValueError` for accounts
        of several organizations.
        """
        organizations = {account.connection.organization_id for account in accounts}
        if len(organizations) > 1:
            raise ValueError("statuses takes accounts of one organization")
        asked = {
            "organizationId": next(iter(organizations), None),
            "filter": {
                "channelIds": sorted({account.connection.account_id for account in accounts}),
                "dueAt": {"start": iso(since)},
            },
            "sort": [{"field": "dueAt", "direction": "asc"}],
        }
        posts: list[Json] | Failure = []
        for account in _one_per_token(accounts):
            posts = self._listed(account, asked)
            if not (isinstance(posts, Failure) and posts.cause is Cause.TOKEN):
                break
        return posts if isinstance(posts, Failure) else {str(post["id"]): _status(post) for post in posts}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Buffer's API keys do not end."""
        return None

    def _listed(self, account: Account, asked: Mapping[str, Any]) -> list[Json] | Failure:
        posts: list[Json] = []
        after: str | None = None
        for _ in range(_MAX_PAGES):
            data = self._ask(account, _LIST, {"input": asked, "first": _PAGE, "after": after}, Call.REPEATABLE)
            if isinstance(data, Failure):
                return data
            page = data.get("posts") or {}
            posts.extend(edge["node"] for edge in page.get("edges") or [])
            info = page.get("pageInfo") or {}
            after = info.get("endCursor")
            if not info.get("hasNextPage") or not after:
                return posts
        return failure(errors.UNKNOWN_TROUBLE, Call.REPEATABLE, code="listing-too-long")

    def _ask(self, account: Account, query: str, variables: Mapping[str, Any], call: Call) -> Json | Failure:
        """The answer's `data` where the operation went well."""
        document = {"query": query, "variables": variables}
        answer = http.send("POST", self._url, token=account.token, document=document)
        if isinstance(answer, NoAnswer):
            return unanswered(answer, call)
        body = answer.body if isinstance(answer.body, dict) else {}
        if body.get("errors"):
            return _graphql_failure(answer, call, account.token)
        data = body.get("data")
        if answer.status != HTTPStatus.OK or not isinstance(data, dict):
            return unexplained(answer, call, account.token)
        return data


def _asset(picture: Picture) -> Json:
    described = {"metadata": {"altText": picture.alt_text}} if picture.alt_text else {}
    return {"image": {"url": picture.url, **described}}


def _with(rows: Any, name: str, value: str) -> Json | None:
    return next((row for row in rows or [] if row.get(name) == value), None)


def _trouble(channel: Json | None, limit: Json) -> Failure | None:
    """Why nothing can be posted now, if so."""
    if channel is None:
        return failure(errors.BUFFER_EXTENSION["NOT_FOUND"], Call.REPEATABLE, code="channel-missing")
    if channel.get("isDisconnected"):
        return _stopped("channel-disconnected", "Buffer lost the profile; reconnect it there, then here", Cause.TOKEN)
    if channel.get("isLocked"):
        return _stopped("channel-locked", "The Buffer plan does not cover this channel; unlock it", Cause.ACCOUNT)
    if channel.get("isQueuePaused"):
        return _paused("queue-paused", "The channel's queue is paused at Buffer; resume it there", Cause.ACCOUNT)
    if limit.get("isAtLimit"):
        return _paused("quota", "The day's posts to this channel reach the network's limit", Cause.QUOTA)
    return None


def _stopped(code: str, meaning: str, cause: Cause) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=cause, code=code, message=f"{meaning}.")


def _paused(code: str, meaning: str, cause: Cause) -> Failure:
    return Failure(
        failure_class=FailureClass.RETRYABLE, cause=cause, code=code, message=f"{meaning}.", retry_after=_HOUR
    )


def _remaining(limit: Json) -> int | None:
    most = limit.get("limit")
    return None if most is None else max(0, most - limit.get("sent", 0) - limit.get("scheduled", 0))


def _status(post: Json) -> Status:
    """A post as a status; a word that is not known is work in progress."""
    word = str(post.get("status"))
    state = _STATES.get(word, RemoteState.WORKING)
    live = state is RemoteState.PUBLISHED
    trouble: Failure | None = None
    if state is RemoteState.FAILED:
        said = scrubbed(str((post.get("error") or {}).get("message") or "no reason given"), SecretStr(""))
        trouble = _stopped("buffer-error", f"Buffer could not publish the post ({said})", Cause.PLATFORM)
    elif word in _WAITS_FOR_A_PERSON:
        trouble = _paused(word, "The post waits at Buffer for a person to approve it", Cause.ACCOUNT)
    return Status(
        ref=str(post["id"]),
        state=state,
        external_id=str(post["id"]) if live else None,
        external_url=post.get("externalLink") if live else None,
        posted_at=_instant(post.get("sentAt")) if live else None,
        failure=trouble,
    )


def _settled(status: Status | Failure) -> Withdrawn | TooLate | Failure | None:
    """What a status says of a withdrawal; `None` where the post can still be deleted."""
    if isinstance(status, Failure):
        return status
    if status.state is RemoteState.GONE:
        return Withdrawn()
    return TooLate(external_id=status.ref) if status.state in _ON_ITS_WAY else None


def _is_of(post: Json, trace: Trace, account: Account) -> bool:
    due_at = _instant(post.get("dueAt"))
    if due_at is None or post.get("channelId") != account.connection.account_id or post.get("text") != trace.text:
        return False
    if due_at.replace(microsecond=0) == trace.run_at.astimezone(UTC).replace(microsecond=0):
        return True
    latest = trace.attempted_at + _LATEST_CALL + _SOONEST
    return trace.run_at < latest and trace.attempted_at <= due_at <= latest


def _one_per_token(accounts: Iterable[Account]) -> list[Account]:
    return list({account.token.get_secret_value(): account for account in accounts}.values())


def _refused(payload: Json, call: Call, token: SecretStr) -> Failure:
    """The failure of a typed payload that is no success."""
    name = str(payload.get("__typename") or "no-payload")
    code = f"{name}/{payload['code']}" if "code" in payload else name
    if name == "RestProxyError":
        rule = errors.BUFFER_PROXY.get(payload.get("code", 0), errors.UNKNOWN_REFUSAL)
    else:
        rule = errors.BUFFER_PAYLOAD.get(name, errors.UNKNOWN_TROUBLE)
    said = scrubbed(str(payload.get("message") or ""), token)
    return failure(rule, call, code=code, said=said, raw=scrubbed(str(payload), token))


def _graphql_failure(answer: Answer, call: Call, token: SecretStr) -> Failure:
    """The failure of an answer with `errors`: the first code that is known decides."""
    known: list[Json] = [error for error in answer.body["errors"] if isinstance(error, dict)]
    codes = [str((error.get("extensions") or {}).get("code") or "") for error in known]
    code = next((code for code in codes if code in errors.BUFFER_EXTENSION), None)
    if code is None:
        return unexplained(answer, call, token)
    return failure(
        errors.BUFFER_EXTENSION[code],
        call,
        code=code,
        said=scrubbed(str(known[codes.index(code)].get("message") or ""), token),
        raw=scrubbed(answer.text, token),
        retry_after=retry_after(answer.headers),
    )


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None
