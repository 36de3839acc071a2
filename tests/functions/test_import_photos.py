"""import_photos with the events of S3 and SQS, on moto."""

import io
import json
import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from import_photos import wiring
from import_photos.handler import handler
from import_photos.messages import keys_of
from shutterpost.channels import ConnectionStore, catalogue
from shutterpost.flows.importing.import_photo import Kind
from shutterpost.personas import RatioPolicy
from shutterpost.photos import Library, Reason
from shutterpost.photos.storage.items import PhotoItem
from shutterpost.runtime.commit import Committed, commit
from shutterpost.runtime.settings import ImportPhotosSettings
from tests.support.aws import (
    BUCKET,
    CHANNELS_TABLE,
    PERSONAS_TABLE,
    PHOTOS_TABLE,
    body_of,
    keys_in,
    mocked_aws,
    simulated_tables,
)
from tests.support.builders import StillClock, analysis_fields, digest, jsonl
from tests.support.import_system import ImportSystem
from tests.support.pictures import encoded, gif, jpeg, opened

CONTEXT: Any = SimpleNamespace(
    function_name="import_photos",
    memory_limit_in_mb=1769,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:import_photos",
    aws_request_id="request-1",
)


@pytest.fixture
def system(monkeypatch):
    settings = ImportPhotosSettings(
        stage="test",
        personas_table=PERSONAS_TABLE,
        photos_table=PHOTOS_TABLE,
        channels_table=CHANNELS_TABLE,
        library_bucket=BUCKET,
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    with mocked_aws(), simulated_tables():
        wiring.import_photo.cache_clear()
        yield ImportSystem()
        wiring.import_photo.cache_clear()


@pytest.mark.parametrize("sharpen", [True, False])
def test_sharpening_follows_the_setting(system, monkeypatch, sharpen):
    monkeypatch.setenv("SHUTTERPOST_SHARPEN_RENDITIONS", str(sharpen))
    assert {profile.sharpen for profile in wiring.import_photo()._renditions.profiles} == {sharpen}


def test_a_channel_that_needs_another_rendition_gets_it_for_new_photos_and_at_remaking(system):
    now = StillClock().now()
    first = system.photo(system.drop("first.jpg", jpeg(3000, 2000)))
    connection = ConnectionStore().connect(
        persona_id=system.persona_id,
        owner=system.persona.owner,
        channel="bluesky",
        account_id="did:plc:1",
        display_name="me",
        now=now,
    )
    second = system.photo(system.drop("second.jpg", jpeg(3000, 1990)))
    again = system.photo(system.importing(first.keys[0]))
    ConnectionStore().revoke(system.persona_id, connection.connection_id, now)
    third = system.photo(system.drop("third.jpg", jpeg(3000, 1980)))

    assert [set(photo.renditions) for photo in (first, second, again, third)] == [
        {"feed"},
        {"feed", "compact"},
        {"feed", "compact"},
        {"feed"},
    ]
    compact = body_of(system.s3, second.renditions["compact"])
    assert len(compact) <= catalogue().row("bluesky").limits.image.max_bytes


def s3_event(*keys: str, name: str = "ObjectCreated:Put") -> str:
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": name,
            "s3": {
                "bucket": {"name": BUCKET},
                "object": {"key": quote_plus(key, safe="/"), "size": 1, "eTag": "0", "sequencer": "0055"},
            },
        }
        for key in keys
    ]
    return json.dumps({"Records": records})


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:import",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def test_a_batch_imports_photos_and_analyses_with_any_keys(system):
    name = "ärger im Café + 東京 (1) 100%.jpg"
    data = jpeg()
    photo = system.put(name, data)
    analyses = system.put("all.jsonl", jsonl(analysis_fields(photo=name)), under="analyses")
    answer = handler(batch(s3_event(photo), s3_event(analyses)), CONTEXT)
    assert answer == {"batchItemFailures": []}
    [result] = system.library()
    assert (result.photo_id, result.names, result.keys) == (digest(data), (name,), (photo,))
    assert (result.score, result.provisional, result.caption) == (7.5, False, "A bridge at dusk.")
    assert result.owner == system.persona.owner


def test_test_events_removals_and_strange_messages_change_nothing(system):
    key = system.put("a.jpg", jpeg())
    bodies = [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}),
        s3_event(key, name="ObjectRemoved:Delete"),
        "not json",
        "[]",
    ]
    assert handler(batch(*bodies), CONTEXT) == {"batchItemFailures": []}
    assert system.library() == ()


def test_a_direct_message_imports_a_key_again(system):
    key = system.put("a b+c.jpg", jpeg())
    assert keys_of(json.dumps({"key": key})) == [key]
    handler(batch(json.dumps({"key": key})), CONTEXT)
    assert len(system.library()) == 1


