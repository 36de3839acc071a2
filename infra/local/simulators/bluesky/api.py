"""The XRPC methods of the server under `/bluesky/xrpc`."""

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

from infra.local.simulators.bluesky.accounts import BlueskyAccount, shown
from infra.local.simulators.bluesky.errors import BlueskyRefusal, injected, internal, invalid, wrong_password
from infra.local.simulators.bluesky.repository import POST, Record, Repository
from infra.local.simulators.bluesky.state import BlueskyState
from infra.local.simulators.faults import Fault
from infra.local.simulators.transport import ClosedConnection, gateway_page
from infra.local.simulators.world import World

Json = dict[str, Any]
CREATE, PUT, DELETE = 3, 2, 1
_PAGE = 100


@dataclass
class BlueskyCall:
    """A request with its body and time; `ids` go into the journal."""

    request: Request
    body: bytes
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str | None:
        header = self.request.headers.get("authorization", "")
        return header[len("Bearer ") :] if header.startswith("Bearer ") else None

    @property
    def document(self) -> Json:
        try:
            body = json.loads(self.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise invalid("Input must be an object")
        return body


Method = Callable[[BlueskyCall], Json]


class BlueskyApi:
    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _state(self) -> BlueskyState:
        return self._world.bluesky

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Method]] = [
            ("POST", "com.atproto.server.createSession", self._create_session),
            ("POST", "com.atproto.server.refreshSession", self._refresh_session),
            ("GET", "com.atproto.server.getSession", self._get_session),
            ("GET", "com.atproto.identity.resolveHandle", self._resolve_handle),
            ("POST", "com.atproto.repo.uploadBlob", self._upload_blob),
            ("POST", "com.atproto.repo.putRecord", self._put_record),
            ("POST", "com.atproto.repo.createRecord", self._create_record),
            ("POST", "com.atproto.repo.deleteRecord", self._delete_record),
            ("GET", "com.atproto.repo.getRecord", self._get_record),
            ("GET", "com.atproto.repo.listRecords", self._list_records),
        ]
        return [self._route(name, http_method, method) for http_method, name, method in table]

    def _route(self, name: str, http_method: str, method: Method) -> Route:
        operation = name.rsplit(".", 1)[-1]

        async def endpoint(request: Request) -> Response:
            return await self._serve(request, operation, method)

        return Route(f"/bluesky/xrpc/{name}", endpoint, methods=[http_method], name=operation)

    async def _serve(self, request: Request, operation: str, method: Method) -> Response:
        call = BlueskyCall(request, await request.body(), self._world.clock.now())
        fault = self._world.faults.take("bluesky", operation)
        try:
            response = self._answer(call, method, fault)
        except BlueskyRefusal as refusal:
            if refusal.violation and not (fault and fault.kind in {"refuse", "throttle"}):
                self._state.violate(f"{operation}: {refusal.message}", call.now)
            response = _refused(refusal, call.now)
        if fault and fault.kind in {"drop_before", "effect_then_drop"}:
            response = ClosedConnection()
        status = None if isinstance(response, ClosedConnection) else response.status_code
        self._world.journal.record(call.now, "bluesky", operation, status=status, fault=fault, ids=call.ids)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return response

    def _answer(self, call: BlueskyCall, method: Method, fault: Fault | None) -> Response:
        if fault and fault.kind in {"refuse", "throttle", "drop_before"}:
            return _injected(fault)
        body = method(call)
        return _injected(fault) if fault and fault.kind == "effect_then_error" else JSONResponse(body)

    def _create_session(self, call: BlueskyCall) -> Json:
        given = call.document
        session = self._state.accounts.log_in(str(given.get("identifier")), str(given.get("password")), call.now)
        return session | {"didDoc": self._document_of(call, session["did"])}

    def _refresh_session(self, call: BlueskyCall) -> Json:
        session = self._state.accounts.refresh(call.token, call.now)
        return session | {"didDoc": self._document_of(call, session["did"])}

    def _get_session(self, call: BlueskyCall) -> Json:
        return shown(self._caller(call))

    def _resolve_handle(self, call: BlueskyCall) -> Json:
        account = self._state.accounts.account(call.request.query_params.get("handle", ""))
        if account is None:
            raise invalid("Unable to resolve handle", violation=False)
        return {"did": account.did}

    def _upload_blob(self, call: BlueskyCall) -> Json:
        account = self._caller(call)
        content_type = call.request.headers.get("content-type", "")
        blob = self._repository(account).upload(call.body, content_type, call.now)
        call.ids["blob"] = blob["blob"]["ref"]["$link"]
        return blob

    def _put_record(self, call: BlueskyCall) -> Json:
        account, given = self._writer(call, PUT)
        if given["collection"] == POST and "swapRecord" not in given:
            self._state.violate("a post is put without swapRecord, which overwrites", call.now)
        swap = {name: given[name] for name in ("swapRecord",) if name in given}
        repository, where = self._repository(account), (given["collection"], given["rkey"])
        record, written = repository.put(*where, given["record"], swap, call.now)
        known = POST if given["collection"] == POST else None
        answer = _reference(account, *where, record) | {"validationStatus": "valid" if known else "unknown"}
        if written:
            answer["commit"] = {"cid": record.cid, "rev": given["rkey"]}
        return answer

    def _create_record(self, call: BlueskyCall) -> Json:
        account, given = self._writer(call, CREATE)
        where = given["collection"], str(given.get("rkey", ""))
        record = self._repository(account).create(*where, given["record"], call.now)
        return _reference(account, *where, record) | {"commit": {"cid": record.cid, "rev": where[1]}}

    def _delete_record(self, call: BlueskyCall) -> Json:
        account, given = self._writer(call, DELETE)
        gone = self._repository(account).delete(given["collection"], given["rkey"])
        return {"commit": {"cid": given["rkey"], "rev": given["rkey"]}} if gone else {}

    def _get_record(self, call: BlueskyCall) -> Json:
        query = call.request.query_params
        account = self._named(query.get("repo", ""))
        where = query.get("collection", ""), query.get("rkey", "")
        if account.setup.taken_down:
            raise invalid("Could not locate record", violation=False)
        record = self._repository(account).get(*where)
        if record is None:
            raise BlueskyRefusal(
                400, "RecordNotFound", f"Could not locate record: at://{account.did}/{where[0]}/{where[1]}"
            )
        return _reference(account, *where, record) | {"value": record.value}

    def _list_records(self, call: BlueskyCall) -> Json:
        query = call.request.query_params
        limit = int(query.get("limit", "50"))
        if not 1 <= limit <= _PAGE:
            raise internal()
        account, collection = self._named(query.get("repo", "")), query.get("collection", "")
        records = self._repository(account).records.get(collection, {})
        keys = sorted((key for key, record in records.items() if not record.hidden), reverse=True)
        keys = [key for key in keys if not query.get("cursor") or key < query["cursor"]][:limit]
        listed = [_reference(account, collection, key, records[key]) | {"value": records[key].value} for key in keys]
        return {"records": listed, **({"cursor": keys[-1]} if keys else {})}

    def _caller(self, call: BlueskyCall) -> BlueskyAccount:
        account = self._state.accounts.caller(call.token, call.now)
        call.ids["did"] = account.did
        return account

    def _writer(self, call: BlueskyCall, points: int) -> tuple[BlueskyAccount, Json]:
        account, given = self._caller(call), call.document
        if given.get("repo") not in {account.did, account.setup.handle}:
            raise invalid("Could not find repo")
        if not all(isinstance(given.get(name), str) for name in ("collection", "rkey")):
            raise invalid("Input must have the properties collection and rkey")
        account.spend(points, call.now)
        call.ids |= {"rkey": given["rkey"], "collection": given["collection"]}
        return account, given

    def _named(self, name: str) -> BlueskyAccount:
        account = self._state.accounts.account(name)
        if account is None:
            raise invalid(f"Could not find repo: {name}", violation=False)
        return account

    def _repository(self, account: BlueskyAccount) -> Repository:
        return self._state.repositories[account.did]

    def _document_of(self, call: BlueskyCall, did: str) -> Json:
        if self._state.accounts.by_did.get(did) is None:
            raise wrong_password()
        url = call.request.url
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": f"{url.scheme}://{url.netloc}/bluesky",
        }
        return {"id": did, "service": [service]}


def _reference(account: BlueskyAccount, collection: str, rkey: str, record: Record) -> Json:
    return {"uri": f"at://{account.did}/{collection}/{rkey}", "cid": record.cid}


def _injected(fault: Fault) -> Response:
    if fault.is_gateway_error and fault.status:
        return gateway_page(fault.status)
    raise injected(fault)


def _refused(refusal: BlueskyRefusal, now: datetime) -> Response:
    headers = {"date": format_datetime(now, usegmt=True)}
    if refusal.reset_in is not None:
        reset = int(now.timestamp() + refusal.reset_in)
        headers |= {"ratelimit-limit": "5000", "ratelimit-remaining": "0", "ratelimit-reset": str(reset)}
    body = {"error": refusal.error, "message": refusal.message}
    return JSONResponse(body, status_code=refusal.status, headers=headers)
