"""The refusals of the channels pack."""

from typing import ClassVar

from shutterpost.runtime.refusals import Conflict, Invalid, NotFound


class ChannelUnknown(Invalid):
    kind: ClassVar[str] = "channel-unknown"


class ChannelDisabled(Conflict):
    """The channel is in the catalogue, but nothing can be published to it yet."""

    kind: ClassVar[str] = "channel-disabled"


class ConnectionUnknown(NotFound):
    kind: ClassVar[str] = "connection-unknown"


class ConnectionIncomplete(Invalid):
    kind: ClassVar[str] = "connection-incomplete"


class WebhookInvalid(Invalid):
    """The text is no address to which events can be sent."""

    kind: ClassVar[str] = "webhook-invalid"


class TokenInvalid(Invalid):
    """The text cannot be a token: empty, too long for a parameter, or not printable ASCII."""

    kind: ClassVar[str] = "token-invalid"


class CaptionTooLong(Invalid):
    """The text is over the channel's limit; `members` hold `limit`, `length` and `unit`."""

    kind: ClassVar[str] = "caption-too-long"


class TooManyHashtags(Invalid):
    """More hashtags than the channel takes; `members` hold `limit` and `count`."""

    kind: ClassVar[str] = "too-many-hashtags"


class TooManyMentions(Invalid):
    """More mentions than the channel takes; `members` hold `limit` and `count`."""

    kind: ClassVar[str] = "too-many-mentions"


class TooManyLinks(Invalid):
    kind: ClassVar[str] = "too-many-links"
