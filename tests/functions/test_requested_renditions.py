"""Renditions that are requested for a photo of the library: made from its original, remembered, and made once."""

import json
from collections.abc import Iterator

import pytest

from import_photos.messages import keys_of, photo_of
from shutterpost.channels import ConnectionStore
from shutterpost.flows.importing.import_photo import Kind
from shutterpost.photos import Photo
from tests.support.aws import BUCKET, body_of, mocked_aws, simulated_tables
from tests.support.builders import StillClock
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg

OLD = b"the feed's rendition as it was"


@pytest.fixture
def system() -> Iterator[ImportSystem]:
    with mocked_aws(), simulated_tables():
        yield ImportSystem()


def before_bluesky(system: ImportSystem, name: str = "first.jpg") -> Photo:
    """A photo that was imported before its persona had an account on Bluesky."""
    photo = system.photo(system.drop(name, jpeg(3000, 2000)))
    ConnectionStore().connect(
        persona_id=system.persona_id,
        owner=system.persona.owner,
        channel="bluesky",
        account_id="did:plc:1",
        display_name="me",
        now=StillClock().now(),
    )
    return photo


def test_a_request_makes_what_is_missing_and_leaves_the_rest(system: ImportSystem) -> None:
    photo = before_bluesky(system)
    system.s3.put_object(Bucket=BUCKET, Key=photo.renditions["feed"], Body=OLD)
    assert (set(photo.renditions), photo.can_have("compact")) == ({"feed"}, True)

    outcome = system.importing.render(system.persona_id, photo.photo_id)

    made = system.photo(outcome)
    assert outcome.kind is Kind.RENEWED
    assert set(made.renditions) == {"feed", "compact"}
    assert body_of(system.s3, made.renditions["feed"]) == OLD
    assert body_of(system.s3, made.renditions["compact"])[:2] == b"\xff\xd8"
    assert made.made_for.keys() >= {"feed", "compact"}
    assert system.importing.render(system.persona_id, photo.photo_id).kind is Kind.KNOWN


def test_a_photo_without_its_original_is_remembered_until_it_returns(system: ImportSystem) -> None:
    photo = before_bluesky(system)
    system.s3.delete_object(Bucket=BUCKET, Key=photo.keys[0])

    outcome = system.importing.render(system.persona_id, photo.photo_id)

    left = system.photo(outcome)
    assert (outcome.kind, set(left.renditions), left.in_unposted) == (Kind.KNOWN, {"feed"}, True)
    assert (left.can_have("feed"), left.can_have("compact")) == (True, False)
    back = system.photo(system.drop("first.jpg", jpeg(3000, 2000)))
    assert (set(back.renditions), back.can_have("compact")) == ({"feed", "compact"}, True)


def test_a_connection_that_ends_leaves_what_was_made(system: ImportSystem) -> None:
    photo = before_bluesky(system)
    system.importing.render(system.persona_id, photo.photo_id)
    [connection] = ConnectionStore().list(system.persona_id)
    ConnectionStore().revoke(system.persona_id, connection.connection_id, StillClock().now())

    outcome = system.importing(photo.keys[0])

    assert (outcome.kind, set(system.photo(outcome).renditions)) == (Kind.KNOWN, {"feed", "compact"})


def test_a_request_for_an_unknown_photo_has_no_effect(system: ImportSystem) -> None:
    assert system.importing.render(system.persona_id, "0" * 64).kind is Kind.GONE
    assert system.importing.render("nobody", "0" * 64).kind is Kind.GONE


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"photo_id": "a"}', '{"key": "photos/a/b.jpg"}', '{"Records": []}'])
def test_other_messages_request_no_rendition(body: str) -> None:
    assert photo_of(body) is None


def test_a_request_names_a_photo_and_no_key() -> None:
    body = json.dumps({"persona_id": "nature", "photo_id": "ab"})
    assert (photo_of(body), keys_of(body)) == (("nature", "ab"), [])
