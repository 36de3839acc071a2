"""Rules of the chain that can be switched off by hand, to show that the matrix notices.

    make faults BREAK=publish-blindly        publish again although an earlier call got no clear answer
    make faults BREAK=no-state-before-write  publish without having written `publishing` first
    make faults BREAK=never-unclear          settle as if no write were ever unclear
    make faults BREAK=take-silence-for-no    take an unclear answer to a publish for a refusal, and try again

Each changes one function of the flows in the running process; nothing of the product has a switch for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from shutterpost.channels import Failure, FailureClass
from shutterpost.flows.publishing import settle
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.syncing import reconcile, sync
from shutterpost.scheduling import Schedule, Step


def _never_unclear(chain: PublishContext, schedule: Schedule) -> bool:
    del chain, schedule
    return False


def _advance_without_publishing(original: Callable[..., Any]) -> Callable[..., Any]:
    def advance(chain: PublishContext, schedule: Schedule, **changes: Any) -> Any:
        if changes.get("step") is Step.PUBLISHING:
            return schedule
        return original(chain, schedule, **changes)

    return advance


def _fail_as_if_refused(original: Callable[..., Any]) -> Callable[..., Any]:
    def fail(chain: PublishContext, schedule: Schedule, failure: Failure, **options: Any) -> Any:
        if failure.failure_class is FailureClass.AMBIGUOUS:
            failure = failure.model_copy(update={"failure_class": FailureClass.RETRYABLE})
            step = Step.PREPARED if schedule.step is Step.SUBMITTING else Step.READY
            options = {**options, "retry_step": step}
        return original(chain, schedule, failure, **options)

    return fail


def _resume_at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    del original

    def reconcile_blindly(chain: PublishContext, starter: Any, schedule: Schedule) -> Any:
        return reconcile._resume(chain, starter, schedule, step=None, ref=None)

    return reconcile_blindly


RULES: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "publish-blindly": (sync, "reconcile", _resume_at_once),
    "no-state-before-write": (PublishContext, "advance", _advance_without_publishing),
    "take-silence-for-no": (PublishContext, "fail", _fail_as_if_refused),
    "never-unclear": (settle, "is_unclear", lambda _: _never_unclear),
}


@contextmanager
def broken(rule: str | None) -> Iterator[None]:
    """Switch `rule` off while inside; `None` leaves everything as it is."""
    if rule is None:
        yield
        return
    owner, name, change = RULES[rule]
    with mock.patch.object(owner, name, change(getattr(owner, name))):
        yield
