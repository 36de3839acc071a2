"""Connections: a persona's accounts on channels."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from schedule_post.access import Operator, OwnerOnly, Viewer
from schedule_post.http import responses
from schedule_post.http.cursors import Cursor, decode_cursor, encode_cursor
from schedule_post.http.requests.personas import ConnectAccountRequest, SetBudgetRequest
from schedule_post.http.responses import CheckedConnectionResponse, ConnectionResponse, ConnectionsResponse
from schedule_post.http.router import LOCATION, PersonaId, Routes, documented
from schedule_post.wiring import Services, Wired
from shutterpost import channels
from shutterpost.channels import Cause
from shutterpost.flows.records.account_posts import AccountPosts, Listing
from shutterpost.flows.refusals import TokenRefused
from shutterpost.flows.syncing.health import ConnectionCheck, check_triable
from shutterpost.personas import Persona

routes = Routes()
TAGS = ["Connections"]
_NO_ANSWER = "The platform has not answered yet; read it again in a minute."
# Mastodon gives at most 40 posts a page.
RecentLimit = Annotated[int, Query(ge=1, le=40, description="Maximum number of posts per page.")]
ConnectionId = Annotated[str, Path(max_length=64, description="Id of one of the persona's connections.")]


@routes.post(
    "/personas/<persona_id>/connections",
    summary="Connect an account",
    description=(
        "Tries the token on the platform and stores it unless that refuses it; it is never returned. `works` is "
        "`null` if the platform did not answer, and `token_facts` are the facts of the token. "
        "Connecting an account again replaces its token, resets its circuit breaker and starts its posts that are due."
    ),
    operation_id="connectAccount",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=documented(
        404,
        409,
        502,
        503,
        headers=LOCATION,
        _200="An existing connection with a new token.",
        _201="The new connection.",
    ),
)
def connect_account(
    persona_id: PersonaId, body: ConnectAccountRequest, access: OwnerOnly, services: Wired
) -> Response[CheckedConnectionResponse]:
    persona = access.persona(persona_id)
    check = _try_candidate(services, persona, body)
    facts = check.token_facts if check else None
    known = {"token_expires_at": facts.expires_at} if facts and body.token_expires_at is None else {}
    limits, scopes = check.limits if check else None, facts.scopes if facts else None
    connection = services.connector.connect(persona, body.model_copy(update=known), limits, scopes)
    is_new = connection.created_at == connection.updated_at
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    location = f"/personas/{persona_id}/connections/{connection.connection_id}"
    released = _release(services, persona, connection.connection_id)
    response = responses.checked_connection(_response(services, connection), check, released)
    return Response(status.value, content_types.APPLICATION_JSON, response, headers={"Location": location})


@routes.get(
    "/personas/<persona_id>/connections",
    summary="List connections",
    operation_id="listConnections",
    tags=TAGS,
    responses=documented(404, _200="All connections, of every status."),
)
def list_connections(persona_id: PersonaId, access: Viewer, services: Wired) -> ConnectionsResponse:
    persona = access.persona(persona_id)
    connections = services.connector.connections.list(persona.persona_id)
    return ConnectionsResponse(connections=tuple(_response(services, connection) for connection in connections))


@routes.get(
    "/personas/<persona_id>/connections/<connection_id>",
    summary="Get a connection",
    operation_id="getConnection",
    tags=TAGS,
    responses=documented(404, _200="The connection."),
)
def get_connection(
    persona_id: PersonaId, connection_id: ConnectionId, access: Viewer, services: Wired
) -> ConnectionResponse:
    persona = access.persona(persona_id)
    return _response(services, services.connector.connections.get(persona.persona_id, connection_id))


@routes.post(
    "/personas/<persona_id>/connections/<connection_id>/check",
    summary="Check a connection",
    description=(
        "Tests the token on the platform. A failure sets the connection's status to `error`. A success ends that "
        "status and closes the circuit breaker, and the posts that are due start."
    ),
    operation_id="checkConnection",
    tags=TAGS,
    responses=documented(404, 409, 502, 503, _200="The result.", _202="Accepted: the check is still running."),
)
def check_connection(
    persona_id: PersonaId, connection_id: ConnectionId, access: Operator, services: Wired
) -> Response[CheckedConnectionResponse]:
    persona, connections = access.persona(persona_id), services.connector.connections
    check_triable(connections.get(persona.persona_id, connection_id))
    job = {"job": "try", "persona_id": persona.persona_id, "connection_id": connection_id}
    report = services.workers.run(services.sync_arn, job)
    check = ConnectionCheck.model_validate(report) if report else None
    released = _release(services, persona, connection_id) if check and check.works else None
    connection = _response(services, connections.get(persona.persona_id, connection_id))
    body = responses.checked_connection(connection, check, released)
    status = HTTPStatus.OK if report else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, body)


@routes.get(
    "/personas/<persona_id>/connections/<connection_id>/recent",
    summary="List what an account shows",
    description=(
        "A page of the account's latest posts, read from its platform now, also those that were posted by hand: their "
        "`post_id` is `null`. A channel that does not list, and a platform that could not be read, are a `state` with "
        "its `detail`. The addresses of pictures end after some time."
    ),
    operation_id="listRecentPosts",
    tags=TAGS,
    responses=documented(404, 409, 502, 503, _200="The page, or why there is none."),
)
def list_recent_posts(
    persona_id: PersonaId,
    connection_id: ConnectionId,
    access: Viewer,
    services: Wired,
    *,
    limit: RecentLimit = 30,
    cursor: Cursor = None,
) -> AccountPosts:
    persona = access.persona(persona_id)
    check_triable(services.connector.connections.get(persona.persona_id, connection_id))
    job = {
        "job": "recent_posts",
        "persona_id": persona.persona_id,
        "connection_id": connection_id,
        "limit": limit,
        "cursor": decode_cursor(cursor),
    }
    report = services.workers.run(services.sync_arn, job)
    page = AccountPosts.model_validate(report) if report else AccountPosts(state=Listing.UNREAD, detail=_NO_ANSWER)
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.post(
    "/personas/<persona_id>/connections/<connection_id>/reset",
    summary="Reset a circuit breaker",
    description=(
        "Closes the connection's circuit breaker and that of its channel, and starts the connection's posts that are "
        "due. A repeat has no effect."
    ),
    operation_id="resetConnection",
    tags=TAGS,
    responses=documented(404, _200="The connection, and what was started."),
)
def reset_connection(
    persona_id: PersonaId, connection_id: ConnectionId, access: Operator, services: Wired
) -> responses.ResetConnectionResponse:
    persona = access.persona(persona_id)
    released = _release(services, persona, connection_id)
    shown = _response(services, services.connector.connections.get(persona.persona_id, connection_id))
    return responses.ResetConnectionResponse.model_validate({**shown.model_dump(), **released})


@routes.delete(
    "/personas/<persona_id>/connections/<connection_id>",
    summary="Revoke a connection",
    description="Stops publishing with the connection and deletes its token. It stays listed as `revoked`.",
    operation_id="revokeConnection",
    tags=TAGS,
    responses=documented(404, 409, _200="The revoked connection."),
)
def revoke_connection(
    persona_id: PersonaId, connection_id: ConnectionId, access: OwnerOnly, services: Wired
) -> ConnectionResponse:
    return _response(services, services.connector.revoke(access.persona(persona_id), connection_id))


@routes.put(
    "/personas/<persona_id>/connections/<connection_id>/budget",
    summary="Set a monthly budget",
    description=(
        "A connection on a channel that charges for posts publishes nothing without a budget. Posts that are out, "
        "unclear or about to be count in their calendar month (UTC); the next one waits for the next month, or follows "
        "the persona's late policy. Several connections of one account share what is used."
    ),
    operation_id="setBudget",
    tags=TAGS,
    responses=documented(404, 409, _200="The connection with its budget."),
)
def set_budget(
    persona_id: PersonaId, connection_id: ConnectionId, body: SetBudgetRequest, access: OwnerOnly, services: Wired
) -> ConnectionResponse:
    return _response(services, services.connector.set_budget(access.persona(persona_id), connection_id, body))


@routes.delete(
    "/personas/<persona_id>/connections/<connection_id>/budget",
    summary="Remove a monthly budget",
    description="Nothing more is published with the connection. A repeat has no effect.",
    operation_id="removeBudget",
    tags=TAGS,
    responses=documented(404, 409, _200="The connection without a budget."),
)
def remove_budget(
    persona_id: PersonaId, connection_id: ConnectionId, access: OwnerOnly, services: Wired
) -> ConnectionResponse:
    return _response(services, services.connector.set_budget(access.persona(persona_id), connection_id, None))


def _try_candidate(services: Services, persona: Persona, account: ConnectAccountRequest) -> ConnectionCheck | None:
    """The trial of a token that is not stored yet; `None` if the platform could not be asked. Raises `TokenRefused`."""
    candidate = services.connector.candidate(persona, account)
    try:
        job = {"job": "try_candidate", "connection": candidate.model_dump(mode="json")}
        report = services.workers.run(services.sync_arn, job)
    finally:
        services.connector.forget(candidate)
    check = ConnectionCheck.model_validate(report) if report else None
    if check is None or check.works:
        return check
    if check.cause in {Cause.TOKEN, Cause.ACCOUNT}:
        raise TokenRefused(f"The platform refuses the token, so it is not stored: {check.detail}", field="token")
    return None


def _release(services: Services, persona: Persona, connection_id: str) -> dict[str, Any]:
    connection = services.connector.connections.get(persona.persona_id, connection_id)
    was_open = services.circuits.reset(connection)
    return {"was_open": was_open, "posts": services.due_starter.start([persona], connection_id)}


def _response(services: Services, connection: channels.Connection) -> ConnectionResponse:
    return responses.connection(
        connection,
        services.catalogue,
        services.clock.now(),
        circuit=services.circuits.of_connection(connection),
        budget_use=services.budgets.use(connection),
    )
