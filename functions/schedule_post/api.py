"""The HTTP API (payload 2.0, IAM authorizer): personas, connections, photos, posts and schedules, decisions, sync."""

from http import HTTPStatus
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from schedule_post.http.checks import check_request
from schedule_post.http.etags import NotModified, not_modified_response
from schedule_post.http.idempotency import answer_once, idempotency_key_of
from schedule_post.http.problems import MethodNotAllowed, RouteUnknown, refusal_response, register_problem_handlers
from schedule_post.routes import (
    connections,
    history,
    operator,
    personas,
    photos,
    planning,
    plans,
    posts,
    review,
    sync,
    variants,
    webhooks,
)
from schedule_post.routes.authoring import sessions, templates
from schedule_post.wiring import services
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger

ROUTE_MODULES = (
    personas,
    connections,
    photos,
    posts,
    variants,
    review,
    operator,
    planning,
    plans,
    history,
    sync,
    webhooks,
    templates,
    sessions,
)

app = APIGatewayHttpResolver(
    enable_validation=True, response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR
)
for module in ROUTE_MODULES:
    app.include_router(module.routes)
register_problem_handlers(app)
app.exception_handler(NotModified)(not_modified_response)


@app.not_found
def refuse_unknown_route(_: NotFoundError) -> NoReturn:
    """Raise `MethodNotAllowed` where the path has other methods, else `RouteUnknown`, with the reason."""
    event = app.current_event
    allowed = sorted(set().union(*(module.routes.methods_of(event.path) for module in ROUTE_MODULES)))
    if allowed and event.http_method not in allowed:
        detail = f"{event.path} supports {' and '.join(allowed)}, not {event.http_method}."
        raise MethodNotAllowed(detail, allowed=allowed)
    if allowed:
        detail = f"{event.path} has a character that the API does not accept in a path; use an id."
        raise RouteUnknown(f"{detail} GET /personas/PERSONA/photos?name=NAME finds a photo by any file name.")
    raise RouteUnknown(f"The path {event.path} does not exist. See the API's documentation for its paths.")


@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request; refusals and errors become problem documents."""
    request_id = event["requestContext"]["requestId"]
    logger.append_keys(request_id=request_id)
    try:
        check_request(event)
        key = idempotency_key_of(event)
        if key is not None:
            wired = app.dependency_overrides.get(services, services)()
            return answer_once(wired.posts.responses, wired.clock, event, key, lambda: app.resolve(event, context))
    except Refusal as refusal:
        response = refusal_response(refusal, request_id)
        return {"statusCode": response.status_code, "headers": response.headers, "body": response.body}
    return app.resolve(event, context)
