"""Alt text: from the photo or the person, required where the persona says so, and shown by a preview."""

import pytest

from shutterpost.channels import Limits, catalogue
from shutterpost.flows.records.preview import alt_text_warnings
from tests.api.calling import Caller
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


@pytest.fixture
def persona_id(world: World, me: Caller) -> str:
    persona_id = world.persona(me, require_alt_text=True)
    world.connection(me, persona_id)
    return persona_id


def test_a_photo_without_an_alt_text_is_refused_by_name(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "rain.jpg", alt_text="")
    path = f"/personas/{persona_id}/posts"

    refused = me.post(path, {"photo": "rain.jpg", "at": LATER})

    assert refused.problem() == (422, "alt-text-missing")
    assert refused.body["photos"] == ["rain.jpg"]
    assert me.post(path, {"photo": "rain.jpg", "at": LATER, "alt_text": "Rain."}).status == 202


def test_every_photo_of_a_carousel_needs_one(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "rain.jpg", alt_text="Rain.")
    world.photo(persona_id, "sun.jpg", alt_text="")
    body = {"photo": "rain.jpg", "with_photos": ["sun.jpg"], "at": LATER, "alt_text": "Two views."}

    refused = me.post(f"/personas/{persona_id}/posts", body)

    assert (refused.problem(), refused.body["photos"]) == ((422, "alt-text-missing"), ["sun.jpg"])


def test_a_draft_may_lack_one_until_it_is_scheduled(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "rain.jpg", alt_text="")
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "draft": True}).body
    path = f"/posts/{draft['post_id']}"
    [shown] = me.get(f"{path}/preview").body["variants"]
    assert [item["kind"] for item in shown["impediments"]] == ["alt-text-missing"]
    assert [item["kind"] for item in shown["warnings"]] == ["alt-text-missing"]

    assert me.post(f"{path}/schedule", {"at": LATER}).problem() == (422, "alt-text-missing")
    me.patch(path, {"alt_text": "Rain."})

    [ready] = me.get(f"{path}/preview").body["variants"]
    assert (ready["impediments"], ready["warnings"]) == ([], [])
    assert me.post(f"{path}/schedule", {"at": LATER}).status == 202


def test_a_scheduled_post_keeps_the_alt_text_that_is_required(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "rain.jpg", alt_text="Rain.")
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "at": LATER}).body
    variant = f"/posts/{post['post_id']}/variants/{post['variants'][0]['variant_id']}"

    assert me.patch(f"/posts/{post['post_id']}", {"alt_text": ""}).problem() == (422, "alt-text-missing")
    assert me.patch(variant, {"alt_text": " "}).problem() == (422, "alt-text-missing")
    assert me.patch(variant, {"alt_text": "Rain at sea."}).body["alt_text"] == "Rain at sea."


def test_a_preview_warns_where_a_channel_drops_it() -> None:
    row = catalogue().row("instagram")
    limits: Limits = row.limits.model_copy(update={"supports_alt_text": False})
    without = row.model_copy(update={"limits": limits})

    [warning] = alt_text_warnings("Rain.", pictures=1, row=without)

    assert (warning.kind, warning.detail) == ("alt-text-dropped", "Instagram takes no alt text; it is left out there.")
    assert alt_text_warnings("Rain.", pictures=1, row=row) == ()
    assert alt_text_warnings("", pictures=0, row=row) == ()
