"""The webhook of a persona through the API."""

import pytest

from tests.api.calling import OTHER_ARN, Caller
from tests.api.examples import an_event
from tests.api.world import World, standing_world

URL = "https://hooks.example.org/shutterpost"


@pytest.fixture
def world():
    with standing_world() as world:
        yield world


def test_a_webhook_is_set_shown_without_its_secret_and_removed(world: World) -> None:
    me = Caller()
    path = f"/personas/{world.persona(me)}/webhook"
    assert me.get(path).status == 404
    first = me.put(path, {"url": URL}).body["secret"]
    again = me.put(path, {"url": f"{URL}/2"}).body
    assert first.startswith("whsec_")
    assert again["secret"] != first
    shown = me.get(path).body
    assert (shown["url"], shown["active"], "secret" in shown) == (f"{URL}/2", True, False)
    assert me.delete(path).body["active"] is False
    assert (me.get(path).status, me.delete(path).status) == (404, 404)


@pytest.mark.parametrize("url", ["http://hooks.example.org/", "https://10.0.0.1/", "https://localhost.example/ a", "x"])
def test_an_address_that_is_not_public_https_is_refused(world: World, url: str) -> None:
    me = Caller()
    answer = me.put(f"/personas/{world.persona(me)}/webhook", {"url": url})
    assert (answer.status, answer.body["type"].rpartition(":")[2]) == (422, "webhook-invalid")


def test_a_delivery_is_listed_and_sent_again(world: World) -> None:
    me = Caller()
    persona_id = world.persona(me)
    path = f"/personas/{persona_id}/webhook"
    me.put(path, {"url": URL})
    delivery_id = an_event(world, persona_id)
    [listed] = me.get(f"{path}/deliveries").body["deliveries"]
    assert (listed["delivery_id"], listed["state"], listed["attempts"]) == (delivery_id, "pending", 0)
    replayed = me.post(f"{path}/deliveries/{delivery_id}/replay")
    assert (replayed.status, replayed.body["state"]) == (202, "pending")
    assert me.post(f"{path}/deliveries/nothing/replay").status == 404


def test_the_webhook_of_another_owner_is_unknown(world: World) -> None:
    persona_id = world.persona(Caller())
    other = Caller(OTHER_ARN)
    path = f"/personas/{persona_id}/webhook"
    answers = [other.get(path), other.put(path, {"url": URL}), other.delete(path), other.get(f"{path}/deliveries")]
    assert [answer.status for answer in answers] == [404] * 4
