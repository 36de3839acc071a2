"""What flows are built from: the stores, the platforms, and the settings that name them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from shutterpost import channels, personas, photos, scheduling
from shutterpost.channels import (
    AccessSessions,
    Catalogue,
    ChannelFactory,
    ConnectionStore,
    Tokens,
    Tools,
    UnknownAnswers,
    adapters,
    catalogue,
)
from shutterpost.personas import Personas, RoleGrants
from shutterpost.photos import ImportQueue, Photos, PublicCopies, RenditionReader
from shutterpost.runtime.clock import Clock, SystemClock
from shutterpost.runtime.settings import (
    MAX_FUTURE_DAYS,
    AuthoringSettings,
    ChainSettings,
    ChannelsSettings,
    PersonasSettings,
    PhotosSettings,
    PostsSettings,
    Settings,
)
from shutterpost.scheduling import (
    Claims,
    Lanes,
    Pauses,
    Posts,
    Schedules,
    Webhooks,
)

_S = TypeVar("_S", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The stores from which flows are built, with the clock, the channels' catalogue and the horizon of plans."""

    clock: Clock = field(default_factory=SystemClock)
    catalogue: Catalogue = field(default_factory=catalogue)
    personas: Personas = field(default_factory=Personas)
    grants: RoleGrants = field(default_factory=RoleGrants)
    photos: Photos = field(default_factory=Photos)
    connections: ConnectionStore = field(default_factory=ConnectionStore)
    posts: Posts = field(default_factory=Posts)
    schedules: Schedules = field(default_factory=Schedules)
    claims: Claims = field(default_factory=Claims)
    lanes: Lanes = field(default_factory=Lanes)
    pauses: Pauses = field(default_factory=Pauses)
    webhooks: Webhooks = field(default_factory=Webhooks)
    max_future: timedelta = timedelta(days=MAX_FUTURE_DAYS)


@dataclass(frozen=True, kw_only=True)
class Platforms:
    """The tokens, the channels' adapters, the public copies of photos and the queue for their renditions."""

    tokens: Tokens
    channels: ChannelFactory
    copies: PublicCopies
    renditions: ImportQueue


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
    if isinstance(settings, AuthoringSettings):
        from shutterpost import authoring  # late: the publish steps have no use for it

        authoring.use_table(settings.authoring_table)
    return settings


def build_platforms(settings: ChainSettings) -> Platforms:
    tools = Tools(
        settings=settings,
        report=UnknownAnswers().reporter(settings.stage),
        pictures=RenditionReader(settings.library_bucket),
        sessions=AccessSessions(settings.token_prefix),
    )
    return Platforms(
        tokens=Tokens(settings.token_prefix),
        channels=adapters(tools),
        copies=PublicCopies(settings.library_bucket, settings.cdn_host),
        renditions=ImportQueue(settings.import_queue_url),
    )
