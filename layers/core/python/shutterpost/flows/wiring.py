"""Flows put together from settings; nothing here runs before a handler's first event.

A flow is imported where it is made, so that a function starts with its own flows alone (docs/decisions/0007).
"""

from typing import TYPE_CHECKING, TypeAlias, TypeVar

from shutterpost import channels, personas, photos, scheduling
from shutterpost.channels import ConnectionStore, Tokens, UnknownAnswers, adapters, catalogue
from shutterpost.personas import Personas
from shutterpost.photos import Photos, PublicCopies
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.messages import TopicMessenger
from shutterpost.runtime.settings import (
    ApiSettings,
    ChainSettings,
    ChannelsSettings,
    PersonasSettings,
    PhotosSettings,
    PostNextBestSettings,
    PostsSettings,
    Settings,
    SyncStatusSettings,
)
from shutterpost.scheduling import ChainStarter, Claims, Lanes, NotificationStates, Pauses, Posts, Schedules, Timers

_Posting: TypeAlias = ApiSettings | PostNextBestSettings | SyncStatusSettings
_S = TypeVar("_S", bound=Settings)

if TYPE_CHECKING:
    from shutterpost.flows.operating.cancel import Canceller
    from shutterpost.flows.operating.connect import Connector
    from shutterpost.flows.operating.operator import Operator
    from shutterpost.flows.operating.review import Reviewer
    from shutterpost.flows.picking.pick_next import Picker
    from shutterpost.flows.posting.create_post import PostCreator
    from shutterpost.flows.posting.release import Releaser
    from shutterpost.flows.publishing.context import PublishContext
    from shutterpost.flows.syncing.notices import Notices
    from shutterpost.flows.syncing.runway import RunwayWatch
    from shutterpost.flows.syncing.sync import Syncer


def configure(model: type[_S]) -> _S:
    """Read the function's settings from its environment, and bind the tables that they name."""
    settings = model.from_env()
    if isinstance(settings, PersonasSettings):
        personas.use_table(settings.personas_table)
    if isinstance(settings, PhotosSettings):
        photos.use_table(settings.photos_table)
    if isinstance(settings, ChannelsSettings):
        channels.use_table(settings.channels_table)
    if isinstance(settings, PostsSettings):
        scheduling.use_table(settings.posts_table)
    return settings


def build_publish_context(settings: ChainSettings) -> "PublishContext":
    """The publish chain's steps."""
    from shutterpost.flows.publishing.context import PublishContext

    return PublishContext(
        clock=SystemClock(),
        personas=Personas(),
        photos=Photos(),
        connections=ConnectionStore(),
        tokens=Tokens(settings.token_prefix),
        channels=adapters(settings, report=UnknownAnswers(settings.channels_table).reporter(settings.stage)),
        catalogue=catalogue(),
        posts=Posts(),
        schedules=Schedules(),
        claims=Claims(),
        lanes=Lanes(),
        pauses=Pauses(),
        copies=PublicCopies(settings.library_bucket, settings.cdn_host),
    )


def build_post_creator(settings: _Posting) -> "PostCreator":
    """What opens posts and arms their timers."""
    from shutterpost.flows.posting.create_post import PostCreator

    return PostCreator(
        clock=SystemClock(),
        catalogue=catalogue(),
        connections=ConnectionStore(),
        photos=Photos(),
        posts=Posts(),
        schedules=Schedules(),
        claims=Claims(),
        pauses=Pauses(),
        timers=Timers(settings),
        starter=ChainStarter(settings.state_machine_arn),
    )


def build_picker(settings: _Posting, function_arn: str) -> "Picker":
    """What arms slots and picks; `function_arn` is the picking function's own."""
    from shutterpost.flows.picking.pick_next import Picker

    return Picker(personas=Personas(), scheduler=build_post_creator(settings), function_arn=function_arn)


def build_releaser(settings: _Posting) -> "Releaser":
    """What ends schedules without a post."""
    from shutterpost.flows.posting.release import Releaser

    scheduler = build_post_creator(settings)
    return Releaser(
        clock=scheduler.clock,
        schedules=scheduler.schedules,
        posts=scheduler.posts,
        claims=scheduler.claims,
        lanes=Lanes(),
        photos=scheduler.photos,
    )


def build_operator(settings: ApiSettings | PostNextBestSettings) -> "Operator":
    """What retries, skips, resolves and moves schedules."""
    from shutterpost.flows.operating.operator import Operator

    return Operator(
        scheduler=build_post_creator(settings),
        releaser=build_releaser(settings),
        personas=Personas(),
    )


def build_canceller(settings: ApiSettings) -> "Canceller":
    """What cancels schedules."""
    from shutterpost.flows.operating.cancel import Canceller

    scheduler = build_post_creator(settings)
    return Canceller(
        clock=scheduler.clock,
        schedules=scheduler.schedules,
        releaser=build_releaser(settings),
        timers=scheduler.timers,
        starter=scheduler.starter,
    )


def build_connector(settings: ApiSettings) -> "Connector":
    """What connects accounts."""
    from shutterpost.flows.operating.connect import Connector

    return Connector(
        clock=SystemClock(),
        catalogue=catalogue(),
        connections=ConnectionStore(),
        tokens=Tokens(settings.token_prefix),
        schedules=Schedules(),
    )


def build_reviewer(settings: ApiSettings | SyncStatusSettings, function_arn: str) -> "Reviewer":
    """What takes a person's word on picks; `function_arn` is the picking function's."""
    from shutterpost.flows.operating.review import Reviewer

    return Reviewer(
        scheduler=build_post_creator(settings),
        releaser=build_releaser(settings),
        picker=build_picker(settings, function_arn),
    )


def build_syncer(settings: SyncStatusSettings) -> "Syncer":
    """What brings statuses home."""
    from shutterpost.flows.syncing.preflight import Preflight
    from shutterpost.flows.syncing.sync import Syncer

    chain = build_publish_context(settings)
    # It arms no slots, so it needs no function to be called at them.
    reviewer = build_reviewer(settings, function_arn="")
    preflight = Preflight(chain=chain, reviewer=reviewer, notices=build_notices(settings))
    return Syncer(chain=chain, scheduler=reviewer.scheduler, preflight=preflight)


def build_runway_watch(settings: SyncStatusSettings) -> "RunwayWatch":
    """What tells how long libraries last."""
    from shutterpost.flows.syncing.runway import RunwayWatch

    return RunwayWatch(
        clock=SystemClock(),
        personas=Personas(),
        photos=Photos(),
        notices=build_notices(settings),
    )


def build_notices(settings: SyncStatusSettings) -> "Notices":
    """What tells the owner."""
    from shutterpost.flows.syncing.notices import Notices

    return Notices(standings=NotificationStates(), messenger=TopicMessenger(settings.notice_topic_arn))
