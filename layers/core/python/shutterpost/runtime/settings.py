"""Typed environment of each Lambda function.

Each function has one frozen model; the CDK app builds the function's environment from the same model, so a missing
variable fails at synth and not at the first event.
"""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict

PREFIX = "SHUTTERPOST_"


class Settings(BaseModel):
    """Values a function is configured with; `stage` names the deployment (`prod`, `local`)."""

    # Built at first use: a function has one of these models.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stage: str

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, `SHUTTERPOST_` + the field's name in capitals."""
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in self.model_dump().items()}

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings back from `env` (default: the process environment).

        Raises pydantic's `ValidationError`, which names each missing variable's field.
        """
        source = os.environ if env is None else env
        names = {name: f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: source[variable] for name, variable in names.items() if variable in source})


class PersonasSettings(Settings):
    """Who may read personas."""

    personas_table: str


class PhotosSettings(Settings):
    """Who works on the library: its table and its bucket."""

    photos_table: str
    library_bucket: str


class ChannelsSettings(Settings):
    """Who works with connections; tokens lie under `token_prefix` as SSM SecureStrings."""

    channels_table: str
    token_prefix: str


class PlatformSettings(Settings):
    """Addresses of the platforms and the Graph API version, which Meta ends on an announced date."""

    instagram_url: str = "https://graph.instagram.com"
    facebook_url: str = "https://graph.facebook.com"
    graph_version: str = "v25.0"
    buffer_url: str = "https://api.buffer.com"


class PostsSettings(Settings):
    """Who works on posts."""

    posts_table: str


class TimerSettings(Settings):
    """Who arms one-off timers: `start_function_arn` starts a chain, `scheduler_role_arn` may invoke it."""

    schedule_group: str
    scheduler_role_arn: str
    scheduler_dlq_arn: str
    start_function_arn: str
    state_machine_arn: str


class ImportPhotosSettings(PersonasSettings, PhotosSettings):
    """Environment of `import_photos`."""


class PostNextBestSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PostsSettings, TimerSettings):
    """Environment of `post_next_best`."""


class ApiSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PostsSettings, TimerSettings):
    """Environment of `schedule_post`'s API; the two functions it hands work to are named by ARN."""

    pick_function_arn: str
    sync_function_arn: str


class ChainSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PlatformSettings, PostsSettings):
    """What the flows around the publish chain need; `cdn_host` serves `public/` of the library bucket."""

    cdn_host: str


class StepsSettings(ChainSettings):
    """Environment of `schedule_post`'s chain steps."""

    state_machine_arn: str


class SyncStatusSettings(ChainSettings, TimerSettings):
    """Environment of `sync_status`; `notice_topic_arn` is where the owner is told what no alarm tells."""

    notice_topic_arn: str
