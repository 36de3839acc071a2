"""Commands about photos, deployments and requests."""

import csv
import io
import json

import httpx
import pytest

from shutterpost.console.client import api_client, deployment
from shutterpost.console.client.deployment import Deployment, find_deployment
from shutterpost.console.client.exit_codes import Ambiguous, ApiRefused, DeploymentUnknown, ExitCode
from shutterpost.console.client.lookup import find_rejected
from shutterpost.console.imports.csv_files import BrokenTable, read_annotations
from shutterpost.flows.importing.import_photo import Kind
from shutterpost.runtime.clients import client
from tests.api.world import IMPORT_QUEUE, rejected_file
from tests.support.aws import BUCKET, keys_in
from tests.support.consoles import Console, HttpxApiClient, commands
from tests.support.folders import Deployed, paint_folder
from tests.support.pictures import jpeg


@pytest.fixture
def run(shutterpost: Console, world: Deployed):
    """A command about photos; its exit code and what it wrote to standard output."""

    def running(*words: str) -> tuple[int, str]:
        output = shutterpost("photos", *words, "--persona", world.persona_id)
        return output.code, output.out

    return running


@pytest.mark.parametrize("name", sorted(commands()))
def test_command_is_the_same_without_the_others(name: str) -> None:
    alone = commands(*name.split())[name]

    assert len(commands(*name.split())) < len(commands())
    assert alone.get_help(alone.make_context(name, [], resilient_parsing=True)) == help_of(name)


def help_of(name: str) -> str:
    command = commands()[name]
    text: str = command.get_help(command.make_context(name, [], resilient_parsing=True))
    return text


@pytest.mark.parametrize("words", [(), ("--help",), ("--stage", "prod", "--help"), ("--help", "photos"), ("nonsense",)])
def test_every_command_is_there_for_the_help_and_for_a_wrong_name(words: tuple[str, ...]) -> None:
    assert commands(*words).keys() == commands().keys()


def test_import_prints_json_in_a_pipe(run, world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", 4, rejects=1)
    code, out = run("import", str(tmp_path / "photos"))
    document = json.loads(out)
    assert (code, document["imported"], document["rejected_by_reason"]) == (0, 3, {"not-an-image": 1})
    assert json.loads(run("import", str(tmp_path / "photos"), "--json")[1])["already_there"] == 3


def test_an_incomplete_import_exits_with_1(run, world: Deployed, tmp_path) -> None:
    world.deaf = True
    paint_folder(tmp_path / "photos", 1)
    code, out = run("import", str(tmp_path / "photos"), "--patience", "0")
    assert (code, json.loads(out)["waiting"]) == (1, 1)


def test_rejected_files_are_retried_and_forgotten_by_name(run, world: Deployed) -> None:
    kept, gone = (rejected_file(world.world, world.persona_id, name) for name in ("a.txt", "b.txt"))
    code, out = run("retry", "a.txt", gone)
    assert (code, [file["rejected_key"] for file in json.loads(out)["files"]]) == (0, [kept, gone])
    queued = client("sqs").receive_message(QueueUrl=IMPORT_QUEUE, MaxNumberOfMessages=10)["Messages"]
    assert sorted(json.loads(message["Body"])["rejected_key"] for message in queued) == [kept, gone]
    code, out = run("forget", "b.txt", "--no-json")
    assert (code, out) == (0, "Deleted: b.txt.\n")
    assert keys_in(world.world.s3, "rejected/") == [kept, f"{kept}.reason.json"]
    assert run("forget", "b.txt")[0] == ExitCode.NOT_FOUND
    rejected_file(world.world, world.persona_id, "deep/a.txt")
    with pytest.raises(Ambiguous, match="deep/a"):
        find_rejected(world.caller.get(f"/personas/{world.persona_id}/rejected").body["rejected"], "a.txt")


def test_annotate_and_export_round_trip(run, world: Deployed, tmp_path) -> None:
    key = f"photos/{world.persona_id}/a.jpg"
    world.world.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
    assert world.importing(key).kind is Kind.IMPORTED
    table = tmp_path / "said.csv"
    table.write_text("file,caption,tags,rating\na.jpg,Über den Wolken,sky; clouds,4\n", encoding="utf-8-sig")
    code, out = run("annotate", str(table))
    document = json.loads(out)
    assert (code, document["rows"]) == (0, 1)
    assert world.importing(document["key"]).analyses == 1

    [photo] = [json.loads(line) for line in run("export")[1].splitlines()]
    assert (photo["caption"], photo["keywords"], photo["rating"]) == ("Über den Wolken", ["sky", "clouds"], 4)
    run("export", str(tmp_path / "out.csv"))
    [row] = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8")))
    assert (row["caption"], row["keywords"], row["names"]) == ("Über den Wolken", "sky; clouds", "a.jpg")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "photo,rating\na.jpg,9\n", "Row 1: rating"),
        ("a.json", '[{"photo": "a.jpg", "caption": "x"}, {"caption": "y"}]', "Row 2: photo"),
        ("a.jsonl", "no json", "cannot be read"),
        ("a.json", "[3]", "Row 1 is no JSON object"),
    ],
)
def test_an_invalid_annotation_file_names_the_row(tmp_path, name, text, message) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BrokenTable, match=message):
        read_annotations(tmp_path / name)


