"""Living on with a deployment's jobs, and the mails that come of it."""

from datetime import datetime, timedelta

from shutterpost.flows.wiring import build_health_check
from tests.support.system import System

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def live(system: System, days: float, *, every: timedelta = 6 * HOUR) -> list[tuple[datetime, str]]:
    """Live on with the deployment's jobs; the instants and subjects of the mails that came."""
    end, came = system.clock.now() + days * DAY, list[tuple[datetime, str]]()
    health = build_health_check(system.stores, system.platforms)
    day = 0
    start = system.clock.now()
    while system.clock.now() < end:
        if system.clock.now() >= start + day * DAY:
            day += 1
            system.arm_all.run()
            health.run()
        system.syncer.run()
        system.run_executions()
        before = len(system.messages)
        system.notifier.run()
        came += [(system.clock.now(), subject) for subject, _ in system.messages[before:]]
        system.advance_to(system.clock.now() + every)
    return came
