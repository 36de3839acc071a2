"""What flows refuse, each by name, with what to do."""

from shutterpost.runtime.refusals import Conflict, Invalid


class PhotoAlreadyPosted(Conflict):
    """The photo has a post on this connection; `members["post_id"]` names it."""

    kind = "photo-already-posted"


class SlotTaken(Conflict):
    """The slot belongs to another post."""

    kind = "slot-taken"


class TimeInPast(Invalid):
    """The instant has passed; to post at once, leave the time out."""

    kind = "time-in-past"


class TimeTooFar(Invalid):
    """The instant is beyond the horizon."""

    kind = "time-too-far"


class TimeInvalid(Invalid):
    """The time or zone cannot be understood."""

    kind = "time-invalid"


class NoConnection(Conflict):
    """The persona has no connected connection to post to."""

    kind = "no-connection"


class ConnectionNotConnected(Conflict):
    """The connection is revoked or in error."""

    kind = "connection-not-connected"


class NothingToCancel(Conflict):
    """The schedule has ended, or its outcome must be found out first."""

    kind = "nothing-to-cancel"
