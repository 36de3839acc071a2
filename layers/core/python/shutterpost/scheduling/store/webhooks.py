"""The webhook of a persona and its deliveries; pending ones are in the due index, under a shard of their own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.exceptions import PutError, UpdateError

from shutterpost.runtime.pages import page_limit
from shutterpost.runtime.refusals import NotFound
from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import DeliveryItem, WebhookItem, persona_key

# DynamoDB removes a delivery after this time.
RETENTION = timedelta(days=30)
_SK = "WEBHOOK"
_SHARD = "webhooks"
_LOST = "ConditionalCheckFailedException"


class WebhookUnknown(NotFound):
    kind = "webhook-unknown"


class DeliveryUnknown(NotFound):
    kind = "delivery-unknown"


class Webhook(Value):
    """Where a persona's events are sent. Its secret is in Parameter Store."""

    persona_id: str
    owner: str
    url: str
    active: bool = True
    updated_at: datetime


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Value):
    """One event for a webhook: `body` is sent as it is; `detail` is the outcome of the last of its `attempts`."""

    delivery_id: str
    persona_id: str
    owner: str
    event: str
    body: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    last_attempt_at: datetime | None = None
    detail: str = ""


class DeliveryPage(Value):
    deliveries: tuple[Delivery, ...]
    cursor: str | None = None


class Webhooks:
    def get(self, persona_id: str) -> Webhook:
        """The persona's webhook, read consistently. Raises `WebhookUnknown` if there is none, or none any more."""
        try:
            item = WebhookItem.get(persona_key(persona_id), _SK, consistent_read=True)
        except WebhookItem.DoesNotExist:
            raise _unknown(persona_id) from None
        webhook = Webhook.model_validate(item.attribute_values)
        if not webhook.active:
            raise _unknown(persona_id)
        return webhook

    def put(self, webhook: Webhook) -> None:
        """Store the persona's webhook in the place of the one before."""
        WebhookItem(persona_key(webhook.persona_id), _SK, **webhook.model_dump()).save()

    def add(self, delivery: Delivery) -> None:
        """Store a new delivery; one that is stored already stays as it is."""
        try:
            _item(delivery).save(condition=DeliveryItem.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _LOST:
                raise

    def due(self, now: datetime, limit: int) -> Iterator[Delivery]:
        """Up to `limit` pending deliveries that are due, earliest first (eventually consistent)."""
        for item in DeliveryItem.due_index.query(_SHARD, DeliveryItem.due_at <= now, limit=limit):
            yield Delivery.model_validate(item.attribute_values)

    def change(self, before: Delivery, after: Delivery) -> bool:
        """Store `after`; false if another run attempted the delivery since it was read."""
        fields = after.model_dump(include={"state", "attempts", "due_at", "last_attempt_at", "detail"})
        fields["due_shard"] = None if after.due_at is None else _SHARD
        actions = []
        for name, value in fields.items():
            attribute = getattr(DeliveryItem, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        unchanged = (DeliveryItem.attempts == before.attempts) & (DeliveryItem.state == before.state)
        try:
            DeliveryItem(_pk(before.persona_id), before.delivery_id).update(actions=actions, condition=unchanged)
        except UpdateError as error:
            if error.cause_response_code != _LOST:
                raise
            return False
        return True

    def delivery(self, persona_id: str, delivery_id: str) -> Delivery:
        """The delivery, read consistently. Raises `DeliveryUnknown`."""
        try:
            item = DeliveryItem.get(_pk(persona_id), delivery_id, consistent_read=True)
        except DeliveryItem.DoesNotExist:
            raise DeliveryUnknown(
                f"There is no delivery {delivery_id}; deliveries are listed for {RETENTION.days} days."
            ) from None
        return Delivery.model_validate(item.attribute_values)

    def page(self, persona_id: str, *, limit: int, cursor: str | None = None) -> DeliveryPage:
        """A page of the persona's deliveries, newest first; `cursor` is the last id of the previous page."""
        limit = page_limit(limit)
        before = None if cursor is None else DeliveryItem.sk < cursor
        items = DeliveryItem.query(_pk(persona_id), before, scan_index_forward=False, limit=limit + 1)
        deliveries = tuple(Delivery.model_validate(item.attribute_values) for item in items)
        more = len(deliveries) > limit
        return DeliveryPage(deliveries=deliveries[:limit], cursor=deliveries[limit - 1].delivery_id if more else None)


def _item(delivery: Delivery) -> DeliveryItem:
    return DeliveryItem(
        _pk(delivery.persona_id),
        delivery.delivery_id,
        due_shard=_SHARD,
        expires_at=delivery.created_at + RETENTION,
        **delivery.model_dump(),
    )


def _pk(persona_id: str) -> str:
    return f"WEBHOOK#{persona_id}"


def _unknown(persona_id: str) -> WebhookUnknown:
    return WebhookUnknown(f"Persona {persona_id} has no webhook; set one with 'shutterpost webhooks set URL'.")
