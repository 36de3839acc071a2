"""The API of the simulated X under `/x`."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.faults import Fault
from infra.local.simulators.mastodon.forms import Form, read_form
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World
from infra.local.simulators.x import errors
from infra.local.simulators.x.accounts import TokenPair, rate_headers
from infra.local.simulators.x.errors import XRefusal, answer_of, injected, invalid
from infra.local.simulators.x.state import XState

Json = dict[str, Any]
_OAUTH = frozenset({"token", "revoke_token"})


@dataclass
class XCall:
    """A request with its body and time; `ids` go into the journal, `headers` into the answer."""

    request: Request
    body: bytes
    form: Form
    now: datetime
    operation: str
    state: XState
    ids: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    @property
    def target(self) -> str:
        return str(self.request.path_params.get("target", ""))

    @property
    def document(self) -> Json:
        try:
            document = json.loads(self.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise invalid("The request body is no JSON object.", violation="sent no JSON object")
        return document

    def token(self, *scopes: str) -> TokenPair:
        """The token of the call, counted against its rate limit."""
        header = self.request.headers.get("authorization", "")
        pair = self.state.accounts.authenticate(header.removeprefix("Bearer "), self.now)
        self.ids["account"] = pair.user.user_id
        pair.require(*scopes)
        self.headers |= pair.user.count(self.operation, self.now)
        return pair


Method = Callable[[XCall], Response]


class XApi:
    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _state(self) -> XState:
        return self._world.x

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, str, Method]] = [
            ("GET", "/i/oauth2/authorize", "authorize", self._authorize),
            ("POST", "/2/oauth2/token", "token", self._token),
            ("POST", "/2/oauth2/revoke", "revoke_token", self._revoke),
            ("GET", "/2/users/me", "me", self._me),
            ("POST", "/2/media/upload/initialize", "initialize", self._initialize),
            ("POST", "/2/media/upload/{target}/append", "append", self._append),
            ("POST", "/2/media/upload/{target}/finalize", "finalize", self._finalize),
            ("POST", "/2/media/upload", "upload", self._upload),
            ("GET", "/2/media/upload", "media_status", self._media_status),
            ("POST", "/2/media/metadata", "metadata", self._metadata),
            ("POST", "/2/tweets", "create_post", self._create_post),
            ("GET", "/2/tweets/{target}", "read_post", self._read_post),
            ("DELETE", "/2/tweets/{target}", "delete_post", self._delete_post),
            ("GET", "/2/users/{target}/tweets", "list_posts", self._list_posts),
        ]
        return [self._route(*row) for row in table]

    def operations(self) -> set[str]:
        """The operations that faults can be added for, without those behind the calls."""
        return {route.name for route in self.routes() if isinstance(route, Route)}

    def _route(self, http_method: str, path: str, operation: str, method: Method) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._serve(request, operation, method)

        return Route(f"/x{path}", endpoint, methods=[http_method], name=operation)

    async def _serve(self, request: Request, operation: str, method: Method) -> Response:
        body = await request.body()
        is_json = request.headers.get("content-type", "").startswith("application/json")
        form = {} if is_json else await read_form(request)
        now = self._world.clock.now()
        call = XCall(request, body, form, now, operation, self._state)
        fault = self._world.faults.take("x", operation)
        try:
            response = self._answer(call, method, fault)
        except XRefusal as refusal:
            response = self._refused(call, refusal)
        response.headers.update({**call.headers, "Date": format_datetime(now, usegmt=True)})
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(now, "x", operation, status=status, fault=fault, ids=call.ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _answer(self, call: XCall, method: Method, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return _injected(call, fault)
        response = method(call)
        return _injected(call, fault) if fault and fault.kind == "effect_then_error" else response

    def _refused(self, call: XCall, refusal: XRefusal) -> Response:
        if refusal.violation:
            self._state.violate(f"{call.operation}: {refusal.violation}", call.now)
        if refusal.wait:
            call.headers = rate_headers(100, 0, int(call.now.timestamp() + refusal.wait))
        return answer_of(refusal)

    def _authorize(self, call: XCall) -> Response:
        return self._state.accounts.authorize(call.query, call.request.cookies.get("signed_in_as"), call.now)

    def _token(self, call: XCall) -> Response:
        return JSONResponse(self._state.accounts.exchange(call.form, call.now))

    def _revoke(self, call: XCall) -> Response:
        self._state.accounts.revoke(call.form.get("token", ""))
        return JSONResponse({"revoked": True})

    def _me(self, call: XCall) -> Response:
        user = call.token("users.read", "tweet.read").user
        name = user.setup.username
        return JSONResponse({"data": {"id": user.user_id, "name": name, "username": name}})

    def _initialize(self, call: XCall) -> Response:
        media = self._state.media.begin(call.token("media.write").user, self._state.next_id(call.now), call.now)
        return JSONResponse({"data": media.node(call.now)})

    def _append(self, call: XCall) -> Response:
        media = self._state.media.own(call.token("media.write").user, call.target, call.now)
        content = call.form.get("media")
        if not isinstance(content, bytes):
            raise invalid("media is required")
        media.segments[int(call.form.get("segment_index", "0"))] = content
        return JSONResponse({"data": {"expires_at": int(media.made_at.timestamp()) + 86_400}})

    def _finalize(self, call: XCall) -> Response:
        media = self._state.media.own(call.token("media.write").user, call.target, call.now)
        content = b"".join(media.segments[number] for number in sorted(media.segments))
        self._state.media.finalize(media, content, call.now)
        return JSONResponse({"data": media.node(call.now)})

    def _upload(self, call: XCall) -> Response:
        user, content = call.token("media.write").user, call.form.get("media")
        if call.form.get("media_category") != "tweet_image" or not isinstance(content, bytes):
            raise invalid("media and media_category are required.", violation="uploaded without a file or category")
        media = self._state.media.begin(user, self._state.next_id(call.now), call.now)
        self._state.media.finalize(media, content, call.now)
        call.ids["media"] = media.media_id
        return JSONResponse({"data": media.node(call.now)})

    def _media_status(self, call: XCall) -> Response:
        media = self._state.media.own(call.token("media.write").user, call.query.get("media_id", ""), call.now)
        if call.query.get("command") != "STATUS":
            raise invalid("command is required.", violation="asked for media without a command")
        return JSONResponse({"data": media.node(call.now)})

    def _metadata(self, call: XCall) -> Response:
        user, document = call.token("media.write").user, call.document
        media = self._state.media.own(user, str(document.get("id", "")), call.now)
        text = document.get("metadata", {}).get("alt_text", {}).get("text", "")
        self._state.media.describe(media, str(text))
        return JSONResponse({"data": {"id": media.media_id, "associated_metadata": {"alt_text": {"text": text}}}})

    def _create_post(self, call: XCall) -> Response:
        user = call.token("tweet.write", "tweet.read", "users.read").user
        post = self._state.posts.create(user, call.document, self._state.next_id(call.now), call.now)
        call.ids["post"] = post.post_id
        data = {"id": post.post_id, "text": post.text, "edit_history_tweet_ids": [post.post_id]}
        return JSONResponse({"data": data}, status_code=201)

    def _read_post(self, call: XCall) -> Response:
        call.token("tweet.read", "users.read")
        return JSONResponse({"data": self._state.posts.visible(call.target).node()})

    def _delete_post(self, call: XCall) -> Response:
        user = call.token("tweet.write", "tweet.read", "users.read").user
        self._state.posts.delete(user, call.target, call.now)
        return JSONResponse({"data": {"deleted": True}})

    def _list_posts(self, call: XCall) -> Response:
        call.token("tweet.read", "users.read")
        user = self._state.accounts.users.get(call.target)
        if user is None:
            raise XRefusal(errors.MISSING)
        return JSONResponse(self._state.posts.listing(user, call.query))


def _injected(call: XCall, fault: Fault) -> Response:
    if fault.is_gateway_error and fault.status:
        return gateway_page(fault.status)
    raise injected(fault, oauth=call.operation in _OAUTH)
