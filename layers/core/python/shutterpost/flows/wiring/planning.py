"""Builds what the flows share: circuit breakers, holds, and starting publish workflows."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.ports import Stores
from shutterpost.runtime.settings import TimerSettings
from shutterpost.scheduling import ChainStarter, Starter, Timers

if TYPE_CHECKING:
    from shutterpost.flows.planning.budgets import Budgets
    from shutterpost.flows.planning.circuits import Circuits
    from shutterpost.flows.planning.holds import Holds
    from shutterpost.flows.planning.slot_claims import SlotClaims
    from shutterpost.flows.planning.start_timers import StartTimers


def build_circuits(stores: Stores) -> "Circuits":
    from shutterpost.flows.planning.circuits import Circuits

    return Circuits(clock=stores.clock, lanes=stores.lanes, catalogue=stores.catalogue)


def build_budgets(stores: Stores) -> "Budgets":
    from shutterpost.flows.planning.budgets import Budgets

    return Budgets(
        clock=stores.clock,
        lanes=stores.lanes,
        catalogue=stores.catalogue,
        connections=stores.connections,
        posts=stores.posts,
    )


def build_holds(stores: Stores) -> "Holds":
    from shutterpost.flows.planning.holds import Holds

    return Holds(
        clock=stores.clock,
        connections=stores.connections,
        pauses=stores.pauses,
        circuits=build_circuits(stores),
    )


def build_slot_claims(stores: Stores) -> "SlotClaims":
    from shutterpost.flows.planning.slot_claims import SlotClaims

    return SlotClaims(clock=stores.clock, connections=stores.connections, claims=stores.claims)


def build_start_timers(stores: Stores, settings: TimerSettings, starter: Starter | None = None) -> "StartTimers":
    """Starts publish workflows; `starter` defaults to the settings' state machine."""
    from shutterpost.flows.planning.start_timers import StartTimers

    return StartTimers(
        clock=stores.clock,
        catalogue=stores.catalogue,
        schedules=stores.schedules,
        circuits=build_circuits(stores),
        timers=Timers(settings),
        starter=starter or ChainStarter(settings.state_machine_arn),
    )
