"""Posts of a Facebook Page: photos that nobody sees, one call that posts them, and look-ups by the photos."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

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
    as_url,
    same_text,
)
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.facebook_page.answers import ALREADY_POSTED, ROWS
from shutterpost.channels.factory import Tools
from shutterpost.channels.http import NoAnswer
from shutterpost.channels.meta.graph import GraphCalls
from shutterpost.channels.meta.responses import in_time, is_hidden, live
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

# No post with a submission's photos is older; clocks differ a little.
_BEFORE = timedelta(minutes=5)
_PAGE = 50
_FIELDS = "id,message,created_time,permalink_url,attachments{target{id},subattachments{target{id}}}"
_RECENT = "id,message,created_time,permalink_url,full_picture,attachments{media_type}"
_MEDIA_TYPES = {"photo": "IMAGE", "album": "CAROUSEL_ALBUM", "video": "VIDEO", None: "TEXT_POST"}
_AS_MEDIA = {"message": "text", "created_time": "timestamp", "permalink_url": "permalink"}
_LOOK_NEEDED = "What the Page shows does not exclude a live post"

_ANOTHER_PAGE = Rule(
    meaning="The token belongs to another Page; connect this one again",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.TOKEN,
)
_NO_SUBMISSION = Rule(
    meaning="The submission is not one of a Page", failure_class=FailureClass.PERMANENT, cause=Cause.PLATFORM
)
_NO_ADDRESSES = Rule(
    meaning="Facebook shows a post under several addresses, so that one cannot be looked up",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
)

_UNREAD_PHOTOS = Rule(
    meaning="Facebook listed a post without its photos", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
_GONE = Rule(
    meaning="All photos of the submission are gone, as those of a deleted post are",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    resubmit=True,
)


class FacebookPageChannel(Channel, PostLister):
    """A Page, with its own token. `ref` names the photos of a post, `external_id` is `PAGE_POST`."""

    def __init__(self, tools: Tools) -> None:
        self._clock, settings = tools.clock, tools.settings
        self._book = AnswerBook("facebook_page", ROWS, Operation.PUBLISH, tools.report)
        url = f"{settings.facebook_page_url}/{settings.graph_version}"
        self._graph = GraphCalls(self._book, self._clock, lambda _: url)

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Reads whose token it is; a Page states no quota of posts, and `due` has no effect."""
        page = self._graph.read(account, "me", {"fields": "id"})
        if isinstance(page, Failure):
            return page
        if as_id(page.get("id")) != account.connection.account_id:
            return self._book.failure(_ANOTHER_PAGE, Operation.READ, code="another-page")
        return Healthy()

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        page = self._graph.read(account, "me", {"fields": "name"})
        # The documentation has the token in the query; no log or failure carries the address.
        inspected = self._graph.read(account, "debug_token", {"input_token": account.token.get_secret_value()})
        return facts_of(page, inspected, self._clock.now(), name="name")

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Makes the next photo, which nobody sees before it is posted."""
        most = catalogue().row("facebook_page").limits.max_pictures
        if not 1 <= len(message.pictures) <= most:
            return self._graph.picture_count(len(message.pictures), most)
        photos = (Uploads.of(ref) if ref else None) or Uploads((), len(message.pictures), self._clock.now())
        if photos.is_whole:
            return Submitted(ref=photos.ref)
        picture = message.pictures[len(photos.ids)]
        form = {"url": picture.url, "published": "false"}
        if picture.alt_text:
            form["alt_text_custom"] = picture.alt_text
        answer = self._graph.call("POST", account, f"{account.connection.account_id}/photos", form=form)
        made = self._graph.id_of(answer, Operation.SUBMIT, account)
        if isinstance(made, Failure):
            return made.about(len(photos.ids)) if photos.count > 1 else made
        return Submitted(ref=photos.with_picture(made).ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        """Looks for the post of the photos; photos that are not posted are `ready` once all are there."""
        photos = Uploads.of(ref)
        if photos is None:
            return self._book.failure(_NO_SUBMISSION, Operation.READ, code="no-submission")
        if not photos.is_whole:
            return Status(ref=ref, state=RemoteState.INCOMPLETE)
        posted = self._posted(account, photos)
        return posted or Status(ref=ref, state=RemoteState.READY)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """`POST /feed`, once. A refusal counts only where nothing shows a post with these photos."""
        photos = Uploads.of(ref)
        if photos is None or not photos.is_whole:
            return self._book.failure(_NO_SUBMISSION, Operation.SUBMIT, code="no-submission")
        media = json.dumps([{"media_fbid": photo} for photo in photos.ids], separators=(",", ":"))
        form = {"message": message.text, "attached_media": media}
        answer = self._graph.call("POST", account, f"{account.connection.account_id}/feed", form=form)
        made = self._graph.id_of(answer, Operation.PUBLISH, account)
        if not isinstance(made, Failure):
            return Published(external_id=made)
        unclear = made.failure_class is FailureClass.AMBIGUOUS and str(ALREADY_POSTED) not in made.code
        if isinstance(answer, NoAnswer) or unclear or made.cause is Cause.TOKEN:
            return made
        posted = self._posted(account, photos)
        if isinstance(posted, Failure) or (posted and posted.state is not RemoteState.PUBLISHED):
            return made.unclear(_LOOK_NEEDED)
        return Published.from_status(posted) if posted else made

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        body = self._graph.read(account, external_id, {"fields": "id,permalink_url,created_time"})
        if isinstance(body, Failure):
            return body
        at, url = as_instant(body.get("created_time")), as_url(body.get("permalink_url"))
        return Published(external_id=external_id, external_url=url, posted_at=at)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Needs no call: nobody sees the photos, and those of a post that a lost call made are not to be deleted."""
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """`DELETE` of a post; hidden while the Page is readable counts as deleted."""
        return self._graph.removed(account, external_id, self.health)

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Matches the photos of the attempt's submission; without one, the text and the time."""
        photos = Uploads.of(attempt.ref) if attempt.ref else None
        since = photos.at if photos else attempt.attempted_at
        posts = self._listed(account, since - _BEFORE)
        if isinstance(posts, Failure):
            return Unreadable(failure=posts)
        if photos is None:
            alike = [post for post in posts if in_time(post, attempt) and same_text(post.get("text", ""), attempt.text)]
            statuses = tuple(live(post, attempt) for post in alike)
        else:
            statuses = tuple(_live(post, photos) for post in _with_any(posts, photos.ids))
        if statuses or photos is None:
            return Matches(statuses=statuses) if statuses else NoMatch()
        named = self._named_by_photos(account, photos)
        if isinstance(named, Failure):
            return Unreadable(failure=named)
        return Matches(statuses=(named,)) if named and named.state is RemoteState.PUBLISHED else NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        """A failure: a browser shows a post under another address than the API."""
        return self._book.failure(_NO_ADDRESSES, Operation.READ, code="several-addresses")

    @override
    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        path = f"{account.connection.account_id}/published_posts"
        return self._graph.recent(account, path, _RECENT, limit, cursor, as_media=_as_recent)

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        """`None`: a Page token has no expiry."""
        return None

    def _posted(self, account: Account, photos: Uploads) -> Status | Failure | None:
        """The post of the photos, in the Page's list or by what a photo names; `expired` where some are gone."""
        posts = self._listed(account, photos.at - _BEFORE)
        if isinstance(posts, Failure):
            return posts
        matches = _with_any(posts, photos.ids)
        return _live(matches[0], photos) if matches else self._named_by_photos(account, photos)

    def _named_by_photos(self, account: Account, photos: Uploads) -> Status | Failure | None:
        gone = 0
        for photo in photos.ids:
            answer = self._graph.read_answer(account, photo, {"fields": "id,page_story_id"})
            if is_hidden(answer):
                gone += 1
                continue
            body = self._graph.body(answer, Operation.READ, account)
            if isinstance(body, Failure):
                return body
            story = as_id(body.get("page_story_id"))
            if as_id(body.get("id")) != photo or ("page_story_id" in body and story is None):
                return self._graph.unreadable(answer, account, missing="photo")
            if story is not None:
                post = self.describe(account, story)
                return post if isinstance(post, Failure) else _of_photo(post, photos)
        if gone == photos.count:
            return self._book.failure(_GONE, Operation.READ, code="photos-gone")
        # A post has all of a submission's photos: where one is free, nothing was posted.
        return Status(ref=photos.ref, state=RemoteState.EXPIRED) if gone else None

    def _listed(self, account: Account, since: datetime) -> list[Json] | Failure:
        path = f"{account.connection.account_id}/published_posts"
        params = {"fields": _FIELDS, "since": str(int(since.timestamp())), "limit": str(_PAGE)}
        posts = self._graph.listed(account, path, params, as_media=_as_media)
        if isinstance(posts, Failure) or all(_photos_of(post) is not None for post in posts):
            return posts
        return self._book.failure(_UNREAD_PHOTOS, Operation.READ, code="photos-not-listed")


