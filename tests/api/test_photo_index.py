"""The photo index through the API, and its size for 20 000 photos."""

import base64
import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from schedule_post.api import handler
from shutterpost.photos.storage.indexing import index_of
from shutterpost.photos.storage.items import SHOWN_BY, PhotoItem
from tests.api.calling import CONTEXT, Caller
from tests.api.world import World
from tests.support.builders import NOW, sha

PAGE, MOST_BYTES, MOST_READ = 2000, 350_000, 400


def test_index_shows_each_photo_in_columns_by_time(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    facts: dict[str, Any] = {"theme": "lakes", "score": 8.256, "width": 3000, "height": 2000}
    world.photo(persona_id, "late.jpg", captured_at=NOW, tint="c8280a", **facts)
    world.photo(persona_id, "early.jpg", captured_at=NOW - timedelta(days=400))
    world.photo(persona_id, "undated.jpg", captured_at=None, score=None)

    body = me.get(f"/personas/{persona_id}/photos/index").body

    assert body["name"] == ["undated.jpg", "early.jpg", "late.jpg"]
    assert body["id"] == "".join(sha(name)[:12] for name in body["name"])
    assert body["taken"] == ["", "2025-01-25", "2026-03-01"]
    assert (body["score"][0], body["score"][2]) == (None, 8.26)
    assert (body["theme"][2], body["ratio"][2], body["tint"]) == ("lakes", 1.5, "888888c20")
    assert body["cursor"] is None


def test_index_tells_what_may_be_picked_from_what_may_not(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    world.photo(persona_id, "a.jpg")
    me.post(f"/personas/{persona_id}/posts", {"photo": "a.jpg", "at": "2026-04-01T18:30:00"})
    world.photo(persona_id, "b.jpg", withheld="ratio-skipped", renditions={}, in_unposted=False)
    world.photo(persona_id, "c.jpg", excluded="It failed twice.", in_unposted=False)

    body = me.get(f"/personas/{persona_id}/photos/index").body

    states = dict(zip(body["name"], body["state"], strict=True))
    assert states == {"fog.jpg": "unposted", "a.jpg": "taken", "b.jpg": "withheld", "c.jpg": "excluded"}


def test_index_has_every_photo_once_in_pages_and_nothing_else(world: World, me: Caller) -> None:
    persona_id, other = world.persona(me), world.persona(me, "Other")
    names = [f"{number}.jpg" for number in range(7)]
    for name in names:
        world.photo(persona_id, name)
    world.photo(other, "other.jpg")
    result, cursor = list[str](), dict[str, Any]()
    for _ in range(3):
        page = me.get(f"/personas/{persona_id}/photos/index", limit="3", **cursor).body
        result, cursor = result + page["name"], {"cursor": page["cursor"]}

    assert (sorted(result), cursor) == (names, {"cursor": None})
    assert me.get(f"/personas/{persona_id}/photos/index", cursor="eA").problem() == (422, "cursor-invalid")
    assert me.get(f"/personas/{persona_id}/photos/index", limit="2001").broken() == {"limit": "less_than_equal"}


def test_index_is_compressed_for_those_who_accept_it_and_not_sent_twice(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    path = f"/personas/{persona_id}/photos/index"
    plain = me.get(path)
    packed = handler(me.event("GET", path, headers={"accept-encoding": "gzip, br"}), CONTEXT)

    assert "Content-Encoding" not in plain.headers
    assert (packed["isBase64Encoded"], packed["headers"]["Content-Encoding"]) == (True, "gzip")
    assert json.loads(gzip.decompress(base64.b64decode(packed["body"]))) == plain.body
    again = me.send(me.event("GET", path, headers={"If-None-Match": plain.headers["ETag"]}))
    assert (again.status, again.body) == (304, "")
    world.photo(persona_id, "new.jpg")
    assert me.send(me.event("GET", path, headers={"If-None-Match": plain.headers["ETag"]})).status == 200


def generated() -> Iterator[PhotoItem]:
    """20 000 photos of a camera's outings, with scores, themes and colours by chance from a seed."""
    chance, number, at = random.Random(1), 0, datetime(2014, 1, 5, 9, tzinfo=UTC)
    themes, ratios = ["lakes", "cities", "", "forest", "sea"], [(3, 2)] * 5 + [(2, 3)] * 2 + [(4, 3), (4, 5), (16, 9)]
    for shot in range(20_000):
        if shot % 25 == 0:
            at, theme = at + timedelta(days=chance.randrange(1, 11)), chance.choice(themes)
        number = (number + chance.randrange(1, 8)) % 10_000
        width, height = chance.choice(ratios)
        yield PhotoItem(
            "nature-explorer-1a2b3c",
            f"PHOTO#{sha(str(shot))}",
            photo_id=sha(str(shot)),
            names={f"DSC_{number:04}.jpg"},
            score=round(min(10.0, max(1.0, chance.gauss(6.5, 1.2))), 3),
            theme=theme if chance.random() < 0.7 else chance.choice(themes),
            captured_at=at + timedelta(minutes=shot % 25),
            width=width * 1000,
            height=height * 1000,
            tint="".join(f"{min(255, max(0, int(chance.gauss(110, 45)))):02x}" for _ in range(3)),
            unposted="nature-explorer-1a2b3c" if chance.random() < 0.8 else None,
        )


def test_index_of_20000_photos_is_small_to_send_and_to_read() -> None:
    photos = sorted(generated(), key=lambda item: item.photo_id)
    pages = [index_of(photos[start : start + PAGE]) for start in range(0, len(photos), PAGE)]

    sent = sum(len(gzip.compress(page.model_dump_json().encode(), 9)) for page in pages)
    read = max(map(indexed_bytes, photos[:PAGE]))

    assert sum(len(page.name) for page in pages) == 20_000
    assert sent <= MOST_BYTES
    assert read <= MOST_READ


def indexed_bytes(item: PhotoItem) -> int:
    """At least the bytes of an item in the index as DynamoDB counts them: those of names and values."""
    stored = item.serialize(null_check=False)
    names = {*SHOWN_BY, "photo_id", "persona_id", "item_key"} & set(stored)
    return sum(len(name) + len(str(next(iter(stored[name].values())))) for name in names)
