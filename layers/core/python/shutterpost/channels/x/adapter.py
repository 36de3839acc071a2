"""Posts on X: upload and describe the pictures, post once, and look up by the keys of the uploads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from typing_extensions import override

from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_instant, as_object, as_text, same_text
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.factory import Tools
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
from shutterpost.channels.uploads import Uploads
from shutterpost.channels.x.calls import XCalls
from shutterpost.channels.x.submission import XUpload, uploads_of

# No post with a submission's uploads is older; clocks differ a little.
_BEFORE = timedelta(minutes=5)
# Where an attempt without a submission may have put its post.
_AROUND = timedelta(minutes=10)
_LOOK_NEEDED = "X's list of posts does not exclude a live post"

_NO_SUBMISSION = Rule(
    meaning="The submission is not one of X", failure_class=FailureClass.PERMANENT, cause=Cause.PLATFORM
)
_PICTURE_COUNT = Rule(
    meaning="X does not take this number of pictures", failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO
)
_TOO_LARGE = Rule(
    meaning="The rendition is too large for X; make it again with 'shutterpost photos remake'",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.PHOTO,
)
_NOT_PROCESSED = Rule(
    meaning="X could not process the picture", failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO
)
_NOT_DELETED = Rule(meaning="X did not delete the post", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)


class XChannel(Channel):
    """X. `ref` has the uploads' ids and keys, `external_id` is a post's id. Reads are few, because X bills them."""

    def __init__(self, tools: Tools) -> None:
        self._clock, self._pictures, self._calls = tools.clock, tools.pictures, XCalls(tools)
        self._book = self._calls.book

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Has an access token, which X renews every two hours; reads nothing else, and X states no quota."""
        return self._calls.check(account) or Healthy()

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        user = self._calls.data("GET", account, "/2/users/me", Operation.READ)
        return TokenFacts(account_name=None if isinstance(user, Failure) else as_text(user.get("username")))

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Uploads the next picture and describes it. Nobody sees an upload, and X drops it after a day."""
        limits = catalogue().row("x").limits
        if not limits.min_pictures <= len(message.pictures) <= limits.max_pictures:
            detail = f"{len(message.pictures)} instead of {limits.min_pictures} to {limits.max_pictures}"
            return self._book.failure(_PICTURE_COUNT, Operation.SUBMIT, code="picture-count", detail=detail)
        submission = (Uploads.of(ref) if ref else None) or Uploads((), len(message.pictures), self._clock.now())
        if submission.is_whole:
            return Submitted(ref=submission.ref)
        picture = message.pictures[len(submission.ids)]
        content = self._pictures.read(picture.rendition)
        if len(content) > limits.image.max_bytes:
            detail = f"{len(content)} bytes instead of at most {limits.image.max_bytes}"
            return self._book.failure(_TOO_LARGE, Operation.SUBMIT, code="too-large", detail=detail)
        upload = self._uploaded(account, content)
        if isinstance(upload, Failure):
            return upload.about(len(submission.ids))
        if picture.alt_text:
            metadata = {"id": upload.media_id, "metadata": {"alt_text": {"text": picture.alt_text}}}
            described = self._calls.data("POST", account, "/2/media/metadata", Operation.SUBMIT, document=metadata)
            if isinstance(described, Failure):
                return described.about(len(submission.ids))
        return Submitted(ref=submission.with_picture(upload.text).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Looks for a post with one of the uploads; without one they are ready, once X has processed them."""
        submission = Uploads.of(ref)
        uploads = uploads_of(submission.ids) if submission else None
        if submission is None or not uploads:
            return self._book.failure(_NO_SUBMISSION, Operation.READ, code="no-submission")
        posted = self._with_uploads(account, submission.at, uploads)
        if isinstance(posted, Failure):
            return posted
        if posted:
            return _live(posted[0], ref)
        for upload in uploads:
            state = self._processed(account, upload) if upload.waits else RemoteState.READY
            if isinstance(state, Failure):
                return state
            if state is RemoteState.FAILED:
                failure = self._book.failure(_NOT_PROCESSED, Operation.READ, code="not-processed")
                return Status(ref=ref, state=state, failure=failure)
            if state is not RemoteState.READY:
                return Status(ref=ref, state=state)
        return Status(ref=ref, state=RemoteState.READY if submission.is_whole else RemoteState.INCOMPLETE)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`POST /2/tweets`, once. A refusal counts only where no post of the account has the uploads."""
        submission = Uploads.of(ref)
        uploads = uploads_of(submission.ids) if submission and submission.is_whole else None
        if submission is None or not uploads:
            return self._book.failure(_NO_SUBMISSION, Operation.SUBMIT, code="no-submission")
        document = {"text": message.text, "media": {"media_ids": [each.media_id for each in uploads]}}
        made = self._calls.data("POST", account, "/2/tweets", Operation.PUBLISH, document=document)
        if isinstance(made, Failure):
            unclear = made.failure_class is FailureClass.AMBIGUOUS or made.code == "unreached"
            if unclear or made.cause in {Cause.TOKEN, Cause.QUOTA}:
                return made
            return _checked_refusal(made, self._with_uploads(account, submission.at, uploads))
        post_id = as_id(made.get("id"))
        if post_id is None:
            return self._calls.incomplete(Operation.PUBLISH, missing="id")
        return Published(external_id=post_id, external_url=_address(post_id))

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """Reads the post, which X bills; a live post has its address without that."""
        params = {"tweet.fields": "created_at"}
        post = self._calls.data("GET", account, f"/2/tweets/{external_id}", Operation.READ, params=params)
        if isinstance(post, Failure):
            return post
        posted_at = as_instant(post.get("created_at"))
        return Published(external_id=external_id, external_url=_address(external_id), posted_at=posted_at)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: X drops an upload that no post has after a day."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Deletes the post; one that is gone already counts as deleted."""
        answer = self._calls.data("DELETE", account, f"/2/tweets/{external_id}", Operation.DELETE)
        if isinstance(answer, Failure):
            gone = answer.code in {"resource-not-found", "http-404"} and answer.failure_class is FailureClass.PERMANENT
            return Removed() if gone else answer
        if answer.get("deleted") is not True:
            return self._book.failure(_NOT_DELETED, Operation.DELETE, code="not-deleted")
        return Removed()

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches the keys of the attempt's uploads; without uploads, the text and the time."""
        submission = Uploads.of(attempt.ref) if attempt.ref else None
        uploads = uploads_of(submission.ids) if submission else None
        if submission is not None and uploads:
            matches = self._with_uploads(account, submission.at, uploads)
        else:
            matches = self._calls.posted(account, attempt.attempted_at - _AROUND)
        if isinstance(matches, Failure):
            return Unreadable(failure=matches)
        if not uploads:
            matches = [post for post in matches if _is_alike(post, attempt)]
        return Matches(statuses=tuple(_live(post, attempt.ref) for post in matches)) if matches else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        posts = self._calls.posted(account, since)
        return posts if isinstance(posts, Failure) else frozenset(_address(str(post["id"])) for post in posts)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """`None`: tokens are renewed as they are used."""
        return None

    def _uploaded(self, account: Account, content: bytes) -> XUpload | Failure:
        files = {"media": ("photo.jpg", content, "image/jpeg")}
        form: dict[str, str | list[str]] = {"media_category": "tweet_image"}
        made = self._calls.data("POST", account, "/2/media/upload", Operation.SUBMIT, form=form, files=files)
        if isinstance(made, Failure):
            return made
        media_id, media_key = as_id(made.get("id")), as_id(made.get("media_key"))
        waits = "-waits" if isinstance(made.get("processing_info"), dict) else ""
        upload = XUpload.of(f"{media_id}-{media_key}{waits}")
        return upload or self._calls.incomplete(Operation.SUBMIT, missing="id and key of the upload")

    def _processed(self, account: Account, upload: XUpload) -> RemoteState | Failure:
        params = {"command": "STATUS", "media_id": upload.media_id}
        media = self._calls.data("GET", account, "/2/media/upload", Operation.READ, params=params)
        if isinstance(media, Failure):
            return media
        state = as_text(as_object(media.get("processing_info")).get("state"))
        known = {None: RemoteState.READY, "succeeded": RemoteState.READY, "failed": RemoteState.FAILED}
        return known.get(state, RemoteState.WORKING)

    def _with_uploads(self, account: Account, at: datetime, uploads: Sequence[XUpload]) -> list[Json] | Failure:
        posts, keys = self._calls.posted(account, at - _BEFORE), {upload.media_key for upload in uploads}
        return posts if isinstance(posts, Failure) else [post for post in posts if _keys(post) & keys]


def _checked_refusal(refusal: Failure, posts: list[Json] | Failure) -> Published | Failure:
    if isinstance(posts, Failure):
        return refusal.unclear(_LOOK_NEEDED)
    return Published.from_status(_live(posts[0])) if posts else refusal


def _address(post_id: str) -> str:
    # It leads to the post whatever the account's name is.
    return f"https://x.com/i/web/status/{post_id}"


def _is_alike(post: Json, attempt: Attempt) -> bool:
    at = as_instant(post.get("created_at"))
    return same_text(post.get("text"), attempt.text) and at is not None and at <= attempt.attempted_at + _AROUND


def _keys(post: Json) -> set[str]:
    return {str(key) for key in as_object(post.get("attachments")).get("media_keys", [])}


def _live(post: Json, ref: str | None = None) -> Status:
    post_id = as_id(post.get("id")) or ""
    return Status(
        ref=ref or post_id,
        state=RemoteState.PUBLISHED,
        external_id=post_id,
        external_url=_address(post_id),
        posted_at=as_instant(post.get("created_at")),
    )
