"""The refusals of flows by name; sentences that several flows use are here, the others where they are raised."""

from collections.abc import Sequence
from typing import Any, Self

from shutterpost.channels import ChannelRow, Connection
from shutterpost.runtime.refusals import Conflict, Invalid


class PhotoAlreadyPosted(Conflict):
    """The photo has a post on this connection; `members["post_id"]` names it."""

    kind = "photo-already-posted"

    @classmethod
    def on_connection(cls, connection: Connection, holder: str | None, names: Sequence[str] = ()) -> Self:
        """The post `holder` has the photo; `None` for a post of another owner, which is not named.

        `names` are those of a carousel's photos that have a post.
        """
        subject = f"{', '.join(names)} of these photos is" if names else "This photo is"
        detail = (
            f"{subject} already posted or planned on {connection.display_name} by "
            f"{f'post {holder}' if holder else 'another post'}; "
            "choose another photo, or ask for a new cycle to post it again."
        )
        members: dict[str, Any] = {"post_id": holder} if holder else {}
        members |= {"photos": list(names)} if names else {}
        return cls(detail, **members, connection_id=connection.connection_id)

    @classmethod
    def on_another_connection(cls) -> Self:
        return cls("This photo was posted on another connection, and its persona posts each photo only once.")


class SlotTaken(Conflict):
    """The slot belongs to another post."""

    kind = "slot-taken"

    @classmethod
    def by_another_post(cls) -> Self:
        return cls("This slot belongs to another post on the same connection; choose another time.")


class NoFreeSlot(Conflict):
    """The persona has no free slot ahead."""

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
    """The persona's week has its maximum of posts."""

    kind = "week-full"


class TimeInvalid(Invalid):
    """The time or zone cannot be understood."""

    kind = "time-invalid"


class NoConnection(Conflict):
    """The persona has no connected connection to post to."""

    kind = "no-connection"


class TokenRefused(Invalid):
    """The platform does not accept the token for this account."""

    kind = "token-refused"


class ConnectionNotConnected(Conflict):
    """The connection is revoked or in error."""

    kind = "connection-not-connected"

    @classmethod
    def of(cls, connection: Connection) -> Self:
        detail = f"Connection {connection.display_name} is {connection.state}; connect the account again first."
        return cls(detail, connection_id=connection.connection_id)


class BudgetMissing(Conflict):
    """The channel charges for posts, and the connection has no monthly budget."""

    kind = "budget-missing"

    @classmethod
    def of(cls, connection: Connection, row: ChannelRow) -> Self:
        reason = f"{row.name} charges for posts, and {connection.display_name} has no monthly budget"
        detail = f"{reason}; set it first with '{budget_command(connection)}'."
        return cls(detail, connection_id=connection.connection_id)


class BudgetUnused(Conflict):
    """The channel charges nothing for posts."""

    kind = "budget-unused"


class BudgetTooSmall(Conflict):
    """One post costs more than the connection's budget of a month; `members["dollars"]` is its price."""

    kind = "budget-too-small"

    @classmethod
    def of(cls, connection: Connection, dollars: float) -> Self:
        detail = (
            f"This post costs {dollars:.3f} US dollars, more than {connection.display_name} may use in a month; leave "
            f"out its link, or raise the budget with '{budget_command(connection)}'."
        )
        return cls(detail, connection_id=connection.connection_id, dollars=dollars)


class NothingToCancel(Conflict):
    """The schedule has ended, or its outcome is unknown and must be resolved first."""

    kind = "nothing-to-cancel"


class NothingToRetry(Conflict):
    """Only a failed or skipped schedule can be retried."""

    kind = "nothing-to-retry"


class NothingToApprove(Conflict):
    """Only a pending pick can be approved, until its slot is past the persona's grace."""

    kind = "nothing-to-approve"


class NothingToReject(Conflict):
    """Only a pending pick can be rejected; cancel a post that is already queued."""

    kind = "nothing-to-reject"


class NothingToSkip(Conflict):
    """Only a pending or queued schedule, with nothing submitted, can be skipped."""

    kind = "nothing-to-skip"


class NothingToResolve(Conflict):
    """Only a schedule with an unknown outcome can be resolved."""

    kind = "nothing-to-resolve"


class TooEarlyToResolve(Conflict):
    """The platform does not show its posts, and may still take the call that was made."""

    kind = "too-early-to-resolve"


class NothingToMove(Conflict):
    """The schedule has ended, or is being cancelled."""

    kind = "nothing-to-move"


class MoveInFlight(Conflict):
    """The post is being published, or its outcome is unknown."""

    kind = "move-in-flight"


