"""The API of Threads under `/threads`; a JSON body loses its optional fields."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.faults import Fault
from infra.local.simulators.instagram.api import token_of
from infra.local.simulators.instagram.errors import GraphRefusal, Usage
from infra.local.simulators.instagram.responses import graph_time, media_page, only
from infra.local.simulators.threads import errors
from infra.local.simulators.threads.accounts import ThreadsAccount, ThreadsToken
from infra.local.simulators.threads.errors import error_body, injected, refused
from infra.local.simulators.threads.state import ThreadsContainer, ThreadsPost, ThreadsState
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

CALLS_PER_PERCENT = 50
# What a JSON body keeps.
REQUIRED = {"media_type", "image_url", "children", "creation_id"}

Json = dict[str, Any]


@dataclass
class ThreadsCall:
    """An authenticated request, and the ids for the call log."""

    url: str
    params: dict[str, str]
    target: str
    token: ThreadsToken
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> ThreadsAccount:
        return self.token.account

    def own_account(self, *scopes: str) -> ThreadsAccount:
        """The account in the path, where the token has the scopes; refuses another."""
        self.token.require("threads_basic", *scopes)
        if self.target not in {"me", self.account.user_id}:
            raise refused(errors.HIDDEN)
        return self.account


Handler = Callable[[ThreadsCall], Json]


class ThreadsApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._handlers: dict[str, Handler] = {
            "me": self._me,
            "debug_token": self._debug_token,
            "exchange_token": self._exchange_token,
            "refresh_token": self._refresh_token,
            "publishing_limit": self._publishing_limit,
            "create_container": self._create_container,
            "threads_publish": self._publish,
            "list_threads": self._list,
            "read_container": self._read,
            "read_thread": self._read,
            "delete_thread": self._delete,
        }

    @property
    def _state(self) -> ThreadsState:
        return self._world.threads

    def routes(self) -> list[BaseRoute]:
        """All paths; those of tokens also answer without a version."""
        base = "/threads/{version}"
        tokens = [("access_token", "exchange_token"), ("refresh_access_token", "refresh_token")]
        routes: list[BaseRoute] = [
            self._route(f"{prefix}/{path}", "GET", operation)
            for prefix in ("/threads", base)
            for path, operation in [*tokens, ("debug_token", "debug_token")]
        ]
        return [
            *routes,
            self._route(f"{base}/me", "GET", "me"),
            self._route(f"{base}/{{target}}/threads_publishing_limit", "GET", "publishing_limit"),
            self._route(f"{base}/{{target}}/threads", "POST", "create_container"),
            self._route(f"{base}/{{target}}/threads", "GET", "list_threads"),
            self._route(f"{base}/{{target}}/threads_publish", "POST", "threads_publish"),
            self._route(f"{base}/{{target}}", "GET", None),
            self._route(f"{base}/{{target}}", "DELETE", "delete_thread"),
        ]

    def operations(self) -> set[str]:
        """The operations that faults can be added for, without those behind the calls."""
        return set(self._handlers)

    def _route(self, path: str, method: str, operation: str | None) -> Route:
        async def endpoint(request: Request) -> Response:
            read = "read_container" if request.path_params.get("target") in self._state.containers else "read_thread"
            return await self._serve(request, operation or read)

        return Route(path, endpoint, methods=[method])

    async def _serve(self, request: Request, operation: str) -> Response:
        now = self._world.clock.now()
        fault = self._world.faults.take("threads", operation)
        params = await params_of(request)
        text, place = token_of(request, params)
        ids = {"target": request.path_params.get("target", ""), "token_in": place}
        account: ThreadsAccount | None = None
        try:
            token = self._state.accounts.authenticate(text, now)
            account = token.account
            account.calls += 1
            ids["account"] = account.user_id
            call = ThreadsCall(str(request.url.replace(query="")), params, ids["target"], token, ids)
            response = self._answer(call, operation, request.path_params.get("version", "v1.0"), fault)
        except GraphRefusal as refusal:
            if refusal.violation and account:
                self._state.note(account, refusal.violation, now, ids.get("container", ""))
            body = error_body(refusal, ids.get("container") or ids["target"])
            response = JSONResponse(body, status_code=refusal.status, headers=usage(account, fault).headers())
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(now, "threads", operation, status=status, fault=fault, ids=ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _answer(self, call: ThreadsCall, operation: str, version: str, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return injected_answer(fault, operation)
        if not re.fullmatch(r"v1\.0", version):
            raise refused(errors.NO_PATH)
        body = self._handlers[operation](call)
        if fault and fault.kind == "effect_then_error":
            return injected_answer(fault, operation)
        return JSONResponse(body, headers=usage(call.account, None).headers())

    def _me(self, call: ThreadsCall) -> Json:
        call.token.require("threads_basic")
        node = {"id": call.account.user_id, "username": call.account.setup.username, "name": "", "is_verified": False}
        return only(node, call.params.get("fields"), "ThreadsUser")

    def _debug_token(self, call: ThreadsCall) -> Json:
        return self._state.accounts.inspect(call.params.get("input_token", ""), self._world.clock.now())

    def _exchange_token(self, call: ThreadsCall) -> Json:
        check_grant(call, "th_exchange_token")
        secret = call.params.get("client_secret", "")
        return self._state.accounts.exchange(call.token, secret, self._world.clock.now())

    def _refresh_token(self, call: ThreadsCall) -> Json:
        check_grant(call, "th_refresh_token")
        call.token.require("threads_basic")
        return self._state.accounts.refresh(call.token, self._world.clock.now())

    def _publishing_limit(self, call: ThreadsCall) -> Json:
        account, now = call.own_account("threads_content_publish"), self._world.clock.now()
        node: Json = {
            "quota_usage": self._state.quota_usage(account, now),
            "config": {"quota_total": account.setup.quota_total, "quota_duration": 86_400},
            "delete_quota_usage": self._state.delete_usage(account, now),
            "delete_config": {"quota_total": account.setup.delete_total, "quota_duration": 86_400},
        }
        return {"data": [only(node, call.params.get("fields", "quota_usage"), "ThreadsPublishingLimit")]}

    def _create_container(self, call: ThreadsCall) -> Json:
        account = call.own_account("threads_content_publish")
        container = self._state.create(account, call.params, self._world.clock.now())
        call.ids["container"] = container.container_id
        if container.image_url:
            self._world.background.start(self._state.process(container))
        return {"id": container.container_id}

    def _publish(self, call: ThreadsCall) -> Json:
        account = call.own_account("threads_content_publish")
        creation_id = call.params.get("creation_id", "")
        call.ids["container"] = creation_id
        post = self._state.publish(account, creation_id, self._world.clock.now())
        call.ids["post"] = post.media_id
        return {"id": post.media_id}

    def _list(self, call: ThreadsCall) -> Json:
        return media_page(self._state.live(call.own_account()), call.params, call.url, post_node, "ThreadsMedia")

    def _read(self, call: ThreadsCall) -> Json:
        if call.target == call.account.user_id:
            return self._me(call)
        call.token.require("threads_basic")
        item = self._state.visible(call.account, call.target)
        if isinstance(item, ThreadsContainer):
            call.ids["container"] = item.container_id
            node: Json = {"id": item.container_id, "status": item.status(self._world.clock.now())}
            if node["status"] == "ERROR":
                node["error_message"] = item.broken
            fields = ",".join(name for name in fields_of(call) if name != "error_message" or name in node)
            return only(node, fields, "ThreadsMediaContainer")
        call.ids["post"] = item.media_id
        return only(post_node(item), call.params.get("fields"), "ThreadsMedia")

    def _delete(self, call: ThreadsCall) -> Json:
        call.token.require("threads_basic", "threads_delete")
        item = self._state.visible(call.account, call.target)
        if isinstance(item, ThreadsContainer):
            raise refused(errors.HIDDEN, "Unsupported delete request")
        self._state.remove(call.account, item, self._world.clock.now())
        call.ids["post"] = item.media_id
        return {"success": True, "deleted_id": item.media_id}


async def params_of(request: Request) -> dict[str, str]:
    """Query and form; of a JSON body what no call goes without."""
    params, body = dict(request.query_params), await request.body()
    if not request.headers.get("content-type", "").startswith("application/json"):
        return params | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    document = json.loads(body or b"{}")
    return params | {name: str(value) for name, value in document.items() if name in REQUIRED}


def injected_answer(fault: Fault, operation: str) -> Response:
    if fault.is_gateway_error and fault.status:
        return gateway_page(fault.status)
    raise injected(fault, operation)


def check_grant(call: ThreadsCall, grant_type: str) -> None:
    if call.params.get("grant_type") != grant_type:
        raise refused(errors.NOT_A_PARAMETER, f"Param grant_type must be {grant_type}")


def fields_of(call: ThreadsCall) -> list[str]:
    return [name.strip() for name in call.params.get("fields", "id").split(",") if name.strip()]


def usage(account: ThreadsAccount | None, fault: Fault | None) -> Usage:
    if fault and fault.kind == "throttle":
        return Usage(account.user_id if account else "0", 100, regain_minutes=max(1, round(fault.seconds / 60)))
    return Usage(account.user_id, min(99, account.calls // CALLS_PER_PERCENT)) if account else Usage("0", 0)


def post_node(post: ThreadsPost) -> Json:
    """A post's fields; a carousel's pictures have the ids of their containers."""
    container = post.container
    node: Json = {
        "id": post.media_id,
        "media_product_type": "THREADS",
        "media_type": post.media_type,
        "permalink": post.permalink,
        "username": container.account.setup.username,
        "text": container.text,
        "timestamp": graph_time(post.published_at),
        "shortcode": post.permalink.rsplit("/", 1)[1],
        "alt_text": container.alt_text,
        "media_url": next(iter(container.urls()), None),
        "thumbnail_url": None,
        "is_quote_post": False,
    }
    node["children"] = {"data": [{"id": child.container_id} for child in container.children]}
    return node
