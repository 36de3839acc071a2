"""Personas and their forecasts."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query

from schedule_post.access import AccessiblePersonas, Operator, OwnerOnly, Viewer
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfMatch, matches
from schedule_post.http.requests.personas import ChangePersonaRequest, CreatePersonaRequest, GrantRoleRequest
from schedule_post.http.responses import PersonaResponse
from schedule_post.http.router import ETAG, LOCATION, PersonaId, Routes, documented
from schedule_post.wiring import Services, Wired
from shutterpost.flows.picking.forecast import Forecast
from shutterpost.flows.syncing.runway import runway_of
from shutterpost.personas import Grant, Persona, Role, StaleVersion, new_persona
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Personas"]


class GrantsResponse(Value):
    grants: tuple[Grant, ...]


PrincipalName = Annotated[str, Query(max_length=100, description="Account id and `role/NAME`, `user/NAME` or `root`.")]
Why = Annotated[
    bool, Query(description="Also the parts of each foreseen photo's total, and the next five photos in line.")
]
Days = Annotated[int, Query(ge=1, le=366, description="How many days to look ahead.")]


@routes.post(
    "/personas",
    summary="Create a persona",
    description="Arms the persona's slots. The name is unique among the caller's personas and cannot be changed.",
    operation_id="createPersona",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=documented(409, headers=LOCATION | ETAG, _201="The new persona."),
)
def create_persona(body: CreatePersonaRequest, access: OwnerOnly, services: Wired) -> Response[Persona]:
    now = services.clock.now()
    persona = services.personas.create(new_persona(owner=access.principal, now=now, **body.model_dump()))
    _arm(services, persona)
    return _answer(persona, HTTPStatus.CREATED)


@routes.get(
    "/personas",
    summary="List personas",
    description="The caller's personas by name, then those on which it has a grant.",
    operation_id="listPersonas",
    tags=TAGS,
    responses=documented(_200="One page."),
)
def list_personas(access: Viewer, services: Wired, limit: Limit = 50, cursor: Cursor = None) -> AccessiblePersonas:
    with invalid_cursors_refused(cursor):
        page = access.page(limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>",
    summary="Get a persona",
    operation_id="getPersona",
    tags=TAGS,
    description="Includes the runway: how long the library lasts at the coming slots.",
    responses=documented(404, headers=ETAG, _200="The persona."),
)
def get_persona(persona_id: PersonaId, access: Viewer, services: Wired) -> Response[PersonaResponse]:
    persona = access.persona(persona_id)
    runway = runway_of(services.photos, persona, services.clock.now())
    body = PersonaResponse.model_validate({**persona.model_dump(), "runway": runway, "role": access.role(persona)})
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, body, headers={"ETag": _etag(persona)})


@routes.get(
    "/personas/<persona_id>/plan",
    summary="Forecast the coming days",
    description="The pick for each coming slot, and why, if nothing changes. Writes nothing.",
    operation_id="getPlan",
    tags=TAGS,
    responses=documented(404, _200="The forecast."),
)
def get_plan(*, persona_id: PersonaId, access: Viewer, services: Wired, days: Days = 30, why: Why = False) -> Forecast:
    return services.forecaster.plan(access.persona(persona_id), days, why=why)


@routes.patch(
    "/personas/<persona_id>",
    summary="Change a persona",
    description=(
        "Fields that are left out keep their values. Arms the slots again; `status: paused` stops the picks. Existing "
        "renditions follow a new `ratio_policy` or `keep_credit` after `shutterpost photos remake`."
    ),
    operation_id="changePersona",
    tags=TAGS,
    responses=documented(404, 412, headers=ETAG, _200="The changed persona."),
)
def change_persona(
    persona_id: PersonaId, body: ChangePersonaRequest, access: Operator, services: Wired, if_match: IfMatch = None
) -> Response[Persona]:
    persona = access.persona(persona_id)
    if if_match is not None and not matches(if_match, _etag(persona)):
        detail = f"The persona has changed: its version is {persona.version}. Read it again, then change it."
        raise StaleVersion(detail, version=persona.version)
    changed = Persona.model_validate({**persona.model_dump(), **body.changes()})
    if changed != persona:
        persona = services.personas.update(changed, services.clock.now())
        _arm(services, persona)
    return _answer(persona, HTTPStatus.OK)


@routes.get(
    "/personas/<persona_id>/grants",
    summary="List grants",
    operation_id="listGrants",
    tags=TAGS,
    responses=documented(404, _200="All grants, by principal."),
)
def list_grants(persona_id: PersonaId, access: OwnerOnly, services: Wired) -> GrantsResponse:
    persona = access.persona(persona_id)
    return GrantsResponse(grants=services.grants.of(persona.persona_id))


@routes.put(
    "/personas/<persona_id>/grants",
    summary="Grant a role",
    description=(
        "Gives a role or user of the account a role on the persona, instead of any that it has. A `viewer` reads "
        "everything but webhooks and grants; an `author` also creates, changes, schedules and moves posts; an "
        "`operator` also cancels and retries them, reviews picks, syncs, checks connections and changes the persona's "
        "rules. What they create belongs to the persona's owner."
    ),
    operation_id="grantRole",
    tags=TAGS,
    responses=documented(404, 409, _200="The grant."),
)
def grant_role(persona_id: PersonaId, body: GrantRoleRequest, access: OwnerOnly, services: Wired) -> Grant:
    return services.grants.grant(access.persona(persona_id), body.principal, Role(body.role))


@routes.delete(
    "/personas/<persona_id>/grants",
    summary="Revoke a grant",
    description="Takes effect at once. What the principal has created stays.",
    operation_id="revokeGrant",
    tags=TAGS,
    responses=documented(404, _200="The revoked grant."),
)
def revoke_grant(persona_id: PersonaId, principal: PrincipalName, access: OwnerOnly, services: Wired) -> Grant:
    return services.grants.revoke(access.persona(persona_id), principal)


def _arm(services: Services, persona: Persona) -> None:
    services.workers.start(services.pick_arn, {"job": "arm", "persona_id": persona.persona_id})


def _answer(persona: Persona, status: HTTPStatus) -> Response[Persona]:
    headers: dict[str, str | list[str]] = {"ETag": _etag(persona)}
    if status is HTTPStatus.CREATED:
        headers["Location"] = f"/personas/{persona.persona_id}"
    return Response(status.value, content_types.APPLICATION_JSON, persona, headers=headers)


def _etag(persona: Persona) -> str:
    return f'"{persona.version}"'
