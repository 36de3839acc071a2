"""What an account shows lately, of every kind, against the simulated platforms."""

import random
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
import respx

from infra.local.simulators.faults import FaultKind
from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Message,
    PostLister,
    Published,
    RecentMedia,
    RecentPosts,
    RemoteState,
    Status,
    Submitted,
    catalogue,
)
from tests.support.answer_mutations import Mutant, mutate
from tests.support.channel_kinds import KINDS, TOKENS, TRAITS, Kind
from tests.support.picture_host import jpeg
from tests.support.simulated_channels import IG_USER, Bench

LISTED = [kind for kind in KINDS if catalogue().row(TRAITS[kind].channel).not_listed is None]


def post_by_hand(bench: Bench, kind: Kind, message: Message) -> str:
    """A post of the account that no schedule knows; gives its id."""
    channel, account, ref = bench.channel(kind), bench.account(kind), None
    # Bluesky lists by the hours in which the posts were planned, which are in their keys.
    message = message.model_copy(update={"planned_at": bench.clock.now()})
    while True:
        submitted = channel.submit(account, message, ref)
        assert isinstance(submitted, Submitted)
        bench.sim.advance(1)
        status = None if submitted.handed_over else channel.status(account, submitted.ref)
        if not (isinstance(status, Status) and status.state is RemoteState.INCOMPLETE):
            break
        ref = submitted.ref
    if submitted.handed_over:
        bench.sim.advance(600)
        bench.sim.advance(5)
        return submitted.ref
    published = channel.publish(account, submitted.ref, message)
    assert isinstance(published, Published)
    bench.sim.advance(3_600)
    return published.external_id


def lister(channel: Channel) -> PostLister:
    assert isinstance(channel, PostLister)
    return channel


def page(bench: Bench, kind: Kind, limit: int = 10, cursor: str | None = None) -> RecentPosts:
    posts = lister(bench.channel(kind)).recent_posts(bench.account(kind), limit, cursor)
    assert isinstance(posts, RecentPosts)
    return posts


def unread(bench: Bench, kind: Kind, account: Account | None = None) -> Failure:
    failure = lister(bench.channel(kind)).recent_posts(account or bench.account(kind), 10)
    assert isinstance(failure, Failure)
    return failure


@pytest.mark.parametrize("kind", KINDS)
def test_the_catalogue_says_why_a_channel_is_not_listed(bench: Bench, kind: Kind) -> None:
    reason = catalogue().row(TRAITS[kind].channel).not_listed
    assert isinstance(bench.channel(kind), PostLister) is (reason is None)


@pytest.mark.parametrize("kind", LISTED)
def test_posts_are_listed_latest_first_with_what_they_show(bench: Bench, kind: Kind) -> None:
    assert page(bench, kind) == RecentPosts(posts=())
    single, album = bench.message("One lake."), bench.message("Three lakes.", names=("one", "two", "three"))
    ids = [post_by_hand(bench, kind, message) for message in (single, album)]

    newest, oldest = page(bench, kind).posts

    assert [newest.external_id, oldest.external_id] == ids[::-1]
    assert (newest.media, oldest.media) == (RecentMedia.PICTURES, RecentMedia.PICTURE)
    for post, text in ((newest, "Three lakes."), (oldest, "One lake.")):
        # An Instagram-Login token reads no captions.
        assert post.text == (None if kind == "instagram" else text)
        assert post.external_url is not None
        assert post.external_url.startswith("https://")
    assert newest.posted_at is not None
    assert oldest.posted_at is not None
    assert oldest.posted_at <= newest.posted_at <= bench.clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize("kind", LISTED)
def test_the_first_picture_has_an_address(bench: Bench, kind: Kind) -> None:
    message = bench.message(names=("one", "two"))
    post_by_hand(bench, kind, message)

    [post] = page(bench, kind).posts

    [first, _] = bench.shown_as(kind, message)
    if kind in {"mastodon", "pixelfed"}:
        [status] = bench.sim.statuses()
        assert post.picture_url is not None
        assert f"/{status['media'][0]['id']}/" in post.picture_url
    elif kind == "bluesky":
        assert (
            post.picture_url
            == f"{bench.bluesky_url}/xrpc/com.atproto.sync.getBlob?did={bench.did.replace(':', '%3A')}&cid={first}"
        )
    else:
        assert post.picture_url == first


@pytest.mark.parametrize("kind", LISTED)
def test_pages_follow_each_other_without_gap_or_repeat(bench: Bench, kind: Kind) -> None:
    ids = [post_by_hand(bench, kind, bench.message(f"Lake {number}.")) for number in range(3)]

    first = page(bench, kind, 2)
    second = page(bench, kind, 2, first.cursor)

    assert [post.external_id for post in (*first.posts, *second.posts)] == ids[::-1]
    assert len(first.posts) == 2
    assert first.cursor is not None
    # Where nothing tells that a page is the last one, an empty one does.
    assert second.cursor is None or page(bench, kind, 2, second.cursor) == RecentPosts(posts=())


