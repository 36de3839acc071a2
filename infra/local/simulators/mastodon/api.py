"""The API of simulated Mastodon and Pixelfed servers, each under `/mastodon/{domain}`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.faults import Fault
from infra.local.simulators.mastodon import errors
from infra.local.simulators.mastodon.errors import MastodonRefusal, aborted, answer_of, refusal_from
from infra.local.simulators.mastodon.forms import Form, read_form
from infra.local.simulators.mastodon.media import focus_of
from infra.local.simulators.mastodon.oauth import AccessToken, Authorizations
from infra.local.simulators.mastodon.servers import Bucket, SimulatedServer, SimulatedUser, Window
from infra.local.simulators.mastodon.state import MastodonState
from infra.local.simulators.mastodon.statuses import StatusRequest, account_node
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

Json = dict[str, Any]


@dataclass
class MastodonCall:
    """A request, who made it, and what is left to do when it ends."""

    server: SimulatedServer
    known: Authorizations
    request: Request
    form: Form
    now: datetime
    target: str = ""
    token: AccessToken | None = None
    ids: dict[str, str] = field(default_factory=dict)
    window: Window | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    def user(self, *scopes: str) -> SimulatedUser:
        """The token's account, where the token has one of the scopes."""
        if self.token is None:
            header = self.request.headers.get("authorization", "")
            self.token = self.known.authenticate(header[len("Bearer ") :] if header.startswith("Bearer ") else None)
            self.ids["account"] = self.token.user.account_id
        self.token.require(*scopes)
        return self.token.user

    def count(self, bucket: Bucket, caller: str) -> None:
        """Count the call in a window; the tightest is shown."""
        window = self.server.count(bucket, caller, self.now)
        if self.window is None or window.remaining < self.window.remaining:
            self.window = window


Handler = Callable[[MastodonCall], Response]


