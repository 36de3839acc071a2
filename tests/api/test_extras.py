"""Extras of a post: what a connection takes, by its channel, its login and its token's permissions."""

from typing import Any

import pytest

from tests.api.calling import Caller
from tests.api.world import World

LATER = "2026-04-01T09:00:00"
SCOPES = ["instagram_basic", "instagram_content_publish"]


@pytest.fixture
def persona_id(world: World, me: Caller) -> str:
    persona_id = world.persona(me)
    world.photo(persona_id, "rain.jpg", alt_text="Rain.")
    return persona_id


def connect(world: World, me: Caller, persona_id: str, scopes: list[str] | None) -> dict[str, Any]:
    """An Instagram account whose token has these permissions, as its trial reads them."""
    facts = {"scopes": scopes, "account_name": None, "expires_at": None}
    report = {"persona_id": persona_id, "connection_id": "c", "works": True, "detail": "", "token_facts": facts}
    world.services.workers.reports["try_candidate"] = report  # type: ignore[attr-defined]
    account = {"channel": "instagram", "account_id": "178", "login": "facebook", "token": "EAAG-1"}
    return dict(me.post(f"/personas/{persona_id}/connections", account).body)


def create(me: Caller, persona_id: str, extras: dict[str, Any], **fields: Any) -> Any:
    body = {"photo": "rain.jpg", "at": LATER, "extras": extras, **fields}
    return me.post(f"/personas/{persona_id}/posts", body)


@pytest.mark.parametrize("scopes", [None, [*SCOPES, "instagram_manage_comments"]])
def test_a_first_comment_is_taken_where_the_token_may_have_the_permission(
    world: World, me: Caller, persona_id: str, scopes: list[str] | None
) -> None:
    assert connect(world, me, persona_id, scopes)["scopes"] == scopes

    created = create(me, persona_id, {"first_comment": " More on the blog. "})

    assert created.status == 202
    assert created.body["extras"]["first_comment"] == "More on the blog."
    assert created.body["warnings"] == []


def test_a_first_comment_is_refused_where_the_token_lacks_the_permission(
    world: World, me: Caller, persona_id: str
) -> None:
    connection = connect(world, me, persona_id, SCOPES)

    refused = create(me, persona_id, {"first_comment": "More."})

    assert refused.problem() == (422, "extra-not-taken")
    assert refused.body["extra"] == "first_comment"
    assert refused.body["connection_id"] == connection["connection_id"]
    assert "lacks the permission instagram_manage_comments" in refused.body["detail"]
    assert create(me, persona_id, {"collaborators": ["anna"]}).status == 202


@pytest.mark.parametrize(
    ("extras", "field"),
    [
        ({"user_tags": [{"username": "anna", "x": 1.5, "y": 0}]}, "user_tags"),
        ({"user_tags": [{"username": "an na", "x": 0, "y": 0}]}, "user_tags"),
        ({"location_id": "the valley"}, "location_id"),
        ({"first_coment": "More."}, "first_coment"),
        ({"story": True, "collaborators": ["anna"]}, "extras"),
    ],
)
def test_extras_that_no_channel_could_take_are_bad_fields(
    world: World, me: Caller, persona_id: str, extras: dict[str, Any], field: str
) -> None:
    world.connection(me, persona_id)

    refused = create(me, persona_id, extras)

    assert refused.status == 422
    assert field in str(refused.body)


def test_a_dry_run_and_a_preview_say_what_a_channel_leaves_out(world: World, me: Caller, persona_id: str) -> None:
    world.connection(me, persona_id)
    world.connection(me, persona_id, "buffer")
    extras = {"first_comment": "More."}

    [dropped] = create(me, persona_id, extras, connection_ids=[]).body["warnings"]
    again = {"photo": "rain.jpg", "extras": extras, "cycle": 2}
    dry = me.post(f"/personas/{persona_id}/posts", again, {"dry_run": "true"})
    [post] = me.get(f"/personas/{persona_id}/posts").body["posts"]
    shown = {item["channel"]: item for item in me.get(f"/posts/{post['post_id']}/preview").body["variants"]}

    assert dropped == {"kind": "extra-left-out", "detail": "First comment: Buffer takes none. It is left out there."}
    assert dry.body["warnings"] == [dropped]
    assert shown["buffer"]["warnings"] == [dropped]
    assert (shown["instagram"]["warnings"], shown["instagram"]["impediments"]) == ([], [])
    assert shown["instagram"]["extras"]["first_comment"] == "More."
    assert shown["buffer"]["extras"]["first_comment"] is None


def test_a_preview_shows_a_story_as_it_goes_out(world: World, me: Caller, persona_id: str) -> None:
    world.connection(me, persona_id)
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "draft": True, "extras": {"story": True}})
    path = f"/posts/{draft.body['post_id']}"

    [shown] = me.get(f"{path}/preview").body["variants"]

    assert (shown["sent_text"], shown["extras"]["story"]) == ("", True)
    assert [item["kind"] for item in shown["warnings"]] == ["story-without-text"]
    changed = me.patch(path, {"extras": None})
    assert changed.body["extras"] is None
    [plain] = me.get(f"{path}/preview").body["variants"]
    assert plain["sent_text"] == plain["text"] != ""


def test_a_preview_says_what_prevents_a_story(world: World, me: Caller, persona_id: str) -> None:
    world.connection(me, persona_id, "buffer")
    refused = create(me, persona_id, {"story": True})
    assert refused.problem() == (422, "extra-not-taken")
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "draft": True}).body
    assert me.patch(f"/posts/{draft['post_id']}", {"extras": {"story": True}}).problem() == (422, "extra-not-taken")


def test_a_draft_keeps_its_extras_for_its_schedule(world: World, me: Caller, persona_id: str) -> None:
    draft = me.post(
        f"/personas/{persona_id}/posts", {"caption": "Rain.", "draft": True, "extras": {"collaborators": list("abcd")}}
    ).body
    path, connection_id = f"/posts/{draft['post_id']}", world.connection(me, persona_id)
    me.patch(path, {"photo": "rain.jpg"})

    refused = me.post(f"{path}/schedule", {"at": LATER, "connection_ids": [connection_id]})

    assert refused.problem() == (422, "extra-not-taken")
    me.patch(path, {"extras": {"collaborators": ["anna"]}})
    planned = me.post(f"{path}/schedule", {"at": LATER, "connection_ids": [connection_id]})
    assert (planned.status, planned.body["extras"]["collaborators"]) == (202, ["anna"])


def test_another_photo_of_a_draft_loses_the_tags_of_the_first(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "sun.jpg")
    extras = {"user_tags": [{"username": "anna", "x": 0.5, "y": 0.5}], "location_id": "1234"}
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "draft": True, "extras": extras}).body

    changed = me.patch(f"/posts/{draft['post_id']}", {"photo": "sun.jpg"}).body

    assert (changed["extras"]["user_tags"], changed["extras"]["location_id"]) == ([], "1234")


def test_a_plan_keeps_the_extras_of_its_posts(world: World, me: Caller, persona_id: str) -> None:
    world.connection(me, persona_id)
    post = create(me, persona_id, {"collaborators": ["anna"]}).body
    path = f"/personas/{persona_id}/planned"
    [row] = me.get(path).body["rows"]
    assert row["extras"]["collaborators"] == ["anna"]

    row["extras"]["collaborators"] = ["bert"]
    [result] = me.post(path, {"rows": [row]}).body["rows"]

    assert result["result"] == "changed"
    assert me.get(f"/posts/{post['post_id']}").body["extras"]["collaborators"] == ["bert"]