def test_a_file_that_is_no_text_is_refused(run, tmp_path) -> None:
    (tmp_path / "photo.csv").write_bytes(jpeg())
    for command in ("annotate", "history", "analyses"):
        assert run(command, str(tmp_path / "photo.csv"))[0] == 2


def test_a_caption_alone_is_an_annotation(tmp_path) -> None:
    (tmp_path / "a.json").write_text('{"photo": "a.jpg", "caption": "x"}')
    assert read_annotations(tmp_path / "a.json") == [{"keywords": [], "photo": "a.jpg", "caption": "x"}]


def test_remake_queues_every_file(run, world: Deployed) -> None:
    for number in range(12):
        world.world.s3.put_object(Bucket=BUCKET, Key=f"photos/{world.persona_id}/{number}.jpg", Body=b"x")
    assert json.loads(run("remake")[1]) == {"asked_for": 12}
    url = client("sqs").get_queue_url(QueueName="import")["QueueUrl"]
    messages = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(messages[0]["Body"])["key"].startswith(f"photos/{world.persona_id}/")


def test_duplicates_lists_similar_photos(run, world: Deployed) -> None:
    for name in ("a.jpg", "b.jpg"):
        world.world.photo(world.persona_id, name, dhash="00ff00ff00ff00ff")
    document = json.loads(run("duplicates")[1])
    assert [photo["name"] for photo in document["groups"][0]["photos"]] == ["a.jpg", "b.jpg"]


def test_find_deployment_reads_a_description(tmp_path, monkeypatch) -> None:
    file = tmp_path / "running.json"
    file.write_text(json.dumps({"api_url": "http://127.0.0.1:1", "bucket": "b", "persona_id": "p"}))
    assert find_deployment(stage="prod", profile=None, region=None, file=file).bucket == "b"
    monkeypatch.setattr(deployment, "DEMO", tmp_path / "none.json")
    with pytest.raises(DeploymentUnknown, match="make demo KEEP=1"):
        find_deployment(stage="local", profile=None, region=None, file=None)


def test_requests_are_signed_and_problems_become_refusals(respx_mock) -> None:
    address = "http://127.0.0.1:9"
    report = Deployment(api_url=address, bucket="b", access_key_id="key", secret_access_key="secret")
    route = respx_mock.get(f"{address}/personas").respond(
        404, json={"detail": "There is none.", "type": "x"}, headers={"content-type": "application/problem+json"}
    )
    with pytest.raises(ApiRefused, match="There is none"):
        HttpxApiClient(report).get("/personas", limit="5")
    assert "AWS4-HMAC-SHA256 Credential=key/" in route.calls[0].request.headers["authorization"]


def test_each_folder_has_its_own_manifest(run, tmp_path) -> None:
    for name in ("one", "two"):
        paint_folder(tmp_path / name, 1)
        run("import", str(tmp_path / name))
    assert len(list((tmp_path / "state" / "shutterpost").iterdir())) == 2


def test_pages_retries_transient_errors(respx_mock, monkeypatch) -> None:
    monkeypatch.setattr(api_client, "_PAUSES", (0.0, 0.0))
    report = Deployment(api_url="http://127.0.0.1:9", bucket="b", access_key_id="key", secret_access_key="secret")
    page = {"personas": [{"persona_id": "p"}], "cursor": None}
    respx_mock.get("http://127.0.0.1:9/personas").mock(
        side_effect=[httpx.ConnectError("gone"), httpx.Response(500), httpx.Response(200, json=page)]
    )
    assert [item["persona_id"] for item in HttpxApiClient(report).pages("/personas", "personas")] == ["p"]


def test_clear_state_deletes_the_console_s_files(run, shutterpost: Console, tmp_path) -> None:
    paint_folder(tmp_path / "photos", 1)
    run("import", str(tmp_path / "photos"))
    assert len(shutterpost("clear-state").document["deleted"]) == 1
    assert list((tmp_path / "state" / "shutterpost").iterdir()) == []
    assert "0 files deleted" in shutterpost("clear-state", "--no-json").out


def test_the_channels_are_listed_with_what_they_take(shutterpost: Console, world: Deployed) -> None:
    rows = {row["key"]: row for row in shutterpost("connections", "channels").document["channels"]}
    assert (rows["bluesky"]["status"], rows["x"]["status"]) == ("active", "active")
    assert rows["bluesky"]["limits"]["supports_links"] is True
    table = shutterpost("connections", "channels", "--no-json").out
    assert "300 graphemes" in table
    assert "1 to 10" in table
