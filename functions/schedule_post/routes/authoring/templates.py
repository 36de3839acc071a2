"""Templates: texts with placeholders, and filling them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field, ValidationError, model_validator

from schedule_post.access import Viewer
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfMatch, matches
from schedule_post.http.router import ETAG, LOCATION, Owner, Routes, documented
from schedule_post.routes.posts import request_id
from schedule_post.wiring import Services, Wired
from shutterpost.authoring import (
    Constraints,
    PostTemplate,
    TemplateChanged,
    TemplatePage,
    TemplateRules,
    new_template,
)
from shutterpost.flows.authoring.fill_template import FilledText, Filling
from shutterpost.runtime.refusals import Invalid
from shutterpost.runtime.texts import placeholders_in
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Templates"]
TemplateId = Annotated[str, Path(max_length=64, description="Id of one of the caller's templates.")]
_EXAMPLE: Final[dict[str, Any]] = {
    "name": "launch_short",
    "template_body": "New on the wall: {{subject}}, {{month}} {{year}}.",
    "default_channel": "instagram",
    "constraints": {"max_length": 200, "tones": ["neutral", "playful"], "required_placeholders": ["subject"]},
}


class TemplateInvalid(Invalid):
    kind = "template-invalid"


class CreateTemplateRequest(TemplateRules):
    """A template to create."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})


class ChangeTemplateRequest(Value):
    """Fields of a template to change; fields that are left out keep their values."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"template_body": "Now: {{subject}}, {{month}} {{year}}."}]}
    )

    name: str | None = Field(default=None, min_length=1, max_length=80)
    description: str | None = Field(default=None, max_length=1_000)
    template_body: str | None = Field(default=None, min_length=1, max_length=10_000)
    default_channel: str | None = Field(default=None, min_length=1, max_length=40)
    constraints: Constraints | None = None

    def changes(self) -> Mapping[str, Any]:
        return self.model_dump(exclude_unset=True)


class FillTemplateRequest(Filling):
    """Values for a template's placeholders, and the photo of a persona whose facts fill the others."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"values": {"subject": "Fog", "month": "March", "year": "2026"}}]},
    )

    persona_id: str | None = Field(default=None, min_length=1, max_length=100, description="The photo's persona.")

    @model_validator(mode="after")
    def _photo_of_a_persona(self) -> "FillTemplateRequest":
        if (self.photo is None) != (self.persona_id is None):
            raise ValueError("give persona_id and photo together, or neither")
        return self


class TemplateResponse(PostTemplate):
    """A template, and the names of its placeholders."""

    placeholders: tuple[str, ...]


class TemplatesResponse(Value):
    templates: tuple[TemplateResponse, ...]
    cursor: str | None


@routes.post(
    "/templates",
    summary="Create a template",
    description="A text with `{{placeholders}}`, which are filled with values or with the facts of a photo.",
    operation_id="createTemplate",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=documented(409, headers=LOCATION | ETAG, _201="The new template."),
)
def create_template(
    body: CreateTemplateRequest, owner: Owner, services: Wired, own_id: Annotated[str, Depends(request_id)]
) -> Response[TemplateResponse]:
    _check_channel(services, body.default_channel)
    template = new_template(owner=owner, now=services.clock.now(), request_id=own_id, **body.model_dump())
    return _answer(services.templates.create(template), HTTPStatus.CREATED)


@routes.get(
    "/templates",
    summary="List templates",
    description="The caller's templates, oldest first.",
    operation_id="listTemplates",
    tags=TAGS,
    responses=documented(_200="One page."),
)
def list_templates(owner: Owner, services: Wired, limit: Limit = 50, cursor: Cursor = None) -> TemplatesResponse:
    with invalid_cursors_refused(cursor):
        page: TemplatePage = services.templates.page(owner, limit, decode_cursor(cursor))
    return TemplatesResponse(templates=tuple(map(_shown, page.templates)), cursor=encode_cursor(page.cursor))


@routes.get(
    "/templates/<template_id>",
    summary="Get a template",
    operation_id="getTemplate",
    tags=TAGS,
    responses=documented(404, headers=ETAG, _200="The template."),
)
def get_template(template_id: TemplateId, owner: Owner, services: Wired) -> Response[TemplateResponse]:
    return _answer(services.templates.get(owner, template_id), HTTPStatus.OK)


@routes.patch(
    "/templates/<template_id>",
    summary="Change a template",
    description="Texts that were filled before stay as they are.",
    operation_id="changeTemplate",
    tags=TAGS,
    responses=documented(404, 409, 412, headers=ETAG, _200="The changed template."),
)
def change_template(
    template_id: TemplateId, body: ChangeTemplateRequest, owner: Owner, services: Wired, if_match: IfMatch = None
) -> Response[TemplateResponse]:
    template = services.templates.get(owner, template_id)
    _check_version(template, if_match)
    _check_channel(services, body.default_channel)
    try:
        changed = PostTemplate.model_validate({**template.model_dump(), **body.changes()})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "template_body"
        raise TemplateInvalid(f"{first['msg'].removeprefix('Value error, ')}.", field=field) from None
    if changed != template:
        template = services.templates.update(template, changed, services.clock.now())
    return _answer(template, HTTPStatus.OK)


@routes.delete(
    "/templates/<template_id>",
    summary="Remove a template",
    description="Its name is free again. Sessions that used it stay.",
    operation_id="removeTemplate",
    tags=TAGS,
    responses=documented(404, 409, 412, _200="The removed template."),
)
def remove_template(
    template_id: TemplateId, owner: Owner, services: Wired, if_match: IfMatch = None
) -> TemplateResponse:
    template = services.templates.get(owner, template_id)
    _check_version(template, if_match)
    services.templates.remove(template)
    return _shown(template)


@routes.post(
    "/templates/<template_id>/fill",
    summary="Fill a template",
    description=(
        "Returns the text with every placeholder filled, within the template's constraints and the limits of the "
        "channel: `channel`, else the template's default. Writes nothing."
    ),
    operation_id="fillTemplate",
    tags=TAGS,
    responses=documented(404, _200="The text."),
)
def fill_template(template_id: TemplateId, body: FillTemplateRequest, access: Viewer, services: Wired) -> FilledText:
    template = services.templates.get(access.principal, template_id)
    persona = None if body.persona_id is None else access.persona(body.persona_id)
    return services.template_filler.fill(template, body, persona)


def _check_channel(services: Services, channel: str | None) -> None:
    if channel is not None:
        services.catalogue.row(channel)


def _check_version(template: PostTemplate, if_match: str | None) -> None:
    if if_match is not None and not matches(if_match, _etag(template)):
        detail = f"The template has changed: its version is {template.version}. Read it again, then change it."
        raise TemplateChanged(detail, version=template.version)


def _answer(template: PostTemplate, status: HTTPStatus) -> Response[TemplateResponse]:
    headers: dict[str, str | list[str]] = {"ETag": _etag(template)}
    if status is HTTPStatus.CREATED:
        headers["Location"] = f"/templates/{template.template_id}"
    return Response(status.value, content_types.APPLICATION_JSON, _shown(template), headers=headers)


def _shown(template: PostTemplate) -> TemplateResponse:
    return TemplateResponse.model_validate(
        {**template.model_dump(), "placeholders": placeholders_in(template.template_body)}
    )


def _etag(template: PostTemplate) -> str:
    return f'"{template.version}"'
