"""Personas."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query

from schedule_post.http.cursors import Cursor, Limit, cursor_leads_somewhere, decode_cursor, encode_cursor
from schedule_post.http.etags import IfMatch, matches
from schedule_post.http.requests import NewPersona, PersonaChange
from schedule_post.http.responses import PersonaResponse
from schedule_post.http.router import ETAG, LOCATION, Owner, PersonaId, Routes, says
from schedule_post.wiring import Services, Wired
from shutterpost.flows.picking.forecast import Forecast, Forecaster
from shutterpost.flows.syncing.runway import runway_of
from shutterpost.personas import Persona, PersonaPage, StaleVersion, new_persona

routes = Routes()
TAGS = ["Personas"]

Days = Annotated[int, Query(ge=1, le=366, description="How many days to look ahead.")]


@routes.post(
    "/personas",
    summary="Create a persona",
    description="Its slots are armed at once. A name is unique among the caller's personas and stays.",
    operation_id="createPersona",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=says(409, headers=LOCATION | ETAG, _201="The persona."),
)
def create_persona(body: NewPersona, owner: Owner, services: Wired) -> Response[Persona]:
    """Create a persona, then let its slots be armed."""
    now = services.scheduler.clock.now()
    persona = services.personas.create(new_persona(owner=owner, now=now, **body.model_dump()))
    _arm(services, persona)
    return _answer(persona, HTTPStatus.CREATED)


@routes.get(
    "/personas",
    summary="List personas",
    description="The caller's personas by name.",
    operation_id="listPersonas",
    tags=TAGS,
    responses=says(_200="One page."),
)
def list_personas(owner: Owner, services: Wired, limit: Limit = 50, cursor: Cursor = None) -> PersonaPage:
    """One page of the caller's personas."""
    with cursor_leads_somewhere(cursor):
        page = services.personas.list(owner, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>",
    summary="Get a persona",
    operation_id="getPersona",
    tags=TAGS,
    description="With its runway: how long the library lasts at the coming slots.",
    responses=says(404, headers=ETAG, _200="The persona."),
)
def get_persona(persona_id: PersonaId, owner: Owner, services: Wired) -> Response[PersonaResponse]:
    """One persona, with its version as ETag."""
    persona = services.personas.get(persona_id, owner)
    runway = runway_of(services.scheduler.photos, persona, services.scheduler.clock.now())
    body = PersonaResponse.model_validate({**persona.model_dump(), "runway": runway})
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, body, headers={"ETag": _etag(persona)})


@routes.get(
    "/personas/<persona_id>/plan",
    summary="Plan the coming days",
    description="What will go out at each slot, and why, if nothing changes. Nothing is written.",
    operation_id="getPlan",
    tags=TAGS,
    responses=says(404, _200="The calendar."),
)
def get_plan(persona_id: PersonaId, owner: Owner, services: Wired, days: Days = 30) -> Forecast:
    """A persona's calendar."""
    return Forecaster(scheduler=services.scheduler).plan(services.personas.get(persona_id, owner), days)


@routes.patch(
    "/personas/<persona_id>",
    summary="Change a persona",
    description=(
        "Fields that are left out stay. Slots are armed anew at once; `status: paused` stops the picks. Renditions "
        "that exist follow a new `ratio_policy` or `keep_credit` at the next `shutterpost photos remake`."
    ),
    operation_id="changePersona",
    tags=TAGS,
    responses=says(404, 412, headers=ETAG, _200="The persona as it is now."),
)
def change_persona(
    persona_id: PersonaId, body: PersonaChange, owner: Owner, services: Wired, if_match: IfMatch = None
) -> Response[Persona]:
    """Change a persona, then let its slots be armed."""
    persona = services.personas.get(persona_id, owner)
    if if_match is not None and not matches(if_match, _etag(persona)):
        detail = f"The persona is at version {persona.version}; read it again, then change it."
        raise StaleVersion(detail, version=persona.version)
    changed = Persona.model_validate({**persona.model_dump(), **body.changes()})
    if changed != persona:
        persona = services.personas.update(changed, services.scheduler.clock.now())
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
