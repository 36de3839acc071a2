"""Buffer's GraphQL service: HTTP 400, 401 and 429 beside typed payloads with 200."""

import asyncio
import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    validate,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.buffer.records import BufferAccount, Organization
from infra.local.simulators.buffer.schema import PAYLOAD_ERRORS, buffer_schema
from infra.local.simulators.buffer.state import InputRefused
from infra.local.simulators.faults import Fault
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

WINDOWS = {"15m": timedelta(minutes=15), "24h": timedelta(hours=24), "30d": timedelta(days=30)}
HTTP_STATUS = {"UNAUTHENTICATED": 401, "RATE_LIMIT_EXCEEDED": 429, "GRAPHQL_VALIDATION_FAILED": 400}

Json = dict[str, Any]


@dataclass
class RequestContext:
    """The account, instant and logged ids of a request."""

    account: BufferAccount
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)


class Resolvers:
    """The root fields of the schema, as the values graphql-core calls."""

    def __init__(self, world: World) -> None:
        self._world = world

    def root(self) -> dict[str, Any]:
        return {
            "account": self._account,
            "channels": self._channels,
            "post": self._post,
            "posts": self._posts,
            "dailyPostingLimits": self._daily_limits,
            "createPost": self._create,
            "editPost": self._edit,
            "deletePost": self._delete,
        }

    def _account(self, info: GraphQLResolveInfo) -> Json:
        account = info.context.account
        organizations = [
            {
                "id": organization.organization_id,
                "name": organization.setup.name,
                "limits": {"scheduledPosts": organization.setup.scheduled_posts},
            }
            for organization in account.organizations.values()
        ]
        return {
            "id": account.account_id,
            "email": "owner@example.com",
            "timezone": account.timezone,
            "organizations": organizations,
        }

    def _channels(self, info: GraphQLResolveInfo, **args: Any) -> list[Json]:
        wanted = args["input"]
        organization = reachable(info.context.account, wanted["organizationId"])
        locked = (wanted.get("filter") or {}).get("isLocked")
        return [
            {
                "id": channel_id,
                "service": channel.service,
                "serviceId": channel.service_id,
                "name": channel.name,
                "isDisconnected": channel.is_disconnected,
                "isLocked": channel.is_locked,
                "isQueuePaused": channel.is_queue_paused,
                "timezone": channel.timezone,
            }
            for channel_id, channel in organization.channels.items()
            if locked in {None, channel.is_locked}
        ]

    def _post(self, info: GraphQLResolveInfo, **args: Any) -> Json:
        info.context.ids["post"] = args["input"]["id"]
        post = self._world.buffer.find(info.context.account, args["input"]["id"])
        if post is None:
            raise GraphQLError("Post not found", extensions={"code": "NOT_FOUND"})
        return post.node()

    def _posts(self, info: GraphQLResolveInfo, **args: Any) -> Json:
        reachable(info.context.account, args["input"]["organizationId"])
        info.context.ids["organization"] = args["input"]["organizationId"]
        try:
            return self._world.buffer.listing(args["input"], args.get("first"), args.get("after"))
        except ValueError:
            raise GraphQLError("Invalid cursor", extensions={"code": "UNEXPECTED"}) from None

    def _daily_limits(self, info: GraphQLResolveInfo, **args: Any) -> list[Json]:
        context: RequestContext = info.context
        channels = {
            channel_id: item
            for org in context.account.organizations.values()
            for channel_id, item in org.channels.items()
        }
        limits = []
        for channel_id in args["input"]["channelIds"]:
            if channel_id not in channels:
                raise GraphQLError("Channel not found", extensions={"code": "NOT_FOUND"})
            sent, scheduled = self._world.buffer.on_day(channel_id, args["input"].get("date") or context.now)
            limit = channels[channel_id].daily_limit
            at_limit = sent + scheduled >= limit
            limits.append(
                {"channelId": channel_id, "limit": limit, "isAtLimit": at_limit, "sent": sent, "scheduled": scheduled}
            )
        return limits

    def _create(self, info: GraphQLResolveInfo, **args: Any) -> Json:
        info.context.ids["channel"] = args["input"]["channelId"]
        try:
            post = self._world.buffer.create(info.context.account, args["input"], info.context.now)
        except InputRefused as refused:
            return {"__typename": refused.type_name, "message": str(refused)}
        info.context.ids["post"] = post.post_id
        return {"__typename": "PostActionSuccess", "post": post.node()}

    def _edit(self, info: GraphQLResolveInfo, **args: Any) -> Json:
        info.context.ids["post"] = args["input"]["id"]
        try:
            post = self._world.buffer.edit(info.context.account, args["input"], info.context.now)
        except InputRefused as refused:
            return {"__typename": refused.type_name, "message": str(refused)}
        return {"__typename": "PostActionSuccess", "post": post.node()}

    def _delete(self, info: GraphQLResolveInfo, **args: Any) -> Json:
        post_id = args["input"]["id"]
        info.context.ids["post"] = post_id
        try:
            self._world.buffer.delete(info.context.account, post_id, info.context.now)
        except InputRefused as refused:
            return {"__typename": refused.type_name, "message": str(refused)}
        return {"__typename": "DeletePostSuccess", "id": post_id}


