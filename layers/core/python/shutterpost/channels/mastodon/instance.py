"""What a server states about itself at `GET /api/v2/instance`."""

from datetime import datetime

from shutterpost.channels.answers.reading import Json, as_int, as_object, as_text
from shutterpost.channels.server import ServerLimits

_LONGEST_VERSION = 60


def limits_of(instance: Json, now: datetime) -> ServerLimits | None:
    """The limits that the server names, `None` where it names none."""
    configuration = as_object(instance.get("configuration"))
    statuses, media = as_object(configuration.get("statuses")), as_object(configuration.get("media_attachments"))
    limits = ServerLimits(
        version=(as_text(instance.get("version")) or "")[:_LONGEST_VERSION],
        read_at=now,
        max_text_length=_positive(statuses.get("max_characters")),
        link_length=_positive(statuses.get("characters_reserved_per_url")),
        max_pictures=_positive(statuses.get("max_media_attachments")),
        max_alt_text=_positive(media.get("description_limit")),
        max_bytes=_positive(media.get("image_size_limit")),
    )
    return limits if limits.max_text_length is not None else None


def _positive(value: object) -> int | None:
    number = as_int(value)
    return number if number is not None and number > 0 else None
