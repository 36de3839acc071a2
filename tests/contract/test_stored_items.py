"""Today's stores read the items that release be6a05b wrote: `stored_items.json` has one item of each type and table.

The items are in DynamoDB's JSON, with binary values in base64.
"""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from pydantic import BaseModel

from shutterpost.channels import ConnectionStore
from shutterpost.channels.store import ConnectionItem
from shutterpost.curation import StrategyMemory
from shutterpost.personas import Personas
from shutterpost.photos import BrokenAnalysis, PhotoAmbiguous, Photos, photo_index
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Claims, Lanes, Pauses, Posts, Schedules
from shutterpost.scheduling.store.items import Item
from tests.support.aws import PERSONAS_TABLE, PHOTOS_TABLE, create_library, create_table, mocked_aws
from tests.support.builders import NOW, a_photo, an_analysis

CHANNELS_TABLE, POSTS_TABLE = "channels-under-test", "posts-under-test"
TABLES = {"personas": PERSONAS_TABLE, "channels": CHANNELS_TABLE, "photos": PHOTOS_TABLE, "posts": POSTS_TABLE}
STORED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "stored_items.json").read_text())


def with_bytes(value: Any) -> Any:
    """DynamoDB's JSON with the base64 text of binary values decoded."""
    if isinstance(value, dict):
        return {key: base64.b64decode(item) if key == "B" else with_bytes(item) for key, item in value.items()}
    return value


def attributes(table: str, kind: str) -> dict[str, Any]:
    """A stored item's attributes as plain values."""
    read = TypeDeserializer().deserialize
    return {name: read(with_bytes(value)) for name, value in STORED[table][kind].items()}


@pytest.fixture(autouse=True)
def stored() -> Iterator[None]:
    """All four tables with every stored item."""
    with mocked_aws():
        create_library()
        create_table(ConnectionItem, CHANNELS_TABLE)
        create_table(Item, POSTS_TABLE)
        for table, items in STORED.items():
            for item in items.values():
                client("dynamodb").put_item(TableName=TABLES[table], Item=with_bytes(item))
        yield