def _as_media(post: Json) -> Json:
    return {_AS_MEDIA.get(name, name): value for name, value in post.items()}


def _as_recent(post: Json) -> Json:
    attachments = as_objects(as_object(post.get("attachments")).get("data")) or [{}]
    media_type = _MEDIA_TYPES.get(as_text(attachments[0].get("media_type")))
    # Of a video it is the first frame.
    return _as_media(post) | {"media_type": media_type, "thumbnail_url": post.get("full_picture")}


def _photos_of(post: Json) -> set[str] | None:
    attachments = as_objects(as_object(post.get("attachments", {"data": []})).get("data"))
    if attachments is None:
        return None
    below = [as_objects(as_object(each.get("subattachments", {"data": []})).get("data")) for each in attachments]
    if any(part is None for part in below):
        return None
    targets = [*attachments, *(child for part in below for child in part or ())]
    ids = [as_id(as_object(each["target"]).get("id")) for each in targets if "target" in each]
    return None if None in ids else {photo for photo in ids if photo}


def _with_any(posts: Collection[Json], ids: Collection[str]) -> list[Json]:
    return [post for post in posts if set(ids) & (_photos_of(post) or set())]


def _live(post: Json, photos: Uploads) -> Status:
    post_id = as_id(post.get("id")) or ""
    at, url = as_instant(post.get("timestamp")), as_url(post.get("permalink"))
    return _of_photo(Published(external_id=post_id, external_url=url, posted_at=at), photos)


def _of_photo(post: Published, photos: Uploads) -> Status:
    return Status(
        ref=photos.ref,
        state=RemoteState.PUBLISHED,
        external_id=post.external_id,
        external_url=post.external_url,
        posted_at=post.posted_at,
    )
