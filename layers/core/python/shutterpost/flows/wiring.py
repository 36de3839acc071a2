"""Flows put together from settings; nothing here runs before a handler's first event.

A flow is imported where it is made, so that a function starts with its own flows alone (docs/decisions/0007).
"""

from typing import TYPE_CHECKING, TypeAlias

from shutterpost.channels import ConnectionStore, Tokens, adapters, catalogue
from shutterpost.personas import Personas
from shutterpost.photos import Photos, PublicCopies
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.messages import TopicMessenger
from shutterpost.runtime.settings import ApiSettings, ChainSettings, PostNextBestSettings, SyncStatusSettings
from shutterpost.scheduling import ChainStarter, Claims, Lanes, Pauses, Posts, Schedules, Standings, Timers

_Posting: TypeAlias = ApiSettings | PostNextBestSettings | SyncStatusSettings

if TYPE_CHECKING:
    from shutterpost.flows.cancel import Canceller
    from shutterpost.flows.chain import Chain
    from shutterpost.flows.connect import Connector
    from shutterpost.flows.notices import Notices
    from shutterpost.flows.operator import Operator
    from shutterpost.flows.pick_next import Picker
    from shutterpost.flows.release import Releaser
    from shutterpost.flows.review import Reviewer
    from shutterpost.flows.runway import RunwayWatch
    from shutterpost.flows.schedule import Scheduler
    from shutterpost.flows.sync import Syncer


def chain_of(settings: ChainSettings) -> "Chain":
    """The publish chain's steps."""
    from shutterpost.flows.chain import Chain

    return Chain(
        clock=SystemClock(),
        personas=Personas(settings.personas_table),
        photos=Photos(settings.photos_table),
        connections=ConnectionStore(settings.channels_table),
        tokens=Tokens(settings.token_prefix),
        channels=adapters(settings),
        catalogue=catalogue(),
        posts=Posts(settings.posts_table),
        schedules=Schedules(settings.posts_table),
        claims=Claims(settings.posts_table),
        lanes=Lanes(settings.posts_table),
        pauses=Pauses(settings.posts_table),
        copies=PublicCopies(settings.library_bucket, settings.cdn_host),
    )


def scheduler_of(settings: _Posting) -> "Scheduler":
    """What opens posts and arms their timers."""
    from shutterpost.flows.schedule import Scheduler

    return Scheduler(
        clock=SystemClock(),
        catalogue=catalogue(),
        connections=ConnectionStore(settings.channels_table),
        photos=Photos(settings.photos_table),
        posts=Posts(settings.posts_table),
        schedules=Schedules(settings.posts_table),
        claims=Claims(settings.posts_table),
        pauses=Pauses(settings.posts_table),
        timers=Timers(settings),
        starter=ChainStarter(settings.state_machine_arn),
    )


def picker_of(settings: _Posting, function_arn: str) -> "Picker":
    """What arms slots and picks; `function_arn` is the picking function's own."""
    from shutterpost.flows.pick_next import Picker

    return Picker(
        personas=Personas(settings.personas_table), scheduler=scheduler_of(settings), function_arn=function_arn
    )


def releaser_of(settings: _Posting) -> "Releaser":
    """What ends schedules without a post."""
    from shutterpost.flows.release import Releaser

    scheduler = scheduler_of(settings)
    return Releaser(
        clock=scheduler.clock,
        schedules=scheduler.schedules,
        posts=scheduler.posts,
        claims=scheduler.claims,
        lanes=Lanes(settings.posts_table),
        photos=scheduler.photos,
    )


def operator_of(settings: ApiSettings | PostNextBestSettings) -> "Operator":
    """What retries, skips, resolves and moves schedules."""
    from shutterpost.flows.operator import Operator

    return Operator(
        scheduler=scheduler_of(settings),
        releaser=releaser_of(settings),
        personas=Personas(settings.personas_table),
    )


def canceller_of(settings: ApiSettings) -> "Canceller":
    """What cancels schedules."""
    from shutterpost.flows.cancel import Canceller

    scheduler = scheduler_of(settings)
    return Canceller(
        clock=scheduler.clock,
        schedules=scheduler.schedules,
        releaser=releaser_of(settings),
        timers=scheduler.timers,
        starter=scheduler.starter,
    )


def connector_of(settings: ApiSettings) -> "Connector":
    """What connects accounts."""
    from shutterpost.flows.connect import Connector

    return Connector(
        clock=SystemClock(),
        catalogue=catalogue(),
        connections=ConnectionStore(settings.channels_table),
        tokens=Tokens(settings.token_prefix),
    )


def reviewer_of(settings: ApiSettings | SyncStatusSettings, function_arn: str) -> "Reviewer":
    """What takes a person's word on picks; `function_arn` is the picking function's."""
    from shutterpost.flows.review import Reviewer

    return Reviewer(
        scheduler=scheduler_of(settings), releaser=releaser_of(settings), picker=picker_of(settings, function_arn)
    )


def syncer_of(settings: SyncStatusSettings) -> "Syncer":
    """What brings statuses home."""
    from shutterpost.flows.preflight import Preflight
    from shutterpost.flows.sync import Syncer

    chain = chain_of(settings)
    # It arms no slots, so it needs no function to be called at them.
    reviewer = reviewer_of(settings, function_arn="")
    preflight = Preflight(chain=chain, reviewer=reviewer, notices=notices_of(settings))
    return Syncer(chain=chain, scheduler=reviewer.scheduler, preflight=preflight)


def runway_watch_of(settings: SyncStatusSettings) -> "RunwayWatch":
    """What tells how long libraries last."""
    from shutterpost.flows.runway import RunwayWatch

    return RunwayWatch(
        clock=SystemClock(),
        personas=Personas(settings.personas_table),
        photos=Photos(settings.photos_table),
        notices=notices_of(settings),
    )


def notices_of(settings: SyncStatusSettings) -> "Notices":
    """What tells the owner."""
    from shutterpost.flows.notices import Notices

    return Notices(standings=Standings(settings.posts_table), messenger=TopicMessenger(settings.notice_topic_arn))
