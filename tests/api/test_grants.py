"""Grants of roles on a persona to other principals."""

import pytest

from tests.api.calling import Answer, Caller
from tests.api.world import World

RIVAL = "123456789012/role/Rival"
OWNER = "123456789012/role/Photographer"


def grant(me: Caller, persona_id: str, role: str, principal: str = RIVAL) -> Answer:
    return me.put(f"/personas/{persona_id}/grants", {"principal": principal, "role": role})


def revoke(me: Caller, persona_id: str, principal: str = RIVAL) -> Answer:
    return me.send(me.event("DELETE", f"/personas/{persona_id}/grants", query={"principal": principal}))


def listed(caller: Caller, limit: int = 50) -> list[tuple[str, str]]:
    """Names and roles of all pages of the caller's personas."""
    pairs: list[tuple[str, str]] = []
    query = {"limit": str(limit)}
    while True:
        page = caller.get("/personas", **query).body
        assert len(page["personas"]) <= limit
        pairs += [(persona["name"], persona["role"]) for persona in page["personas"]]
        if page["cursor"] is None:
            return pairs
        query["cursor"] = page["cursor"]


def test_a_grant_takes_effect_and_ends_at_once(world: World, me: Caller, rival: Caller) -> None:
    persona_id = world.persona(me)
    path = f"/personas/{persona_id}"
    assert rival.get(path).problem() == (404, "persona-not-found")

    assert grant(me, persona_id, "viewer").body == {"principal": RIVAL, "role": "viewer"}
    assert rival.get(path).body["role"] == "viewer"
    assert me.get(path).body["role"] == "owner"
    assert rival.patch(path, {"max_per_week": 3}).problem() == (403, "role-missing")
    assert grant(me, persona_id, "operator").status == 200
    assert me.get(f"{path}/grants").body == {"grants": [{"principal": RIVAL, "role": "operator"}]}
    assert rival.patch(path, {"max_per_week": 3}).status == 200

    assert revoke(me, persona_id).body == {"principal": RIVAL, "role": "operator"}
    assert rival.get(path).problem() == (404, "persona-not-found")
    assert listed(rival) == []
    assert revoke(me, persona_id).problem() == (404, "grant-not-found")


def test_lists_contain_what_is_granted_in_pages(world: World, me: Caller, rival: Caller) -> None:
    for name in ("Anemone", "Birch"):
        world.persona(rival, name)
    granted = [world.persona(me, name) for name in ("Cedar", "Dune", "Elm")]
    for persona_id, role in zip(granted, ("viewer", "author", "operator"), strict=True):
        grant(me, persona_id, role)
    expected = [("Anemone", "owner"), ("Birch", "owner"), ("Cedar", "viewer"), ("Dune", "author"), ("Elm", "operator")]
    for limit in (1, 2, 3, 50):
        assert listed(rival, limit) == expected
    assert [name for name, _ in listed(me)] == ["Cedar", "Dune", "Elm"]
    revoke(me, granted[1])
    assert [name for name, _ in listed(rival, 2)] == ["Anemone", "Birch", "Cedar", "Elm"]


def test_a_persona_without_a_grant_is_no_cursor(world: World, me: Caller, rival: Caller) -> None:
    world.persona(me, "Anemone")
    world.persona(me, "Birch")
    cursor = me.get("/personas", limit="1").body["cursor"]
    assert rival.get("/personas", cursor=cursor).problem() == (422, "cursor-invalid")


def test_the_calendar_and_sync_include_what_the_role_allows(world: World, me: Caller, rival: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"})
    range_ = {"from": "2026-04-01", "to": "2026-04-02"}
    assert rival.get("/calendar", **range_).body["entries"] == []
    grant(me, persona_id, "viewer")
    assert [entry["persona_id"] for entry in rival.get("/calendar", **range_).body["entries"]] == [persona_id]
    rival.post("/sync")
    assert world.functions.invoked == []
    grant(me, persona_id, "operator")
    rival.post("/sync")
    assert [event["persona_id"] for _, event in world.functions.invoked] == [persona_id]


def test_what_a_grantee_creates_belongs_to_the_owner(world: World, me: Caller, rival: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    world.photo(persona_id, "rain.jpg")
    grant(me, persona_id, "author")
    path, body = f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}
    theirs = rival.post(path, body, idempotency_key="monday").body
    assert theirs["created_by"] == RIVAL
    stored = world.services.posts.details(theirs["post_id"])
    assert (stored.post.owner, stored.schedules[0].owner, stored.variants[0].owner) == (OWNER, OWNER, OWNER)
    assert rival.post(path, body, idempotency_key="monday").body == theirs

    # The owner's key of the same name is another key, and the claims are the owner's.
    assert me.post(path, body, idempotency_key="monday").problem() == (409, "photo-already-posted")
    mine = me.post(path, {**body, "photo": "rain.jpg"}, idempotency_key="monday").body
    assert (mine["created_by"], mine["photo_names"]) == (OWNER, ["rain.jpg"])

    row = {"photo": "fog.jpg", "cycle": 2, "at": "2026-04-05T09:00:00", "connection_ids": [connection_id]}
    [planned] = rival.post(f"/personas/{persona_id}/planned", {"rows": [row]}).body["rows"]
    assert me.get(f"/posts/{planned['post_id']}").body["created_by"] == RIVAL
    revoke(me, persona_id)
    assert me.get(f"/posts/{theirs['post_id']}").body["status"] == "scheduled"
    assert rival.get(f"/posts/{theirs['post_id']}").problem() == (404, "post-not-found")


@pytest.mark.parametrize(
    "principal", [OWNER, "999999999999/role/Rival", "arn:aws:iam::123456789012:role/Rival", "Rival"]
)
def test_a_principal_that_cannot_call_or_needs_no_grant_is_refused(world: World, me: Caller, principal: str) -> None:
    persona_id = world.persona(me)
    assert grant(me, persona_id, "viewer", principal).problem()[0] == 422
    assert me.get(f"/personas/{persona_id}/grants").body == {"grants": []}


def test_the_owner_is_no_role_to_grant(world: World, me: Caller) -> None:
    assert grant(me, world.persona(me), "owner").broken() == {"role": "literal_error"}


def test_a_persona_has_a_bounded_number_of_grants(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for number in range(50):
        assert grant(me, persona_id, "viewer", f"123456789012/user/{number}").status == 200
    assert grant(me, persona_id, "viewer").problem() == (409, "too-many-grants")
    assert grant(me, persona_id, "author", "123456789012/user/7").status == 200


@pytest.mark.parametrize("name", ["GRANTS#{persona_id}", f"GRANTED#{RIVAL}"])
def test_items_of_grants_are_no_personas(world: World, me: Caller, name: str) -> None:
    persona_id = world.persona(me)
    grant(me, persona_id, "viewer")
    asked_for = {"persona": name.format(persona_id=persona_id), "from": "2026-04-01", "to": "2026-04-02"}
    assert me.get("/calendar", **asked_for).problem() == (404, "persona-not-found")
