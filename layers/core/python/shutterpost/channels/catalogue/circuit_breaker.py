"""When a channel's circuit breaker opens."""

from shutterpost.runtime.values import Value


class Breaker(Value):
    """Opens after `failures` within `window` seconds, and admits a probe `cooldown` seconds later."""

    failures: int = 5
    window: int = 3_600
    cooldown: int = 3_600
