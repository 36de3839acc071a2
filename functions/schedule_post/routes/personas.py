"""Personas and their forecasts."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query

from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfMatch, matches
from schedule_post.http.requests import ChangePersonaRequest, CreatePersonaRequest
from schedule_post.http.responses import PersonaResponse
from schedule_post.http.router import ETAG, LOCATION, Owner, PersonaId, Routes, documented
from schedule_post.wiring import Services, Wired
from shutterpost.flows.picking.forecast import Forecast
from shutterpost.flows.syncing.runway import runway_of
from shutterpost.personas import Persona, PersonaPage, StaleVersion, new_persona

routes = Routes()
TAGS = ["Personas"]

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
def create_persona(body: CreatePersonaRequest, owner: Owner, services: Wired) -> Response[Persona]:
    now = services.clock.now()
    persona = services.personas.create(new_persona(owner=owner, now=now, **body.model_dump()))
    _arm(services, persona)
    return _answer(persona, HTTPStatus.CREATED)


@routes.get(
    "/personas",
    summary="List personas",
    description="The caller's personas by name.",
    operation_id="listPersonas",
    tags=TAGS,
    responses=documented(_200="One page."),
)
def list_personas(owner: Owner, services: Wired, limit: Limit = 50, cursor: Cursor = None) -> PersonaPage:
    with invalid_cursors_refused(cursor):
        page = services.personas.list(owner, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>",
    summary="Get a persona",
    operation_id="getPersona",
    tags=TAGS,
    description="Includes the runway: how long the library lasts at the coming slots.",
    responses=documented(404, headers=ETAG, _200="The persona."),
)
def get_persona(persona_id: PersonaId, owner: Owner, services: Wired) -> Response[PersonaResponse]:
    persona = services.personas.get(persona_id, owner)
    runway = runway_of(services.photos, persona, services.clock.now())
    body = PersonaResponse.model_validate({**persona.model_dump(), "runway": runway})
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, body, headers={"ETag": _etag(persona)})


@routes.get(
    "/personas/<persona_id>/plan",
    summary="Forecast the coming days",
    description="The pick for each coming slot, and why, if nothing changes. Writes nothing.",
    operation_id="getPlan",
    tags=TAGS,
    responses=documented(404, _200="The forecast."),
)
def get_plan(persona_id: PersonaId, owner: Owner, services: Wired, days: Days = 30) -> Forecast:
    return services.forecaster.plan(services.personas.get(persona_id, owner), days)


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
    persona_id: PersonaId, body: ChangePersonaRequest, owner: Owner, services: Wired, if_match: IfMatch = None
) -> Response[Persona]:
    persona = services.personas.get(persona_id, owner)
    if if_match is not None and not matches(if_match, _etag(persona)):
        detail = f"The persona has changed: its version is {persona.version}. Read it again, then change it."
        raise StaleVersion(detail, version=persona.version)
    changed = Persona.model_validate({**persona.model_dump(), **body.changes()})
    if changed != persona:
        persona = services.personas.update(changed, services.clock.now())
        _arm(services, persona)
    return _answer(persona, HTTPStatus.OK)


def _arm(services: Services, persona: Persona) -> None:
    services.workers.start(services.pick_arn, {"job": "arm", "persona_id": persona.persona_id})


def _answer(persona: Persona, status: HTTPStatus) -> Response[Persona]:
    headers: dict[str, str | list[str]] = {"ETag": _etag(persona)}
    if status is HTTPStatus.CREATED:
        headers["Location"] = f"/personas/{persona.persona_id}"
    return Response(status.value, content_types.APPLICATION_JSON, persona, headers=headers)


def _etag(persona: Persona) -> str:
    return f'"{persona.version}"'
