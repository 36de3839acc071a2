"""Refusals and errors as problem documents (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from schedule_post.http.lambda_calls import WorkerBusy, WorkerFailed
from schedule_post.http.principal import Forbidden
from shutterpost.authoring import TemplateChanged
from shutterpost.flows.refusals import PostChanged
from shutterpost.personas import StaleVersion
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound, Refusal
from shutterpost.runtime.telemetry import logger

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:shutterpost:problem:"


class Malformed(Refusal):
    kind = "body-malformed"


class MediaTypeUnsupported(Refusal):
    kind = "media-type-unsupported"


class BodyTooLarge(Refusal):
    kind = "body-too-large"


class RouteUnknown(NotFound):
    kind = "route-unknown"


class MethodNotAllowed(Refusal):
    """The path exists with other methods, listed in `members["allowed"]`."""

    kind = "method-not-allowed"


# The most specific class of a refusal applies.
STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    PostChanged: HTTPStatus.PRECONDITION_FAILED,
    TemplateChanged: HTTPStatus.PRECONDITION_FAILED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeUnsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    WorkerFailed: HTTPStatus.BAD_GATEWAY,
    WorkerBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal: HTTPStatus.BAD_REQUEST,
}
MEANINGS: Final[Mapping[int, str]] = {
    400: "The body does not have the format of its media type.",
    403: "The request has no IAM identity, or the caller's role on the persona does not allow it.",
    404: "The resource does not exist, or the caller has no role on its persona.",
    405: "The path does not support the method.",
    409: "The current state does not allow the request; `type` names the conflict.",
    412: "The resource has changed since it was read.",
    413: "The body is too large.",
    415: "The route does not accept the body's media type.",
    422: "A value is invalid; `errors` names each field and rule.",
    500: "The request failed because of an internal error; retry it.",
    502: "A function that the request needs ended in an error.",
    503: "A function that the request needs is busy; retry in a moment.",
}


class FieldError(BaseModel):
    """A broken rule: its stable name, the field (dotted, empty for the whole) and the part of the request."""

    place: str = Field(examples=["body"])
    field: str = Field(examples=["slots.0.at"])
    rule: str = Field(examples=["time_parsing"])
    message: str = Field(examples=["Input should be in a valid time format, invalid character in hour"])


class Problem(BaseModel):
    """A problem document (RFC 9457). `type` is stable; additional members depend on it."""

    model_config = ConfigDict(
        extra="allow",
        defer_build=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:shutterpost:problem:photo-already-posted",
                    "title": "Photo already posted",
                    "status": 409,
                    "detail": "This photo is already posted or planned on Nature Explorer by post p0123456789abcdef; "
                    "choose another photo, or use a new cycle to post it again.",
                    "instance": "urn:shutterpost:request:JKJaXmPLvHcESHA=",
                    "post_id": "p0123456789abcdef",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] = Field(default=[], description="Broken rules of invalid values.")


def documented_problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def status_of(refusal: Refusal) -> HTTPStatus:
    return next(STATUSES[cls] for cls in type(refusal).__mro__ if cls in STATUSES)


def refusal_response(refusal: Refusal, request_id: str) -> Response[str]:
    status = status_of(refusal)
    logger.info("request refused", kind=refusal.kind, status=status.value)
    members = dict(refusal.members)
    field = members.pop("field", None)
    if field is not None:
        members["errors"] = [{"place": "body", "field": field, "rule": refusal.kind, "message": refusal.detail}]
    headers: dict[str, str | list[str]] = {}
    if isinstance(refusal, MethodNotAllowed):
        headers["Allow"] = ", ".join(members["allowed"])
    if isinstance(refusal, WorkerBusy):
        headers["Retry-After"] = "5"
    return _problem(refusal.kind, status, refusal.detail, request_id, members=members, headers=headers)


def validation_response(error: RequestValidationError, request_id: str) -> Response[str]:
    """The response to invalid values; it names fields and rules, but no values."""
    errors = [_field_error(details) for details in error.errors()]
    logger.info("request refused", kind=Invalid.kind, status=422, fields=[broken["field"] for broken in errors])
    detail = "; ".join(f"{broken['field'] or broken['place']}: {broken['message']}" for broken in errors[:3]) + "."
    return _problem(Invalid.kind, HTTPStatus.UNPROCESSABLE_ENTITY, detail, request_id, members={"errors": errors})


def error_response(request_id: str) -> Response[str]:
    """The response to a request that raised an unexpected exception, which is logged and not disclosed."""
    logger.exception("request failed")
    detail = "The request failed because of an internal error. Retry it; if it fails again, search the log for its id."
    return _problem("internal-error", HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id)


def register_problem_handlers(app: APIGatewayHttpResolver) -> None:
    """Make `app` convert every exception into a problem document."""

    def request_id() -> str:
        return str(app.current_event.request_context.request_id)

    app.exception_handler(Refusal)(lambda refusal: refusal_response(refusal, request_id()))
    app.exception_handler(RequestValidationError)(lambda error: validation_response(error, request_id()))
    app.exception_handler(Exception)(lambda _: error_response(request_id()))


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    place, *path = error["loc"]
    return {
        "place": str(place),
        "field": ".".join(map(str, path)),
        "rule": error["type"],
        "message": error["msg"].removeprefix("Value error, "),
    }


def _problem(
    kind: str,
    status: HTTPStatus,
    detail: str,
    request_id: str,
    *,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str | list[str]] | None = None,
) -> Response[str]:
    problem = {
        "type": TYPE_PREFIX + kind,
        "title": kind.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
        "instance": f"urn:shutterpost:request:{request_id}",
    }
    body = json.dumps({**problem, **(members or {})}, ensure_ascii=False, default=str)
    return Response(status.value, MEDIA_TYPE, body, headers=headers)
