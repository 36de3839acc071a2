"""When a channel's circuit breaker opens."""

from shutterpost.runtime.values import Value


class Breaker(Value):
    """Opens after failures of `posts` different posts in `window`, for `cooldown`, which doubles up to `longest`; in
    seconds."""

    posts: int = 3
    window: int = 3_600
    cooldown: int = 300
    longest: int = 3_600
