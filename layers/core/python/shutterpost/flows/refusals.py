"""What flows refuse, each by name, with what to do."""

from shutterpost.runtime.refusals import Conflict, Invalid


class PhotoAlreadyPosted(Conflict):
    """The photo has a post on this connection; `members["post_id"]` names it."""

    kind = "photo-already-posted"


class SlotTaken(Conflict):
    """The slot belongs to another post."""

    kind = "slot-taken"


class NoFreeSlot(Conflict):
    """The persona has no slot ahead that nobody has."""

    kind = "no-free-slot"


class SlotUnknown(Invalid):
    """The persona has no slot at that instant."""

    kind = "slot-unknown"


class TimeInPast(Invalid):
    """The instant has passed; to post at once, leave the time out."""

    kind = "time-in-past"


class TimeTooFar(Invalid):
    """The instant is beyond the horizon."""

    kind = "time-too-far"


class TooNear(Conflict):
    """A connection has another post nearer than its persona's least gap; `members["schedule_id"]` names it."""

    kind = "too-near"


class WeekFull(Conflict):
    """The persona's week holds as many posts as it may."""

    kind = "week-full"


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


class NothingToRetry(Conflict):
    """Only what failed or was skipped can be retried."""

    kind = "nothing-to-retry"


class NothingToApprove(Conflict):
    """Only a pick that waits for a word can be approved, until its slot is past the persona's grace."""

    kind = "nothing-to-approve"


class NothingToReject(Conflict):
    """Only a pick that waits for a word can be rejected; cancel what is going out."""

    kind = "nothing-to-reject"


class NothingToSkip(Conflict):
    """Only what waits, with nothing submitted, can be skipped."""

    kind = "nothing-to-skip"


class NothingToResolve(Conflict):
    """Only a schedule whose outcome is unknown takes a person's word."""

    kind = "nothing-to-resolve"


class NothingToMove(Conflict):
    """The schedule has ended, or is being cancelled."""

    kind = "nothing-to-move"


class MoveInFlight(Conflict):
    """The post is going out at this moment, or it is being found out whether it did."""

    kind = "move-in-flight"


class HandedOver(Conflict):
    """The channel holds the post already, under this connection."""

    kind = "handed-over"


class ConnectionInUse(Conflict):
    """The post goes or went to this connection already; `members["schedule_id"]` names how."""

    kind = "connection-in-use"


class ConnectionHasPosts(Conflict):
    """Posts of the connection are being published, or their outcome is unknown; `members["schedule_ids"]`."""

    kind = "connection-has-posts"


class PostHasNoVariants(Conflict):
    """A post with no variants cannot be scheduled."""

    kind = "post-has-no-variants"


class NothingToRemove(Conflict):
    """There is no live post of this schedule that is known by its id."""

    kind = "nothing-to-remove"


class PostIsOpen(Conflict):
    """Something of the post may still go out; cancel it before it is archived."""

    kind = "post-is-open"


class PostIsOut(Conflict):
    """The post is live, going out or at the channel; what is out is not edited."""

    kind = "post-is-out"


class PostIsArchived(Conflict):
    """The post is archived; take it out of the archive first."""

    kind = "post-is-archived"


class PostChanged(Conflict):
    """The post was changed since it was read."""

    kind = "post-changed"


class KeyReused(Invalid):
    """This Idempotency-Key came with another request before; `members["post_id"]` is that one's post."""

    kind = "idempotency-key-reused"


class NotYetPosted(Invalid):
    """History is of what is out, and this instant is yet to come."""

    kind = "not-yet-posted"


class PhotoUnavailable(Conflict):
    """The photo is no longer in the library, or is withheld from posting."""

    kind = "photo-unavailable"


class AddressInvalid(Invalid):
    """The text is no web address."""

    kind = "address-invalid"
