"""Texts for one channel or connection: written, changed, chosen and removed one by one."""

from typing import Any

import pytest

from shutterpost.scheduling import ClaimState, ScheduleStatus, Step, photo_claim_key
from tests.api.calling import OTHER_ARN, Caller
from tests.api.test_posts import moved
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


def a_draft(me: Caller, persona_id: str, **content: Any) -> str:
    body = {"photo": "fog.jpg", "draft": True, "caption": "Fog.", **content}
    return str(me.post(f"/personas/{persona_id}/posts", body).body["post_id"])


def written(me: Caller, post_id: str, **content: Any) -> Any:
    answer = me.post(f"/posts/{post_id}/variants", content)
    assert answer.status == 201, answer
    return answer.body


def test_a_variant_is_written_for_a_channel_before_its_connection_exists(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.photo(persona_id)
    post_id = a_draft(me, persona_id)
    variant = written(me, post_id, channel="instagram", text="Written alone. #fog", tone="calm")
    assert (variant["connection_id"], variant["status"], variant["source"]) == (None, "draft", "manual")
    assert (variant["count"]["length"], variant["count"]["max_length"], variant["count"]["hashtags"]) == (19, 2200, 1)
    connection_id = world.connection(me, persona_id)
    body = {"at": LATER, "connection_ids": [connection_id]}
    done = me.post(f"/posts/{post_id}/schedule", body).body
    assert [item["variant_id"] for item in done["schedules"]] == [variant["variant_id"]]
    assert [(item["text"], item["status"]) for item in done["variants"]] == [("Written alone. #fog", "ready")]


def test_of_several_variants_of_a_connection_the_named_one_is_scheduled(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    post_id = a_draft(me, persona_id)
    short = written(me, post_id, connection_id=connection_id, text="Short.", label="short")
    refused = me.post(f"/posts/{post_id}/schedule", {"at": LATER})
    assert refused.problem() == (409, "variant-ambiguous")
    assert set(refused.body["variant_ids"]) == {short["variant_id"], f"{post_id}-{connection_id}"}
    body = {"at": LATER, "variant_ids": [short["variant_id"]]}
    done = me.post(f"/posts/{post_id}/schedule", body)
    assert [item["variant_id"] for item in done.body["schedules"]] == [short["variant_id"]]
    # The claim is the photo's on the account, whichever variant is published.
    claim = world.services.claims.get(photo_claim_key(photo.photo_id, connection_id, 1))
    assert claim is not None
    assert (claim.state, claim.holder) == (ClaimState.HELD, post_id)
    other = {"at": LATER, "variant_ids": [f"{post_id}-{connection_id}"]}
    assert me.post(f"/posts/{post_id}/schedule", other).problem() == (409, "connection-in-use")


def test_a_repeat_with_the_same_key_finds_the_first_variant(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path = f"/posts/{a_draft(me, persona_id)}/variants"
    body = {"channel": "bluesky", "text": "Once."}
    dry = me.post(path, body, {"dry_run": "true"})
    assert (dry.status, dry.body["count"]["unit"], dry.body["count"]["max_length"]) == (200, "graphemes", 300)
    first, again = (me.post(path, body, idempotency_key="one") for _ in range(2))
    assert first.body == again.body
    assert len(me.get(path.removesuffix("/variants")).body["variants"]) == 2


def test_the_same_key_writes_once_without_the_stored_response(world: World, me: Caller) -> None:
    from shutterpost.flows.posting.write_variant import NewVariant

    persona_id, _, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    stale, writer = world.services.posts.details(post_id), world.services.variant_writer
    first = writer.write(stale, NewVariant(channel="x", text="Accepted."), key="suggestion-1")
    # The second caller read the post before the first one wrote.
    second = writer.write(stale, NewVariant(channel="x", text="Another."), key="suggestion-1")
    assert (second.variant_id, second.text) == (first.variant_id, "Accepted.")


def test_a_change_of_the_post_leaves_what_was_written_alone(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    own = written(me, post_id, connection_id=connection_id, text="Mine.")
    me.patch(f"/posts/{post_id}", {"caption": "New."})
    texts = {item["variant_id"]: item["text"] for item in me.get(f"/posts/{post_id}").body["variants"]}
    assert texts == {own["variant_id"]: "Mine.", f"{post_id}-{connection_id}": "New."}


def test_the_variant_of_a_waiting_schedule_can_change_until_it_begins(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER}).body
    [variant_id] = [item["variant_id"] for item in post["variants"]]
    path = f"/posts/{post['post_id']}/variants/{variant_id}"
    changed = me.patch(path, {"text": "Changed.", "alt_text": "A  valley."})
    assert (changed.status, changed.body["text"], changed.body["alt_text"]) == (200, "Changed.", "A valley.")
    assert (changed.body["source"], changed.body["own_text"], changed.body["tone"]) == ("manual", True, None)
    assert me.delete(path).problem() == (409, "variant-in-use")
    moved(world, post["schedules"][0]["schedule_id"], ScheduleStatus.PROCESSING, step=Step.PREPARED)
    assert me.patch(path, {"text": "Too late."}).problem() == (409, "post-is-out")
    assert connection_id in variant_id


def test_a_post_that_moves_to_another_account_keeps_the_text_written_for_the_first(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    own = written(me, post_id, connection_id=connection_id, text="Mine.", tone="calm", language="fr")
    body = {"at": LATER, "variant_ids": [own["variant_id"]]}
    [schedule] = me.post(f"/posts/{post_id}/schedule", body).body["schedules"]
    other = world.connection(me, persona_id, account_id="17841499")
    path = f"/schedules/{schedule['schedule_id']}/change-connection"
    variant_id = me.post(path, {"connection_id": other}).body["variant_id"]
    variants = {item["variant_id"]: item for item in me.get(f"/posts/{post_id}").body["variants"]}
    assert (variants[variant_id]["text"], variants[variant_id]["tone"]) == ("Mine.", "calm")
    assert (variants[variant_id]["connection_id"], variants[variant_id]["language"]) == (other, "fr")


def test_an_unused_variant_is_removed(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    own = written(me, post_id, channel="mastodon", text="Away.")
    path = f"/posts/{post_id}/variants/{own['variant_id']}"
    assert len(me.delete(path).body["variants"]) == 1
    assert me.delete(path).problem() == (404, "variant-not-found")
    assert me.patch(path, {"tone": "calm"}).problem() == (404, "variant-not-found")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"text": "To nowhere."}, (422, "variant-target-invalid")),
        ({"channel": "myspace", "text": "Hello."}, (422, "channel-unknown")),
        ({"connection_id": "cnobody", "text": "Hello."}, (404, "connection-unknown")),
        ({"channel": "bluesky", "text": "x" * 301}, (422, "caption-too-long")),
        ({"channel": "instagram", "text": "#a " * 31}, (422, "too-many-hashtags")),
        ({"channel": "x", "text": "Hello.", "photo_ids": ["ab"]}, (422, "photo-not-in-post")),
        ({"channel": "x", "text": " ", "photo_ids": []}, (422, "variant-empty")),
    ],
)
def test_what_its_channel_does_not_take_is_refused_by_name(world: World, me: Caller, body, problem) -> None:
    persona_id, _, _ = world.ready(me)
    assert me.post(f"/posts/{a_draft(me, persona_id)}/variants", body).problem() == problem


def test_a_channel_that_is_not_the_connection_s_is_refused(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    body = {"channel": "x", "connection_id": connection_id, "text": "Hello."}
    assert me.post(f"/posts/{post_id}/variants", body).problem() == (422, "variant-target-invalid")
    for_x = written(me, post_id, channel="x", text="Hello.")
    elsewhere = {"at": LATER, "connection_ids": [connection_id], "variant_ids": [for_x["variant_id"]]}
    assert me.post(f"/posts/{post_id}/schedule", elsewhere).problem() == (422, "variant-elsewhere")


def test_another_owner_s_variants_are_not_found(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    post_id, other = a_draft(me, persona_id), Caller(OTHER_ARN)
    own = written(me, post_id, channel="x", text="Mine.")
    path = f"/posts/{post_id}/variants"
    assert other.post(path, {"channel": "x", "text": "Theirs."}).problem() == (404, "post-not-found")
    assert other.patch(f"{path}/{own['variant_id']}", {"text": "Theirs."}).problem() == (404, "post-not-found")
    assert other.delete(f"{path}/{own['variant_id']}").problem() == (404, "post-not-found")


def test_an_archived_post_gets_no_variant_and_the_number_is_bounded(world: World, me: Caller, monkeypatch) -> None:
    persona_id, _, _ = world.ready(me)
    post_id = a_draft(me, persona_id)
    monkeypatch.setattr("shutterpost.flows.posting.write_variant.MAX_VARIANTS", 1)
    path, body = f"/posts/{post_id}/variants", {"channel": "x", "text": "Hello."}
    assert me.post(path, body).problem() == (409, "too-many-variants")
    me.patch(f"/posts/{post_id}", {"archived": True})
    assert me.post(path, body).problem() == (409, "post-is-archived")


def test_a_campaign_is_added_to_the_links_of_channels_that_have_links(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    post_id = a_draft(me, persona_id, caption="See https://a.example.", metadata={"campaign_id": "spring"})
    [composed] = me.get(f"/posts/{post_id}").body["variants"]
    assert (composed["text"], composed["metadata"]) == ("See https://a.example.", {})
    own = {"utm_content": "short", "short_url": "https://s.example/1"}
    variant = written(me, post_id, channel="bluesky", text="See https://a.example.", metadata=own)
    query = "utm_source=bluesky&utm_medium=social&utm_campaign=spring&utm_content=short"
    assert variant["text"] == f"See https://a.example?{query}."
    assert variant["metadata"] == {
        "utm_source": "bluesky",
        "utm_medium": "social",
        "utm_campaign": "spring",
        **own,
    }
    # The parameters count where the channel counts every character of a link.
    assert variant["count"]["length"] == len(variant["text"])
    long = {"channel": "bluesky", "text": f"{'x' * 270} https://a.example"}
    assert me.post(f"/posts/{post_id}/variants", long).problem() == (422, "caption-too-long")


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({f"key-{number}": "" for number in range(21)}, "metadata"),
        ({"key": "x" * 501}, "metadata.key"),
        ({"two words": "x"}, "metadata.two words"),
    ],
)
def test_metadata_is_bounded(world: World, me: Caller, metadata: dict[str, str], field: str) -> None:
    persona_id, _, _ = world.ready(me)
    body = {"channel": "x", "text": "Hello.", "metadata": metadata}
    broken = me.post(f"/posts/{a_draft(me, persona_id)}/variants", body).broken()
    assert [name for name in broken if name.startswith(field)] == list(broken)


def test_a_preview_counts_as_each_channel_counts_and_names_what_prevents(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    connection_id = world.connection(me, persona_id)
    body = {"caption": "An idea.", "draft": True, "connection_ids": [connection_id]}
    post_id = me.post(f"/personas/{persona_id}/posts", body).body["post_id"]
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 https://a.example/a-long-address"
    for channel in ("bluesky", "x", "mastodon"):
        written(me, post_id, channel=channel, text=family)
    path = f"/posts/{post_id}/preview"
    sent = {item["channel"]: item for item in me.get(path).body["variants"]}
    # A family is one grapheme, which X weighs as two; X and Mastodon count every link as 23.
    lengths = {channel: sent[channel]["count"]["length"] for channel in ("bluesky", "x", "mastodon")}
    link = len("https://a.example/a-long-address")
    assert lengths == {"bluesky": 2 + link, "x": 2 + 1 + 23, "mastodon": 2 + 23}
    assert (sent["bluesky"]["count"]["byte_length"], sent["bluesky"]["count"]["max_byte_length"]) == (19 + link, 3000)
    assert [each["kind"] for each in sent["x"]["impediments"]] == ["picture-required"]
    assert [each["kind"] for each in sent["instagram"]["impediments"]] == ["picture-required"]
    assert (sent["instagram"]["text"], sent["instagram"]["connection_id"]) == ("An idea.", connection_id)
    world.photo(persona_id)
    me.patch(f"/posts/{post_id}", {"photo": "fog.jpg"})
    before = me.get(f"/posts/{post_id}").body
    [ready] = [item for item in me.get(path).body["variants"] if item["channel"] == "instagram"]
    assert (ready["impediments"], len(ready["photo_ids"])) == ([], 1)
    assert me.get(f"/posts/{post_id}").body == before
    me.delete(f"/personas/{persona_id}/connections/{connection_id}")
    [revoked] = [item for item in me.get(path).body["variants"] if item["channel"] == "instagram"]
    assert [each["kind"] for each in revoked["impediments"]] == ["connection-not-connected"]
    assert Caller(OTHER_ARN).get(path).problem() == (404, "post-not-found")


def test_a_preview_fits_the_caption_to_every_channel(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    caption = f"{'fog ' * 60}https://a.example/{'x' * 60} and lakes."
    body = {"caption": caption, "hashtags": ["fog", "blue_hour", "2026"], "draft": True}
    post_id = me.post(f"/personas/{persona_id}/posts", body).body["post_id"]

    texts = {item["channel"]: item for item in me.get(f"/posts/{post_id}/preview").body["channels"]}

    assert texts.keys() == {channel["key"] for channel in me.get("/channels").body["channels"]}
    assert texts["instagram"]["text"] == f"{caption}\n\n#fog #blue_hour #2026"
    assert (texts["instagram"]["is_cut"], texts["instagram"]["hashtags_left_out"]) == (False, [])
    assert texts["linkedin"]["text"].endswith("#fog #bluehour #2026")
    assert (texts["bluesky"]["is_cut"], texts["bluesky"]["text"]) == (
        True,
        f"{'fog ' * 60}".strip() + "…\n\n#fog #blue_hour",
    )
    assert texts["mastodon"]["hashtags_left_out"] == ["2026"]
    assert texts["threads"]["hashtags_left_out"] == ["blue_hour", "2026"]
    assert texts["x"]["count"]["length"] <= 280


def test_a_preview_shows_the_text_as_it_is_sent(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    post_id = me.post(f"/personas/{persona_id}/posts", {"caption": "An idea.", "draft": True}).body["post_id"]
    written(me, post_id, channel="linkedin", text="Fog (again) #fog")

    [sent] = me.get(f"/posts/{post_id}/preview").body["variants"]

    assert (sent["text"], sent["sent_text"]) == ("Fog (again) #fog", "Fog \\(again\\) #fog")
    assert sent["count"]["length"] == len("Fog (again) #fog")
