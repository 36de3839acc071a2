"""The API of Pages under `/facebook_page`."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.facebook_page import errors
from infra.local.simulators.facebook_page.accounts import POSTING, PageToken, SimulatedPage
from infra.local.simulators.facebook_page.errors import error_body, injected, refused, usage_headers
from infra.local.simulators.facebook_page.state import FacebookPageState, PagePost
from infra.local.simulators.faults import Fault
from infra.local.simulators.instagram.api import token_of
from infra.local.simulators.instagram.errors import GraphRefusal
from infra.local.simulators.instagram.responses import graph_time, media_page, only
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

CALLS_PER_PERCENT = 50
PAGE_SIZE = 25

Json = dict[str, Any]
_NESTED = re.compile(r"\{[^{}]*\}")


@dataclass
class PageCall:
    """An authenticated request, and the ids for the call log."""

    url: str
    params: dict[str, str]
    target: str
    token: PageToken
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)

    def own_page(self, *scopes: str) -> SimulatedPage:
        """The Page in the path, where the token has the scopes; refuses another."""
        page = self.token.own_page()
        self.token.require(*scopes)
        if self.target not in {"me", page.page_id}:
            raise refused(errors.HIDDEN)
        return page


Handler = Callable[[PageCall], Awaitable[Json]]


class FacebookPageApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._handlers: dict[str, Handler] = {
            "me": self._me,
            "accounts": self._accounts,
            "debug_token": self._debug_token,
            "create_photo": self._create_photo,
            "create_post": self._create_post,
            "list_posts": self._list_posts,
            "read_photo": self._read_photo,
            "read_post": self._read_post,
            "delete_post": self._delete_post,
        }

    @property
    def _state(self) -> FacebookPageState:
        return self._world.facebook_page

    def routes(self) -> list[BaseRoute]:
        base = "/facebook_page/{version}"
        return [
            self._route(f"{base}/me", "GET", "me"),
            self._route(f"{base}/me/accounts", "GET", "accounts"),
            self._route(f"{base}/debug_token", "GET", "debug_token"),
            self._route(f"{base}/{{target}}/photos", "POST", "create_photo"),
            self._route(f"{base}/{{target}}/feed", "POST", "create_post"),
            self._route(f"{base}/{{target}}/published_posts", "GET", "list_posts"),
            self._route(f"{base}/{{target}}", "GET", None),
            self._route(f"{base}/{{target}}", "DELETE", "delete_post"),
        ]

    def operations(self) -> set[str]:
        """The operations that faults can be added for, without those behind the calls."""
        return set(self._handlers)

    def _route(self, path: str, method: str, operation: str | None) -> Route:
        async def endpoint(request: Request) -> Response:
            read = "read_photo" if request.path_params.get("target") in self._state.photos else "read_post"
            return await self._serve(request, operation or read)

        return Route(path, endpoint, methods=[method])

    async def _serve(self, request: Request, operation: str) -> Response:
        now = self._world.clock.now()
        fault = self._world.faults.take("facebook_page", operation)
        body = (await request.body()).decode(errors="replace")
        params = dict(request.query_params) | dict(parse_qsl(body, keep_blank_values=True))
        text, place = token_of(request, params)
        ids = {"target": request.path_params.get("target", ""), "token_in": place}
        page: SimulatedPage | None = None
        try:
            token = self._state.accounts.authenticate(text, now)
            page = token.page
            if page is not None:
                page.calls += 1
                ids["page"] = page.page_id
            call = PageCall(str(request.url.replace(query="")), params, ids["target"], token, now, ids)
            response = await self._answer(call, operation, request.path_params["version"], fault)
        except GraphRefusal as refusal:
            if refusal.violation and page:
                self._state.note(page, refusal.violation, now)
            response = JSONResponse(error_body(refusal), status_code=refusal.status)
        response.headers.update(usage(page, fault))
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(now, "facebook_page", operation, status=status, fault=fault, ids=ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    async def _answer(self, call: PageCall, operation: str, version: str, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return injected_answer(fault)
        if not re.fullmatch(r"v\d+\.\d+", version):
            raise refused(errors.NO_PATH)
        body = await self._handlers[operation](call)
        return injected_answer(fault) if fault and fault.kind == "effect_then_error" else JSONResponse(body)

    async def _me(self, call: PageCall) -> Json:
        page, user = call.token.page, call.token.user
        if page is not None:
            return only({"id": page.page_id, "name": page.setup.name}, call.params.get("fields"), "Page")
        node = {"id": user.user_id, "name": user.name} if user else {}
        return only(node, call.params.get("fields"), "User")

    async def _accounts(self, call: PageCall) -> Json:
        nodes = self._state.accounts.listed_for(call.token, call.now)
        start = int(call.params.get("after", "0"))
        end = start + int(call.params.get("limit", PAGE_SIZE))
        fields = call.params.get("fields", "id,name,access_token")
        body: Json = {"data": [only(node, fields, "Page") for node in nodes[start:end]]}
        if body["data"]:
            body["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
            if end < len(nodes):
                body["paging"]["next"] = f"{call.url}?after={end}"
        return body

    async def _debug_token(self, call: PageCall) -> Json:
        return self._state.accounts.inspect(call.params.get("input_token", ""), call.now)

    async def _create_photo(self, call: PageCall) -> Json:
        photo = await self._state.add_photo(call.own_page(*POSTING), call.params, call.now)
        call.ids["photo"] = photo.photo_id
        return {"id": photo.photo_id} | ({"post_id": photo.post.media_id} if photo.post else {})

    async def _create_post(self, call: PageCall) -> Json:
        post = self._state.create_post(call.own_page(*POSTING), call.params, call.now)
        call.ids["post"] = post.media_id
        return {"id": post.media_id}

    async def _list_posts(self, call: PageCall) -> Json:
        posts = [
            post for post in self._state.live(call.own_page("pages_read_engagement")) if post.listed_at <= call.now
        ]
        return media_page(posts, {**call.params, "fields": fields_of(call)}, call.url, post_node, "PagePost")

    async def _read_photo(self, call: PageCall) -> Json:
        photo = self._state.own_photo(call.token.own_page(), call.target)
        node: Json = {"id": photo.photo_id, "created_time": graph_time(photo.created_at)}
        if photo.post is not None and photo.post.named_at <= call.now:
            node["page_story_id"] = photo.post.media_id
        known = [name for name in fields_of(call).split(",") if name != "page_story_id" or name in node]
        return only(node, ",".join(known), "Photo")

    async def _read_post(self, call: PageCall) -> Json:
        post = self._state.own_post(call.token.own_page(), call.target)
        call.ids["post"] = post.media_id
        return only(post_node(post), fields_of(call), "PagePost")

    async def _delete_post(self, call: PageCall) -> Json:
        page = call.token.own_page()
        call.token.require(*POSTING)
        if call.target in self._state.photos:
            photo = self._state.own_photo(page, call.target)
            if photo.post is not None:
                self._state.note(page, "deleted the photo of a post", call.now)
            photo.deleted_at = call.now
        else:
            self._state.delete_post(self._state.own_post(page, call.target), call.now)
        return {"success": True}


def fields_of(call: PageCall) -> str:
    """The requested fields without those of objects within them."""
    fields = call.params.get("fields", "id")
    while _NESTED.search(fields):
        fields = _NESTED.sub("", fields)
    return fields


def injected_answer(fault: Fault) -> Response:
    if fault.is_gateway_error and fault.status:
        return gateway_page(fault.status)
    raise injected(fault)


def usage(page: SimulatedPage | None, fault: Fault | None) -> dict[str, str]:
    if fault and fault.kind == "throttle":
        return usage_headers(page.page_id if page else "0", 100, max(1, round(fault.seconds / 60)))
    return usage_headers(page.page_id, min(99, page.calls // CALLS_PER_PERCENT)) if page else {}


def post_node(post: PagePost) -> Json:
    """A post's fields; several photos are attachments below one."""
    node: Json = {
        "id": post.media_id,
        "message": post.message,
        "created_time": graph_time(post.published_at),
        "permalink_url": post.permalink,
        "is_published": True,
        "full_picture": next((photo.url for photo in post.photos), None),
    }
    targets = [{"media_type": "photo", "target": {"id": photo.photo_id}} for photo in post.photos]
    if len(targets) == 1:
        node["attachments"] = {"data": targets}
    elif targets:
        album = {"media_type": "album", "target": {"id": post.media_id}, "subattachments": {"data": targets}}
        node["attachments"] = {"data": [album]}
    return node
