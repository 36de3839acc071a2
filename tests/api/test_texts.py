"""What each connection of a post sends: in the post's details, and for a change that is not saved."""

from typing import Any

import pytest

from shutterpost.scheduling import ScheduleStatus, Step
from tests.api.calling import Answer, Caller
from tests.api.test_posts import moved
from tests.api.world import World
from tests.simulation.dynamodb import DynamoDb

LATER = "2026-04-01T09:00:00"


def opened(world: World, me: Caller, *channels: str, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """A planned post of a persona with a connection of each of `channels`, and their ids."""
    persona_id = world.persona(me)
    connections = [world.connection(me, persona_id, channel) for channel in channels]
    world.photo(persona_id)
    body = {"photo": "fog.jpg", "at": LATER, "hashtags": ["sea"], **more}
    answer = me.post(f"/personas/{persona_id}/posts", body)
    assert answer.status == 202, answer
    return dict(answer.body), connections


def dry(me: Caller, post: dict[str, Any], change: dict[str, Any], **headers: str) -> Answer:
    """The answer to a change of the post that is not to be saved."""
    return me.patch(f"/posts/{post['post_id']}", change, {"dry_run": "true"}, **headers)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations on all tables."""
    called: list[str] = []
    call = DynamoDb.call

    def record(self: DynamoDb, operation: str, parameters: Any) -> Any:
        called.append(operation)
        return call(self, operation, parameters)

    monkeypatch.setattr(DynamoDb, "call", record)
    return called


def kinds(text: dict[str, Any], of: str = "impediments") -> list[str]:
    return [item["kind"] for item in text[of]]


def test_a_post_says_what_each_connection_sends(world: World, me: Caller) -> None:
    post, [instagram, threads] = opened(world, me, "instagram", "threads")
    texts = me.get(f"/posts/{post['post_id']}").body["texts"]
    assert texts.keys() == {instagram, threads}
    assert {item["connection_id"] for item in texts.values()} == texts.keys()
    assert {item["text"] for item in texts.values()} == {"Fog over the valley.\n\n#sea"}
    limits = {key: (item["count"]["unit"], item["count"]["max_length"]) for key, item in texts.items()}
    assert limits == {instagram: ("utf16", 2200), threads: ("emoji_bytes", 500)}
    assert (kinds(texts[instagram]), kinds(texts[instagram], "warnings")) == ([], ["alt-text-missing"])


def test_a_dry_run_composes_the_texts_and_writes_nothing(world: World, me: Caller, operations: list[str]) -> None:
    post, [instagram, threads] = opened(world, me, "instagram", "threads")
    tag = me.get(f"/posts/{post['post_id']}").headers["ETag"]
    operations.clear()
    change = {"caption": "x" * 501, "hashtags": ["dusk"], "alt_text": "Dusk."}
    answer = dry(me, post, change, if_match=tag, idempotency_key="one")
    assert (answer.status, answer.headers["ETag"]) == (200, tag)
    assert (answer.body["base_caption"], answer.body["hashtags"]) == ("x" * 501, ["dusk"])
    texts = answer.body["texts"]
    assert (texts[instagram]["text"], texts[instagram]["alt_text"]) == ("x" * 501 + "\n\n#dusk", "Dusk.")
    # The texts that are refused are shown whole, so that a person sees by how much.
    assert (kinds(texts[instagram]), kinds(texts[threads])) == ([], ["caption-too-long"])
    assert texts[threads]["count"]["length"] == 501
    assert set(operations) == {"GetItem", "Query", "BatchGetItem"}
    assert me.patch(f"/posts/{post['post_id']}", change).problem() == (422, "caption-too-long")
    short = {**change, "caption": "Dusk."}
    assert dry(me, post, short).body["texts"] == me.patch(f"/posts/{post['post_id']}", short).body["texts"]


def test_a_dry_run_refuses_what_no_other_text_would_mend(world: World, me: Caller) -> None:
    post, _ = opened(world, me, "instagram")
    tag = me.get(f"/posts/{post['post_id']}").headers["ETag"]
    assert dry(me, post, {"photo": "fog.jpg"}).problem() == (409, "post-not-draft")
    me.patch(f"/posts/{post['post_id']}", {"title": "First"})
    assert dry(me, post, {"caption": "Evening."}, if_match=tag).problem() == (412, "post-changed")
    moved(world, post["schedules"][0]["schedule_id"], ScheduleStatus.PROCESSING, step=Step.BEGUN)
    assert dry(me, post, {"caption": "Evening."}).problem() == (409, "post-is-out")


def test_an_alt_text_that_the_persona_requires_is_an_impediment(world: World, me: Caller) -> None:
    post, [instagram] = opened(world, me, "instagram", alt_text="Fog.")
    me.patch(f"/personas/{post['persona_id']}", {"require_alt_text": True})
    assert kinds(dry(me, post, {"alt_text": ""}).body["texts"][instagram]) == ["alt-text-missing"]


def test_nothing_prevents_a_live_post(world: World, me: Caller) -> None:
    post, [instagram] = opened(world, me, "instagram")
    path = f"/posts/{post['post_id']}"
    me.delete(f"/personas/{post['persona_id']}/connections/{instagram}")
    assert kinds(me.get(path).body["texts"][instagram]) == ["connection-not-connected"]
    moved(world, post["schedules"][0]["schedule_id"], ScheduleStatus.PROCESSING, step=Step.PUBLISHING)
    moved(world, post["schedules"][0]["schedule_id"], ScheduleStatus.SUCCESS, step=Step.PUBLISHED)
    live = me.get(path).body["texts"][instagram]
    assert (live["text"], kinds(live), kinds(live, "warnings")) == ("Fog over the valley.\n\n#sea", [], [])


def test_of_several_variants_the_scheduled_one_is_sent(world: World, me: Caller) -> None:
    persona_id, instagram, _ = world.ready(me)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True}).body
    path = f"/posts/{draft['post_id']}"
    own = me.post(f"{path}/variants", {"connection_id": instagram, "text": "Short.", "label": "short"}).body
    assert me.get(path).body["texts"] == {}
    me.post(f"{path}/schedule", {"at": LATER, "variant_ids": [own["variant_id"]]})
    assert me.get(path).body["texts"][instagram]["text"] == "Short."


def test_a_text_for_any_connection_of_a_channel_is_that_of_the_connected_ones(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    ended, instagram = (world.connection(me, persona_id, account_id=account) for account in ("1784", "1785"))
    me.delete(f"/personas/{persona_id}/connections/{ended}")
    draft = me.post(f"/personas/{persona_id}/posts", {"caption": "An idea.", "draft": True}).body
    path = f"/posts/{draft['post_id']}"
    me.post(f"{path}/variants", {"channel": "instagram", "text": "Fog."})
    assert me.get(path).body["texts"].keys() == {instagram}


def test_a_dry_run_says_where_in_the_caption_as_typed_the_limit_falls(world: World, me: Caller) -> None:
    post, [threads, buffer] = opened(world, me, "threads", "buffer", metadata={"campaign_id": "spring"})
    variants = {item["channel"]: item["variant_id"] for item in post["variants"]}
    texts = dry(me, post, {"caption": "  " + "x" * 499 + "🦋 and more"}).body["texts"]
    assert (texts[threads]["caption_limit"], texts[buffer]["caption_limit"]) == (499, None)
    link = "https://example.org/fog"
    texts = dry(me, post, {"caption": f"{link} {'x' * 470}"}).body["texts"]
    added = len(texts[threads]["text"]) - len(link) - 471
    assert added > 0
    assert texts[threads]["caption_limit"] == 500 - added
    own = me.patch(f"/posts/{post['post_id']}/variants/{variants['threads']}", {"text": "Mine."})
    assert own.status == 200, own
    assert dry(me, post, {"caption": "x" * 600}).body["texts"][threads]["caption_limit"] is None
