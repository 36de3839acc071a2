"""Deliveries to webhooks: stored before they are sent, repeated with growing pauses, and sent again on request."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

from pydantic import SecretStr

from shutterpost.channels import Failure, Tokens
from shutterpost.channels.webhooks import Posted, check_url, new_secret, signature_of
from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.decide import Mention, StandingNotice
from shutterpost.flows.notifying.kinds import RULES, NoticeKind
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Delivery, DeliveryState, Webhook, Webhooks, WebhookUnknown

# The pauses after failed attempts; the last attempt is two days after the first.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240, 480, 960, 1440))
# Deliveries of one run. Each takes 15 seconds at most, and the function has five minutes.
MAX_DELIVERIES: Final = 15
# The last part of the secret's name in Parameter Store, where a token has its connection.
SECRET_NAME: Final = "webhook"  # noqa: S105 - a name


class NoticeData(Value):
    """A notice of a mail, as a webhook gets it; `commands` are those that the mail prints. Instants are UTC."""

    kind: NoticeKind
    title: str
    label: str
    what: str
    cost: str
    commands: tuple[str, ...]
    picture: str | None = None
    link: str | None = None
    deadline: datetime | None = None
    since: datetime
    next_reminder: datetime | None = None


class EndedNoticeData(Value):
    kind: NoticeKind
    title: str
    label: str
    since: datetime


class NoticesData(Value):
    """The notices that are due, and those that ended."""

    notices: tuple[NoticeData, ...]
    ended: tuple[EndedNoticeData, ...]


class NoticesEvent(Value):
    type: Literal["notices"]
    timestamp: datetime
    data: NoticesData


class DigestData(Value):
    """The digest's mail."""

    subject: str
    text: str


class DigestEvent(Value):
    type: Literal["digest"]
    timestamp: datetime
    data: DigestData


class OutgoingEvent(Value):
    """An event of a persona for its webhook, if it has one; `event_id` makes repeats of it one delivery."""

    event_id: str
    persona_id: str
    event: str
    at: datetime
    data: dict[str, Any]


