"""Builds the notifier, and the count of silent personas."""

from typing import TYPE_CHECKING

from shutterpost.channels import UnknownAnswers
from shutterpost.flows.wiring.ports import Stores
from shutterpost.photos import Rejections
from shutterpost.scheduling import NoticeStates

if TYPE_CHECKING:
    from shutterpost.flows.notifying.notifier import Notifier
    from shutterpost.flows.notifying.ports import Mailer, Queues
    from shutterpost.flows.notifying.silence import SilenceCheck


def build_notifier(stores: Stores, *, mailer: "Mailer", queues: "Queues", rejections: Rejections) -> "Notifier":
    """The notifier, which mails through `mailer`."""
    from shutterpost.flows.notifying.accounts import AccountObserver
    from shutterpost.flows.notifying.digest import DigestWriter
    from shutterpost.flows.notifying.files import RejectedObserver
    from shutterpost.flows.notifying.notifier import Notifier
    from shutterpost.flows.notifying.planned import PlanObserver
    from shutterpost.flows.syncing.runway import LibraryObserver, runway_text

    plans = PlanObserver(schedules=stores.schedules, posts=stores.posts, claims=stores.claims, pauses=stores.pauses)
    return Notifier(
        clock=stores.clock,
        personas=stores.personas,
        posts=stores.posts,
        photos=stores.photos,
        states=NoticeStates(),
        mailer=mailer,
        observers=(AccountObserver(connections=stores.connections, catalogue=stores.catalogue), plans),
        daily=(LibraryObserver(photos=stores.photos), RejectedObserver(rejections=rejections)),
        queues=queues,
        digests=DigestWriter(
            posts=stores.posts,
            photos=stores.photos,
            schedules=stores.schedules,
            unknown_answers=UnknownAnswers(stores.clock),
            runway=lambda persona, now: runway_text(stores.photos, persona, now),
        ),
    )


def build_silence_check(stores: Stores) -> "SilenceCheck":
    from shutterpost.flows.notifying.silence import SilenceCheck

    return SilenceCheck(
        clock=stores.clock,
        personas=stores.personas,
        schedules=stores.schedules,
        weeks=stores.posts.weeks,
        pauses=stores.pauses,
    )