@pytest.mark.parametrize("kind", LISTED)
def test_an_account_shows_its_own_posts_only(bench: Bench, kind: Kind) -> None:
    post_by_hand(bench, kind, bench.message())
    for other in set(LISTED) - {kind}:
        if TRAITS[other].platform != TRAITS[kind].platform:
            assert page(bench, other).posts == ()


@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("drop_before", Cause.PLATFORM),
        ("throttle", Cause.QUOTA),
    ],
)
def test_a_list_that_cannot_be_read_may_be_read_later(bench: Bench, kind: Kind, fault: FaultKind, cause: Cause) -> None:
    bench.sim.add_fault(TRAITS[kind].platform, "*", fault, seconds=120)

    failure = unread(bench, kind)

    assert (failure.failure_class, failure.cause) == (FailureClass.RETRYABLE, cause)
    assert failure.retry_after == (120 if fault == "throttle" else failure.retry_after)


@pytest.mark.parametrize("kind", [kind for kind in LISTED if not TRAITS[kind].reads_without_token])
def test_a_dead_token_is_a_permanent_failure(bench: Bench, kind: Kind) -> None:
    failure = unread(bench, kind, bench.account(kind, token="no-such-token"))

    assert (failure.failure_class, failure.cause) == (FailureClass.PERMANENT, Cause.TOKEN)
    assert "no-such-token" not in failure.model_dump_json()


@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize("body", ["<html>busy</html>", '{"data": 7}', '{"records": [{"uri": 1}]}', '[{"id": 1}]'])
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(bench: Bench, kind: Kind, body: str) -> None:
    with respx.mock as router:
        router.route().mock(return_value=httpx.Response(200, text=body))
        failure = unread(bench, kind)

    assert failure.failure_class is FailureClass.RETRYABLE


def listed_at(bench: Bench, kind: Kind, item: Mapping[str, object]) -> RecentPosts:
    """The page that the adapter makes of a platform's list with this post."""
    facts: dict[str, object] = {
        "id": "17900000000000001",
        "timestamp": "2026-11-20T10:00:00+0000",
        "created_time": "2026-11-20T10:00:00+0000",
    }
    dated: dict[str, object] = {"id": "1", "created_at": "2026-11-20T10:00:00.000Z"}
    body = [{**dated, **item}] if kind == "mastodon" else {"data": [{**facts, **item}], "paging": {}}
    with respx.mock as router:
        router.route().mock(return_value=httpx.Response(200, json=body))
        return page(bench, kind)


@pytest.mark.parametrize("kind", ["facebook", "instagram"])
def test_what_a_person_posts_in_the_app_is_listed(bench: Bench, kind: Kind) -> None:
    picture = {"ig_user_id": IG_USER, "image_url": bench.pictures.put("/walk.jpg", jpeg())}
    walk = bench.sim.post_by_hand(caption="A walk.", **picture)
    ours = post_by_hand(bench, kind, bench.message())
    clip = bench.sim.post_by_hand(caption="A clip.", video_url="https://cdn.example/clip.mp4", **picture)

    posts = page(bench, kind).posts

    assert [post.external_id for post in posts] == [clip, ours, walk]
    assert [post.media for post in posts] == [RecentMedia.VIDEO, RecentMedia.PICTURE, RecentMedia.PICTURE]
    assert (posts[0].picture_url, posts[2].picture_url) == (picture["image_url"], picture["image_url"])
    assert [post.text for post in posts][::2] == ([None, None] if kind == "instagram" else ["A clip.", "A walk."])
    assert bench.sim.count("instagram", "media_publish") == 1


@pytest.mark.parametrize("kind", ["facebook", "threads"])
def test_the_picture_of_a_video_is_its_first_frame(bench: Bench, kind: Kind) -> None:
    video = {"media_type": "VIDEO", "media_url": "https://cdn.example/v.mp4"}
    [bare] = listed_at(bench, kind, video).posts
    assert (bare.media, bare.picture_url) == (RecentMedia.VIDEO, None)
    [post] = listed_at(bench, kind, video | {"thumbnail_url": "https://cdn.example/v.jpg"}).posts
    assert post.picture_url == "https://cdn.example/v.jpg"


def test_a_page_s_posts_are_read_by_their_attachments(bench: Bench) -> None:
    kinds = {"photo": "picture", "album": "pictures", "video": "video", "link": "other"}
    for name, media in kinds.items():
        attached = {"attachments": {"data": [{"media_type": name}]}, "full_picture": "https://cdn.example/f.jpg"}
        [post] = listed_at(bench, "facebook_page", attached).posts
        assert (post.media, post.picture_url) == (media, "https://cdn.example/f.jpg"), name
    [text] = listed_at(bench, "facebook_page", {"message": "x" * 1_000}).posts
    assert (text.media, text.picture_url, len(text.text or "")) == (RecentMedia.TEXT, None, 280)


