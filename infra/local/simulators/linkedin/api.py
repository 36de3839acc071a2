"""The API of LinkedIn under `/linkedin`: OAuth, the profile, and the versioned calls below `/rest`."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.faults import Fault
from infra.local.simulators.linkedin import errors
from infra.local.simulators.linkedin.accounts import LinkedInToken
from infra.local.simulators.linkedin.errors import LinkedInRefusal, SignInRefusal, injected
from infra.local.simulators.linkedin.state import LinkedInState
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

NEWEST_VERSION = "202607"
# A version of a month answers until this day of the same month a year later.
LAST_DAY = 15
PAGE = 10
UPLOAD_LIFE = timedelta(hours=1)

Json = dict[str, Any]


@dataclass
class LinkedInCall:
    """A request with its JSON, and the ids for the call log."""

    request: Request
    content: bytes
    now: datetime
    target: str
    token: LinkedInToken | None = None
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    @property
    def document(self) -> Json:
        try:
            document = json.loads(self.content)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise LinkedInRefusal(errors.BAD_REQUEST, "body")
        return document

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.content.decode()))

    @property
    def signed(self) -> LinkedInToken:
        if self.token is None:
            raise LinkedInRefusal(errors.TOKEN_UNKNOWN)
        return self.token


Handler = Callable[[LinkedInCall], Response]


class LinkedInApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._handlers: dict[str, Handler] = {
            "authorization": self._authorization,
            "access_token": self._access_token,
            "userinfo": self._userinfo,
            "initialize_upload": self._initialize,
            "upload_image": self._upload,
            "read_image": self._read_image,
            "create_post": self._create,
            "list_posts": self._list,
            "read_post": self._read,
            "delete_post": self._delete,
        }

    @property
    def _state(self) -> LinkedInState:
        return self._world.linkedin

    def routes(self) -> list[BaseRoute]:
        base, rest = "/linkedin", "/linkedin/rest"
        table = [
            ("GET", f"{base}/oauth/v2/authorization", "authorization"),
            ("POST", f"{base}/oauth/v2/accessToken", "access_token"),
            ("GET", f"{base}/v2/userinfo", "userinfo"),
            ("POST", f"{rest}/images", "initialize_upload"),
            ("PUT", f"{base}/dms-uploads/{{target}}", "upload_image"),
            ("GET", f"{rest}/images/{{target}}", "read_image"),
            ("POST", f"{rest}/posts", "create_post"),
            ("GET", f"{rest}/posts", "list_posts"),
            ("GET", f"{rest}/posts/{{target}}", "read_post"),
            ("DELETE", f"{rest}/posts/{{target}}", "delete_post"),
        ]
        return [self._route(path, method, operation) for method, path, operation in table]

    def operations(self) -> set[str]:
        """The operations that faults can be added for, without those behind the calls."""
        return set(self._handlers)

    def _route(self, path: str, method: str, operation: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._serve(request, operation)

        return Route(path, endpoint, methods=[method], name=operation)

    async def _serve(self, request: Request, operation: str) -> Response:
        now = self._world.clock.now()
        fault = self._world.faults.take("linkedin", operation)
        call = LinkedInCall(request, await request.body(), now, request.path_params.get("target", ""))
        call.ids = {"target": call.target}
        try:
            response = self._answer(call, operation, fault)
        except LinkedInRefusal as refusal:
            if refusal.violation and not (fault and fault.kind == "effect_then_error"):
                self._state.note(call.ids.get("author", ""), refusal.violation, now)
            response = refusal.answer()
        except SignInRefusal as refusal:
            response = refusal.answer()
        response.headers["Date"] = format_datetime(now, usegmt=True)
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(now, "linkedin", operation, status=status, fault=fault, ids=call.ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _answer(self, call: LinkedInCall, operation: str, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return self._injected(fault)
        if operation not in {"authorization", "access_token"}:
            header = call.request.headers.get("authorization", "")
            call.token = self._state.accounts.authenticate(header.removeprefix("Bearer "), call.now)
            call.ids["member"] = call.token.member.setup.member_id
        if "/rest/" in call.request.url.path:
            self._check_headers(call)
        response = self._handlers[operation](call)
        return self._injected(fault) if fault and fault.kind == "effect_then_error" else response

    def _injected(self, fault: Fault) -> Response:
        if fault.is_gateway_error and fault.status and fault.kind != "throttle":
            return gateway_page(fault.status)
        return injected(fault).answer()

    def _check_headers(self, call: LinkedInCall) -> None:
        version = call.request.headers.get("linkedin-version", "")
        if not is_active(version, call.now):
            raise LinkedInRefusal(errors.NO_VERSION, version or "none")
        if call.request.headers.get("x-restli-protocol-version") != "2.0.0":
            raise LinkedInRefusal(errors.BAD_REQUEST, "protocol", violation="left out the protocol's version")
        if call.target and b":" in call.request.scope["raw_path"]:
            raise LinkedInRefusal(errors.BAD_REQUEST, "key", violation="did not encode a URN in the path")

    def _authorization(self, call: LinkedInCall) -> Response:
        member = call.request.cookies.get("signed_in_as")
        return RedirectResponse(self._state.accounts.authorize(call.query, member, call.now), status_code=302)

    def _access_token(self, call: LinkedInCall) -> Response:
        if call.form.get("grant_type") != "authorization_code" or call.query:
            raise SignInRefusal("invalid_request", "A required parameter is missing")
        return JSONResponse(self._state.accounts.exchange(call.form, call.now))

    def _userinfo(self, call: LinkedInCall) -> Response:
        call.signed.require("openid", "userinfo")
        setup = call.signed.member.setup
        return JSONResponse({"sub": setup.member_id, "name": setup.name, "locale": "en-US"})

    def _initialize(self, call: LinkedInCall) -> Response:
        if call.query.get("action") != "initializeUpload":
            raise LinkedInRefusal(errors.BAD_REQUEST, "action")
        owner = str(call.document.get("initializeUploadRequest", {}).get("owner", ""))
        call.ids["author"] = owner
        call.signed.require_author(owner, "w")
        image = self._state.initialize(owner)
        call.ids["image"] = image.urn
        base = str(call.request.url.replace(path="/linkedin/dms-uploads", query=""))
        value = {
            "uploadUrl": f"{base}/{image.urn.rpartition(':')[2]}",
            "uploadUrlExpiresAt": int((call.now + UPLOAD_LIFE).timestamp() * 1_000),
            "image": image.urn,
        }
        return JSONResponse({"value": value})

    def _upload(self, call: LinkedInCall) -> Response:
        image = self._state.images.get(f"urn:li:image:{call.target}")
        if image is None or not call.signed.member.may_post_as(image.owner):
            raise LinkedInRefusal(errors.MISSING, call.target)
        self._state.upload(image, call.content, call.now)
        return Response(status_code=201)

    def _read_image(self, call: LinkedInCall) -> Response:
        image = self._state.images.get(call.target)
        if image is None or not call.signed.member.may_post_as(image.owner):
            raise LinkedInRefusal(errors.MISSING, call.target)
        return JSONResponse({"id": image.urn, "owner": image.owner, "status": image.status(call.now)})

    def _create(self, call: LinkedInCall) -> Response:
        author = str(call.document.get("author", ""))
        call.ids["author"] = author
        call.signed.require_author(author, "w")
        post = self._state.create(call.signed.member, call.document, call.now)
        call.ids["post"] = post.urn
        return Response(status_code=201, headers={"x-restli-id": post.urn})

    def _list(self, call: LinkedInCall) -> Response:
        author = call.query.get("author", "")
        if call.query.get("q") != "author" or call.query.get("sortBy", "LAST_MODIFIED") != "LAST_MODIFIED":
            raise LinkedInRefusal(errors.BAD_REQUEST, "q")
        call.signed.require_author(author, "r")
        start, count = int(call.query.get("start", 0)), int(call.query.get("count", PAGE))
        page = self._state.listed(author)[start : start + count]
        paging = {"start": start, "count": count, "links": []}
        return JSONResponse({"paging": paging, "elements": [post.node() for post in page]})

    def _read(self, call: LinkedInCall) -> Response:
        post, reads_posts = self._state.posts.get(call.target), "r_organization_social" in call.signed.scopes
        if post is not None or not reads_posts:
            call.signed.require_author(post.author if post else call.signed.member.urn, "r")
        return JSONResponse(self._state.live(call.target).node())

    def _delete(self, call: LinkedInCall) -> Response:
        post = self._state.posts.get(call.target)
        if post is not None:
            call.signed.require_author(post.author, "w")
            post.deleted_at = post.deleted_at or call.now
        return Response(status_code=204)


def is_active(version: str, now: datetime) -> bool:
    """Whether a version, `YYYYMM`, answers: it is out, and less than a year and some days old."""
    if not re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])", version) or version > NEWEST_VERSION:
        return False
    return (now.year, now.month, now.day) < (int(version[:4]) + 1, int(version[4:]), LAST_DAY)