class SwapInvalid(Invalid):
    """Posts swap their times with another post of their persona, each from one time to another."""

    kind = "swap-invalid"


class HandedOver(Conflict):
    """The channel already has the post and publishes it for this connection."""

    kind = "handed-over"


class ConnectionInUse(Conflict):
    """The post already has a schedule on this connection; `members["schedule_id"]` names it."""

    kind = "connection-in-use"


class ConnectionHasPosts(Conflict):
    """Posts of the connection are being published, or their outcome is unknown; `members["schedule_ids"]`."""

    kind = "connection-has-posts"


class PostHasNoVariants(Conflict):
    """A post with no variants cannot be scheduled."""

    kind = "post-has-no-variants"


class PostEmpty(Invalid):
    """A post has neither a photo nor a text."""

    kind = "post-empty"


class PostNotDraft(Conflict):
    """Only a draft, which never had a schedule, can be deleted or get another photo."""

    kind = "post-not-draft"


class VariantAmbiguous(Conflict):
    """A connection has several variants and publishes one; `members["variant_ids"]` names them."""

    kind = "variant-ambiguous"


class VariantElsewhere(Invalid):
    """The variant is for another channel or connection."""

    kind = "variant-elsewhere"


class VariantTargetInvalid(Invalid):
    """A variant needs a channel, or a connection of that channel."""

    kind = "variant-target-invalid"


class VariantEmpty(Invalid):
    """A variant has neither text nor photos."""

    kind = "variant-empty"


class VariantInUse(Conflict):
    """A schedule names the variant; `members["schedule_id"]`."""

    kind = "variant-in-use"


class TooManyVariants(Conflict):
    """The post has its maximum of variants."""

    kind = "too-many-variants"


class PictureRequired(Invalid):
    """The channel takes no post without a picture."""

    kind = "picture-required"


class TooManyPictures(Invalid):
    """The post has more pictures than the channel takes."""

    kind = "too-many-pictures"


class PhotoNotInPost(Invalid):
    """The photo is not one of the post's."""

    kind = "photo-not-in-post"


class NothingToRemove(Conflict):
    """The schedule has no live post with a known id."""

    kind = "nothing-to-remove"


class PostIsOpen(Conflict):
    """The post has open schedules; cancel them before it is archived."""

    kind = "post-is-open"


class PostIsOut(Conflict):
    """The post is live, being published or at the channel, and cannot be edited."""

    kind = "post-is-out"


class PostIsArchived(Conflict):
    """The post is archived; set `archived` to false first."""

    kind = "post-is-archived"


class PostChanged(Conflict):
    """The post was changed since it was read."""

    kind = "post-changed"


class KeyReused(Invalid):
    """This Idempotency-Key was used with another request; `members["post_id"]` is the post of that request."""

    kind = "idempotency-key-reused"


class NotYetPosted(Invalid):
    """The history has past publications only, and this instant is in the future."""

    kind = "not-yet-posted"


class PhotoUnavailable(Conflict):
    """The photo is no longer in the library, or is withheld from posting."""

    kind = "photo-unavailable"


class PhotosUnfit(Conflict):
    """Photos of a carousel that its channel cannot take; `members["photos"]` has each with the rule that refuses it."""

    kind = "photos-unfit"


class AltTextMissing(Invalid):
    """The persona requires an alt text; `members["photos"]` names photos that have none."""

    kind = "alt-text-missing"


class NothingToExtend(Conflict):
    """The post does not wait, so that photos cannot be added to it: it has no schedule, has begun or has ended."""

    kind = "nothing-to-extend"


class TooManyWrites(Conflict):
    """The post's photos and connections do not fit into one transaction."""

    kind = "too-many-writes"


class ExtraNotTaken(Invalid):
    """A connection of the post, or its pictures, exclude one of its extras; `members` have its name."""

    kind = "extra-not-taken"


class CarouselInvalid(Invalid):
    """A carousel has a photo twice, no first photo, or other photos than its post."""

    kind = "carousel-invalid"


class AddressInvalid(Invalid):
    """The text is no web address."""

    kind = "address-invalid"


class SessionChannelMissing(Invalid):
    """A session names no channel, and there is none to take by default."""

    kind = "session-channel-missing"


class ToneRefused(Invalid):
    """The template allows other tones."""

    kind = "tone-refused"


def budget_command(connection: Connection) -> str:
    """The command that sets a connection's monthly budget."""
    name = f"{connection.connection_id} --persona {connection.persona_id}"
    return f"shutterpost connections budget {name} --posts NUMBER --dollars NUMBER"
