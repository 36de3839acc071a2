"""Refusals and errors as RFC 9457 problem documents, from one map."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from schedule_post.http.lambda_calls import WorkerBusy, WorkerFailed
from schedule_post.http.principal import Forbidden
from shutterpost.flows.refusals import PostChanged
from shutterpost.personas import StaleVersion
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound, Refusal
from shutterpost.runtime.telemetry import logger

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:shutterpost:problem:"


class Malformed(Refusal):
    """The body is not what it says it is."""

    kind = "body-malformed"


class MediaTypeUnsupported(Refusal):
    """The body is of a kind that is not read."""

    kind = "media-type-unsupported"


class BodyTooLarge(Refusal):
    """The body is longer than any request needs."""

    kind = "body-too-large"


class RouteUnknown(NotFound):
    """Nothing lies at this path."""

    kind = "route-unknown"


class MethodNotAllowed(Refusal):
    """The path exists, with other methods; `members["allowed"]` names them."""

    kind = "method-not-allowed"


# The most specific class that a refusal belongs to decides.
STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    PostChanged: HTTPStatus.PRECONDITION_FAILED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeUnsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    WorkerFailed: HTTPStatus.BAD_GATEWAY,
    WorkerBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal: HTTPStatus.BAD_REQUEST,
}
MEANINGS: Final[Mapping[int, str]] = {
    400: "The body is not what its media type says.",
    403: "The caller is not known.",
    404: "There is no such thing, or it is another owner's.",
    405: "The path has other methods.",
    409: "The state of things does not allow it; `type` says which.",
    412: "It was changed since it was read.",
    413: "The body is too large.",
    415: "The body is of another kind than the route takes.",
    422: "A value breaks a rule; `errors` names each field and rule.",
    500: "Something went wrong here; ask again.",
    502: "The function that does the work ended in an error.",
    503: "Too much is going on; ask again in a moment.",
}


class FieldError(BaseModel):
    """One broken rule: the field (dotted, empty for the whole), where it stands, and the rule's stable name."""

    place: str = Field(examples=["body"])
    field: str = Field(examples=["slots.0.at"])
    rule: str = Field(examples=["time_parsing"])
    message: str = Field(examples=["Input should be in a valid time format, invalid character in hour"])


class Problem(BaseModel):
    """What went wrong and what to do (RFC 9457). `type` is stable; further members are facts for machines."""

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
                    "choose another photo, or ask for a new cycle to post it again.",
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
    errors: list[FieldError] = Field(default=[], description="Broken rules, where values were refused.")


def problem_answer(status: int) -> dict[str, Any]:
    """A problem document as an answer in OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal."""
    return next(STATUSES[kind] for kind in type(refusal).__mro__ if kind in STATUSES)


def refused(refusal: Refusal, request_id: str) -> Response[str]:
    """The answer to a request that was refused."""
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


def broken_rules(error: RequestValidationError, request_id: str) -> Response[str]:
    """The answer to values that break rules; it names fields and rules, and repeats no value."""
    errors = [_field_error(one) for one in error.errors()]
    logger.info("request refused", kind=Invalid.kind, status=422, fields=[one["field"] for one in errors])
    detail = "; ".join(f"{one['field'] or one['place']}: {one['message']}" for one in errors[:3]) + "."
    return _problem(Invalid.kind, HTTPStatus.UNPROCESSABLE_ENTITY, detail, request_id, members={"errors": errors})


def failed(request_id: str) -> Response[str]:
    """The answer to a request that met an error of ours: logged once, told without its inside."""
    logger.exception("request failed")
    detail = "Something went wrong here; ask again. If it stays, look for the request's id in the function's log."
    return _problem("internal-error", HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id)


def answer_with_problems(app: APIGatewayHttpResolver) -> None:
    """Let `app` answer every exception with a problem document."""

    def request_id() -> str:
        return str(app.current_event.request_context.request_id)

    app.exception_handler(Refusal)(lambda refusal: refused(refusal, request_id()))
    app.exception_handler(RequestValidationError)(lambda error: broken_rules(error, request_id()))
    app.exception_handler(Exception)(lambda _: failed(request_id()))


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
    told = {
        "type": TYPE_PREFIX + kind,
        "title": kind.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
        "instance": f"urn:shutterpost:request:{request_id}",
    }
    body = json.dumps({**told, **(members or {})}, ensure_ascii=False, default=str)
    return Response(status.value, MEDIA_TYPE, body, headers=headers)
