"""Lists of posts: their filters, their order, and what a page reads."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shutterpost.flows.records import post_list
from shutterpost.scheduling import Posts, ScheduleStatus
from tests.api.calling import Caller
from tests.api.test_posts import moved
from tests.api.world import World

LATER = "2026-04-01T09:00:00"
# Queries, and the titles that match.
NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["archived", "posted", "planned", "draft", "text"]),
    ({"status": "draft"}, ["draft", "text"]),
    ({"status": "posted"}, ["posted"]),
    ({"archived": "true"}, ["archived"]),
    ({"archived": "false", "channel": "buffer"}, ["posted"]),
    ({"tag": "SEA"}, ["planned", "draft"]),
    ({"tag": "ideas", "status": "draft", "source": "generated"}, ["draft"]),
    ({"channel": "x"}, ["draft"]),
    ({"channel": "instagram"}, ["planned", "draft"]),
    ({"source": "generated"}, ["draft"]),
    ({"source": "manual", "tag": "ideas"}, ["draft", "text"]),
    ({"source": "imported"}, []),
    ({"origin": "slot"}, []),
    ({"from": "2026-03-01T16:00:00"}, ["archived", "posted", "planned"]),
    ({"to": "2026-03-01T16:00:00"}, ["draft", "text"]),
    ({"from": "2026-03-01T15:00:00", "to": "2026-03-01T17:00:00"}, ["planned", "draft"]),
]


@pytest.fixture
def listed(world: World, me: Caller) -> str:
    """A persona with a post of each kind, an hour between them; the titles are their names."""
    persona_id = world.persona(me, default_caption="Outdoors.")
    instagram, buffer = world.connection(me, persona_id), world.connection(me, persona_id, "buffer")
    path = f"/personas/{persona_id}/posts"

    def create(title: str, **body: Any) -> Any:
        world.clock.sleep(timedelta(hours=1))
        world.photo(persona_id, f"{title}.jpg", caption="")
        given = {"photo": f"{title}.jpg", "caption": "Words.", "title": title, **body}
        answer = me.post(path, given)
        assert answer.status == 202, answer
        return answer.body

    create("text", photo=None, draft=True, tags=["ideas"])
    draft = create("draft", draft=True, connection_ids=[instagram], caption=None, tags=["ideas", "Sea"])
    me.post(f"/posts/{draft['post_id']}/variants", {"channel": "x", "text": "For X."})
    create("planned", at=LATER, connection_ids=[instagram], tags=["sea"])
    posted = create("posted", connection_ids=[buffer])
    for status in (ScheduleStatus.PROCESSING, ScheduleStatus.SUCCESS):
        moved(world, posted["schedules"][0]["schedule_id"], status)
    cancelled = create("archived", at=LATER, connection_ids=[buffer])
    me.post(f"/posts/{cancelled['post_id']}/cancel")
    me.patch(f"/posts/{cancelled['post_id']}", {"archived": True})
    return persona_id


def titles(me: Caller, persona_id: str, **query: str) -> list[str]:
    """The titles of all pages of a list."""
    result: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = me.get(f"/personas/{persona_id}/posts", **query, **cursor).body
        result += [post["title"] for post in page["posts"]]
        if page["cursor"] is None:
            return result
        cursor = {"cursor": page["cursor"]}


def test_a_list_is_narrowed_in_order_whatever_the_page(me: Caller, listed: str) -> None:
    for query, names in NARROWED:
        for limit in ("1", "2", "20"):
            assert (query, titles(me, listed, **query, limit=limit)) == (query, names)


def test_a_list_is_narrowed_to_a_connection(world: World, me: Caller, listed: str) -> None:
    connections = {item.channel: item.connection_id for item in world.services.connections.list(listed)}
    assert titles(me, listed, connection=connections["buffer"]) == ["archived", "posted"]
    assert titles(me, listed, connection="cnobody") == []


def test_filters_are_checked(me: Caller, listed: str) -> None:
    path = f"/personas/{listed}/posts"
    assert me.get(path, **{"from": "2026-03-02", "to": "2026-03-01"}).problem() == (422, "range-invalid")
    assert me.get(path, status="gone").problem() == (422, "invalid")
    assert me.get(path, cursor="*").problem() == (422, "cursor-invalid")


def test_a_page_reads_a_bounded_number_of_posts(world: World, me: Caller, listed: str, monkeypatch) -> None:
    """At most MAX_EXAMINED entries of the index, and a query for each post that may match; never a scan."""
    monkeypatch.setattr(post_list, "MAX_EXAMINED", 3)
    read: Counter[str] = Counter()

    def count(name: str) -> None:
        plain = getattr(Posts, name)

        def counted(posts: Posts, key: str, **options: Any) -> Any:
            result = plain(posts, key, **options)
            read[name] += len(result.posts) if name == "of_persona" else 1
            return result

        monkeypatch.setattr(Posts, name, counted)

    count("of_persona")
    count("details")
    page = me.get(f"/personas/{listed}/posts", status="draft").body
    assert ([post["title"] for post in page["posts"]], page["cursor"] is None) == ([], False)
    assert read == {"of_persona": 3, "details": 3}
    read.clear()
    # What the index holds decides without a read of the post.
    assert titles(me, listed, origin="history") == []
    assert read == {"of_persona": 5, "details": 2}