def plain(value: Any) -> Any:
    """`value` in a form that is the same for stored and for read values."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, str):
        for parse in (datetime.fromisoformat, json.loads):
            try:
                return parse(value)
            except ValueError:
                continue
    return value


def assert_reads(value: BaseModel | None, stored: dict[str, Any]) -> None:
    """Fail unless every attribute that is a field of `value` has the stored value."""
    assert value is not None
    read = value.model_dump(mode="json")
    shared = read.keys() & stored.keys()
    assert len(shared) >= 3
    assert {name: plain(read[name]) for name in shared} == {name: plain(stored[name]) for name in shared}


POST_READERS: dict[str, Callable[[dict[str, Any]], BaseModel | None]] = {
    "Post": lambda item: Posts().details(item["post_id"]).post.model_copy(update={"tags": tuple(item["tags"])}),
    "Schedule": lambda item: Schedules().get(item["schedule_id"]),
    "Claim": lambda item: Claims().get(item["key"]),
    "Decision": lambda item: Posts().decision(item["persona_id"], datetime.fromisoformat(str(item["slot_at"]))),
    "Pause": lambda item: Pauses().of(item["owner"]),
    "Look": lambda item: next(
        iter(Posts().shown_photos.recent(item["pk"].removeprefix("LOOKS#"), limit=1)),
        None,
    ),
}


@pytest.mark.parametrize("kind", POST_READERS)
def test_stores_of_posts_read_the_item(kind: str) -> None:
    item = attributes("posts", kind)
    assert_reads(POST_READERS[kind](item), item)


def test_the_tags_of_that_release_are_hashtags() -> None:
    item = attributes("posts", "Post")
    client("dynamodb").put_item(
        TableName=POSTS_TABLE, Item=STORED["posts"]["Post"] | {"tags": {"L": [{"S": "sea"}, {"S": "dusk"}]}}
    )
    post = Posts().details(item["post_id"]).post
    assert (post.hashtags, post.tags, post.metadata, post.updated_at) == (("sea", "dusk"), (), {}, None)


@pytest.mark.parametrize("kind", ["Variant", "Event"])
def test_details_contain_the_item(kind: str) -> None:
    item = attributes("posts", kind)
    post_id = item["pk"].removeprefix("POST#")
    post = {**STORED["posts"]["Post"], "pk": {"S": item["pk"]}, "post_id": {"S": post_id}}
    client("dynamodb").put_item(TableName=POSTS_TABLE, Item=post)
    details = Posts().details(post_id)
    [value] = details.variants if kind == "Variant" else details.events
    assert_reads(value, item)


def test_a_schedule_of_that_release_publishes_the_variant_of_its_connection() -> None:
    variant, schedule = attributes("posts", "Variant"), attributes("posts", "Schedule")
    post_id = variant["pk"].removeprefix("POST#")
    for item, key in (("Post", "POST"), ("Schedule", f"SCHEDULE#{variant['connection_id']}")):
        ids = {"post_id": {"S": post_id}, "connection_id": {"S": variant["connection_id"]}}
        keys = {"pk": {"S": variant["pk"]}, "sk": {"S": key}}
        client("dynamodb").put_item(TableName=POSTS_TABLE, Item=STORED["posts"][item] | ids | keys)
    details = Posts().details(post_id)
    [planned] = details.schedules
    assert details.variant(planned.variant_id).text == variant["text"]
    assert details.variant(planned.variant_id).created_at is None
    assert {"variant_id"}.isdisjoint(variant.keys() | schedule.keys())


def test_stores_read_the_items_that_hold_json() -> None:
    lane, memory = attributes("posts", "Lane"), attributes("posts", "Memory")
    week = attributes("posts", "Week")
    bookings = Lanes().get(lane["pk"].removeprefix("LANE#")).model_dump(mode="json", exclude_none=True)["bookings"]
    assert bookings == json.loads(lane["body"])["bookings"]
    body = Posts().memory(memory["pk"].removeprefix("PERSONA#"))
    assert body == json.loads(memory["body"])
    assert StrategyMemory.model_validate(body).outings
    monday = datetime.fromisoformat(week["sk"].removeprefix("WEEK#")).date()
    planned = Posts().weeks.get(week["pk"].removeprefix("WEEKS#"), monday).planned
    assert planned == {name: datetime.fromisoformat(at) for name, at in json.loads(week["body"]).items()}


def test_the_key_of_a_stored_response_is_in_use() -> None:
    item = attributes("posts", "Answer")
    key = "key-of-the-test"
    answers = Posts().responses
    begun_at = datetime.fromisoformat(str(item["begun_at"]))
    answers.begin(item["owner"], key, "request", begun_at)
    [pk] = {row["pk"]["S"] for row in scan() if row["kind"]["S"] == "Answer"} - {item["pk"]}
    client("dynamodb").put_item(TableName=POSTS_TABLE, Item={**STORED["posts"]["Answer"], "pk": {"S": pk}})
    assert_reads(answers.begin(item["owner"], key, "request", begun_at), item)


def scan() -> list[dict[str, Any]]:
    """All items of the table of posts."""
    return list(client("dynamodb").scan(TableName=POSTS_TABLE)["Items"])


def test_personas_and_connections_are_read() -> None:
    persona, connection = attributes("personas", "Persona"), attributes("channels", "Connection")
    assert_reads(Personas().get(persona["persona_id"], persona["owner"]), persona)
    store = ConnectionStore()
    assert_reads(store.get(connection["persona_id"], connection["connection_id"]), connection)


def test_a_photo_is_read() -> None:
    item = attributes("photos", "PHOTO")
    photo = Photos().get(item["persona_id"], item["photo_id"])
    assert photo_index(item["persona_id"], 10).name == (photo.names[0],)
    assert (photo.names, photo.keys) == (tuple(item["names"]), tuple(item["keys"]))
    assert (photo.score, photo.renditions) == (float(item["score"]), json.loads(item["renditions"]))
    assert photo.dhash == item["dhash"]
    assert photo.taken_by == tuple(sorted(item.get("taken_by", ())))


def test_a_waiting_analysis_joins_its_photo() -> None:
    by_sha, by_name = attributes("photos", "ANALYSIS"), attributes("photos", "ANALYSIS-NAME")
    photo_id = by_sha["item_key"].removeprefix("ANALYSIS#")
    photos = Photos()
    photo = photos.record(a_photo("x.jpg", persona_id=by_sha["persona_id"], photo_id=photo_id)).photo
    assert photo.score == float(by_sha["score"])
    [embedding] = photos.embeddings(by_sha["persona_id"], [photo_id]).values()
    assert (embedding.model, embedding.vector) == (by_sha["embedding_model"], (0.5, -0.25, 0.125, 0.75))
    name = by_name["item_key"].removeprefix("ANALYSIS-NAME#")
    assert photos.record(a_photo(name, persona_id=by_name["persona_id"])).photo.score == float(by_name["score"])


def test_a_waiting_statement_joins_its_photo() -> None:
    item = attributes("photos", "STATED")
    name = item["item_key"].rpartition("#")[2]
    photo = Photos().record(a_photo(f"{name}.jpg", persona_id=item["persona_id"])).photo
    assert json.loads(item["statement"])["caption"] in photo.model_dump_json()


def test_a_name_and_a_model_are_read() -> None:
    name, model = attributes("photos", "NAME"), attributes("photos", "MODEL")
    photos = Photos()
    for photo_id in name["photo_ids"]:
        photos.record(a_photo("other.jpg", persona_id=name["persona_id"], photo_id=photo_id))
    with pytest.raises(PhotoAmbiguous) as ambiguous:
        photos.find(name["persona_id"], name["item_key"].removeprefix("NAME#"))
    assert set(ambiguous.value.members["photo_ids"]) == name["photo_ids"]
    analysis = an_analysis(sha256="0" * 64, embedding_model=model["item_key"].removeprefix("MODEL#"))
    with pytest.raises(BrokenAnalysis):
        photos.record_analysis(model["persona_id"], model["owner"], analysis, stated_at=NOW)


def test_every_stored_type_has_a_reader_here() -> None:
    # Standings are not read any more: what stands is found again.
    elsewhere = {"Variant", "Event", "Lane", "Memory", "Week", "Standing", "Answer"}
    assert STORED["posts"].keys() == POST_READERS.keys() | elsewhere
    assert STORED["photos"].keys() == {"PHOTO", "ANALYSIS", "ANALYSIS-NAME", "STATED", "NAME", "MODEL"}
