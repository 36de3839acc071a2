"""Typed environment variables of the functions; the CDK app builds the environment from the same models."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "SHUTTERPOST_"
# A plan further ahead is probably a mistake.
MAX_FUTURE_DAYS = 365


class Settings(BaseModel):
    """The configuration of a function; `stage` names the deployment (`prod`, `local`)."""

    # Deferred, because a function uses only one of these models.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stage: str

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, `SHUTTERPOST_` + the field's name in capitals."""
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in self.model_dump().items()}

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings from `env` (default: the process environment). Raises pydantic's `ValidationError`."""
        source = os.environ if env is None else env
        names = {name: f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: source[variable] for name, variable in names.items() if variable in source})


class PersonasSettings(Settings):
    personas_table: str


class PhotosSettings(Settings):
    photos_table: str
    library_bucket: str


class ConnectionsSettings(Settings):
    channels_table: str


class ChannelsSettings(ConnectionsSettings):
    token_prefix: str


class PlatformSettings(Settings):
    """Addresses of the platforms, and versions of APIs, which end on announced dates."""

    instagram_url: str = "https://graph.instagram.com"
    facebook_url: str = "https://graph.facebook.com"
    facebook_page_url: str = "https://graph.facebook.com"
    graph_version: str = "v25.0"
    threads_url: str = "https://graph.threads.net"
    buffer_url: str = "https://api.buffer.com"
    linkedin_url: str = "https://api.linkedin.com"
    linkedin_version: str = "202607"
    x_url: str = "https://api.x.com"


class PostsSettings(Settings):
    posts_table: str


class AuthoringSettings(Settings):
    authoring_table: str


class TimerSettings(Settings):
    """Settings of functions that arm timers: `scheduler_role_arn` may invoke `start_function_arn`."""

    schedule_group: str
    scheduler_role_arn: str
    scheduler_dlq_arn: str
    start_function_arn: str
    state_machine_arn: str


class ImportPhotosSettings(PersonasSettings, PhotosSettings, ConnectionsSettings):
    sharpen_renditions: bool = True


class PostNextBestSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PostsSettings, TimerSettings):
    pass


class ApiSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PostsSettings, AuthoringSettings, TimerSettings):
    pick_function_arn: str
    sync_function_arn: str
    import_queue_url: str
    max_future_days: int = Field(default=MAX_FUTURE_DAYS, ge=1, le=MAX_FUTURE_DAYS)
    suggest_function_arn: str


class ChainSettings(PersonasSettings, PhotosSettings, ChannelsSettings, PlatformSettings, PostsSettings):
    """Settings of the publish steps; `cdn_host` serves `public/` of the library bucket.

    Renditions that are missing are requested through the queue `import_queue_url`.
    """

    cdn_host: str
    import_queue_url: str


class StepsSettings(ChainSettings):
    state_machine_arn: str


class SuggestionsSettings(PersonasSettings, PhotosSettings, AuthoringSettings):
    """Environment of the function that writes suggestions; without `bedrock_model` no model is called.

    Prices are in USD per million tokens, the limits for each persona and day.
    """

    bedrock_model: str = ""
    bedrock_region: str = ""
    bedrock_guardrail: str = ""
    bedrock_input_price: float = 0.0
    bedrock_output_price: float = 0.0
    bedrock_tokens_per_day: int = 0
    bedrock_dollars_per_day: float = 0.0


class SyncStatusSettings(ChainSettings, AuthoringSettings, TimerSettings):
    """Environment of `sync_status`: where mails go, and the queues whose messages are counted."""

    notice_topic_arn: str
    dead_letters_url: str
