"""The webhook of a persona, and the log of its deliveries."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import ConfigDict, Field

from schedule_post.access import OwnerOnly
from schedule_post.http.router import PersonaId, Routes, documented
from schedule_post.wiring import Wired
from shutterpost.runtime.pages import MAX_PAGE
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Delivery, DeliveryState, Webhook

routes = Routes()
TAGS = ["Webhooks"]
DeliveryId = Annotated[str, Path(max_length=64, description="Id of a delivery, its header `webhook-id`.")]
EVENTS: Final = {
    "notices": "Notices of the persona that are due, and those that ended.",
    "digest": "The persona's digest.",
}
"""The events of a webhook, with what they are about."""


class SetWebhookRequest(Value):
    """Where to send the persona's events."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://hooks.example.org/shutterpost"}]}
    )

    url: str = Field(min_length=1, max_length=2000, description="An https address on a public host.")


class WebhookResponse(Value):
    url: str
    active: bool
    updated_at: datetime


class NewWebhookResponse(WebhookResponse):
    """The webhook with its signing secret, which is returned only here."""

    secret: str


class DeliveryResponse(Value):
    """An event that was or is to be sent; `detail` is the outcome of the last attempt, `due_at` when the next is."""

    delivery_id: str
    event: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    last_attempt_at: datetime | None
    due_at: datetime | None
    detail: str


class DeliveriesResponse(Value):
    deliveries: tuple[DeliveryResponse, ...]
    cursor: str | None


@routes.put(
    "/personas/<persona_id>/webhook",
    summary="Set the webhook",
    description=(
        "Sends the persona's notices and digests to an address as well, signed with a new secret "
        "(Standard Webhooks). See `webhooks` of this document for the requests."
    ),
    operation_id="setWebhook",
    tags=TAGS,
    responses=documented(404, _200="The webhook with its secret."),
)
def set_webhook(
    persona_id: PersonaId, body: SetWebhookRequest, access: OwnerOnly, services: Wired
) -> NewWebhookResponse:
    persona = access.persona(persona_id)
    webhook, secret = services.webhook_settings.set_url(persona, body.url)
    return NewWebhookResponse(**_fields(webhook), secret=secret.get_secret_value())


@routes.get(
    "/personas/<persona_id>/webhook",
    summary="Get the webhook",
    operation_id="getWebhook",
    tags=TAGS,
    responses=documented(404, _200="The webhook, without its secret."),
)
def get_webhook(persona_id: PersonaId, access: OwnerOnly, services: Wired) -> WebhookResponse:
    persona = access.persona(persona_id)
    return WebhookResponse(**_fields(services.webhooks.get(persona.persona_id)))


@routes.delete(
    "/personas/<persona_id>/webhook",
    summary="Remove the webhook",
    description="Sends nothing more and deletes the secret. The log of deliveries stays.",
    operation_id="removeWebhook",
    tags=TAGS,
    responses=documented(404, _200="The removed webhook."),
)
def remove_webhook(persona_id: PersonaId, access: OwnerOnly, services: Wired) -> WebhookResponse:
    persona = access.persona(persona_id)
    return WebhookResponse(**_fields(services.webhook_settings.remove(persona.persona_id)))


@routes.get(
    "/personas/<persona_id>/webhook/deliveries",
    summary="List deliveries",
    description="Deliveries of the last 30 days, newest first.",
    operation_id="listDeliveries",
    tags=TAGS,
    responses=documented(404, _200="A page of deliveries."),
)
def list_deliveries(
    persona_id: PersonaId,
    access: OwnerOnly,
    services: Wired,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="The size of the page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=64, description="Of the previous page.")] = None,
) -> DeliveriesResponse:
    persona = access.persona(persona_id)
    page = services.webhooks.page(persona.persona_id, limit=limit, cursor=cursor or None)
    return DeliveriesResponse(deliveries=tuple(map(_delivery, page.deliveries)), cursor=page.cursor)


@routes.post(
    "/personas/<persona_id>/webhook/deliveries/<delivery_id>/replay",
    summary="Send a delivery again",
    description="The next run, within a quarter of an hour, sends it with the same id and body.",
    operation_id="replayDelivery",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, _202="Accepted: it is sent again."),
)
def replay_delivery(
    persona_id: PersonaId, delivery_id: DeliveryId, access: OwnerOnly, services: Wired
) -> Response[DeliveryResponse]:
    persona = access.persona(persona_id)
    replayed = services.webhook_settings.replay(persona.persona_id, delivery_id)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, _delivery(replayed))


def _fields(webhook: Webhook) -> dict[str, Any]:
    return webhook.model_dump(include={"url", "active", "updated_at"})


def _delivery(delivery: Delivery) -> DeliveryResponse:
    return DeliveryResponse.model_validate(delivery.model_dump())
