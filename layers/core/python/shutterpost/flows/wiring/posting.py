"""Builds the flows that create posts and start publish workflows."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.planning import build_slot_claims
from shutterpost.flows.wiring.ports import Stores

if TYPE_CHECKING:
    from shutterpost.flows.drafting.discard_draft import DraftDiscarder
    from shutterpost.flows.planning.start_timers import StartTimers
    from shutterpost.flows.posting.add_photos import PhotoAdder
    from shutterpost.flows.posting.assign import PostAssigner
    from shutterpost.flows.posting.create_post import PostCreator
    from shutterpost.flows.posting.edit_post import PostEditor
    from shutterpost.flows.posting.post_photo import PhotoPoster
    from shutterpost.flows.posting.release import Releaser
    from shutterpost.flows.posting.successors import Successors
    from shutterpost.flows.posting.write_variant import VariantWriter
    from shutterpost.flows.records.history import HistoryRecorder


def build_post_creator(stores: Stores, start_timers: "StartTimers") -> "PostCreator":
    from shutterpost.flows.posting.create_post import PostCreator

    return PostCreator(
        clock=stores.clock,
        max_future=stores.max_future,
        catalogue=stores.catalogue,
        photos=stores.photos,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        weeks=stores.posts.weeks,
        shown=stores.posts.shown_photos,
        slot_claims=build_slot_claims(stores),
        start_timers=start_timers,
    )


def build_assigner(stores: Stores, start_timers: "StartTimers") -> "PostAssigner":
    from shutterpost.flows.posting.assign import PostAssigner

    return PostAssigner(
        clock=stores.clock,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        weeks=stores.posts.weeks,
        shown=stores.posts.shown_photos,
        lanes=stores.lanes,
        start_timers=start_timers,
        creator=build_post_creator(stores, start_timers),
        releaser=build_releaser(stores),
    )


def build_photo_adder(stores: Stores, start_timers: "StartTimers") -> "PhotoAdder":
    from shutterpost.flows.posting.add_photos import PhotoAdder

    return PhotoAdder(
        clock=stores.clock,
        catalogue=stores.catalogue,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        creator=build_post_creator(stores, start_timers),
    )


def build_poster(stores: Stores, start_timers: "StartTimers") -> "PhotoPoster":
    from shutterpost.flows.posting.post_photo import PhotoPoster

    return PhotoPoster(
        clock=stores.clock,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        creator=build_post_creator(stores, start_timers),
    )


def build_editor(stores: Stores) -> "PostEditor":
    from shutterpost.flows.posting.edit_post import PostEditor

    return PostEditor(
        clock=stores.clock,
        catalogue=stores.catalogue,
        connections=stores.connections,
        personas=stores.personas,
        photos=stores.photos,
        posts=stores.posts,
        schedules=stores.schedules,
    )


def build_variant_writer(stores: Stores) -> "VariantWriter":
    from shutterpost.flows.posting.write_variant import VariantWriter

    return VariantWriter(
        clock=stores.clock,
        catalogue=stores.catalogue,
        connections=stores.connections,
        personas=stores.personas,
        photos=stores.photos,
        posts=stores.posts,
        schedules=stores.schedules,
    )


def build_draft_discarder(stores: Stores) -> "DraftDiscarder":
    from shutterpost.flows.drafting.discard_draft import DraftDiscarder

    return DraftDiscarder(clock=stores.clock, posts=stores.posts, claims=stores.claims)


def build_history_recorder(stores: Stores) -> "HistoryRecorder":
    from shutterpost.flows.records.history import HistoryRecorder

    return HistoryRecorder(
        clock=stores.clock,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        claims=stores.claims,
        shown=stores.posts.shown_photos,
    )


def build_releaser(stores: Stores) -> "Releaser":
    from shutterpost.flows.posting.release import Releaser

    return Releaser(
        clock=stores.clock,
        schedules=stores.schedules,
        posts=stores.posts,
        claims=stores.claims,
        lanes=stores.lanes,
        photos=stores.photos,
    )


def build_successors(stores: Stores) -> "Successors":
    from shutterpost.flows.posting.successors import Successors

    return Successors(posts=stores.posts, claims=stores.claims, personas=stores.personas)
