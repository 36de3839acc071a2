"""Instagram content publishing: Facebook Login under `/facebook`, Instagram Login under `/instagram`."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.faults import Fault
from infra.local.simulators.instagram import errors
from infra.local.simulators.instagram.accounts import TOKEN_LIFE, Flavour, Right, SimulatedAccount, Token, digest
from infra.local.simulators.instagram.errors import GraphRefusal, Usage, refusal_answer, refusal_of
from infra.local.simulators.instagram.responses import (
    comment_node,
    container_node,
    media_node,
    media_page,
    only,
)
from infra.local.simulators.instagram.state import Container
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

CALLS_PER_PERCENT = 50

Json = dict[str, Any]


@dataclass
class Call:
    """An authenticated request, and the ids for the call log."""

    url: str
    flavour: Flavour
    params: dict[str, str]
    target: str
    token: Token
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> SimulatedAccount:
        return self.token.account

    def own_account(self) -> SimulatedAccount:
        """The account in the path; refuses another than the token's."""
        if self.target != self.account.ig_user_id and not (self.target == "me" and self.flavour == "instagram"):
            raise GraphRefusal(errors.NOT_FOUND)
        return self.account


Handler = Callable[[Call], Json]


class InstagramApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._operations: dict[str, tuple[Right, Handler]] = {
            "me": ("read", self._me),
            "me_accounts": ("pages", self._me_accounts),
            "publishing_limit": ("publish", self._publishing_limit),
            "create_container": ("publish", self._create_container),
            "media_publish": ("publish", self._media_publish),
            "list_media": ("read", self._list_media),
            "list_stories": ("read", self._list_stories),
            "create_comment": ("comment", self._create_comment),
            "list_comments": ("comment", self._list_comments),
            "read_container": ("read", self._read_object),
            "read_media": ("read", self._read_object),
            "read_user": ("read", self._me),
            "delete_media": ("delete", self._delete_media),
            "refresh_token": ("read", self._refresh_token),
            "debug_token": ("read", self._debug_token),
        }

    def routes(self) -> list[BaseRoute]:
        """All paths; Instagram Login's refresh also answers without a version."""
        routes: list[BaseRoute] = [self._route("/instagram/refresh_access_token", "GET", "refresh_token", "instagram")]
        flavours: tuple[Flavour, ...] = ("facebook", "instagram")
        for flavour in flavours:
            base = f"/{flavour}/{{version}}"
            if flavour == "facebook":
                routes.append(self._route(f"{base}/me/accounts", "GET", "me_accounts", flavour))
                routes.append(self._route(f"{base}/debug_token", "GET", "debug_token", flavour))
            else:
                routes.append(self._route(f"{base}/refresh_access_token", "GET", "refresh_token", flavour))
            routes += [
                self._route(f"{base}/me", "GET", "me", flavour),
                self._route(f"{base}/{{target}}/content_publishing_limit", "GET", "publishing_limit", flavour),
                self._route(f"{base}/{{target}}/media", "POST", "create_container", flavour),
                self._route(f"{base}/{{target}}/media", "GET", "list_media", flavour),
                self._route(f"{base}/{{target}}/media_publish", "POST", "media_publish", flavour),
                self._route(f"{base}/{{target}}/stories", "GET", "list_stories", flavour),
                self._route(f"{base}/{{target}}/comments", "POST", "create_comment", flavour),
                self._route(f"{base}/{{target}}/comments", "GET", "list_comments", flavour),
                self._route(f"{base}/{{target}}", "GET", None, flavour),
                self._route(f"{base}/{{target}}", "DELETE", "delete_media", flavour),
                Route(f"/{flavour}/{{rest:path}}", unknown_path, methods=["GET", "POST", "DELETE"]),
            ]
        return routes

    def _route(self, path: str, method: str, operation: str | None, flavour: Flavour) -> Route:
        async def endpoint(request: Request) -> Response:
            target = request.path_params.get("target", "")
            return await self._serve(request, operation or self._reading(target), flavour)

        return Route(path, endpoint, methods=[method])

    def _reading(self, object_id: str) -> str:
        if object_id in self._world.instagram.containers:
            return "read_container"
        return "read_user" if object_id in self._world.instagram.accounts.by_id else "read_media"

    async def _serve(self, request: Request, operation: str, flavour: Flavour) -> Response:
        fault = self._world.faults.take("instagram", operation)
        ids: dict[str, str] = {"flavour": flavour, "target": request.path_params.get("target", "")}
        params = dict(request.query_params) | dict(
            parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
        )
        text, ids["token_in"] = token_of(request, params)
        account: SimulatedAccount | None = None
        try:
            token = self._world.instagram.accounts.authenticate(text, flavour, self._world.clock.now())
            account = token.account
            account.calls += 1
            call = Call(str(request.url.replace(query="")), flavour, params, ids["target"], token, ids)
            ids["account"] = account.ig_user_id
            response = self._answer(call, operation, request.path_params.get("version", "v0.0"), fault)
        except GraphRefusal as refusal:
            if refusal.violation and account:
                container_id = ids.get("container", "")
                self._world.instagram.note(account, container_id, refusal.violation, self._world.clock.now())
            response = self._refused(refusal, account, fault)
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(self._world.clock.now(), "instagram", operation, status=status, fault=fault, ids=ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _answer(self, call: Call, operation: str, version: str, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            if fault.is_gateway_error and fault.status:
                return gateway_page(fault.status)
            raise refusal_of(fault, operation)
        if not re.fullmatch(r"v\d+\.\d+", version):
            raise GraphRefusal(errors.UNKNOWN_PATH)
        right, handler = self._operations[operation]
        call.token.require(right)
        body = handler(call)
        if fault and fault.kind == "effect_then_error":
            if fault.is_gateway_error and fault.status:
                return gateway_page(fault.status)
            raise refusal_of(fault, operation)
        return JSONResponse(body, headers=usage_of(call.account).headers())

    def _refused(self, refusal: GraphRefusal, account: SimulatedAccount | None, fault: Fault | None) -> Response:
        usage = usage_of(account)
        if fault and fault.kind == "throttle":
            usage = Usage(usage.ig_user_id, 100, regain_minutes=max(1, round(fault.seconds / 60)))
        return refusal_answer(refusal, locale=account.locale if account else "en_US", usage=usage)

    def _me(self, call: Call) -> Json:
        account = call.account
        if call.target and call.target != account.ig_user_id:
            raise GraphRefusal(errors.NOT_FOUND)
        node: Json = {"id": account.app_scoped_id, "username": account.username}
        if call.flavour == "instagram":
            node |= {"user_id": account.ig_user_id, "account_type": "BUSINESS"}
        elif call.target:
            node["id"] = account.ig_user_id
        else:
            node = {"id": account.app_scoped_id, "name": account.username}
        return only(node, call.params.get("fields"), "User")

    def _debug_token(self, call: Call) -> Json:
        """Of a token of the caller's own app; the simulation has one app."""
        text = call.params.get("input_token", "")
        inspected = self._world.instagram.accounts.tokens.get(digest(text))
        if inspected is None or inspected.kind != "facebook":
            return {"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid token"}}}
        node = {
            "type": "USER",
            "application": "Simulated",
            "is_valid": inspected.expires_at > self._world.clock.now(),
            "issued_at": int(inspected.issued_at.timestamp()),
            "expires_at": int(inspected.expires_at.timestamp()),
            "scopes": sorted(inspected.scopes),
            "user_id": inspected.account.app_scoped_id,
        }
        return {"data": node}

    def _me_accounts(self, call: Call) -> Json:
        account = call.account
        page = {
            "id": account.page_id,
            "name": account.username,
            "instagram_business_account": {"id": account.ig_user_id},
        }
        cursors = {"before": "QVFI", "after": "QVFI"}
        return {"data": [only(page, call.params.get("fields"), "Page")], "paging": {"cursors": cursors}}

    def _publishing_limit(self, call: Call) -> Json:
        account = call.own_account()
        node: Json = {
            "config": {"quota_total": account.quota_total, "quota_duration": 86_400},
            "quota_usage": self._world.instagram.quota_usage(account, self._world.clock.now()),
        }
        fields = call.params.get("fields", "quota_usage")
        return {"data": [only(node, fields, "ContentPublishingLimit")]}

    def _create_container(self, call: Call) -> Json:
        state = self._world.instagram
        container = state.create_container(call.own_account(), call.params, self._world.clock.now())
        call.ids["container"] = container.container_id
        if container.image_url:
            self._world.background.start(state.process(container))
        return {"id": container.container_id}

    def _media_publish(self, call: Call) -> Json:
        creation_id = call.params.get("creation_id", "")
        call.ids["container"] = creation_id
        media = self._world.instagram.publish(call.own_account(), creation_id, self._world.clock.now())
        call.ids["media"] = media.media_id
        return {"id": media.media_id}

    def _list_media(self, call: Call) -> Json:
        live = self._world.instagram.live_media(call.own_account())
        return media_page(live, call.params, call.url, lambda media: media_node(media, call.flavour), "IGMedia")

    def _list_stories(self, call: Call) -> Json:
        stories = self._world.instagram.live_stories(call.own_account(), self._world.clock.now())
        return media_page(stories, call.params, call.url, lambda media: media_node(media, call.flavour), "IGMedia")

    def _create_comment(self, call: Call) -> Json:
        state, call.ids["media"] = self._world.instagram, call.target
        made = state.comment(call.account, call.target, call.params.get("message", ""), self._world.clock.now())
        return {"id": made.media_id}

    def _list_comments(self, call: Call) -> Json:
        comments = self._world.instagram.comments_on(call.account, call.target)
        return media_page(comments, call.params, call.url, comment_node, "IGComment")

    def _read_object(self, call: Call) -> Json:
        visible = self._world.instagram.visible(call.account, call.target)
        if isinstance(visible, Container):
            call.ids["container"] = visible.container_id
            return only(container_node(visible, self._world.clock.now()), call.params.get("fields"), "IGContainer")
        call.ids["media"] = visible.media_id
        return only(media_node(visible, call.flavour), call.params.get("fields"), "IGMedia")

    def _delete_media(self, call: Call) -> Json:
        if call.flavour == "instagram":
            raise GraphRefusal(errors.NOT_FOUND, "Unsupported delete request")
        visible = self._world.instagram.visible(call.account, call.target)
        if isinstance(visible, Container):
            raise GraphRefusal(errors.NOT_FOUND, "Unsupported delete request")
        visible.deleted_at = self._world.clock.now()
        call.ids["media"] = visible.media_id
        return {"success": True, "deleted_id": visible.media_id}

    def _refresh_token(self, call: Call) -> Json:
        if call.params.get("grant_type") != "ig_refresh_token":
            raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Param grant_type must be ig_refresh_token")
        token = self._world.instagram.accounts.refresh(call.token, self._world.clock.now())
        return {"access_token": token, "token_type": "bearer", "expires_in": int(TOKEN_LIFE.total_seconds())}


async def unknown_path(_: Request) -> Response:
    return refusal_answer(GraphRefusal(errors.UNKNOWN_PATH), locale="en_US", usage=usage_of(None))


def usage_of(account: SimulatedAccount | None) -> Usage:
    if account is None:
        return Usage("0", 0)
    return Usage(account.ig_user_id, min(99, account.calls // CALLS_PER_PERCENT))


def token_of(request: Request, params: dict[str, str]) -> tuple[str | None, str]:
    """The token, which is removed from `params`, and its place: `header`, `query`, `form` or `nowhere`."""
    text = params.pop("access_token", None)
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith("bearer "):
        return authorization[len("bearer ") :].strip(), "header"
    if text is None:
        return None, "nowhere"
    return text, "query" if "access_token" in request.query_params else "form"