class MastodonApi:
    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _state(self) -> MastodonState:
        return self._world.mastodon

    def routes(self) -> list[BaseRoute]:
        base = "/mastodon/{domain}"
        media, statuses = f"{base}/api/v1/media/{{target}}", f"{base}/api/v1/statuses"
        table: list[tuple[str, str, str, Handler]] = [
            ("POST", f"{base}/api/v1/apps", "apps", self._apps),
            ("GET", f"{base}/oauth/authorize", "authorize", self._authorize),
            ("POST", f"{base}/oauth/token", "token", self._token),
            ("POST", f"{base}/oauth/revoke", "revoke", self._revoke),
            ("GET", f"{base}/api/v1/accounts/verify_credentials", "verify_credentials", self._verify),
            ("GET", f"{base}/api/v2/instance", "instance", self._instance),
            ("POST", f"{base}/api/v2/media", "create_media", self._create_media),
            ("GET", media, "read_media", self._read_media),
            ("PUT", media, "update_media", self._update_media),
            ("DELETE", media, "delete_media", self._delete_media),
            ("POST", statuses, "create_status", self._create_status),
            ("GET", statuses, "read_statuses", self._read_statuses),
            ("GET", f"{statuses}/{{target}}", "read_status", self._read_status),
            ("DELETE", f"{statuses}/{{target}}", "delete_status", self._delete_status),
            ("GET", f"{base}/api/v1/accounts/{{target}}/statuses", "list_statuses", self._list_statuses),
        ]
        return [self._route(path, method, operation, handler) for method, path, operation, handler in table]

    def operations(self) -> set[str]:
        """The operations that faults can be added for, without those behind the calls."""
        return {route.name for route in self.routes() if isinstance(route, Route)}

    def _route(self, path: str, method: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._serve(request, operation, handler)

        return Route(path, endpoint, methods=[method], name=operation)

    async def _serve(self, request: Request, operation: str, handler: Handler) -> Response:
        domain, now = request.path_params["domain"], self._world.clock.now()
        server = self._state.servers.get(domain)
        if server is None:
            return gateway_page(404)
        fault = self._world.faults.take("mastodon", operation)
        form = await read_form(request)
        target = request.path_params.get("target", "")
        call = MastodonCall(server, self._state.authorizations[domain], request, form, now, target)
        call.ids |= {"server": domain, "target": target}
        try:
            response = self._answer(call, operation, handler, fault)
        except MastodonRefusal as refusal:
            response = self._refused(call, refusal, fault)
        response.headers.update(rate_headers(call.window))
        response.headers["Date"] = format_datetime(now, usegmt=True)
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(now, "mastodon", operation, status=status, fault=fault, ids=call.ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        for step in call.afterwards:
            step()
        return response

    def _answer(self, call: MastodonCall, operation: str, handler: Handler, fault: Fault | None) -> Response:
        if operation == "apps":
            call.count("apps", "ip")
        elif call.request.headers.get("authorization"):
            call.count("account", call.request.headers["authorization"])
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return self._injected(call, fault)
        response = handler(call)
        return self._injected(call, fault) if fault and fault.kind == "effect_then_error" else response

    def _injected(self, call: MastodonCall, fault: Fault) -> Response:
        if fault.kind == "throttle":
            reset = datetime.fromtimestamp(call.now.timestamp() + fault.seconds, UTC)
            raise MastodonRefusal(errors.TOO_MANY_REQUESTS, window=Window(300, 0, reset))
        if fault.is_gateway_error and fault.status:
            return gateway_page(fault.status)
        raise refusal_from(fault)

    def _refused(self, call: MastodonCall, refusal: MastodonRefusal, fault: Fault | None) -> Response:
        if refusal.violation and not (fault and fault.kind == "effect_then_error"):
            self._state.note(call.server.setup.domain, refusal.violation, call.now)
        call.window = refusal.window or call.window
        if refusal.refused is errors.REPEAT_FAILED:
            return gateway_page(errors.REPEAT_FAILED.status)
        locale = call.token.user.setup.locale if call.token else "en"
        return answer_of(refusal, call.request, pixelfed=call.server.is_pixelfed, locale=locale)

    def _apps(self, call: MastodonCall) -> Response:
        uris = call.form.pop("redirect_uris[]", None)
        if uris:
            call.form["redirect_uris"] = " ".join(uris)
        return JSONResponse(call.known.register(call.form))

    def _authorize(self, call: MastodonCall) -> Response:
        return call.known.authorize(call.query, call.request.cookies.get("signed_in_as"), call.now)

    def _token(self, call: MastodonCall) -> Response:
        return JSONResponse(call.known.exchange(call.form, call.now))

    def _revoke(self, call: MastodonCall) -> Response:
        call.known.revoke(call.form)
        return JSONResponse({})

    def _verify(self, call: MastodonCall) -> Response:
        return JSONResponse(account_node(call.user("profile", "read:accounts")))

    def _instance(self, call: MastodonCall) -> Response:
        return JSONResponse(instance_node(call.server))

    def _create_media(self, call: MastodonCall) -> Response:
        user = call.user("write:media")
        call.count("media", user.account_id)
        media = self._state.media.add(call.server, user, call.form, self._state.next_id(call.now), call.now)
        call.ids["media"] = media.media_id
        ready = call.now >= media.ready_at and not call.server.is_pixelfed
        return JSONResponse(media.node(call.now, uploaded=True), status_code=200 if ready else 202)

    def _read_media(self, call: MastodonCall) -> Response:
        media = self._state.media.read(call.server, call.user("write:media"), call.target, call.now)
        ready = call.now >= media.ready_at or call.server.is_pixelfed
        return JSONResponse(media.node(call.now), status_code=200 if ready else 206)

    def _update_media(self, call: MastodonCall) -> Response:
        media = self._state.media.read(call.server, call.user("write:media"), call.target, call.now)
        media.description = call.form.get("description", media.description)
        media.focus = focus_of(call.form.get("focus")) or media.focus
        return JSONResponse(media.node(call.now))

    def _delete_media(self, call: MastodonCall) -> Response:
        self._state.media.remove(call.server, call.user("write:media"), call.target, call.now)
        return JSONResponse({})

    def _create_status(self, call: MastodonCall) -> Response:
        user = call.user("write:statuses")
        call.count("statuses", user.account_id)
        key, statuses = call.request.headers.get("idempotency-key"), self._state.statuses
        number = self._state.next_id(call.now)
        wanted = StatusRequest(call.server, user, call.form, key, number, call.now)
        status = statuses.create(wanted)
        call.ids |= {"status": status.status_id, "key": key or ""}
        if len(status.media) < len(wanted.media_ids):
            self._state.note(call.server.setup.domain, "posted a text without its pictures", call.now)
        call.afterwards.append(lambda: statuses.keep_key(status, call.now))
        return JSONResponse(status.node(call.now))

    def _read_status(self, call: MastodonCall) -> Response:
        status = self._state.statuses.visible(call.server, call.user("read:statuses"), call.target)
        return JSONResponse(status.node(call.now))

    def _read_statuses(self, call: MastodonCall) -> Response:
        user, wanted = call.user("read:statuses"), call.request.query_params.getlist("id[]")
        if not call.server.at_least(4, 3):
            raise aborted(404)
        own = [self._state.statuses.items.get(status_id) for status_id in wanted]
        live = [status for status in own if status and status.user is user and not status.deleted_at]
        return JSONResponse([status.node(call.now) for status in live])

    def _delete_status(self, call: MastodonCall) -> Response:
        user = call.user("write:statuses")
        call.count("deletes", user.account_id)
        with_media = call.query.get("delete_media") in {"true", "1"}
        status = self._state.statuses.delete(call.server, user, call.target, call.now, with_media=with_media)
        return JSONResponse(status.node(call.now) | {"text": status.text})

    def _list_statuses(self, call: MastodonCall) -> Response:
        user = call.user("read:statuses")
        if {"min_id", "max_id", "since_id"} & call.query.keys():
            call.count("paged", user.account_id)
        if call.target != user.account_id:
            raise MastodonRefusal(errors.RECORD_MISSING)
        page = self._state.statuses.listing(call.server, user, call.query)
        return JSONResponse([status.node(call.now) for status in page])


def instance_node(server: SimulatedServer) -> Json:
    """`GET /api/v2/instance`; Pixelfed names neither API versions nor the limit of descriptions."""
    setup = server.setup
    media: Json = {
        "supported_mime_types": setup.mime_types,
        "image_size_limit": setup.image_size_limit,
        "image_matrix_limit": setup.image_matrix_limit,
    }
    node: Json = {
        "domain": setup.domain,
        "title": setup.domain,
        "version": setup.version,
        "source_url": f"https://github.com/{setup.software}/{setup.software}",
        "configuration": {
            "statuses": {
                "max_characters": setup.max_characters,
                "max_media_attachments": setup.max_media_attachments,
                "characters_reserved_per_url": setup.characters_reserved_per_url,
            },
            "media_attachments": media,
        },
        "rules": [],
    }
    if not server.is_pixelfed:
        media["description_limit"] = setup.description_limit
        if server.at_least(4, 3):
            node["api_versions"] = {"mastodon": server.release[1] - 1}
    return node


def rate_headers(window: Window | None) -> dict[str, str]:
    """Mastodon's headers, with the instant in ISO 8601 and microseconds."""
    if window is None:
        return {}
    return {
        "X-RateLimit-Limit": str(window.limit),
        "X-RateLimit-Remaining": str(window.remaining),
        "X-RateLimit-Reset": window.reset.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }
