"""Connections: a persona's accounts on channels."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path

from schedule_post.http import responses
from schedule_post.http.requests import NewConnection
from schedule_post.http.responses import CheckedConnectionResponse, Connection, ConnectionsResponse
from schedule_post.http.router import LOCATION, Owner, PersonaId, Routes, says
from schedule_post.wiring import Services, Wired
from shutterpost import channels
from shutterpost.flows.syncing.health import ConnectionCheck, check_triable

routes = Routes()
TAGS = ["Connections"]
ConnectionId = Annotated[str, Path(max_length=64, description="Id of one of the persona's connections.")]


@routes.post(
    "/personas/<persona_id>/connections",
    summary="Connect an account",
    description="The token is stored first and never shown. Connecting an account again replaces its token.",
    operation_id="connectAccount",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=says(
        404,
        409,
        headers=LOCATION,
        _200="The account was known; it is connected anew.",
        _201="The connection.",
    ),
)
def connect_account(persona_id: PersonaId, body: NewConnection, owner: Owner, services: Wired) -> Response[Connection]:
    """Connect an account, or connect it anew."""
    connection = services.connector.connect(services.personas.get(persona_id, owner), body)
    is_new = connection.created_at == connection.updated_at
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    location = f"/personas/{persona_id}/connections/{connection.connection_id}"
    shown = _shown(services, connection)
    return Response(status.value, content_types.APPLICATION_JSON, shown, headers={"Location": location})


@routes.get(
    "/personas/<persona_id>/connections",
    summary="List connections",
    operation_id="listConnections",
    tags=TAGS,
    responses=says(404, _200="All of them, of every status."),
)
def list_connections(persona_id: PersonaId, owner: Owner, services: Wired) -> ConnectionsResponse:
    """A persona's connections."""
    persona = services.personas.get(persona_id, owner)
    found = services.connector.connections.list(persona.persona_id)
    return ConnectionsResponse(connections=tuple(_shown(services, one) for one in found))


@routes.get(
    "/personas/<persona_id>/connections/<connection_id>",
    summary="Get a connection",
    operation_id="getConnection",
    tags=TAGS,
    responses=says(404, _200="The connection."),
)
def get_connection(persona_id: PersonaId, connection_id: ConnectionId, owner: Owner, services: Wired) -> Connection:
    """One connection."""
    persona = services.personas.get(persona_id, owner)
    return _shown(services, services.connector.connections.get(persona.persona_id, connection_id))


@routes.post(
    "/personas/<persona_id>/connections/<connection_id>/check",
    summary="Check a connection",
    description=(
        "Asks the platform whether the token works. One that does not puts the connection in error, one that works "
        "again ends that."
    ),
    operation_id="checkConnection",
    tags=TAGS,
    responses=says(404, 409, 502, 503, _200="What was found.", _202="Accepted: the platform is still being asked."),
)
def check_connection(
    persona_id: PersonaId, connection_id: ConnectionId, owner: Owner, services: Wired
) -> Response[CheckedConnectionResponse]:
    """Have a token tried by the function that may read it."""
    persona, connections = services.personas.get(persona_id, owner), services.connector.connections
    check_triable(connections.get(persona.persona_id, connection_id))
    job = {"job": "try", "persona_id": persona.persona_id, "connection_id": connection_id}
    report = services.workers.ask(services.sync_arn, job)
    shown = _shown(services, connections.get(persona.persona_id, connection_id))
    told = responses.tried(shown, ConnectionCheck.model_validate(report) if report else None)
    status = HTTPStatus.OK if report else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, told)


@routes.delete(
    "/personas/<persona_id>/connections/<connection_id>",
    summary="Revoke a connection",
    description="Nothing more is posted with it, and its token is forgotten. It stays listed as `revoked`.",
    operation_id="revokeConnection",
    tags=TAGS,
    responses=says(404, _200="The revoked connection."),
)
def revoke_connection(persona_id: PersonaId, connection_id: ConnectionId, owner: Owner, services: Wired) -> Connection:
    """End a connection and forget its token."""
    return _shown(services, services.connector.revoke(services.personas.get(persona_id, owner), connection_id))


def _shown(services: Services, found: channels.Connection) -> Connection:
    return responses.connection(found, services.connector.catalogue, services.connector.clock.now())