def test_only_what_aws_failed_at_is_delivered_again(system, monkeypatch):
    good, bad = system.put("good.jpg", jpeg()), system.put("bad.jpg", b"a text")
    lost = system.put("lost.jpg", jpeg(hue=9))

    class Failing:
        def __getattr__(self, name):
            return getattr(system.s3, name)

        def get_object(self, **request):
            if request["Key"] == lost:
                raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "GetObject")
            return system.s3.get_object(**request)

    monkeypatch.setattr("import_photos.handler.import_photo", lambda: system.flow(Failing()))
    answer = handler(batch(s3_event(good), s3_event(lost), s3_event(bad)), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert len(system.library()) == 1
    assert keys_in(system.s3, "photos/") == [good, lost]


def test_a_photo_gets_an_upright_private_rendition_and_a_provisional_score(system):
    outcome = system.drop("2020/a.jpg", jpeg(2600, 1950))
    assert outcome.kind is Kind.IMPORTED
    photo = system.photo(outcome)
    assert (photo.width, photo.height, photo.format, photo.names) == (2600, 1950, "jpeg", ("a.jpg",))
    assert photo.renditions == {"feed": f"renditions/{system.persona_id}/{photo.photo_id}/feed.jpg"}
    assert opened(body_of(system.s3, photo.renditions["feed"])).size == (1440, 1080)
    assert photo.provisional
    assert 1 <= photo.score <= 10
    assert system.photos.candidates(system.persona_id, 5, provisional=False) == ()
    assert len(system.photos.candidates(system.persona_id, 5)) == 1
    assert body_of(system.s3, f"photos/{system.persona_id}/2020/a.jpg") == jpeg(2600, 1950)


def test_a_photo_gets_a_small_thumbnail_without_metadata_and_the_tint_of_its_colours(system):
    photo = system.photo(system.drop("red.png", encoded(Image.new("RGB", (900, 1200), (200, 40, 10)), "PNG")))

    answer = system.s3.get_object(Bucket=BUCKET, Key=photo.thumb)
    picture = opened(answer["Body"].read())

    assert photo.thumb == f"renditions/{system.persona_id}/{photo.photo_id}/thumb.webp"
    assert (picture.format, picture.size, answer["ContentType"]) == ("WEBP", (300, 400), "image/webp")
    assert not set(picture.info) & {"exif", "xmp", "icc_profile"}
    assert photo.tint == "c8280a"
    assert opened(body_of(system.s3, system.photo(system.drop("small.jpg", jpeg(360, 350))).thumb)).size == (360, 350)


def test_a_photo_of_an_earlier_release_gets_its_thumbnail_at_remaking(system):
    outcome = system.drop("a.jpg", jpeg())
    photo = system.photo(outcome)
    item = PhotoItem(system.persona_id, f"PHOTO#{photo.photo_id}")
    made_for = {name: mark for name, mark in photo.made_for.items() if name != "thumb"}
    item.update(actions=[PhotoItem.thumb.remove(), PhotoItem.tint.remove(), PhotoItem.made_for.set(made_for)])
    system.s3.delete_object(Bucket=BUCKET, Key=photo.thumb)

    assert system.importing(outcome.key).kind is Kind.RENEWED

    assert system.photo(outcome) == photo
    assert body_of(system.s3, photo.thumb)
    assert system.importing(outcome.key).kind is Kind.KNOWN


def test_repeats_renames_and_reloads_change_nothing(system):
    data = jpeg()
    key = system.put("a.jpg", data)
    assert system.importing(key).kind is Kind.IMPORTED
    before = system.library()
    assert system.importing(key).kind is Kind.KNOWN
    assert system.drop("a.jpg", data).kind is Kind.KNOWN
    assert system.library() == before
    system.s3.delete_object(Bucket=BUCKET, Key=key)
    assert system.importing(key).kind is Kind.GONE
    renamed = system.drop("b.jpg", data)
    assert (renamed.kind, renamed.photo_id) == (Kind.KNOWN, digest(data))
    [photo] = system.library()
    assert photo.names == ("a.jpg", "b.jpg")
    assert [key.rpartition("/")[2] for key in keys_in(system.s3, "renditions/")] == ["feed.jpg", "thumb.webp"]


def test_a_known_photos_new_name_meets_the_analysis_that_waits_for_it(system):
    system.drop("all.jsonl", jsonl(analysis_fields(photo="b.jpg")), under="analyses")
    system.drop("a.jpg", jpeg())
    assert system.library()[0].provisional
    system.drop("b.jpg", jpeg())
    assert system.library()[0].score == 7.5


def test_an_overwritten_source_is_a_second_photo_and_the_first_keeps_its_rendition(system):
    first = system.drop("a.jpg", jpeg()).photo_id
    assert commit([system.photos.take(system.persona_id, first, "p1", must_be_unposted=True)]) == Committed()
    second = system.drop("a.jpg", jpeg(hue=77)).photo_id
    assert first != second
    rendition = system.photos.get(system.persona_id, first).renditions["feed"]
    assert body_of(system.s3, rendition)
    assert [photo.photo_id for photo in system.library()] == [second]


def test_a_skipped_ratio_is_kept_and_never_offered(system):
    system.change(ratio_policy=RatioPolicy.SKIP)
    outcome = system.drop("wide.jpg", jpeg(2000, 400))
    assert outcome.kind is Kind.IMPORTED
    photo = system.photo(outcome)
    assert (photo.withheld, photo.renditions, photo.in_unposted) == ("ratio-skipped", {}, False)
    assert opened(body_of(system.s3, photo.thumb)).size == (400, 80)
    assert system.photos.candidates(system.persona_id, 5) == ()


def test_notes_mention_the_first_frame(system):
    outcome = system.drop("moving.gif", gif(frames=3))
    assert system.photos.get(system.persona_id, outcome.photo_id).notes == ("first of 3 pictures in the file",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY_FILE),
        (b"only a text", Reason.NOT_AN_IMAGE),
        (jpeg(100, 100), Reason.TOO_SMALL),
        (jpeg(1000, 800)[:9000], Reason.TRUNCATED),
    ],
)
def test_an_unusable_file_is_moved_untouched_beside_its_reason(system, data, reason):
    outcome = system.drop("trip/a.jpg", data)
    moved = f"rejected/{system.persona_id}/trip/a.jpg"
    assert (outcome.kind, outcome.reason, outcome.moved_to) == (Kind.REJECTED, reason, moved)
    assert keys_in(system.s3) == [moved, f"{moved}.reason.json"]
    assert body_of(system.s3, moved) == data
    report = system.reason(outcome)
    assert set(report) == {"key", "reason", "kind", "byte_size", "detail", "what_to_do", "at"}
    assert (report["key"], report["reason"], report["at"]) == (
        f"photos/{system.persona_id}/trip/a.jpg",
        reason,
        "2026-03-01T12:00:00.000Z",
    )
    assert system.importing(f"photos/{system.persona_id}/trip/a.jpg").kind is Kind.GONE
    assert system.library() == ()


