"""Injected faults, and the bounded log of calls."""

from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Platform = Literal["instagram", "buffer", "mastodon", "threads", "bluesky", "x", "linkedin", "facebook_page"]
FaultKind = Literal["refuse", "effect_then_error", "effect_then_drop", "drop_before", "throttle", "slow"]

ANY_OPERATION = "*"
# What a fault can be added for: the calls of each platform, and its own work behind them.
OPERATIONS: Mapping[Platform, frozenset[str]] = {
    "instagram": frozenset(
        {
            "me",
            "me_accounts",
            "publishing_limit",
            "create_container",
            "media_publish",
            "list_media",
            "list_stories",
            "create_comment",
            "list_comments",
            "read_container",
            "read_media",
            "read_user",
            "delete_media",
            "refresh_token",
            "debug_token",
            "process_container",
        }
    ),
    "buffer": frozenset(
        {
            "account",
            "channels",
            "post",
            "posts",
            "dailyPostingLimits",
            "createPost",
            "editPost",
            "deletePost",
            "send",
        }
    ),
    "mastodon": frozenset(
        {
            "apps",
            "authorize",
            "token",
            "revoke",
            "verify_credentials",
            "instance",
            "create_media",
            "read_media",
            "update_media",
            "delete_media",
            "create_status",
            "read_status",
            "read_statuses",
            "list_statuses",
            "delete_status",
            "process_media",
            "store_key",
            "keep_status",
        }
    ),
    "threads": frozenset(
        {
            "me",
            "debug_token",
            "exchange_token",
            "refresh_token",
            "publishing_limit",
            "create_container",
            "threads_publish",
            "list_threads",
            "read_container",
            "read_thread",
            "delete_thread",
            "process_container",
        }
    ),
    "bluesky": frozenset(
        {
            "createSession",
            "refreshSession",
            "getSession",
            "resolveHandle",
            "uploadBlob",
            "putRecord",
            "createRecord",
            "deleteRecord",
            "getRecord",
            "listRecords",
        }
    ),
    "x": frozenset(
        {
            "authorize",
            "token",
            "revoke_token",
            "me",
            "initialize",
            "append",
            "finalize",
            "upload",
            "media_status",
            "metadata",
            "create_post",
            "read_post",
            "delete_post",
            "list_posts",
            "process_media",
        }
    ),
    "linkedin": frozenset(
        {
            "authorization",
            "access_token",
            "userinfo",
            "initialize_upload",
            "upload_image",
            "read_image",
            "create_post",
            "list_posts",
            "read_post",
            "delete_post",
            "process_image",
        }
    ),
    "facebook_page": frozenset(
        {
            "me",
            "accounts",
            "debug_token",
            "create_photo",
            "create_post",
            "list_posts",
            "read_photo",
            "read_post",
            "delete_post",
            "list_new_post",
            "name_new_post",
        }
    ),
}
JOURNAL_LENGTH = 5_000


class Fault(BaseModel):
    """A fault of an operation: the first `after` matching calls succeed, the next `count` fail.

    `code` and `subcode` are the numbers of Instagram, Threads and Pages, or Buffer's payload types or
    `extensions.code`; any `code` gives Mastodon's JSON with `message`; for Bluesky and LinkedIn it is the error's name,
    for X the problem's type. Without `code`, a `status` ≥ 500 gives a gateway's plain text page. `seconds` delay a
    `slow` response or are a `throttle`'s wait.
    """

    model_config = ConfigDict(extra="forbid")

    platform: Platform
    operation: str
    kind: FaultKind
    count: int = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    code: int | str | None = None
    subcode: int | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    message: str | None = None
    seconds: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _has_operation(self) -> Self:
        known = OPERATIONS[self.platform]
        if self.operation not in {*known, ANY_OPERATION}:
            raise ValueError(f"{self.platform} has no operation {self.operation}; it has {', '.join(sorted(known))}.")
        return self

    @property
    def is_gateway_error(self) -> bool:
        """Whether a gateway answers instead of the platform."""
        return self.code is None and self.status is not None and self.status >= 500  # noqa: PLR2004 - HTTP's own border


class FaultBook:
    """The pending faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._pending.append(fault)

    def clear(self) -> None:
        self._pending.clear()

    def pending(self) -> list[Fault]:
        return list(self._pending)

    def take(self, platform: Platform, operation: str) -> Fault | None:
        for place, fault in enumerate(self._pending):
            if fault.platform != platform or fault.operation not in {operation, ANY_OPERATION}:
                continue
            if fault.after:
                self._pending[place] = fault.model_copy(update={"after": fault.after - 1})
                continue
            if fault.count == 1:
                del self._pending[place]
            else:
                self._pending[place] = fault.model_copy(update={"count": fault.count - 1})
            return fault
        return None


class Entry(BaseModel):
    """A call, without tokens; `status` is `None` if the connection was closed without a response."""

    number: int
    at: datetime
    platform: Platform
    operation: str
    status: int | None
    fault: FaultKind | None = None
    ids: dict[str, str] = Field(default_factory=dict)


class CallLog:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=JOURNAL_LENGTH)
        self._counts: Counter[str] = Counter()

    def record(
        self,
        at: datetime,
        platform: Platform,
        operation: str,
        *,
        status: int | None,
        fault: Fault | None,
        ids: Mapping[str, Any],
    ) -> None:
        self._counts[f"{platform}.{operation}"] += 1
        self._entries.append(
            Entry(
                number=self._counts.total(),
                at=at,
                platform=platform,
                operation=operation,
                status=status,
                fault=fault.kind if fault else None,
                ids={name: str(value) for name, value in ids.items() if value},
            )
        )

    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def entries(self, platform: str | None = None, operation: str | None = None) -> list[Entry]:
        """The kept calls, oldest first, optionally of one platform or operation."""
        return [
            entry
            for entry in self._entries
            if platform in {None, entry.platform} and operation in {None, entry.operation}
        ]