class BufferApi:
    """The service at `/` and `/graphql`. An operation's name is that of its first root field."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._schema = buffer_schema()
        self._root = Resolvers(world).root()

    def routes(self) -> list[BaseRoute]:
        return [Route(path, self._serve, methods=["POST"]) for path in ("/", "/graphql")]

    async def _serve(self, request: Request) -> Response:
        query, variables = read_body(await request.body())
        try:
            document = parse(query)
            fields = root_fields(document)
        except GraphQLError as error:
            document, fields = None, []
            refusal: Response | None = errors_answer("GRAPHQL_PARSE_FAILED", error.message, status=400)
        else:
            refusal = None
        operation = fields[0].name.value if fields else "invalid"
        fault = self._world.faults.take("buffer", operation)
        ids: dict[str, str] = {}
        if fault and fault.kind == "drop_before":
            response: Response = ClosedConnection()
        elif fault and fault.kind in {"refuse", "throttle"}:
            response = self._fault_answer(fault, fields, self._caller(request))
        elif refusal or document is None:
            response = refusal or errors_answer("GRAPHQL_PARSE_FAILED", "Syntax Error", status=400)
        else:
            response = self._execute(request, document, variables, ids)
            if fault and fault.kind == "effect_then_error" and response.status_code == 200:  # noqa: PLR2004 - HTTP
                response = self._fault_answer(fault, fields, self._caller(request))
            elif fault and fault.kind == "effect_then_drop":
                response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        for name in [node.name.value for node in fields] or [operation]:
            self._world.journal.record(self._world.clock.now(), "buffer", name, status=status, fault=fault, ids=ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _caller(self, request: Request) -> BufferAccount | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return self._world.buffer.account_of(key.strip()) if scheme.lower() == "bearer" else None

    def _execute(self, request: Request, document: DocumentNode, variables: Json, ids: dict[str, str]) -> Response:
        account, now = self._caller(request), self._world.clock.now()
        if account is None:
            return errors_answer("UNAUTHENTICATED", "An authentication JWT or Access Token is required")
        exceeded = exceeded_window(account, now)
        if exceeded:
            return throttled(exceeded, seconds_left(account, exceeded, now), rate_headers(account, now))
        account.calls.append(now)
        invalid = validate(self._schema, document)
        if invalid:
            return errors_answer("GRAPHQL_VALIDATION_FAILED", invalid[0].message)
        context = RequestContext(account, now, ids)
        result = execute_sync(
            self._schema, document, root_value=self._root, context_value=context, variable_values=variables
        )
        if result.data is None and result.errors and not any(error.path for error in result.errors):
            return errors_answer("BAD_USER_INPUT", result.errors[0].message, status=400)
        body: Json = {"data": result.data}
        if result.errors:
            body["errors"] = [described(error) for error in result.errors]
        return JSONResponse(body, headers=rate_headers(account, now))

    def _fault_answer(self, fault: Fault, fields: list[FieldNode], account: BufferAccount | None) -> Response:
        headers = rate_headers(account, self._world.clock.now()) if account else {}
        if fault.is_gateway_error and fault.status:
            return gateway_page(fault.status)
        if fault.kind == "throttle":
            return throttled("15m", math.ceil(fault.seconds), headers)
        message = fault.message or "Something went wrong."
        operation = fields[0].name.value if fields else ""
        code = str(fault.code or ("UnexpectedError" if operation in {"createPost", "editPost"} else "UNEXPECTED"))
        if code not in PAYLOAD_ERRORS:
            return errors_answer(code, message, status=fault.status, headers=headers)
        payload: Json = {"__typename": code, "message": message}
        if operation == "deletePost":
            payload["__typename"] = "VoidMutationError"
        if code == "RestProxyError":
            payload |= {"code": fault.subcode or 1000, "link": None}
        key = fields[0].alias.value if fields[0].alias else operation
        return JSONResponse({"data": {key: payload}}, status_code=fault.status or 200, headers=headers)


def read_body(body: bytes) -> tuple[str, Json]:
    """Query and variables of a request; an unreadable body gives an empty query, which does not parse."""
    try:
        document = json.loads(body)
    except ValueError:
        return "", {}
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        return "", {}
    variables = document.get("variables")
    return document["query"], variables if isinstance(variables, dict) else {}


def root_fields(document: DocumentNode) -> list[FieldNode]:
    """The root fields of a document, introspection excluded."""
    known = {OperationType.QUERY, OperationType.MUTATION}
    return [
        selection
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode) and definition.operation in known
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode) and not selection.name.value.startswith("__")
    ]


def reachable(account: BufferAccount, organization_id: str) -> Organization:
    organization = account.organizations.get(organization_id)
    if organization is None:
        raise GraphQLError("Not authorized to access this organization", extensions={"code": "UNAUTHORIZED"})
    return organization


def described(error: GraphQLError) -> Json:
    return {
        "message": error.message,
        "path": error.path,
        "extensions": {"code": "UNEXPECTED"} | (error.extensions or {}),
    }


def errors_answer(
    code: str, message: str, *, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An error response; the HTTP status follows the code by default."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(body, status_code=status or HTTP_STATUS.get(code, 200), headers=headers)


def throttled(window: str, seconds: int, headers: dict[str, str]) -> Response:
    """429 with the exhausted window and the seconds to wait."""
    extensions = {"code": "RATE_LIMIT_EXCEEDED", "window": window}
    body = {
        "errors": [{"message": "Too many requests from this client. Please try again later.", "extensions": extensions}]
    }
    return JSONResponse(body, status_code=429, headers=headers | {"Retry-After": str(max(1, seconds))})


def used(account: BufferAccount, window: str, now: datetime) -> list[datetime]:
    """The calls inside a rolling window."""
    return [at for at in account.calls if at > now - WINDOWS[window]]


def exceeded_window(account: BufferAccount, now: datetime) -> str | None:
    """The first exhausted window."""
    return next((name for name, limit in account.rate_limits.items() if len(used(account, name, now)) >= limit), None)


def seconds_left(account: BufferAccount, window: str, now: datetime) -> int:
    calls = used(account, window, now)
    return math.ceil((calls[0] + WINDOWS[window] - now).total_seconds()) if calls else 0


def rate_headers(account: BufferAccount, now: datetime) -> dict[str, str]:
    limits = account.rate_limits.items()
    state = [
        f'"{window}";r={max(0, limit - len(used(account, window, now)))};t={seconds_left(account, window, now)}'
        for window, limit in limits
    ]
    policy = [f'"{window}";q={limit};w={int(WINDOWS[window].total_seconds())}' for window, limit in limits]
    return {"RateLimit": ", ".join(state), "RateLimit-Policy": ", ".join(policy)}