def test_files_over_the_cap_are_refused_before_a_byte_is_read(system, monkeypatch):
    monkeypatch.setattr("shutterpost.photos.bucket.library.MAX_PHOTO_BYTES", 1000)
    outcome = system.drop("a.jpg", jpeg())
    assert outcome.reason is Reason.TOO_LARGE_FILE
    assert "1,000" in system.reason(outcome)["detail"]


@pytest.mark.parametrize("prefix", ["photos", "analyses"])
def test_what_names_no_known_persona_is_rejected_under_what_stood_there(system, prefix):
    for path in ("Nature Explorer/a.jpg", "a.jpg"):
        key = f"{prefix}/{path}"
        system.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
        outcome = system.importing(key)
        assert (outcome.reason, outcome.moved_to) == (Reason.UNKNOWN_PERSONA, f"rejected/{path}")
        assert "Create the persona" in system.reason(outcome)["what_to_do"]
        assert system.importing(key).kind is Kind.GONE
        system.s3.delete_object(Bucket=BUCKET, Key=f"rejected/{path}")


def test_rejected_files_of_one_name_do_not_overwrite_each_other(system):
    moved = [system.drop("a.jpg", data).moved_to for data in (b"one", b"other", b"one")]
    assert len(set(moved)) == 2
    assert [body_of(system.s3, key) for key in moved] == [b"one", b"other", b"one"]


def test_a_good_file_that_replaces_a_bad_one_meanwhile_stays(system):
    key = system.put("a.jpg", b"a text")
    good = jpeg()

    class Replaced:
        def __getattr__(self, name):
            return getattr(system.s3, name)

        def get_object(self, **request):
            answer = system.s3.get_object(**request)
            system.s3.put_object(Bucket=BUCKET, Key=key, Body=good)
            return answer

    assert system.flow(Replaced())(key).kind is Kind.GONE
    assert body_of(system.s3, key) == good
    assert system.importing(key).kind is Kind.IMPORTED


def test_folder_marks_and_other_keys_are_left_alone(system):
    for key in (f"photos/{system.persona_id}/", "public/x.jpg", f"rejected/{system.persona_id}/a.jpg"):
        assert system.importing(key).kind is Kind.IGNORED


def test_outcomes_are_logged_without_contents(system, capsys, caplog):
    caplog.set_level(logging.INFO)
    handler(batch(s3_event(system.put("a.jpg", jpeg()), system.put("b.jpg", b"a text"))), CONTEXT)
    ends = [vars(record)["kind"] for record in caplog.records if record.getMessage() == "import ended"]
    assert ends == [Kind.IMPORTED, Kind.REJECTED]
    assert "a text" not in capsys.readouterr().out


def test_large_objects_pass_through_a_file_and_not_through_memory():
    """Every chunk is taken from the body once, and none is larger than a mebibyte."""
    taken = []

    class Body(io.BytesIO):
        def iter_chunks(self, size):
            while chunk := self.read(size):
                taken.append(len(chunk))
                yield chunk

    data = os.urandom(1 << 20) * 5 + b"end"

    class Store:
        def get_object(self, **_):
            stored_at = StillClock().now()
            return {"Body": Body(data), "ContentLength": len(data), "ETag": '"e"', "LastModified": stored_at}

    with Library("bucket", Store()).open("photos/p/a.jpg") as source, source.fetched() as dropped:
        path = Path(dropped.path)
        assert (path.stat().st_size, dropped.sha256) == (len(data), digest(data))
    assert max(taken) <= 1 << 20
    assert not path.exists()
