"""Deliveries to webhooks: signed, repeated, logged and sent again, whatever the receiver does."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
import standardwebhooks

from shutterpost.channels import Tokens
from shutterpost.channels.refusals import WebhookInvalid
from shutterpost.channels.webhooks import WebhookSender, check_url
from shutterpost.flows.notifying.webhooks import PAUSES, Deliverer, WebhookSettings, event_of
from shutterpost.scheduling import DeliveryState, DeliveryUnknown, Webhooks, WebhookUnknown
from shutterpost.scheduling.store.items import DeliveryItem, Item
from tests.support.aws import create_table, mocked_aws
from tests.support.builders import StillClock, a_persona
from tests.support.receivers import Receiver, receiving, status

PERSONA = a_persona()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@dataclass
class Hooks:
    """The webhooks of a deployment on this machine."""

    clock: StillClock
    webhooks: Webhooks
    settings: WebhookSettings
    deliverer: Deliverer

    def send(self, text: str = "None.") -> str:
        """Let an event happen; its id."""
        event = event_of(PERSONA.persona_id, "digest", self.clock.now(), {"subject": "0 posted", "text": text})
        self.deliverer.enqueue(event)
        return event.event_id

    def state(self, delivery_id: str) -> tuple[DeliveryState, int]:
        delivery = self.webhooks.delivery(PERSONA.persona_id, delivery_id)
        return delivery.state, delivery.attempts


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with mocked_aws():
        create_table(Item, "posts-of-webhooks")
        # The library that verifies signatures refuses what is older than five minutes.
        clock, tokens, webhooks = (
            StillClock(datetime.now(UTC).replace(microsecond=0)),
            Tokens("/shutterpost/test/tokens"),
            Webhooks(),
        )
        sender = WebhookSender(allow_loopback=True, deadline=120)
        yield Hooks(
            clock,
            webhooks,
            WebhookSettings(clock=clock, webhooks=webhooks, tokens=tokens, allow_loopback=True),
            Deliverer(clock=clock, webhooks=webhooks, tokens=tokens, sender=sender),
        )


def test_an_independent_library_verifies_the_signature(hooks: Hooks, receiver: Receiver) -> None:
    _, secret = hooks.settings.set_url(PERSONA, receiver.url)
    sent = hooks.send("Ä, 日本")

    assert hooks.deliverer.run() == 1

    [(headers, body)] = receiver.requests
    verified = standardwebhooks.Webhook(secret.get_secret_value()).verify(body, headers)
    assert verified["data"] == {"subject": "0 posted", "text": "Ä, 日本"}
    assert (headers["webhook-id"], verified["type"]) == (sent, "digest")
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret.get_secret_value()).verify(body + b" ", headers)
    _, other = hooks.settings.set_url(PERSONA, receiver.url)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(other.get_secret_value()).verify(body, headers)


def test_a_failed_delivery_is_repeated_with_growing_pauses_and_the_same_id(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    receiver.answer = status(500)
    sent, attempts = hooks.send(), [1]
    hooks.deliverer.run()
    for pause in (*PAUSES, timedelta(days=30)):
        hooks.clock.sleep(pause - MINUTE)
        hooks.deliverer.run()
        attempts.append(len(receiver.requests))
        hooks.clock.sleep(MINUTE)
        hooks.deliverer.run()
        attempts.append(len(receiver.requests))

    last = len(PAUSES) + 1
    assert attempts == [1, *(count for attempt in range(1, last) for count in (attempt, attempt + 1)), last, last]
    assert {headers["webhook-id"] for headers, _ in receiver.requests} == {sent}
    assert hooks.state(sent) == (DeliveryState.FAILED, len(PAUSES) + 1)


def test_what_failed_is_not_lost_and_is_sent_again_on_request(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    receiver.answer = status(500)
    sent = hooks.send()
    hooks.deliverer.run()
    for pause in PAUSES:
        hooks.clock.sleep(pause)
        hooks.deliverer.run()
    assert hooks.state(sent) == (DeliveryState.FAILED, len(PAUSES) + 1)
    receiver.answer = status(204)

    assert hooks.settings.replay(PERSONA.persona_id, sent).state is DeliveryState.PENDING
    assert hooks.deliverer.run() == 1
    assert hooks.deliverer.run() == 0
    assert hooks.state(sent) == (DeliveryState.DELIVERED, 1)
    [logged] = hooks.webhooks.page(PERSONA.persona_id, limit=10).deliveries
    assert logged.detail == "HTTP 204."


def test_a_receiver_that_redirects_is_not_followed(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    receiver.answer = status(307, location=f"http://127.0.0.1:{receiver.port}/elsewhere")
    sent = hooks.send()
    hooks.deliverer.run()
    assert len(receiver.requests) == 1
    assert hooks.state(sent) == (DeliveryState.PENDING, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["silent", "dripping"])
def test_a_slow_receiver_is_left_and_the_next_delivery_is_sent(hooks: Hooks, receiver: Receiver, kind: str) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    released = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not released.wait(0.05):
            handler.wfile.write(b"a")

    slow = {"silent": lambda _: released.wait() and None, "dripping": drip}[kind]
    receiver.answer = lambda handler: slow(handler) if len(receiver.requests) == 1 else status(204)(handler)
    first = hooks.send("first")
    second = hooks.send("second")

    sender = WebhookSender(allow_loopback=True, deadline=3)
    delivered = replace(hooks.deliverer, sender=sender).run()
    released.set()

    states = sorted([hooks.state(first), hooks.state(second)])
    assert delivered == 1
    assert states == [(DeliveryState.DELIVERED, 1), (DeliveryState.PENDING, 1)]


def test_an_event_that_is_stored_twice_is_one_delivery(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    sent = hooks.send()
    hooks.deliverer.run()
    assert hooks.send() == sent
    assert hooks.deliverer.run() == 0
    assert len(receiver.requests) == 1


def test_of_two_runs_one_sends(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    hooks.send()
    [read] = hooks.webhooks.due(hooks.clock.now(), 10)
    hooks.deliverer.run()
    assert hooks.deliverer._deliver(read) is False
    assert len(receiver.requests) == 1


def test_without_a_webhook_nothing_is_stored_and_a_removed_one_gets_nothing(hooks: Hooks, receiver: Receiver) -> None:
    hooks.send("before")
    hooks.settings.set_url(PERSONA, receiver.url)
    waiting = hooks.send("between")
    hooks.settings.remove(PERSONA.persona_id)
    hooks.send("after")
    hooks.deliverer.run()
    assert receiver.requests == []
    assert [each.delivery_id for each in hooks.webhooks.page(PERSONA.persona_id, limit=10).deliveries] == [waiting]
    with pytest.raises(WebhookUnknown):
        hooks.settings.replay(PERSONA.persona_id, waiting)
    hooks.settings.set_url(PERSONA, receiver.url)
    with pytest.raises(DeliveryUnknown):
        hooks.settings.replay(PERSONA.persona_id, "20260101T000000Z-0")


def test_the_log_is_paged_newest_first_and_its_items_expire(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    ids = []
    for number in range(5):
        ids.append(hooks.send(str(number)))
        hooks.clock.sleep(MINUTE)
    first = hooks.webhooks.page(PERSONA.persona_id, limit=3)
    second = hooks.webhooks.page(PERSONA.persona_id, limit=3, cursor=first.cursor)
    assert [each.delivery_id for each in (*first.deliveries, *second.deliveries)] == ids[::-1]
    assert second.cursor is None
    items = DeliveryItem.query(f"WEBHOOK#{PERSONA.persona_id}")
    expiries = [item.expires_at - item.created_at for item in items]
    assert expiries == [timedelta(days=30)] * 5


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "https://user:secret@hooks.example.org/",
        "https:///path",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/#part",
        "https://hooks.exämple.org/",
        "https://hooks.example.org/ a",
        "ftp://hooks.example.org/",
        "not an address",
        "https://hooks.example.org/" + "a" * 2000,
    ],
)
def test_addresses_that_events_are_not_sent_to(url: str) -> None:
    with pytest.raises(WebhookInvalid):
        check_url(url)


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:192.168.1.1"]]
)
def test_a_name_of_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    posted = WebhookSender().post("https://hooks.example.org/", {}, b"{}")
    assert (posted.accepted, posted.detail) == (False, "The webhook's host has an address that is not public.")


def test_loopback_is_called_in_the_local_stage_alone(receiver: Receiver) -> None:
    assert WebhookSender(allow_loopback=True).post(receiver.url, {}, b"{}").accepted
    assert not WebhookSender().post(receiver.url, {}, b"{}").accepted
    assert len(receiver.requests) == 1


def test_the_body_of_an_event_is_json_with_its_type_and_time(hooks: Hooks, receiver: Receiver) -> None:
    hooks.settings.set_url(PERSONA, receiver.url)
    hooks.send()
    hooks.deliverer.run()
    body = json.loads(receiver.requests[0][1])
    assert body.keys() == {"type", "timestamp", "data"}
    assert receiver.requests[0][0]["content-type"] == "application/json"
