"""Adapters in front of answers that a test writes, and the parts of such answers."""

from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from shutterpost.channels import (
    Account,
    Attempt,
    Channel,
    Connection,
    FailureClass,
    Message,
    Picture,
    adapters,
)
from shutterpost.runtime.settings import PlatformSettings
from tests.support.answer_mutations import StoppedClock
from tests.support.platform_tools import tools

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEXT = "A calm lake."
ATTEMPT = Attempt(text=TEXT, run_at=NOON, attempted_at=NOON, ref="178")
MESSAGE = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg"),), run_at=NOON)
PERMANENT, RETRYABLE, AMBIGUOUS = FailureClass.PERMANENT, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS
HTML = "<html><title>403 Forbidden</title>Request blocked</html>"
POST = {
    "id": "a" * 24,
    "status": "scheduled",
    "text": TEXT,
    "channelId": "c1",
    "dueAt": "2026-11-21T12:00:00.000Z",
    "sentAt": None,
    "externalLink": None,
    "error": None,
}
LAST_PAGE = {"hasNextPage": False, "endCursor": None}
MEDIA = {
    "id": "3",
    "caption": TEXT,
    "timestamp": "2026-11-21T12:00:05+0000",
    "permalink": "https://www.instagram.com/p/3/",
}
PAGING = {"cursors": {"before": "a", "after": "b"}}


def channel(name: str) -> Channel:
    return adapters(tools(PlatformSettings(stage="test"), StoppedClock()))(name)


def account(name: str, login: Any = None) -> Account:
    connection = Connection(
        connection_id="c0",
        persona_id="nature",
        owner="owner",
        channel=name,
        display_name="nature",
        account_id="c1" if name == "buffer" else "17841400000000001",
        login=login or (None if name == "buffer" else "facebook"),
        organization_id="o1" if name == "buffer" else None,
        created_at=NOON,
        updated_at=NOON,
    )
    return Account(connection=connection, token=SecretStr("EAAG-secret"))


def find(name: str) -> Any:
    return channel(name).find(account(name), ATTEMPT)


def graph_error(code: int, subcode: int | None = None, message: str = "Fatal", status: int = 400) -> httpx.Response:
    error = {"message": message, "type": "OAuthException", "code": code}
    return httpx.Response(status, json={"error": error | ({} if subcode is None else {"error_subcode": subcode})})
