"""The HTTP API (payload 2.0, IAM authorizer): personas, connections, photos, posts and schedules, decisions, sync."""

from http import HTTPStatus
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from schedule_post.http.checks import admit
from schedule_post.http.idempotency import key_in, once
from schedule_post.http.problems import MethodNotAllowed, RouteUnknown, answer_with_problems, refused
from schedule_post.routes import connections, history, operator, personas, photos, planning, plans, posts, review, sync
from schedule_post.wiring import services
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger

PARTS = (
    personas,
    connections,
    photos,
    posts,
    review,
    operator,
    planning,
    plans,
    history,
    sync,
)

app = APIGatewayHttpResolver(
    enable_validation=True, response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR
)
for part in PARTS:
    app.include_router(part.routes)
answer_with_problems(app)


@app.not_found
def nothing_here(_: NotFoundError) -> NoReturn:
    """Refuse a path that does not exist, or a method that it does not have."""
    event = app.current_event
    allowed = sorted(set().union(*(part.routes.methods_of(event.path) for part in PARTS)))
    if allowed and event.http_method not in allowed:
        raise MethodNotAllowed(f"{event.path} takes {' and '.join(allowed)}, not {event.http_method}.", allowed=allowed)
    raise RouteUnknown(f"There is nothing at {event.path}; see the API's documentation for its paths.")


@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request; refusals and errors are problem documents."""
    request_id = event["requestContext"]["requestId"]
    logger.append_keys(request_id=request_id)
    try:
        admit(event)
        key = key_in(event)
        if key is not None:
            scheduler = app.dependency_overrides.get(services, services)().scheduler
            return once(scheduler.posts.answers, scheduler.clock, event, key, lambda: app.resolve(event, context))
    except Refusal as refusal:
        answer = refused(refusal, request_id)
        return {"statusCode": answer.status_code, "headers": answer.headers, "body": answer.body}
    return app.resolve(event, context)