def test_the_picture_of_a_status_is_its_preview(bench: Bench) -> None:
    files = {"id": "5", "url": "https://files.example/whole.mp4", "preview_url": None}
    for kind, media in {"video": "video", "gifv": "video", "image": "picture", "audio": "other"}.items():
        [post] = listed_at(bench, "mastodon", {"media_attachments": [files | {"type": kind}]}).posts
        assert post.media == media, kind
        assert post.picture_url == (files["url"] if kind == "image" else None), kind


def test_posts_of_an_hour_are_sorted_by_their_time(bench: Bench) -> None:
    uri = f"at://{bench.did}/app.bsky.feed.post/3mqxabcdefg2"
    records = [
        {"uri": f"{uri}{number}", "value": {"text": "A lake.", "createdAt": f"2026-11-20T10:0{number}:00Z"}}
        for number in (3, 5, 4)
    ]
    with respx.mock as router:
        router.route().mock(return_value=httpx.Response(200, json={"records": records}))
        posts = page(bench, "bluesky").posts
    assert [post.external_id[-1] for post in posts] == ["5", "4", "3"]


GRAPH = {
    "id": "1",
    "media_type": "IMAGE",
    "media_url": "https://cdn.example/1.jpg",
    "timestamp": "2026-11-20T10:00:00Z",
}
PAGING = {"cursors": {"after": "QVFI1"}, "next": "https://graph.example/next"}
PAGE_POST = {"created_time": "2026-11-20T10:00:00Z", "attachments": {"data": [{"media_type": "photo"}]}, "message": "A"}
MEDIA = {"id": "5", "type": "image", "url": "https://files.example/5.jpg", "preview_url": "https://files.example/s.jpg"}
STATUS = {"id": "1", "created_at": "2026-11-20T10:00:00Z", "content": "<p>A</p>", "media_attachments": [MEDIA]}
IMAGE = {"alt": "", "image": {"ref": {"$link": "bafkreiaa"}}}
RECORD = {"uri": "at://did:plc:a/app.bsky.feed.post/3k", "value": {"text": "A", "createdAt": "2026-11-20T10:00:00Z"}}
IMAGES = {"uri": RECORD["uri"], "value": {"text": "A", "embed": {"media": {"images": [IMAGE]}}}}
SENT = {"id": "1", "status": "sent", "text": "A", "channelId": "c", "dueAt": "2026-11-20T10:00:00Z"}
ASSETS = {"assets": [{"type": "image", "source": "https://cdn.example/1.jpg", "thumbnail": None}]}
EDGES = {"edges": [{"node": SENT | ASSETS}], "pageInfo": {"hasNextPage": True, "endCursor": "MQ"}}
WHOLE: dict[str, Any] = {
    "facebook": {"data": [GRAPH | {"caption": "A"}], "paging": PAGING},
    "instagram": {"data": [GRAPH], "paging": PAGING},
    "threads": {"data": [GRAPH | {"text": "A"}], "paging": PAGING},
    "facebook_page": {"data": [GRAPH | PAGE_POST], "paging": PAGING},
    "mastodon": [STATUS],
    "pixelfed": [STATUS],
    "bluesky": {"records": [RECORD, IMAGES], "cursor": "3k"},
    "buffer": {"data": {"posts": EDGES}},
}


@pytest.mark.parametrize("kind", LISTED)
def test_a_damaged_list_is_a_page_or_a_failure(bench: Bench, kind: Kind) -> None:
    random_, channel, account = random.Random(7), lister(bench.channel(kind)), bench.account(kind)
    seen = set()
    with respx.mock as router:
        route = router.route()
        for _ in range(150):
            mutant = mutate(WHOLE[kind], random_)
            route.mock(side_effect=mutant.lost or partial(answer, mutant))
            result = channel.recent_posts(account, 10)
            seen.add(type(result))
            assert TOKENS[kind] not in result.model_dump_json()
        route.mock(return_value=httpx.Response(200, json=WHOLE[kind]))
        assert len(page_of(channel.recent_posts(account, 10)).posts) == (2 if kind == "bluesky" else 1)
    assert seen == {RecentPosts, Failure}


def answer(mutant: Mutant, _: httpx.Request) -> httpx.Response:
    # What is wrong with a body shows as it is read, not here.
    return httpx.Response(mutant.status, headers=mutant.headers, content=iter([mutant.body]))


def page_of(result: RecentPosts | Failure) -> RecentPosts:
    assert isinstance(result, RecentPosts), result
    return result


def test_replies_on_bluesky_are_left_out(bench: Bench) -> None:
    uri = f"at://{bench.did}/app.bsky.feed.post/3mqxabcdefg2"
    own = {"text": "A lake.", "createdAt": "2026-11-20T10:00:00Z"}
    records = [{"uri": f"{uri}3", "value": own | {"reply": {}}}, {"uri": f"{uri}2", "value": own}]
    with respx.mock as router:
        router.route().mock(return_value=httpx.Response(200, json={"records": records, "cursor": "3mqxabcdefg22"}))
        posts = page(bench, "bluesky")
    assert [post.external_id for post in posts.posts] == [f"{uri}2"]
    assert (posts.posts[0].media, posts.cursor) == (RecentMedia.TEXT, "3mqxabcdefg22")
