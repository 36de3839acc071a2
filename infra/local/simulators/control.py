"""The control routes under `/_control`: accounts, clock, faults, calls."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.bluesky.accounts import BlueskySetup
from infra.local.simulators.buffer.records import BufferSetup
from infra.local.simulators.facebook_page.accounts import PageSetup, PageUserSetup
from infra.local.simulators.faults import Fault
from infra.local.simulators.instagram.accounts import AccountSetup, PostByHand
from infra.local.simulators.linkedin.accounts import LinkedInAppSetup, LinkedInSetup
from infra.local.simulators.mastodon.servers import ServerSetup
from infra.local.simulators.threads.accounts import ThreadsAccountSetup
from infra.local.simulators.world import World
from infra.local.simulators.x.accounts import XAccountSetup

Body = TypeVar("Body", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class ClockSetting(BaseModel):
    """`at` of `None` keeps the time."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None
    frozen: bool = False


class ClockAdvance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seconds: float


class Revocation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str


class Takedown(BaseModel):
    model_config = ConfigDict(extra="forbid")

    uri: str


async def read(request: Request, model: type[Body]) -> Body:
    """The request's JSON as `model`. Raises `ValidationError`."""
    return model.model_validate_json(await request.body() or b"{}")


def refusing_bad_input(endpoint: Endpoint) -> Endpoint:
    """Respond 422 with pydantic's errors."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False, include_input=False)
            return JSONResponse({"errors": details}, status_code=422)

    return guarded


class Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/reset", self._reset),
            ("GET", "/settings", self._settings),
            ("POST", "/settings", self._change_settings),
            ("GET", "/clock", self._clock),
            ("POST", "/clock", self._set_clock),
            ("POST", "/clock/advance", self._advance),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("POST", "/instagram/accounts", self._instagram_account),
            ("POST", "/instagram/posts", self._instagram_post),
            ("POST", "/buffer/accounts", self._buffer_account),
            ("POST", "/mastodon/servers", self._mastodon_server),
            ("POST", "/threads/accounts", self._threads_account),
            ("POST", "/bluesky/accounts", self._bluesky_account),
            ("POST", "/bluesky/takedowns", self._bluesky_takedown),
            ("POST", "/facebook_page/pages", self._facebook_page),
            ("POST", "/facebook_page/users", self._facebook_page_user),
            ("POST", "/x/accounts", self._x_account),
            ("POST", "/linkedin/members", self._linkedin_member),
            ("POST", "/linkedin/apps", self._linkedin_app),
            ("POST", "/linkedin/revocations", self._linkedin_revocation),
            ("GET", "/state", self._state),
            ("GET", "/journal", self._journal),
        ]
        return [Route(f"/_control{path}", refusing_bad_input(serve), methods=[method]) for method, path, serve in table]

    async def _reset(self, _: Request) -> Response:
        await self._world.reset()
        return await self._clock(_)

    async def _settings(self, _: Request) -> Response:
        return JSONResponse(self._world.settings.model_dump())

    async def _change_settings(self, request: Request) -> Response:
        changes = await read(request, SimulatorSettings)
        self._world.apply(self._world.settings.model_copy(update=changes.model_dump(exclude_unset=True)))
        return await self._settings(request)

    async def _clock(self, _: Request) -> Response:
        clock = self._world.clock
        return JSONResponse({"now": clock.now().isoformat(), "frozen": clock.frozen})

    async def _set_clock(self, request: Request) -> Response:
        setting = await read(request, ClockSetting)
        self._world.clock.set(setting.at, frozen=setting.frozen)
        await self._world.settle()
        return await self._clock(request)

    async def _advance(self, request: Request) -> Response:
        self._world.clock.advance((await read(request, ClockAdvance)).seconds)
        await self._world.settle()
        return await self._clock(request)

    async def _faults(self, _: Request) -> Response:
        return JSONResponse({"faults": [fault.model_dump() for fault in self._world.faults.pending()]})

    async def _add_fault(self, request: Request) -> Response:
        self._world.faults.add(await read(request, Fault))
        return await self._faults(request)

    async def _clear_faults(self, request: Request) -> Response:
        self._world.faults.clear()
        return await self._faults(request)

    async def _instagram_account(self, request: Request) -> Response:
        setup = await read(request, AccountSetup)
        account = self._world.instagram.accounts.configure(setup, self._world.clock.now())
        return JSONResponse({"ig_user_id": account.ig_user_id, "page_id": account.page_id})

    async def _instagram_post(self, request: Request) -> Response:
        media = self._world.instagram.post_by_hand(await read(request, PostByHand), self._world.clock.now())
        return JSONResponse({"id": media.media_id})

    async def _buffer_account(self, request: Request) -> Response:
        account = self._world.buffer.configure(await read(request, BufferSetup))
        organizations: list[dict[str, Any]] = [
            {
                "id": organization.organization_id,
                "name": organization.setup.name,
                "channels": [
                    {"id": channel_id, "name": channel.name, "service": channel.service}
                    for channel_id, channel in organization.channels.items()
                ],
            }
            for organization in account.organizations.values()
        ]
        return JSONResponse({"account_id": account.account_id, "organizations": organizations})

    async def _mastodon_server(self, request: Request) -> Response:
        return JSONResponse({"accounts": self._world.mastodon.configure(await read(request, ServerSetup))})

    async def _threads_account(self, request: Request) -> Response:
        setup = await read(request, ThreadsAccountSetup)
        return JSONResponse({"user_id": self._world.threads.accounts.configure(setup, self._world.clock.now()).user_id})

    async def _bluesky_account(self, request: Request) -> Response:
        return JSONResponse({"did": self._world.bluesky.configure(await read(request, BlueskySetup))})

    async def _bluesky_takedown(self, request: Request) -> Response:
        self._world.bluesky.take_down((await read(request, Takedown)).uri)
        return JSONResponse({})

    async def _facebook_page(self, request: Request) -> Response:
        setup = await read(request, PageSetup)
        page = self._world.facebook_page.accounts.configure(setup, self._world.clock.now())
        return JSONResponse({"page_id": page.page_id})

    async def _facebook_page_user(self, request: Request) -> Response:
        self._world.facebook_page.accounts.add_user(await read(request, PageUserSetup), self._world.clock.now())
        return JSONResponse({})

    async def _x_account(self, request: Request) -> Response:
        setup = await read(request, XAccountSetup)
        return JSONResponse({"user_id": self._world.x.accounts.configure(setup, self._world.clock.now()).user_id})

    async def _linkedin_member(self, request: Request) -> Response:
        setup = await read(request, LinkedInSetup)
        return JSONResponse({"urn": self._world.linkedin.accounts.configure(setup, self._world.clock.now()).urn})

    async def _linkedin_app(self, request: Request) -> Response:
        app = await read(request, LinkedInAppSetup)
        self._world.linkedin.accounts.apps[app.client_id] = app
        return JSONResponse({})

    async def _linkedin_revocation(self, request: Request) -> Response:
        self._world.linkedin.accounts.revoke((await read(request, Revocation)).token)
        return JSONResponse({})

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self._world.dump())

    async def _journal(self, request: Request) -> Response:
        query = request.query_params
        entries = self._world.journal.entries(query.get("platform"), query.get("operation"))
        return JSONResponse({"entries": [entry.model_dump(mode="json") for entry in entries]})
