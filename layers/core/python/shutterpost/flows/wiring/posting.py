"""Builds the flows that create posts, pick photos and start publish workflows."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.ports import Stores
from shutterpost.runtime.settings import TimerSettings
from shutterpost.scheduling import ChainStarter, Starter, Timers

if TYPE_CHECKING:
    from shutterpost.flows.picking.pick_next import Picker
    from shutterpost.flows.posting.assign import PostAssigner
    from shutterpost.flows.posting.create_post import PostCreator
    from shutterpost.flows.posting.release import Releaser
    from shutterpost.flows.posting.slot_claims import SlotClaims
    from shutterpost.flows.posting.start_timers import StartTimers


def build_start_timers(stores: Stores, settings: TimerSettings, starter: Starter | None = None) -> "StartTimers":
    """Starts publish workflows; `starter` defaults to the settings' state machine."""
    from shutterpost.flows.posting.start_timers import StartTimers

    return StartTimers(
        clock=stores.clock,
        catalogue=stores.catalogue,
        schedules=stores.schedules,
        timers=Timers(settings),
        starter=starter or ChainStarter(settings.state_machine_arn),
    )


def build_post_creator(stores: Stores, start_timers: "StartTimers") -> "PostCreator":
    """Creates posts."""
    from shutterpost.flows.posting.create_post import PostCreator

    return PostCreator(
        clock=stores.clock,
        catalogue=stores.catalogue,
        connections=stores.connections,
        photos=stores.photos,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        pauses=stores.pauses,
        slot_claims=build_slot_claims(stores),
        start_timers=start_timers,
    )


def build_slot_claims(stores: Stores) -> "SlotClaims":
    """Claims slots for posts."""
    from shutterpost.flows.posting.slot_claims import SlotClaims

    return SlotClaims(clock=stores.clock, connections=stores.connections, claims=stores.claims)


def build_assigner(stores: Stores, start_timers: "StartTimers") -> "PostAssigner":
    """Schedules existing posts and changes their connections."""
    from shutterpost.flows.posting.assign import PostAssigner

    return PostAssigner(scheduler=build_post_creator(stores, start_timers), releaser=build_releaser(stores))


def build_releaser(stores: Stores) -> "Releaser":
    """Ends schedules without a post."""
    from shutterpost.flows.posting.release import Releaser

    return Releaser(
        clock=stores.clock,
        schedules=stores.schedules,
        posts=stores.posts,
        claims=stores.claims,
        lanes=stores.lanes,
        photos=stores.photos,
    )


def build_picker(stores: Stores, start_timers: "StartTimers", function_arn: str) -> "Picker":
    """Picks photos for slots; `function_arn` is the function that slot timers invoke."""
    from shutterpost.flows.picking.pick_next import Picker

    return Picker(
        personas=stores.personas,
        scheduler=build_post_creator(stores, start_timers),
        timers=start_timers.timers,
        function_arn=function_arn,
    )
