"""The language and content labels of posts, personas and sessions: what the API takes, answers and refuses."""

import csv
from io import StringIO
from typing import Any

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest, unnamed_fields
from tests.api.calling import Caller
from tests.api.test_sessions import CHANNELS, Scripted, start, write
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


@pytest.fixture
def persona_id(world: World, me: Caller) -> str:
    persona_id = world.persona(me, language="de")
    world.connection(me, persona_id)
    world.photo(persona_id)
    return persona_id


def planned(me: Caller, persona_id: str, **fields: Any) -> dict[str, Any]:
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER, **fields})
    assert answer.status == 202, answer
    return dict(answer.body)


@pytest.mark.parametrize("tag", ["german", "d", "de_AT", "de-", "de-germ-any1-", "DE", "x-own", "de-a-bc", " de"])
def test_what_is_no_language_tag_is_refused_where_it_is_given(me: Caller, persona_id: str, tag: str) -> None:
    post = planned(me, persona_id)
    refused = [
        me.patch(f"/personas/{persona_id}", {"language": tag}),
        me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "language": tag}),
        me.patch(f"/posts/{post['post_id']}", {"language": tag}),
        me.post(f"/posts/{post['post_id']}/variants", {"channel": "bluesky", "text": "Fog.", "language": tag}),
        me.post(f"/personas/{persona_id}/sessions", {"photo": "fog.jpg", "language": tag}),
    ]
    for answer in refused:
        assert answer.problem() == (422, "invalid")
        [error] = answer.body["errors"]
        assert (error["field"], error["message"].count("use one of BCP 47, such as de or pt-BR")) == ("language", 1)


@pytest.mark.parametrize("tag", ["de", "pt-BR", "zh-Hant-TW", "es-419", "de-1996", "gsw"])
def test_a_post_has_its_own_language_or_the_personas(me: Caller, persona_id: str, tag: str) -> None:
    post = planned(me, persona_id, language=tag)
    assert post["language"] == tag
    assert me.patch(f"/posts/{post['post_id']}", {"language": None}).body["language"] is None
    me.post(f"/posts/{post['post_id']}/cancel")
    assert planned(me, persona_id)["language"] == "de"


def test_a_preview_says_which_language_each_channel_gets(me: Caller, persona_id: str) -> None:
    path = f"/posts/{planned(me, persona_id)['post_id']}"
    own = me.post(f"{path}/variants", {"channel": "bluesky", "text": "Fog.", "language": "en"}).body
    me.post(f"{path}/variants", {"channel": "mastodon", "text": "Nebel."})
    shown = {item["channel"]: item["language"] for item in me.get(f"{path}/preview").body["variants"]}
    assert own["language"] == "en"
    assert shown == {"instagram": None, "bluesky": "en", "mastodon": "de"}


def test_the_catalogue_says_which_channels_take_a_language_and_labels(world: World, me: Caller) -> None:
    channels = me.get("/channels").body["channels"]
    with_language = {channel["key"] for channel in channels if channel["limits"]["supports_language"]}
    with_labels = {channel["key"] for channel in channels if "content_labels" in channel["extras"]}
    assert with_language == with_labels == {"bluesky", "mastodon", "pixelfed"}


def test_a_plan_file_has_the_language_of_each_post(me: Caller, persona_id: str) -> None:
    post = planned(me, persona_id, language="fr")
    path = f"/personas/{persona_id}/planned.csv"
    table = me.get(path).body
    [row] = csv.DictReader(StringIO(table, newline=""))
    assert row["language"] == "fr"

    [again] = me.post(path, table, content_type="text/csv").body["rows"]
    [changed] = me.post(path, table.replace(",fr,", ",it,"), content_type="text/csv").body["rows"]
    assert (again["result"], changed["result"]) == ("unchanged", "changed")
    assert me.get(f"/posts/{post['post_id']}").body["language"] == "it"


def test_a_plan_keeps_the_labels_of_its_posts(me: Caller, persona_id: str) -> None:
    account = {"channel": "bluesky", "account_id": "did:plc:anna", "host": "https://bsky.example", "token": "a-b"}
    assert me.post(f"/personas/{persona_id}/connections", account).status == 201
    post = planned(me, persona_id, extras={"content_labels": ["nudity"]})
    [row] = me.get(f"/personas/{persona_id}/planned").body["rows"]
    assert row["extras"]["content_labels"] == ["nudity"]
    row["extras"]["content_labels"] = ["sexual"]
    me.post(f"/personas/{persona_id}/planned", {"rows": [row]})
    assert me.get(f"/posts/{post['post_id']}").body["extras"]["content_labels"] == ["sexual"]


@pytest.mark.parametrize("label", ["gore", "!no-unauthenticated", "Nudity", ""])
def test_a_label_that_does_not_exist_is_a_bad_field(me: Caller, persona_id: str, label: str) -> None:
    body = {"photo": "fog.jpg", "extras": {"content_labels": [label]}}
    refused = me.post(f"/personas/{persona_id}/posts", body)
    assert refused.problem() == (422, "invalid")
    assert refused.body["errors"][0]["field"] == "extras.content_labels.0"


def test_a_request_without_a_language_has_the_digest_of_the_release_before() -> None:
    before = {"photo", "at", "caption", "draft"}
    request = PhotoRequest(photo="fog.jpg", caption="Fog.")
    assert unnamed_fields(request) == {"extras", "language"}
    assert unnamed_fields(PhotoRequest(photo="fog.jpg", language="de")) == {"extras"}
    assert before <= request.model_dump(exclude=set(unnamed_fields(request))).keys()


def test_a_session_writes_in_the_personas_language_and_an_accepted_text_keeps_it(world: World, me: Caller) -> None:
    labels = {"content_labels": ["nudity"]}
    persona_id, path = start(world, me)
    me.patch(f"/personas/{persona_id}", {"language": "de", "extras": labels})
    own = me.post(f"/personas/{persona_id}/sessions", {"photo": "fog.jpg", "channels": CHANNELS, "language": "fr"})
    personas = me.post(f"/personas/{persona_id}/sessions", {"photo": "fog.jpg", "channels": CHANNELS})
    shown = [me.get(where).body["language"] for where in (path, own.headers["Location"], personas.headers["Location"])]
    assert shown == [None, "fr", "de"]

    generator = Scripted({})
    write(world, generator)
    assert {brief.language for brief in generator.briefs} == {"de"}
    session = personas.headers["Location"]
    [first, *_] = me.get(session).body["suggestions"]
    accepted = me.post(f"{session}/suggestions/{first['suggestion_id']}/accept", {}).body
    assert (accepted["variant"]["language"], accepted["post"]["language"]) == ("de", "de")
    assert accepted["post"]["extras"]["content_labels"] == ["nudity"]
