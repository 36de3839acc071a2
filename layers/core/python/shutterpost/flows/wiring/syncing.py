"""Builds sync and the daily checks."""

from functools import cache, partial
from typing import TYPE_CHECKING

from shutterpost.flows.wiring.operating import build_reviewer, build_timezone_changes
from shutterpost.flows.wiring.picking import build_forecaster, build_picker
from shutterpost.flows.wiring.planning import build_slot_claims
from shutterpost.flows.wiring.ports import Platforms, Stores
from shutterpost.flows.wiring.posting import build_releaser
from shutterpost.flows.wiring.publishing import (
    build_channel_access,
    build_first_comments,
    build_policies,
    build_remote_claims,
    build_rendition_copies,
    build_successes,
)

if TYPE_CHECKING:
    from shutterpost.flows.picking.arm_slots import SlotArmer
    from shutterpost.flows.planning.start_timers import StartTimers
    from shutterpost.flows.publishing.fetch_trial import FetchTrial
    from shutterpost.flows.records.account_posts import AccountReader
    from shutterpost.flows.syncing.arm_all import ArmAll
    from shutterpost.flows.syncing.health import HealthCheck
    from shutterpost.flows.syncing.live_address import AddressCheck
    from shutterpost.flows.syncing.look_ahead import LookAhead
    from shutterpost.flows.syncing.sync import Syncer


def build_arm_all(stores: Stores, start_timers: "StartTimers", armer: "SlotArmer") -> "ArmAll":
    from shutterpost.flows.syncing.arm_all import ArmAll

    return ArmAll(
        clock=stores.clock,
        personas=stores.personas,
        timers=start_timers.timers,
        armer=armer,
        timezone_changes=build_timezone_changes(stores, start_timers),
    )


def build_address_check(stores: Stores, platforms: Platforms) -> "AddressCheck":
    from shutterpost.flows.syncing.live_address import AddressCheck

    return AddressCheck(posts=stores.posts, schedules=stores.schedules, access=build_channel_access(stores, platforms))


def build_account_reader(stores: Stores, platforms: Platforms) -> "AccountReader":
    from shutterpost.flows.records.account_posts import AccountReader

    return AccountReader(
        personas=stores.personas,
        connections=stores.connections,
        tokens=platforms.tokens,
        channels=platforms.channels,
        catalogue=stores.catalogue,
        claims=stores.claims,
        schedules=stores.schedules,
    )


def build_fetch_trial(stores: Stores, platforms: Platforms) -> "FetchTrial":
    from shutterpost.flows.publishing.fetch_trial import FetchTrial

    return FetchTrial(
        clock=stores.clock,
        catalogue=stores.catalogue,
        connections=stores.connections,
        tokens=platforms.tokens,
        channels=platforms.channels,
        copies=platforms.copies,
    )


def build_health_check(stores: Stores, platforms: Platforms) -> "HealthCheck":
    from shutterpost.flows.syncing.health import HealthCheck

    return HealthCheck(
        clock=stores.clock,
        personas=stores.personas,
        connections=stores.connections,
        tokens=platforms.tokens,
        channels=platforms.channels,
        catalogue=stores.catalogue,
    )


def build_look_ahead(stores: Stores, platforms: Platforms) -> "LookAhead":
    from shutterpost.flows.syncing.look_ahead import LookAhead
    from shutterpost.flows.syncing.rendition_check import RenditionCheck

    return LookAhead(
        clock=stores.clock,
        catalogue=stores.catalogue,
        personas=stores.personas,
        photos=stores.photos,
        connections=stores.connections,
        forecaster=build_forecaster(stores),
        health=build_health_check(stores, platforms),
        renditions=RenditionCheck(photos=stores.photos, copies=platforms.copies, queue=platforms.renditions),
        look_aheads=stores.posts.look_aheads,
    )


def build_syncer(stores: Stores, platforms: Platforms, start_timers: "StartTimers") -> "Syncer":
    """Syncs statuses. Few runs pick a photo, so those flows are built by the run that does."""
    from shutterpost.flows.publishing.lease import Lease
    from shutterpost.flows.syncing.actions import Actions
    from shutterpost.flows.syncing.evidence import EvidenceReader
    from shutterpost.flows.syncing.missed_slots import MissedSlots
    from shutterpost.flows.syncing.next_slot import NextSlot
    from shutterpost.flows.syncing.preflight import Preflight
    from shutterpost.flows.syncing.rendition_check import RenditionCheck
    from shutterpost.flows.syncing.sync import Syncer

    clock, schedules, access = stores.clock, stores.schedules, build_channel_access(stores, platforms)
    picker = cache(partial(build_picker, stores, start_timers))
    remote_claims = build_remote_claims(stores)
    next_slot = NextSlot(
        personas=stores.personas,
        schedules=schedules,
        claims=stores.claims,
        weeks=stores.posts.weeks,
        slot_claims=build_slot_claims(stores),
        start_timers=start_timers,
    )
    actions = Actions(
        clock=clock,
        posts=stores.posts,
        schedules=schedules,
        copies=platforms.copies,
        access=access,
        lease=Lease(clock=clock, schedules=schedules),
        renditions=build_rendition_copies(stores, platforms),
        remote_claims=remote_claims,
        successes=build_successes(stores, platforms),
        first_comments=build_first_comments(stores, platforms),
        releaser=build_releaser(stores),
        next_slot=next_slot,
        starter=start_timers,
        picker=picker,
    )
    preflight = Preflight(
        clock=clock,
        personas=stores.personas,
        posts=stores.posts,
        schedules=schedules,
        renditions=RenditionCheck(photos=stores.photos, copies=platforms.copies, queue=platforms.renditions),
        access=access,
        reviewer=cache(partial(build_reviewer, stores, start_timers)),
    )
    return Syncer(
        clock=clock,
        personas=stores.personas,
        schedules=schedules,
        pauses=stores.pauses,
        access=access,
        policies=build_policies(stores, platforms),
        evidence=EvidenceReader(posts=stores.posts, access=access, remote_claims=remote_claims),
        actions=actions,
        preflight=preflight,
        missed_slots=MissedSlots(
            clock=clock,
            personas=stores.personas,
            posts=stores.posts,
            claims=stores.claims,
            picker=picker,
        ),
    )
