"""Good answers of the channels beyond Instagram and Buffer to the calls of the port, and who calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import SecretStr

from infra.local.simulators.bluesky.repository import blob_cid
from shutterpost.channels import Account, Attempt, Message, Picture
from tests.support.answer_mutations import (
    BUFFER,
    CAROUSEL,
    INSTAGRAM,
    LINKEDIN,
    MESSAGE,
    NOON,
    RENEWED,
    TEXT,
    TOKEN,
    Case,
    Json,
)

# A JPEG's frame of 400 x 300.
JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x01\x2c\x01\x90\x03" + bytes(9)
RENDITION = "renditions/lake.jpg"
DID, RKEY = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "3mabcdefghijk"
UPLOADED = Message(text=TEXT, pictures=(Picture(rendition=RENDITION),), run_at=NOON, key="the post", planned_at=NOON)
TWO = UPLOADED.model_copy(update={"pictures": UPLOADED.pictures * 2})
_AT = int(NOON.timestamp())
# What a `ref` is made of: the ids of its parts are in the answers.
_BLOBS, _MEDIA, _TWO_MEDIA = f"{RKEY}/1/{blob_cid(JPEG)}.{len(JPEG)}.400x300", f"110/1@{_AT}", f"110,111/2@{_AT}"


def _attempt(ref: str | None) -> Attempt:
    return Attempt(text=TEXT, run_at=NOON, attempted_at=NOON, ref=ref)


_URI = f"at://{DID}/app.bsky.feed.post/{RKEY}"
_SESSION = {"accessJwt": TOKEN, "refreshJwt": RENEWED, "did": DID, "handle": "nature.test", "active": True}
_BLOB = {"$type": "blob", "ref": {"$link": blob_cid(JPEG)}, "mimeType": "image/jpeg", "size": len(JPEG)}
_POST = {"text": TEXT, "createdAt": "2026-11-21T12:00:00.000Z", "embed": {"images": [{"alt": "", "image": _BLOB}]}}
_RECORD = {"uri": _URI, "cid": "bafyrecord", "value": _POST}
_PUT = {"uri": _URI, "cid": "bafyrecord", "commit": {"cid": "bafycommit", "rev": "3m"}, "validationStatus": "valid"}
_OTHER = {"uri": _URI.replace("3m", "3n"), "cid": "bafyother", "value": {**_POST, "text": "Another."}}
_NO_RECORD = {"error": "RecordNotFound", "message": "Could not locate record"}
_SWAP = {"error": "InvalidSwap", "message": "Record was at bafyother"}


BLUESKY: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), (_SESSION, {"did": DID, "handle": "a.test"})),
    Case("facts", lambda channel, account: channel.token_facts(account), (_SESSION, {"did": DID, "handle": "a.test"})),
    Case(
        "submit",
        lambda channel, account: channel.submit(account, UPLOADED),
        (_SESSION, {"blob": _BLOB}),
        1,
        "/1/(b\\w+)",
    ),
    Case("status", lambda channel, account: channel.status(account, _BLOBS), (_RECORD,)),
    Case("hidden", lambda channel, account: channel.status(account, _BLOBS), (_NO_RECORD,)),
    Case("publish", lambda channel, account: channel.publish(account, _BLOBS, UPLOADED), (_SESSION, _PUT), 1),
    Case("refused", lambda channel, account: channel.publish(account, _BLOBS, UPLOADED), (_SESSION, _SWAP, _NO_RECORD)),
    Case("describe", lambda channel, account: channel.describe(account, _URI), (_RECORD,)),
    Case("remove", lambda channel, account: channel.remove(account, _URI), (_SESSION, {"commit": {"cid": "b"}})),
    Case("find", lambda channel, account: channel.find(account, _attempt(_BLOBS)), (_RECORD,)),
    Case(
        "find by text",
        lambda channel, account: channel.find(account, _attempt(None)),
        ({"records": [_OTHER, _RECORD], "cursor": RKEY}, {"records": []}),
    ),
)


def _status(number: int, text: str, *media: str) -> Json:
    return {
        "id": str(number),
        "created_at": "2026-11-21T12:00:05.000Z",
        "url": f"https://photos.test/@nature/{number}",
        "content": f"<p>{text}</p>",
        "media_attachments": [{"id": name, "type": "image"} for name in media],
    }


_UPLOAD = {"id": "110", "type": "image", "url": "https://files.test/110.jpg"}
_MISSING, _INVALID = {"error": "Record not found"}, {"error": "Validation failed: Text can't be blank"}
_ACCOUNT, _MINE = {"id": "7", "acct": "nature"}, _status(9, TEXT, "110")
_INSTANCE = {
    "version": "4.7.0",
    "configuration": {"statuses": {"max_characters": 500}, "media_attachments": {"image_size_limit": 16_777_216}},
}
_SERVER: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), (_ACCOUNT, _INSTANCE)),
    Case("facts", lambda channel, account: channel.token_facts(account), (_ACCOUNT,)),
    Case("submit", lambda channel, account: channel.submit(account, UPLOADED), (_UPLOAD,), 0, "([\\w-]+)/1@"),
    Case(
        "submit", lambda channel, account: channel.submit(account, TWO, f"109/2@{_AT}"), (_UPLOAD,), 0, ",([\\w-]+)/2@"
    ),
    Case("publish", lambda channel, account: channel.publish(account, _MEDIA, UPLOADED), (_MINE,)),
    Case("describe", lambda channel, account: channel.describe(account, "9"), (_MINE,)),
    Case("remove", lambda channel, account: channel.remove(account, "9"), (_MINE,)),
)
MASTODON: tuple[Case, ...] = (
    *_SERVER,
    Case("status", lambda channel, account: channel.status(account, _TWO_MEDIA), (_UPLOAD, {**_UPLOAD, "id": "111"})),
    Case(
        "attached",
        lambda channel, account: channel.status(account, _MEDIA),
        (_MISSING, [_status(8, "No.", "1"), _MINE], []),
    ),
    Case("refused", lambda channel, account: channel.publish(account, _MEDIA, UPLOADED), (_INVALID, _UPLOAD)),
    Case(
        "find",
        lambda channel, account: channel.find(account, _attempt(_MEDIA)),
        ([_status(8, "Another.", "1")], [_MINE], []),
    ),
    Case("withdraw", lambda channel, account: channel.withdraw(account, _MEDIA), ({},)),
)
PIXELFED: tuple[Case, ...] = (
    *_SERVER,
    Case("status", lambda channel, account: channel.status(account, _MEDIA), ([_status(8, "No.", "1"), _MINE], [])),
    Case("refused", lambda channel, account: channel.publish(account, _MEDIA, UPLOADED), (_INVALID, [], [])),
    Case(
        "find",
        lambda channel, account: channel.find(account, _attempt(_MEDIA)),
        ([_MINE], [_status(8, "Another.", "1")], []),
    ),
)


def _thread(number: int, text: str, minutes: int = 0) -> Json:
    return {
        "id": str(number),
        "text": text,
        "media_type": "IMAGE",
        "permalink": f"https://www.threads.com/@nature/post/{number}",
        "timestamp": (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }


_FINISHED = {"id": "178", "status": "FINISHED"}
_QUOTA = {"data": [{"config": {"quota_total": 250, "quota_duration": 86_400}, "quota_usage": 2}]}
_NOT_THERE = {"error": {"message": "Media Not Found", "type": "OAuthException", "code": 24, "error_subcode": 4279009}}
_FIRST_PAGE = {
    "data": [_thread(1, "Another.", 1)],
    "paging": {"cursors": {"before": "a", "after": "b"}, "next": "https://threads.example/next"},
}
_LAST_PAGE = {"data": [_thread(3, TEXT)], "paging": {"cursors": {"before": "c", "after": "d"}}}
THREADS: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), ({"id": "97"}, _QUOTA)),
    Case("submit", lambda channel, account: channel.submit(account, MESSAGE), ({"id": "178"},)),
    Case("part", lambda channel, account: channel.submit(account, CAROUSEL, "carousel:3:1,2"), ({"id": "3"},)),
    Case("carousel", lambda channel, account: channel.submit(account, CAROUSEL, "carousel:3:1,2,3"), ({"id": "4"},)),
    Case("parts", lambda channel, account: channel.status(account, "carousel:2:1,2"), (_FINISHED, _FINISHED)),
    Case("status", lambda channel, account: channel.status(account, "178"), (_FINISHED,)),
    Case(
        "broken",
        lambda channel, account: channel.status(account, "178"),
        ({"id": "178", "status": "ERROR", "error_message": "INVALID_ASPEC_RATIO"},),
    ),
    Case("publish", lambda channel, account: channel.publish(account, "178", MESSAGE), ({"id": "179"}, _FINISHED)),
    Case("refused", lambda channel, account: channel.publish(account, "178", MESSAGE), (_NOT_THERE, _FINISHED)),
    Case("describe", lambda channel, account: channel.describe(account, "3"), (_thread(3, TEXT),)),
    Case("remove", lambda channel, account: channel.remove(account, "3"), ({"success": True}, _NOT_THERE, _QUOTA)),
    Case("find", lambda channel, account: channel.find(account, _attempt("178")), (_FIRST_PAGE, _LAST_PAGE)),
    Case(
        "refresh",
        lambda channel, account: channel.refresh(account),
        ({"access_token": RENEWED, "token_type": "bearer", "expires_in": 5_183_944},),
    ),
)


def _page_post(number: int, text: str, *photos: str) -> Json:
    targets = [{"target": {"id": photo}} for photo in photos]
    album = {"target": {"id": f"112_{number}"}, "subattachments": {"data": targets}}
    return {
        "id": f"112_{number}",
        "message": text,
        "created_time": NOON.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink_url": f"https://www.facebook.com/112/posts/{number}",
        "attachments": {"data": targets if len(targets) == 1 else [album]},
    }


_PHOTO = {"id": "110"}
_NAMED_PHOTO = {"id": "110", "page_story_id": "112_9"}
_NO_POSTS: Json = {"data": []}
_POSTED_BEFORE = {"error": {"message": "These photos were already posted.", "code": 100, "error_subcode": 1366051}}
_PAGE_POSTS = {
    "data": [_page_post(8, "Another.", "1")],
    "paging": {"cursors": {"before": "a", "after": "b"}, "next": "https://graph.example/next"},
}
_MORE_PAGE_POSTS = {"data": [_page_post(9, TEXT, "110", "111")], "paging": {"cursors": {"before": "c", "after": "d"}}}
FACEBOOK_PAGE: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), ({"id": "112"},)),
    Case(
        "facts",
        lambda channel, account: channel.token_facts(account),
        ({"id": "112", "name": "Nature"}, {"data": {"expires_at": 0, "scopes": ["pages_manage_posts"]}}),
    ),
    Case("submit", lambda channel, account: channel.submit(account, MESSAGE), ({"id": "110"},), 0, "^([\\w-]+)/1@"),
    Case("status", lambda channel, account: channel.status(account, _MEDIA), (_NO_POSTS, _PHOTO)),
    Case(
        "named",
        lambda channel, account: channel.status(account, _MEDIA),
        (_NO_POSTS, _NAMED_PHOTO, _page_post(9, TEXT)),
    ),
    Case("publish", lambda channel, account: channel.publish(account, _MEDIA, MESSAGE), ({"id": "112_9"},)),
    Case(
        "refused",
        lambda channel, account: channel.publish(account, _MEDIA, MESSAGE),
        (_POSTED_BEFORE, _NO_POSTS, _PHOTO),
    ),
    Case("describe", lambda channel, account: channel.describe(account, "112_9"), (_page_post(9, TEXT),)),
    Case(
        "remove",
        lambda channel, account: channel.remove(account, "112_9"),
        ({"success": True}, _NOT_THERE, {"id": "112"}),
    ),
    Case("find", lambda channel, account: channel.find(account, _attempt(_TWO_MEDIA)), (_PAGE_POSTS, _MORE_PAGE_POSTS)),
    Case(
        "find by photo",
        lambda channel, account: channel.find(account, _attempt(_MEDIA)),
        (_NO_POSTS, _NAMED_PHOTO, _page_post(9, TEXT)),
    ),
    Case(
        "find by text",
        lambda channel, account: channel.find(account, _attempt(None)),
        (_PAGE_POSTS, _MORE_PAGE_POSTS),
    ),
)


def _x_post(number: int, key: str, text: str = TEXT) -> Json:
    at = "2026-11-21T12:00:00.000Z"
    return {"id": str(number), "text": text, "created_at": at, "attachments": {"media_keys": [key]}}


def _x_page(*posts: Json, after: str | None = None) -> Json:
    return {"data": list(posts), "meta": {"result_count": len(posts)} | ({"next_token": after} if after else {})}


X_MEDIA, _X_TWO = f"110-3_110/1@{_AT}", f"110-3_110,111-3_111-waits/2@{_AT}"
_X_NONE = {"meta": {"result_count": 0}}
_X_UPLOAD = {"data": {"id": "110", "media_key": "3_110", "expires_after_secs": 86_400}}
_X_MADE = {"data": {"id": "9", "text": TEXT}}
_X_DUPLICATE = {"title": "Forbidden", "detail": "duplicate content", "type": "about:blank", "status": 403}
_X_WORKING = {"data": {"id": "111", "media_key": "3_111", "processing_info": {"state": "in_progress"}}}
X: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), ({},)),
    Case("facts", lambda channel, account: channel.token_facts(account), ({"data": {"id": "73", "username": "a"}},)),
    Case("submit", lambda channel, account: channel.submit(account, UPLOADED), (_X_UPLOAD,), 0, "^(\\d+)-"),
    Case("status", lambda channel, account: channel.status(account, X_MEDIA), (_x_page(_x_post(8, "3_99")),)),
    Case("waits", lambda channel, account: channel.status(account, _X_TWO), (_X_NONE, _X_WORKING)),
    Case("publish", lambda channel, account: channel.publish(account, X_MEDIA, UPLOADED), (_X_MADE,)),
    Case("refused", lambda channel, account: channel.publish(account, X_MEDIA, UPLOADED), (_X_DUPLICATE, _X_NONE)),
    Case("describe", lambda channel, account: channel.describe(account, "9"), ({"data": _x_post(9, "3_110")},)),
    Case("remove", lambda channel, account: channel.remove(account, "9"), ({"data": {"deleted": True}},)),
    Case(
        "find",
        lambda channel, account: channel.find(account, _attempt(X_MEDIA)),
        (_x_page(_x_post(8, "3_99"), after="8"), _x_page(_x_post(7, "3_110"))),
    ),
    Case(
        "renewed",
        lambda channel, account: channel.health(ended(account)),
        ({"token_type": "bearer", "expires_in": 7_200, "access_token": RENEWED, "refresh_token": "next"},),
    ),
)


def x_tokens(ends_at: int = _AT + 7_200) -> SecretStr:
    """The token of the connection to X."""
    given = {"client_id": "app", "access_token": TOKEN, "refresh_token": "first", "expires_at": ends_at}
    return SecretStr(json.dumps(given, separators=(",", ":")))


def ended(account: Account) -> Account:
    """The account when its access token has ended."""
    return account.model_copy(update={"token": x_tokens(_AT)})


# A further channel adds its cases here, and its account where that differs.
CASES: Mapping[str, Sequence[Case]] = {
    "instagram": INSTAGRAM,
    "buffer": BUFFER,
    "bluesky": BLUESKY,
    "mastodon": MASTODON,
    "pixelfed": PIXELFED,
    "threads": THREADS,
    "facebook_page": FACEBOOK_PAGE,
    "linkedin": LINKEDIN,
    "x": X,
}
ACCOUNT_IDS: Mapping[str, str] = {
    "buffer": "c1",
    "bluesky": DID,
    "mastodon": "7@photos.test",
    "pixelfed": "7@photos.test",
    "threads": "97",
    "facebook_page": "112",
    "x": "73",
}
HOSTS: Mapping[str, str] = dict.fromkeys(("bluesky", "mastodon", "pixelfed"), "https://photos.test")
