"""Builds the flows that pick photos."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.ports import Stores
from shutterpost.flows.wiring.posting import build_post_creator

if TYPE_CHECKING:
    from shutterpost.flows.picking.arm_slots import SlotArmer
    from shutterpost.flows.picking.bursts import BurstFinder
    from shutterpost.flows.picking.explain import Explainer
    from shutterpost.flows.picking.forecast import Forecaster
    from shutterpost.flows.picking.pick_next import Picker
    from shutterpost.flows.picking.pick_now import SlotChooser
    from shutterpost.flows.planning.start_timers import StartTimers


def build_picker(stores: Stores, start_timers: "StartTimers") -> "Picker":
    from shutterpost.flows.picking.pick_next import Picker

    return Picker(
        clock=stores.clock,
        catalogue=stores.catalogue,
        personas=stores.personas,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        pauses=stores.pauses,
        creator=build_post_creator(stores, start_timers),
        bursts=build_burst_finder(stores),
    )


def build_slot_armer(stores: Stores, start_timers: "StartTimers", function_arn: str) -> "SlotArmer":
    """`function_arn` is the function that slot timers invoke."""
    from shutterpost.flows.picking.arm_slots import SlotArmer

    return SlotArmer(
        clock=stores.clock,
        personas=stores.personas,
        posts=stores.posts,
        claims=stores.claims,
        timers=start_timers.timers,
        picker=build_picker(stores, start_timers),
        function_arn=function_arn,
    )


def build_forecaster(stores: Stores) -> "Forecaster":
    from shutterpost.flows.picking.forecast import Forecaster

    return Forecaster(
        clock=stores.clock,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        bursts=build_burst_finder(stores),
    )


def build_burst_finder(stores: Stores) -> "BurstFinder":
    from shutterpost.flows.picking.bursts import BurstFinder

    return BurstFinder(catalogue=stores.catalogue, photos=stores.photos)


def build_explainer(stores: Stores) -> "Explainer":
    from shutterpost.flows.picking.explain import Explainer

    return Explainer(
        clock=stores.clock,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        forecaster=build_forecaster(stores),
    )


def build_slot_chooser(stores: Stores) -> "SlotChooser":
    from shutterpost.flows.picking.pick_now import SlotChooser

    return SlotChooser(
        clock=stores.clock,
        connections=stores.connections,
        schedules=stores.schedules,
        claims=stores.claims,
        forecaster=build_forecaster(stores),
    )
