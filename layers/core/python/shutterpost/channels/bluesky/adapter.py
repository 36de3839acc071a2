"""Bluesky: blobs are uploaded, then one record is put under a key that was chosen before."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from typing_extensions import override

from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_object,
    as_objects,
    as_text,
    same_text,
)
from shutterpost.channels.bluesky.answers import ROWS
from shutterpost.channels.bluesky.record import (
    POST,
    address_of,
    image_ids,
    latest_first,
    mentions,
    post_record,
    recent_post,
)
from shutterpost.channels.bluesky.sessions import BlueskySessions
from shutterpost.channels.bluesky.submission import BlueskyBlob, BlueskySubmission, blob_cid, jpeg_size
from shutterpost.channels.bluesky.xrpc import Xrpc, error_of
from shutterpost.channels.catalogue import catalogue
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
    PostLister,
    Published,
    RecentPost,
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

_PAGE, _MAX_PAGES = 100, 20
# A post is dated with its due time, which may lie this far from the attempt.
_NEAR = timedelta(hours=1)
_OLD_TOKEN = frozenset({"ExpiredToken", "InvalidToken"})

_NO_SUBMISSION = Rule(
    meaning="The submission is not one of Bluesky's", failure_class=FailureClass.PERMANENT, cause=Cause.PLATFORM
)
_PICTURE_COUNT = Rule(
    meaning="Bluesky does not take this number of pictures", failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO
)
_TOO_LARGE = Rule(
    meaning="The rendition is too large for Bluesky; make it again with 'shutterpost photos remake'",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PHOTO,
)
_NO_JPEG = Rule(
    meaning="The rendition is no JPEG; make it again with 'shutterpost photos remake'",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PHOTO,
)
_KEY_TAKEN = Rule(
    meaning="Another post stands under the key of this one",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PLATFORM,
    refused=True,
)
_ENDLESS = Rule(meaning="The list of posts does not end", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class BlueskyChannel(Channel, PostLister):
    """Bluesky with an app password. `ref` names key and blobs, `external_id` is the record's `at://` address."""

    def __init__(self, tools: Tools) -> None:
        self._pictures, self._clock = tools.pictures, tools.clock
        self._book = AnswerBook("bluesky", ROWS, Operation.PUBLISH, tools.report)
        self._xrpc = Xrpc(self._book, stage=tools.settings.stage)
        self._sessions = BlueskySessions(tools, self._xrpc)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Has a session that the server accepts; what is left of the hour's points is not told before a write."""
        session = self._session(account)
        return session if isinstance(session, Failure) else Healthy()

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The account's handle; an app password does not end."""
        session = self._session(account)
        return TokenFacts() if isinstance(session, Failure) else TokenFacts(account_name=as_text(session.get("handle")))

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Uploads the next picture. A blob that no record uses is seen by nobody, and dropped by the server."""
        row = catalogue().row("bluesky")
        if len(message.pictures) > row.limits.max_pictures:
            detail = f"{len(message.pictures)} instead of at most {row.limits.max_pictures}"
            return self._book.failure(_PICTURE_COUNT, Operation.SUBMIT, code="picture-count", detail=detail)
        submission = (BlueskySubmission.of(ref) if ref else None) or BlueskySubmission.of_message(message)
        if submission.is_whole:
            return Submitted(ref=submission.ref)
        content = self._pictures.read(message.pictures[len(submission.blobs)].rendition)
        size = jpeg_size(content)
        if size is None:
            return self._book.failure(_NO_JPEG, Operation.SUBMIT, code="no-jpeg")
        if len(content) > row.limits.image.max_bytes:
            detail = f"{len(content)} bytes instead of at most {row.limits.image.max_bytes}"
            return self._book.failure(_TOO_LARGE, Operation.SUBMIT, code="too-large", detail=detail)
        answer = self._write(account, "com.atproto.repo.uploadBlob", Operation.SUBMIT, content=content)
        if isinstance(answer, Failure):
            return answer
        cid = as_text(as_object(as_object(answer.get("blob")).get("ref")).get("$link"))
        if cid != blob_cid(content):
            return self._xrpc.incomplete(Operation.SUBMIT, missing="id of the picture's bytes")
        blob = BlueskyBlob(cid=cid, size=len(content), width=size[0], height=size[1])
        return Submitted(ref=submission.with_blob(blob).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Reads the record under the post's key, which needs no token."""
        submission = BlueskySubmission.of(ref)
        if submission is None:
            return self._book.failure(_NO_SUBMISSION, Operation.READ, code="no-submission")
        if not submission.is_whole:
            return Status(ref=ref, state=RemoteState.INCOMPLETE)
        body = self._record(account, submission.rkey)
        if isinstance(body, Failure):
            missing = body.code == "RecordNotFound"
            return Status(ref=ref, state=RemoteState.READY) if missing else body
        return _live(account, body, submission.rkey, ref)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`putRecord` where no record is yet; the server refuses another one for ever, and takes the same one again."""
        submission = BlueskySubmission.of(ref)
        if submission is None or not submission.is_whole:
            return self._book.failure(_NO_SUBMISSION, Operation.PUBLISH, code="no-submission")
        row = catalogue().row("bluesky")
        dids = self._dids(account, mentions(message, row))
        if isinstance(dids, Failure):
            return dids
        did, rkey = account.connection.account_id, submission.rkey
        created_at = min(message.run_at, self._clock.now())
        record = post_record(submission, message, row, dids, created_at)
        document = {"repo": did, "collection": POST, "rkey": rkey, "record": record, "swapRecord": None}
        answer = self._signed(account, "com.atproto.repo.putRecord", document=document)
        body = answer if isinstance(answer, Failure) else self._xrpc.body(answer, Operation.PUBLISH, account)
        if isinstance(body, Failure):
            return self._checked_refusal(account, submission, body) if isinstance(answer, Answer) else body
        if body.get("uri") != _uri(account, rkey):
            return self._xrpc.incomplete(Operation.PUBLISH, missing="address of the record")
        return Published(
            external_id=_uri(account, rkey),
            external_url=address_of(did, rkey),
            posted_at=created_at,
            same="commit" not in body,
        )

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        rkey = external_id.rpartition("/")[2]
        body = self._record(account, rkey)
        if isinstance(body, Failure):
            return body
        live = _live(account, body, rkey, external_id)
        return Published(external_id=external_id, external_url=live.external_url, posted_at=live.posted_at)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: the server drops blobs that no record uses."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        rkey = external_id.rpartition("/")[2]
        document = {"repo": account.connection.account_id, "collection": POST, "rkey": rkey}
        body = self._write(account, "com.atproto.repo.deleteRecord", Operation.DELETE, document=document)
        return body if isinstance(body, Failure) else Removed()

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """By the post's key where the attempt has one, else by its text among the posts of about that time."""
        if attempt.ref is not None:
            status = self.status(account, attempt.ref)
            if isinstance(status, Failure):
                return Unreadable(failure=status)
            return Matches(statuses=(status,)) if status.state is RemoteState.PUBLISHED else NoMatch()
        records = self._listed(account)
        if isinstance(records, Failure):
            return Unreadable(failure=records)
        if not all(_is_whole(account, record) for record in records):
            return Unreadable(failure=self._xrpc.incomplete(Operation.READ, missing="address, text or time of a post"))
        near = [record for record in records if _is_near(record, attempt)]
        statuses = tuple(_listed_status(account, record) for record in near)
        return Matches(statuses=statuses) if statuses else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        records = self._listed(account)
        if isinstance(records, Failure):
            return records
        statuses = [_listed_status(account, record) for record in records]
        return frozenset(
            status.external_url
            for status in statuses
            if status.external_url and (status.posted_at is None or status.posted_at >= since)
        )

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        """The account's own posts without its replies; a page can have fewer than `limit`."""
        page = self._page(account, limit, cursor)
        if isinstance(page, Failure):
            return page
        own = [self._recent(account, item) for item in page[0] if "reply" not in item["value"]]
        return RecentPosts(posts=latest_first(own), cursor=page[1])

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """`None`: an app password does not end, and its sessions are renewed as they are used."""
        return None

    def _checked_refusal(
        self, account: Account, submission: BlueskySubmission, refusal: Failure
    ) -> Published | Failure:
        """`refusal`, unless a post with our pictures is under our key: an earlier call, or the same one, made it."""
        taken = refusal.code == "InvalidSwap"
        unclear = refusal.failure_class is FailureClass.AMBIGUOUS or refusal.cause is Cause.TOKEN
        if unclear and not taken:
            return refusal
        body = self._record(account, submission.rkey)
        if isinstance(body, Failure):
            # A post that a moderator hid is not shown, and still there.
            if body.code == "RecordNotFound" and not taken:
                return refusal
            return refusal.model_copy(update={"failure_class": FailureClass.AMBIGUOUS, "message": body.message})
        if image_ids(as_object(body.get("value"))) != [blob.cid for blob in submission.blobs]:
            return self._book.failure(_KEY_TAKEN, Operation.PUBLISH, code="key-taken")
        live = _live(account, body, submission.rkey, submission.ref)
        uri = _uri(account, submission.rkey)
        return Published(external_id=uri, external_url=live.external_url, posted_at=live.posted_at, same=True)

    def _dids(self, account: Account, handles: Sequence[str]) -> dict[str, str] | Failure:
        dids: dict[str, str] = {}
        for handle in dict.fromkeys(handles):
            answer = self._xrpc.get(account, "com.atproto.identity.resolveHandle", {"handle": handle})
            body = self._xrpc.body(answer, Operation.READ, account)
            if isinstance(body, Failure) and body.failure_class is FailureClass.RETRYABLE:
                return body
            did = None if isinstance(body, Failure) else as_text(body.get("did"))
            if did:
                dids[handle] = did
        return dids

    def _session(self, account: Account) -> Json | Failure:
        return self._authorized(account, "com.atproto.server.getSession", Operation.READ)

    def _write(
        self,
        account: Account,
        name: str,
        operation: Operation,
        *,
        document: Mapping[str, object] | None = None,
        content: bytes | None = None,
    ) -> Json | Failure:
        return self._authorized(account, name, operation, document=document, content=content)

    def _authorized(
        self,
        account: Account,
        name: str,
        operation: Operation,
        *,
        document: Mapping[str, object] | None = None,
        content: bytes | None = None,
    ) -> Json | Failure:
        answer = self._signed(account, name, document=document, content=content)
        return answer if isinstance(answer, Failure) else self._xrpc.body(answer, operation, account)

    def _signed(
        self,
        account: Account,
        name: str,
        *,
        document: Mapping[str, object] | None = None,
        content: bytes | None = None,
    ) -> Answer | NoAnswer | Failure:
        """The answer to a call with a session's token; one that is refused is renewed once: nothing was done yet."""
        token = self._sessions.access(account)
        for _ in range(2):
            if isinstance(token, Failure):
                return token
            if document is None and content is None:
                answer: Answer | NoAnswer = self._xrpc.get(account, name, {}, token=token)
            else:
                answer = self._xrpc.post(account, name, token=token, document=document, content=content)
            error = error_of(answer)
            if error is None or error.status != HTTPStatus.BAD_REQUEST or error.code not in _OLD_TOKEN:
                break
            token = self._sessions.access(account, refused=token)
        return answer

    def _record(self, account: Account, rkey: str) -> Json | Failure:
        query = {"repo": account.connection.account_id, "collection": POST, "rkey": rkey}
        answer = self._xrpc.get(account, "com.atproto.repo.getRecord", query)
        body = self._xrpc.body(answer, Operation.READ, account)
        if isinstance(body, Failure) or isinstance(body.get("value"), dict):
            return body
        return self._xrpc.incomplete(Operation.READ, missing="value")

    def _listed(self, account: Account) -> list[Json] | Failure:
        records: list[Json] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = self._page(account, _PAGE, cursor)
            if isinstance(page, Failure):
                return page
            records.extend(page[0])
            cursor = page[1]
            if cursor is None:
                return records
        return self._book.failure(_ENDLESS, Operation.READ, code="listing-too-long")

    def _recent(self, account: Account, item: Json) -> RecentPost:
        status, record = _listed_status(account, item), as_object(item["value"])
        return recent_post(status, record, self._xrpc.blob_address(account))

    def _page(self, account: Account, limit: int, cursor: str | None) -> tuple[list[Json], str | None] | Failure:
        query = {"repo": account.connection.account_id, "collection": POST, "limit": str(limit)}
        after = {"cursor": cursor} if cursor else {}
        answer = self._xrpc.get(account, "com.atproto.repo.listRecords", query | after)
        body = self._xrpc.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        page = as_objects(body.get("records"))
        if page is None or not all(isinstance(item.get("value"), dict) for item in page):
            return self._xrpc.incomplete(Operation.READ, missing="whole list of posts")
        return page, as_text(body.get("cursor")) or None if page else None


def _uri(account: Account, rkey: str) -> str:
    return f"at://{account.connection.account_id}/{POST}/{rkey}"


def _live(account: Account, body: Json, rkey: str, ref: str) -> Status:
    return Status(
        ref=ref,
        state=RemoteState.PUBLISHED,
        external_id=_uri(account, rkey),
        external_url=address_of(account.connection.account_id, rkey),
        posted_at=as_instant(as_object(body.get("value")).get("createdAt")),
    )


def _listed_status(account: Account, item: Json) -> Status:
    uri = as_text(item.get("uri")) or ""
    return _live(account, item, uri.rpartition("/")[2], uri)


def _is_whole(account: Account, item: Json) -> bool:
    value = as_object(item.get("value"))
    rkey = (as_text(item.get("uri")) or "").removeprefix(_uri(account, ""))
    known = as_text(value.get("text")) is not None and as_instant(value.get("createdAt")) is not None
    return known and as_id(rkey) is not None


def _is_near(item: Json, attempt: Attempt) -> bool:
    value = as_object(item.get("value"))
    created_at = as_instant(value.get("createdAt"))
    near = created_at is not None and abs(created_at - attempt.attempted_at) <= _NEAR
    return near and same_text(value.get("text"), attempt.text)
