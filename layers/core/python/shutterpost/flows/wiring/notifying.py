"""Builds the notifier, the webhooks, and the count of silent personas."""

from typing import TYPE_CHECKING

from shutterpost.channels import Tokens, UnknownAnswers
from shutterpost.flows.wiring.planning import build_budgets
from shutterpost.flows.wiring.ports import Stores
from shutterpost.flows.wiring.posting import build_successors
from shutterpost.photos import Rejections
from shutterpost.runtime.settings import SyncStatusSettings
from shutterpost.scheduling import NoticeStates

if TYPE_CHECKING:
    from shutterpost.flows.notifying.files import ImportQueues
    from shutterpost.flows.notifying.notifier import Notifier
    from shutterpost.flows.notifying.ports import Mailer, Queues
    from shutterpost.flows.notifying.silence import SilenceCheck
    from shutterpost.flows.notifying.webhooks import Deliverer, WebhookSettings

# The stage on a person's own machine.
LOCAL = "local"


def build_deliverer(stores: Stores, tokens: Tokens, *, stage: str) -> "Deliverer":
    """Sends to webhooks; those of this machine are allowed in the stage `local` alone."""
    from shutterpost.channels.webhooks import WebhookSender
    from shutterpost.flows.notifying.webhooks import Deliverer

    sender = WebhookSender(allow_loopback=stage == LOCAL)
    return Deliverer(clock=stores.clock, webhooks=stores.webhooks, tokens=tokens, sender=sender)


def build_webhook_settings(stores: Stores, tokens: Tokens, *, stage: str) -> "WebhookSettings":
    from shutterpost.flows.notifying.webhooks import WebhookSettings

    return WebhookSettings(clock=stores.clock, webhooks=stores.webhooks, tokens=tokens, allow_loopback=stage == LOCAL)


def build_import_queues(settings: SyncStatusSettings) -> "ImportQueues":
    from shutterpost.flows.notifying.files import ImportQueues

    return ImportQueues(import_url=settings.import_queue_url, dead_letters_url=settings.dead_letters_url)


def build_notifier(
    stores: Stores, *, mailer: "Mailer", queues: "Queues", rejections: Rejections, deliverer: "Deliverer"
) -> "Notifier":
    """The notifier, which mails through `mailer`, and stores events for `deliverer`."""
    from shutterpost.flows.notifying.accounts import AccountObserver
    from shutterpost.flows.notifying.digest import DigestWriter
    from shutterpost.flows.notifying.files import RejectedObserver
    from shutterpost.flows.notifying.notifier import Notifier
    from shutterpost.flows.notifying.planned import PlanObserver
    from shutterpost.flows.syncing.runway import LibraryObserver, runway_text

    plans = PlanObserver(
        schedules=stores.schedules,
        posts=stores.posts,
        claims=stores.claims,
        pauses=stores.pauses,
        successors=build_successors(stores),
    )
    accounts = AccountObserver(
        connections=stores.connections, catalogue=stores.catalogue, budgets=build_budgets(stores)
    )
    return Notifier(
        clock=stores.clock,
        personas=stores.personas,
        posts=stores.posts,
        photos=stores.photos,
        states=NoticeStates(),
        mailer=mailer,
        observers=(accounts, plans),
        daily=(LibraryObserver(photos=stores.photos), RejectedObserver(rejections=rejections)),
        queues=queues,
        digests=DigestWriter(
            posts=stores.posts,
            photos=stores.photos,
            schedules=stores.schedules,
            unknown_answers=UnknownAnswers(stores.clock),
            runway=lambda persona, now: runway_text(stores.photos, persona, now),
        ),
        deliverer=deliverer,
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
