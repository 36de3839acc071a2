"""The rules of some channels, each with a way to break it there: those of the grades, and of first comments."""

import random
from collections.abc import Callable
from typing import Any

from shutterpost.channels.bluesky.adapter import BlueskyChannel
from shutterpost.channels.mastodon.adapter import MastodonChannel
from shutterpost.flows.operating.resolve import Resolver
from shutterpost.flows.publishing.first_comments import FirstComments
from shutterpost.scheduling import CommentState, Schedule

Change = Callable[[Any], Any]
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def _another_key(original: Callable[..., Any]) -> Callable[..., Any]:
    def publish(channel: Any, account: Any, ref: str, message: Any) -> Any:
        key, _, rest = ref.partition("/")
        end = "".join(random.choice(_LETTERS) for _ in range(4))
        return original(channel, account, f"{key[:-4]}{end}/{rest}", message)

    return publish


def _not_written_before(original: Callable[..., Any]) -> Callable[..., Any]:
    def move(comments: FirstComments, schedule: Schedule, **changes: Any) -> Any:
        if changes.get("first_comment") is CommentState.SENDING:
            return schedule
        return original(comments, schedule, **changes)

    return move


def _always(answer: Any) -> Change:
    return lambda _original: lambda *_args, **_options: answer


CHANNEL_RULES: dict[str, tuple[tuple[Any, str, Change], ...]] = {
    "A-the-key-is-the-posts": ((BlueskyChannel, "publish", _another_key),),
    "C-pictures-tell-the-post": ((MastodonChannel, "_posted", _always(None)),),
    "E-not-live-waits": ((Resolver, "_check_settled", _always(None)),),
    "a-comment-is-made-once": ((FirstComments, "_move", _not_written_before),),
}
