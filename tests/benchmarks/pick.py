"""What a pick reads and how long it takes, in libraries of 10² to 10⁵ photos, on AWS's DynamoDB Local.

Counted is what the table itself says it charged, in read units. Beside it, in the same run, the seed's way: all photos
without a post, joined to their analyses and sorted, in SQLite. Needs Java; without it moto counts nothing, so nothing
is measured. `PICK_MOST` names the largest library.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

from pynamodb.connection import Connection as Wire

from shutterpost.channels import Connection, connection_id_of
from shutterpost.curation import StrategyMemory
from shutterpost.flows.picking.choose_photo import MAX_SHOWN, LibraryCandidates, as_shown, curate, rules_of, shown_on
from shutterpost.personas import Persona, SlotInstant
from shutterpost.photos import Photo, Photos
from shutterpost.photos.analyses.vectors import pack
from shutterpost.photos.storage.items import ANALYSIS, AnalysisItem, PhotosTable
from shutterpost.photos.storage.store import _item
from shutterpost.runtime.commit import commit
from shutterpost.scheduling import Posts, ShownPhoto
from shutterpost.scheduling.store.items import Item
from tests.benchmarks.figures import Figure, reached
from tests.support.aws import as_nobody, create_table, forget_clients
from tests.support.builders import NOW, OWNER, a_persona, a_photo
from tests.support.dynamodb_local import missing, running_dynamodb_local

NAME = "pick"
SIZES = (100, 1_000, 10_000, 100_000)
# A window and the photos shown last; the rest of the library's vectors are never read.
WITH_VECTORS = 200
DIMENSIONS = 512
LIMIT = 2.0


class Count(NamedTuple):
    """Read units by operation, items and milliseconds."""

    units: dict[str, float]
    items: int
    milliseconds: float


def measure() -> list[Figure]:
    """Read units, items and milliseconds of one pick at each size, and the seed's way."""
    lacking = missing()
    if lacking:
        return [Figure("sizes measured", 0, "", lacking)]
    most = int(os.environ.get("PICK_MOST", str(SIZES[-1])))
    figures: list[Figure] = []
    with as_nobody(), running_dynamodb_local() as endpoint, patch.dict(os.environ, AWS_ENDPOINT_URL=endpoint):
        forget_clients()
        create_table(PhotosTable, "photos")
        create_table(Item, "posts")
        for size in (item for item in SIZES if item <= most):
            figures += _figures(size, _ours(size), _seeds_way(size))
    forget_clients()
    return figures


def _figures(size: int, ours: Count, theirs: tuple[int, float]) -> list[Figure]:
    vectors = ours.units.get("BatchGetItem", 0)
    rest = sum(ours.units.values()) - vectors
    rows, milliseconds = theirs
    return [
        Figure(f"{size:,} photos: read units but for vectors", rest, "units", reached(rest, LIMIT)),
        Figure(f"{size:,} photos: read units of vectors", vectors, "units", "of the window and what was shown last"),
        Figure(f"{size:,} photos: items", ours.items, "items", f"the seed's way: {rows} rows"),
        Figure(f"{size:,} photos: time", round(ours.milliseconds, 1), "ms", f"the seed's way: {milliseconds:.1f} ms"),
    ]


def _ours(size: int) -> Count:
    persona = a_persona(f"Library of {size}", strategy="weighted_choice")
    connection = _connection(persona)
    photos, posts = Photos(), Posts()
    _fill(persona, size)
    for number in range(MAX_SHOWN):
        name = f"{number}.jpg"
        look = ShownPhoto(post_id=f"p{number}", photo_id=_id(number), name=name, dhash=f"{number * 7919:016x}")
        at = NOW + timedelta(days=number)
        commit(posts.shown_photos.keep(connection.connection_id, [look], owner=OWNER, created_at=at))
    slot = SlotInstant(run_at=NOW, wall_time=NOW.replace(tzinfo=None), zone="UTC")
    with counting() as seen:
        started = time.perf_counter()
        shown = as_shown(shown_on(posts, [connection]))
        shelf = LibraryCandidates(photos, persona.persona_id)
        decision = curate(shelf, rules_of(persona), slot, now=NOW, shown=shown, history=StrategyMemory())
        milliseconds = (time.perf_counter() - started) * 1000
    if decision.picked is None:
        raise RuntimeError(f"nothing was picked of {size} photos: {decision.reason}")
    units: dict[str, float] = {}
    for operation, result in seen:
        units[operation] = units.get(operation, 0) + result[0]
    return Count(units, sum(actual[1] for _, actual in seen), milliseconds)


