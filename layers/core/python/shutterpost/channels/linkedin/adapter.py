"""LinkedIn: upload each image, wait until all are available, create the post, and look an organization's up by them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from typing_extensions import override

from shutterpost.channels.answers.known import Operation, Rule
from shutterpost.channels.answers.reading import Json, as_id, as_object, as_text, as_url, same_text
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import Answer
from shutterpost.channels.linkedin.answers import DUPLICATE
from shutterpost.channels.linkedin.calls import LinkedInCalls
from shutterpost.channels.linkedin.responses import (
    IMAGE,
    address_of,
    created_at,
    created_urn,
    image_id,
    image_ids,
    is_missing,
    live,
    named_post,
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
from shutterpost.channels.text import as_sent
from shutterpost.channels.uploads import Uploads

# Where a post can be in time; clocks differ a little.
_AROUND = timedelta(minutes=10)
_UPLOADED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_PUBLISHED, _AVAILABLE = "PUBLISHED", "AVAILABLE"

_OTHER_ACCOUNT = Rule(
    meaning="The token belongs to another member; connect that account, or sign in as this one",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)
_NO_SUCH_REF = Rule(
    meaning="The submission has no readable reference", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
_NOT_SHOWN = Rule(
    meaning="LinkedIn does not show a member's posts to apps; look at the profile",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
)
_NO_ADDRESSES = Rule(
    meaning="LinkedIn's addresses of posts do not tell which of its listed posts they are",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
)
_NOT_PROCESSED = Rule(
    meaning="LinkedIn could not process the image; it is uploaded again",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    resubmit=True,
)
_OTHER_STATE = Rule(
    meaning="LinkedIn lists the post, and not as published", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
_MAY_BE_THIS = "LinkedIn takes it for a duplicate, and whether that is this post cannot be read"


class LinkedInChannel(Channel):
    """Posts of a member or an organization. `ref` has the ids of the images, `external_id` is a post's URN."""

    def __init__(self, tools: Tools) -> None:
        self._clock, self._pictures, self._calls = tools.clock, tools.pictures, LinkedInCalls(tools)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads the member, or the organization's newest post; what is left of a day's calls is not told."""
        if _is_organization(account):
            newest = self._calls.page(account, _author(account))
            return newest if isinstance(newest, Failure) else Healthy()
        answer = self._calls.call("GET", account, "/v2/userinfo")
        body = self._calls.body(answer, Operation.READ, account)
        if isinstance(body, Failure):
            return body
        member = as_id(body.get("sub"))
        if member is None:
            return self._calls.unreadable(answer, account, missing="member")
        other = member != account.connection.account_id
        return self._calls.book.failure(_OTHER_ACCOUNT, Operation.READ, code="other-account") if other else Healthy()

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        """The member's name. Nothing tells a token's scopes and end."""
        member = {} if _is_organization(account) else self._calls.read(account, "/v2/userinfo")
        return TokenFacts(account_name=None if isinstance(member, Failure) else as_text(member.get("name")))

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Uploads the next picture, to an address that is asked for first."""
        uploads = (Uploads.of(ref) if ref else None) or Uploads((), len(message.pictures), self._clock.now())
        if uploads.is_whole:
            return Submitted(ref=uploads.ref)
        content = self._pictures.read(message.pictures[len(uploads.ids)].rendition)
        request = {"initializeUploadRequest": {"owner": _author(account)}}
        params = {"action": "initializeUpload"}
        answer = self._calls.call("POST", account, "/rest/images", params=params, document=request)
        body = self._calls.body(answer, Operation.SUBMIT, account)
        if isinstance(body, Failure):
            return body
        value = as_object(body.get("value"))
        made, url = image_id(value.get("image")), as_url(value.get("uploadUrl"))
        if not made or not url or not self._calls.is_own(url):
            return self._calls.unreadable(answer, account, missing="image with an address", operation=Operation.SUBMIT)
        sent = self._calls.upload(account, url, content)
        if not isinstance(sent, Answer) or sent.status not in _UPLOADED:
            return self._calls.failure(sent, Operation.SUBMIT, account)
        return Submitted(ref=uploads.with_picture(made).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """The images' state; an organization's post is looked for first. A member's is not shown, so it is `ready`."""
        uploads = Uploads.of(ref)
        if uploads is None:
            return self._calls.book.failure(_NO_SUCH_REF, Operation.READ, code="ref")
        if not uploads.is_whole:
            return Status(ref=ref, state=RemoteState.INCOMPLETE)
        posted = self._posted(account, uploads) if _is_organization(account) else None
        return posted or self._by_images(account, uploads)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`POST` of the post, once. A refused duplicate is this post if it has these images."""
        uploads = Uploads.of(ref)
        if uploads is None or not uploads.is_whole:
            return self._calls.book.failure(_NO_SUCH_REF, Operation.SUBMIT, code="ref")
        document = _post_document(account, message, uploads)
        answer = self._calls.call("POST", account, "/rest/posts", document=document)
        if not isinstance(answer, Answer) or answer.status >= HTTPStatus.BAD_REQUEST:
            failure = self._calls.failure(answer, Operation.PUBLISH, account)
            return self._duplicate(account, uploads, failure) if failure.code == DUPLICATE else failure
        urn = created_urn(answer)
        if urn is None:
            return self._calls.unreadable(answer, account, missing="id of the post", operation=Operation.PUBLISH)
        return Published(external_id=urn, external_url=address_of(urn), posted_at=self._clock.now())

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """The address, which follows from the id; for an organization's post also its instant."""
        if not _is_organization(account):
            return Published(external_id=external_id, external_url=address_of(external_id))
        body = self._calls.read(account, "/rest/posts", key=external_id)
        if isinstance(body, Failure):
            return body
        address = address_of(external_id)
        return Published(external_id=external_id, external_url=address, posted_at=created_at(body))

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: nobody sees images without a post."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Deletes the post; a repeat is answered in the same way."""
        answer = self._calls.call("DELETE", account, "/rest/posts", key=external_id)
        if isinstance(answer, Answer) and answer.status == HTTPStatus.NO_CONTENT:
            return Removed()
        return self._calls.failure(answer, Operation.DELETE, account)

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches an organization's posts by the images of the submission; without one, by text and time."""
        if not _is_organization(account):
            return Unreadable(failure=self._calls.book.failure(_NOT_SHOWN, Operation.READ, code="posts-not-shown"))
        uploads = Uploads.of(attempt.ref) if attempt.ref else None
        since = (uploads.at if uploads else attempt.attempted_at) - _AROUND
        posts = self._calls.listed(account, _author(account), since)
        if isinstance(posts, Failure):
            return Unreadable(failure=posts)
        if uploads is not None:
            matches = with_any(posts, uploads.ids)
        else:
            matches = [post for post in posts if same_text(text_of(post), attempt.text) and _is_near(post, attempt)]
        if any(post.get("lifecycleState") != _PUBLISHED for post in matches):
            return Unreadable(failure=self._calls.book.failure(_OTHER_STATE, Operation.READ, code="not-published"))
        return Matches(statuses=tuple(live(post, attempt.ref) for post in matches)) if matches else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        """A failure: a page's address may have another number than the listed post."""
        rule = _NO_ADDRESSES if _is_organization(account) else _NOT_SHOWN
        return self._calls.book.failure(rule, Operation.READ, code="posts-not-shown")

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """`None`: only approved partners get tokens that are refreshed."""
        return None

    def _by_images(self, account: Account, uploads: Uploads) -> Status | Failure:
        state = RemoteState.READY
        for made in uploads.ids:
            body = self._calls.read(account, "/rest/images", key=f"{IMAGE}{made}")
            if isinstance(body, Failure):
                return body
            known = as_text(body.get("status")) or ""
            if known.endswith("FAILED"):
                failure = self._calls.book.failure(_NOT_PROCESSED, Operation.SUBMIT, code="image")
                return Status(ref=uploads.ref, state=RemoteState.FAILED, failure=failure)
            state = state if known == _AVAILABLE else RemoteState.WORKING
        return Status(ref=uploads.ref, state=state)

    def _posted(self, account: Account, uploads: Uploads) -> Status | Failure | None:
        posts = self._calls.listed(account, _author(account), uploads.at - _AROUND)
        if isinstance(posts, Failure):
            return posts
        matches = with_any(posts, uploads.ids)
        if matches and matches[0].get("lifecycleState") != _PUBLISHED:
            return self._calls.book.failure(_OTHER_STATE, Operation.READ, code="not-published")
        return live(matches[0], uploads.ref) if matches else None

    def _duplicate(self, account: Account, uploads: Uploads, refusal: Failure) -> Published | Failure:
        """The post that the refusal names, if it has these images; `refusal`, if it is certainly another one."""
        urn = named_post(refusal.message)
        if urn is None or not _is_organization(account):
            return refusal.unclear(_MAY_BE_THIS)
        answer = self._calls.call("GET", account, "/rest/posts", key=urn)
        body = self._calls.body(answer, Operation.READ, account)
        if isinstance(body, Failure) and not is_missing(answer):
            return refusal.unclear(_MAY_BE_THIS)
        if not isinstance(body, Failure) and image_ids(body) is None:
            return refusal.unclear(_MAY_BE_THIS)
        if not isinstance(body, Failure) and set(image_ids(body) or ()) & set(uploads.ids):
            return Published(external_id=urn, external_url=address_of(urn), posted_at=created_at(body), same=True)
        posted = self._posted(account, uploads)
        if isinstance(posted, Failure):
            return refusal.unclear(_MAY_BE_THIS)
        if posted is None or posted.external_id is None:
            return refusal
        return Published.from_status(posted)


def _is_organization(account: Account) -> bool:
    return account.connection.login == "organization"


def _author(account: Account) -> str:
    kind = "organization" if _is_organization(account) else "person"
    return f"urn:li:{kind}:{account.connection.account_id}"


def _post_document(account: Account, message: Message, uploads: Uploads) -> Json:
    images = [
        {"id": f"{IMAGE}{made}", **({"altText": picture.alt_text} if picture.alt_text else {})}
        for made, picture in zip(uploads.ids, message.pictures, strict=True)
    ]
    content = {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
    return {
        "author": _author(account),
        "commentary": as_sent(message.text, catalogue().row("linkedin")),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        **({"content": content} if images else {}),
        "lifecycleState": _PUBLISHED,
        "isReshareDisabledByAuthor": False,
    }


def _is_near(post: Json, attempt: Attempt) -> bool:
    at = created_at(post)
    return at is not None and abs(at - attempt.attempted_at) <= _AROUND