class Sender(Protocol):
    def post(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        """Post `body`; never raises."""
        ...


def event_of(persona_id: str, event: str, at: datetime, data: dict[str, Any]) -> OutgoingEvent:
    """An event whose id sorts by time and derives from its content."""
    text = json.dumps([persona_id, event, data], sort_keys=True)
    event_id = f"{at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return OutgoingEvent(event_id=event_id, persona_id=persona_id, event=event, at=at, data=data)


def notices_events(
    mentions: Sequence[Mention], ended: Sequence[StandingNotice], at: datetime
) -> tuple[OutgoingEvent, ...]:
    """An event for each persona that has notices among these."""
    events = []
    owners = [*(item.condition.persona_id for item in mentions), *(item.persona_id for item in ended)]
    for persona_id in dict.fromkeys(item for item in owners if item is not None):
        data = NoticesData(
            notices=tuple(_notice(item) for item in mentions if item.condition.persona_id == persona_id),
            ended=tuple(_ended(item) for item in ended if item.persona_id == persona_id),
        )
        events.append(event_of(persona_id, "notices", at, data.model_dump(mode="json")))
    return tuple(events)


def _notice(mention: Mention) -> NoticeData:
    rule = RULES[mention.condition.kind]
    fields = mention.condition.model_dump()
    given = {"title": rule.title, "cost": rule.cost, "since": mention.since, "next_reminder": mention.remind_at}
    return NoticeData.model_validate({**fields, **given})


def _ended(notice: StandingNotice) -> EndedNoticeData:
    return EndedNoticeData.model_validate({**notice.model_dump(), "title": RULES[notice.kind].title})


@flow
class WebhookSettings:
    """Sets and ends webhooks; `allow_loopback` is for a stage on this machine."""

    clock: Clock
    webhooks: Webhooks
    tokens: Tokens
    allow_loopback: bool = False

    def set_url(self, persona: Persona, url: str) -> tuple[Webhook, SecretStr]:
        """Send the persona's events to `url` from now on, signed by a new secret. Raises `WebhookInvalid`."""
        check_url(url, allow_loopback=self.allow_loopback)
        secret = new_secret()
        self.tokens.put(persona.persona_id, SECRET_NAME, secret)
        now = self.clock.now()
        webhook = Webhook(persona_id=persona.persona_id, owner=persona.owner, url=url, updated_at=now)
        self.webhooks.put(webhook)
        return webhook, secret

    def remove(self, persona_id: str) -> Webhook:
        """Send nothing more, and delete the secret. Raises `WebhookUnknown`."""
        webhook = self.webhooks.get(persona_id)
        ended = webhook.model_copy(update={"active": False, "updated_at": self.clock.now()})
        self.webhooks.put(ended)
        self.tokens.delete(persona_id, SECRET_NAME)
        return ended

    def replay(self, persona_id: str, delivery_id: str) -> Delivery:
        """Let the next run send the delivery again. Raises `WebhookUnknown` and `DeliveryUnknown`."""
        self.webhooks.get(persona_id)
        before = self.webhooks.delivery(persona_id, delivery_id)
        changes = {"state": DeliveryState.PENDING, "attempts": 0, "due_at": self.clock.now()}
        self.webhooks.change(before, before.model_copy(update=changes))
        return self.webhooks.delivery(persona_id, delivery_id)


@flow
class Deliverer:
    """Stores deliveries, and sends those that are due."""

    clock: Clock
    webhooks: Webhooks
    tokens: Tokens
    sender: Sender

    def enqueue(self, event: OutgoingEvent) -> None:
        """Store the delivery of the event if its persona has a webhook; repeating it changes nothing."""
        try:
            webhook = self.webhooks.get(event.persona_id)
        except WebhookUnknown:
            return
        body = {"type": event.event, "timestamp": iso(event.at), "data": event.data}
        self.webhooks.add(
            Delivery(
                delivery_id=event.event_id,
                persona_id=event.persona_id,
                owner=webhook.owner,
                event=event.event,
                body=json.dumps(body, ensure_ascii=False),
                created_at=event.at,
                due_at=self.clock.now(),
            )
        )

    def run(self) -> int:
        """Send the deliveries that are due; returns how many were delivered."""
        return sum(self._deliver(delivery) for delivery in list(self.webhooks.due(self.clock.now(), MAX_DELIVERIES)))

    def _deliver(self, delivery: Delivery) -> bool:
        """Send one delivery; its next attempt is stored before, in case the run is cut short."""
        now = self.clock.now()
        attempts = delivery.attempts + 1
        pause = PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
        begun = delivery.model_copy(
            update={
                "attempts": attempts,
                "last_attempt_at": now,
                "due_at": now + pause if pause else None,
                "state": DeliveryState.PENDING if pause else DeliveryState.FAILED,
                "detail": "Sent; the outcome is not known yet.",
            }
        )
        if not self.webhooks.change(delivery, begun):
            return False
        posted = self._post(delivery, now)
        logger.info("webhook called", delivery_id=delivery.delivery_id, accepted=posted.accepted, detail=posted.detail)
        changes: dict[str, Any] = {"detail": posted.detail}
        if posted.accepted:
            changes |= {"state": DeliveryState.DELIVERED, "due_at": None}
        self.webhooks.change(begun, begun.model_copy(update=changes))
        return posted.accepted

    def _post(self, delivery: Delivery, now: datetime) -> Posted:
        try:
            webhook = self.webhooks.get(delivery.persona_id)
        except WebhookUnknown as refusal:
            return Posted(accepted=False, detail=refusal.detail)
        secret = self.tokens.read(delivery.persona_id, SECRET_NAME)
        if isinstance(secret, Failure):
            return Posted(accepted=False, detail="The signing secret cannot be read; set the webhook again.")
        body = delivery.body.encode()
        return self.sender.post(webhook.url, signature_of(secret, delivery.delivery_id, now, body), body)