@contextmanager
def counting() -> Iterator[list[tuple[str, tuple[float, int]]]]:
    """Every call's read units and items, as the table tells them."""
    seen: list[tuple[str, tuple[float, int]]] = []
    real = Wire._make_api_call

    def counted(self: Wire, operation: str, kwargs: dict[str, Any], *rest: Any) -> Any:
        answer = real(self, operation, {**kwargs, "ReturnConsumedCapacity": "TOTAL"}, *rest)
        report = answer.get("ConsumedCapacity", [])
        charged = sum(item["CapacityUnits"] for item in (report if isinstance(report, list) else [report]))
        batches = answer.get("Responses", {})
        items = len(answer.get("Items", ())) + sum(map(len, batches.values())) + ("Item" in answer)
        seen.append((operation, (charged, items)))
        return answer

    with patch.object(Wire, "_make_api_call", counted):
        yield seen


def _fill(persona: Persona, size: int) -> None:
    with PhotosTable.batch_write() as batch:
        for number in range(size):
            batch.save(_item(_photo(persona, number, size)))
            if number < WITH_VECTORS:
                vector = [((number * 31 + place * 17) % 101) / 101 - 0.5 for place in range(DIMENSIONS)]
                item = AnalysisItem(persona.persona_id, f"{ANALYSIS}{_id(number)}", owner=OWNER, order="1", score=5)
                item.objects, item.caption = [], "A picture."
                item.embedding, item.embedding_model = pack(vector), "drawn"
                batch.save(item)


def _photo(persona: Persona, number: int, size: int) -> Photo:
    words = dict.fromkeys(("caption", "alt_text", "camera", "theme"), "some words")
    return a_photo(
        f"{number}.jpg",
        persona_id=persona.persona_id,
        photo_id=_id(number),
        score=round(9.5 - 8 * number / size, 6),
        captured_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number % 40_000),
        dhash=f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
        **words,
    )


def _id(number: int) -> str:
    return f"{number:064x}"


def _connection(persona: Persona) -> Connection:
    return Connection(
        connection_id=connection_id_of(persona.persona_id, "instagram", "1"),
        persona_id=persona.persona_id,
        owner=OWNER,
        channel="instagram",
        account_id="1",
        display_name="@nature",
        created_at=NOW,
        updated_at=NOW,
    )


def _seeds_way(size: int) -> tuple[int, float]:
    """Rows that the seed's query sorts, and its time (the median of five)."""
    db = sqlite3.connect(":memory:")
    db.executescript(
        "create table photos(id integer primary key, persona_id int, path text);"
        "create table analyses(photo_id integer primary key, score real);"
        "create table posts(id integer primary key, photo_id int);"
        "create index posts_by_photo on posts(photo_id);"
    )
    db.executemany("insert into photos values (?, 1, ?)", ((n, f"{n}.jpg") for n in range(size)))
    db.executemany("insert into analyses values (?, ?)", ((n, 9.5 - 8 * n / size) for n in range(size)))
    db.executemany("insert into posts values (?, ?)", ((n, n) for n in range(min(60, size // 2))))
    query = (
        "from photos p join analyses a on a.photo_id = p.id left join posts o on o.photo_id = p.id "
        "where p.persona_id = 1 and o.id is null"
    )
    times = []
    for _ in range(5):
        started = time.perf_counter()
        db.execute(f"select p.id {query} order by a.score desc limit 1").fetchone()
        times.append((time.perf_counter() - started) * 1000)
    return int(db.execute(f"select count(*) {query}").fetchone()[0]), sorted(times)[2]
