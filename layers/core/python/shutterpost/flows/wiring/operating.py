"""Builds the flows behind an operator's actions."""

from typing import TYPE_CHECKING

from shutterpost.channels import Tokens
from shutterpost.flows.wiring.notifying import LOCAL
from shutterpost.flows.wiring.picking import build_picker
from shutterpost.flows.wiring.planning import build_holds, build_slot_claims
from shutterpost.flows.wiring.ports import Platforms, Stores
from shutterpost.flows.wiring.posting import build_editor, build_poster, build_releaser
from shutterpost.flows.wiring.publishing import build_channel_access

if TYPE_CHECKING:
    from shutterpost.flows.operating.cancel import Canceller
    from shutterpost.flows.operating.change_photos import PhotoEditor
    from shutterpost.flows.operating.connect import Connector
    from shutterpost.flows.operating.import_plan import PlanImporter
    from shutterpost.flows.operating.moving.move import Mover
    from shutterpost.flows.operating.moving.swap import PostSwapper
    from shutterpost.flows.operating.moving.timezone_changes import TimezoneChanges
    from shutterpost.flows.operating.remove import Remover
    from shutterpost.flows.operating.resolve import Resolver
    from shutterpost.flows.operating.retry import Retrier
    from shutterpost.flows.operating.review import Reviewer
    from shutterpost.flows.operating.start_due import DueStarter
    from shutterpost.flows.planning.start_timers import StartTimers
    from shutterpost.photos import ImportQueue


def build_reviewer(stores: Stores, start_timers: "StartTimers") -> "Reviewer":
    from shutterpost.flows.operating.review import Reviewer

    return Reviewer(
        clock=stores.clock,
        personas=stores.personas,
        posts=stores.posts,
        schedules=stores.schedules,
        start_timers=start_timers,
        releaser=build_releaser(stores),
        picker=build_picker(stores, start_timers),
    )


def build_canceller(stores: Stores, start_timers: "StartTimers") -> "Canceller":
    from shutterpost.flows.operating.cancel import Canceller

    return Canceller(
        clock=stores.clock,
        schedules=stores.schedules,
        releaser=build_releaser(stores),
        start_timers=start_timers,
    )


def build_photo_editor(stores: Stores, imports: "ImportQueue") -> "PhotoEditor":
    from shutterpost.flows.operating.change_photos import PhotoEditor

    return PhotoEditor(photos=stores.photos, imports=imports)


def build_retrier(stores: Stores, start_timers: "StartTimers") -> "Retrier":
    from shutterpost.flows.operating.retry import Retrier

    return Retrier(
        clock=stores.clock,
        max_future=stores.max_future,
        personas=stores.personas,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        weeks=stores.posts.weeks,
        shown=stores.posts.shown_photos,
        slot_claims=build_slot_claims(stores),
        start_timers=start_timers,
    )


def build_mover(stores: Stores, start_timers: "StartTimers") -> "Mover":
    from shutterpost.flows.operating.moving.move import Mover

    return Mover(
        clock=stores.clock,
        max_future=stores.max_future,
        catalogue=stores.catalogue,
        personas=stores.personas,
        posts=stores.posts,
        schedules=stores.schedules,
        slot_claims=build_slot_claims(stores),
        weeks=stores.posts.weeks,
        lanes=stores.lanes,
        start_timers=start_timers,
        releaser=build_releaser(stores),
    )


def build_swapper(stores: Stores, start_timers: "StartTimers") -> "PostSwapper":
    from shutterpost.flows.operating.moving.swap import PostSwapper

    return PostSwapper(
        clock=stores.clock,
        max_future=stores.max_future,
        personas=stores.personas,
        posts=stores.posts,
        schedules=stores.schedules,
        slot_claims=build_slot_claims(stores),
        weeks=stores.posts.weeks,
        start_timers=start_timers,
        mover=build_mover(stores, start_timers),
    )


def build_plan_importer(stores: Stores, start_timers: "StartTimers") -> "PlanImporter":
    from shutterpost.flows.operating.import_plan import PlanImporter

    return PlanImporter(
        clock=stores.clock,
        photos=stores.photos,
        posts=stores.posts,
        poster=build_poster(stores, start_timers),
        editor=build_editor(stores),
        mover=build_mover(stores, start_timers),
        swapper=build_swapper(stores, start_timers),
    )


def build_resolver(stores: Stores) -> "Resolver":
    from shutterpost.flows.operating.resolve import Resolver

    return Resolver(
        clock=stores.clock,
        schedules=stores.schedules,
        connections=stores.connections,
        catalogue=stores.catalogue,
    )


def build_due_starter(stores: Stores, start_timers: "StartTimers") -> "DueStarter":
    from shutterpost.flows.operating.start_due import DueStarter

    return DueStarter(
        clock=stores.clock,
        schedules=stores.schedules,
        holds=build_holds(stores),
        start_timers=start_timers,
    )


def build_timezone_changes(stores: Stores, start_timers: "StartTimers") -> "TimezoneChanges":
    from shutterpost.flows.operating.moving.timezone_changes import TimezoneChanges

    return TimezoneChanges(
        clock=stores.clock,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        mover=build_mover(stores, start_timers),
    )


def build_connector(stores: Stores, tokens: Tokens, *, stage: str) -> "Connector":
    """Connects accounts; servers of this machine are allowed in the stage `local` alone."""
    from shutterpost.flows.operating.connect import Connector

    return Connector(
        clock=stores.clock,
        catalogue=stores.catalogue,
        connections=stores.connections,
        tokens=tokens,
        schedules=stores.schedules,
        allow_loopback=stage == LOCAL,
    )


def build_remover(stores: Stores, platforms: Platforms) -> "Remover":
    from shutterpost.flows.operating.remove import Remover

    return Remover(clock=stores.clock, schedules=stores.schedules, access=build_channel_access(stores, platforms))
