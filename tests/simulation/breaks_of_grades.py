"""The rules of the grades, each with a way to break it on a channel of that grade."""

import random
from collections.abc import Callable
from typing import Any

from shutterpost.channels.bluesky.adapter import BlueskyChannel
from shutterpost.channels.mastodon.adapter import MastodonChannel
from shutterpost.flows.operating.resolve import Resolver

Change = Callable[[Any], Any]
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def _another_key(original: Callable[..., Any]) -> Callable[..., Any]:
    def publish(channel: Any, account: Any, ref: str, message: Any) -> Any:
        key, _, rest = ref.partition("/")
        end = "".join(random.choice(_LETTERS) for _ in range(4))
        return original(channel, account, f"{key[:-4]}{end}/{rest}", message)

    return publish


def _always(answer: Any) -> Change:
    return lambda _original: lambda *_args, **_options: answer


GRADE_RULES: dict[str, tuple[tuple[Any, str, Change], ...]] = {
    "A-the-key-is-the-posts": ((BlueskyChannel, "publish", _another_key),),
    "C-pictures-tell-the-post": ((MastodonChannel, "_posted", _always(None)),),
    "E-not-live-waits": ((Resolver, "_check_settled", _always(None)),),
}
