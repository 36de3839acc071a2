"""The rules, each with a way to break it, and the search that must find every broken one.

    python -m tests.simulation.mutants                  break one after the other, and count the histories until found
    python -m tests.simulation.mutants --only NAME      that one alone

Each changes a function of the product in the running process; nothing of the product has a switch for it.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any
from unittest import mock

from shutterpost.channels import FailureClass
from shutterpost.flows.operating import retry
from shutterpost.flows.planning import start_timers
from shutterpost.flows.posting import create_post, release
from shutterpost.flows.posting.failure_policy import PhotoRule
from shutterpost.flows.publishing import decision, publish_times
from shutterpost.flows.publishing.decision import Action, Evidence, NextAction, Policy
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.steps import settle
from shutterpost.flows.syncing.actions import Actions
from shutterpost.flows.syncing.evidence import EvidenceReader, RemoteObservation
from shutterpost.scheduling import LateAction, Schedule, ScheduleStatus, Step, photo_claim_key
from shutterpost.scheduling.lanes import LaneRules
from shutterpost.scheduling.store import schedules
from tests.simulation.history import live
from tests.simulation.oracle import Finding
from tests.simulation.world import deployment

Change = Callable[[Any], Any]
MOST = 1500
BATCH = 10


def _always(answer: Any) -> Change:
    return lambda _original: lambda *_args, **_options: answer


def _without_publishing(original: Callable[..., Any]) -> Callable[..., Any]:
    def advance(lease: Lease, schedule: Schedule, **changes: Any) -> Any:
        if changes.get("step") is Step.PUBLISHING:
            return schedule
        return original(lease, schedule, **changes)

    return advance


def _as_if_refused(original: Callable[..., Any]) -> Callable[..., Any]:
    def record(failures: Failures, schedule: Schedule, failure: Any, **options: Any) -> Any:
        if failure.failure_class is FailureClass.AMBIGUOUS:
            failure = failure.model_copy(update={"failure_class": FailureClass.RETRYABLE})
            step = Step.PREPARED if schedule.step is Step.SUBMITTING else Step.READY
            options = {**options, "retry_step": step}
        return original(failures, schedule, failure, **options)

    return record


def _at_first_look(original: Callable[..., Any]) -> Callable[..., Any]:
    def looked_once(schedule: Schedule, *rest: Any) -> Any:
        seen_before = {"look_count": 1, "last_attempt_at": schedule.created_at - timedelta(days=1)}
        return original(schedule.model_copy(update=seen_before), *rest)

    return looked_once


def _unreadable_as_nothing(original: Callable[..., Any]) -> Callable[..., Any]:
    def read(*given: Any) -> Any:
        observation = original(*given)
        empty = observation.evidence is Evidence.UNREADABLE
        return RemoteObservation(Evidence.NOTHING, detail=observation.detail) if empty else observation

    return read


def _word_before_sight(original: Callable[..., Any]) -> Callable[..., Any]:
    def unknown(schedule: Schedule, *rest: Any) -> Any:
        if schedule.verdict == "not_live":
            return NextAction(action=Action.END_NOT_LIVE)
        return original(schedule, *rest)

    return unknown


def _adopted_as_queued(original: Callable[..., Any]) -> Callable[..., Any]:
    del original

    def adopt(actions: Actions, _: NextAction, schedule: Schedule, observation: Any) -> Any:
        ref = observation.status.ref if observation.status else schedule.ref
        return actions._queue_again(schedule, step=Step.BEGUN, ref=ref)

    return adopt


def _not_held(original: Callable[..., Any]) -> Callable[..., Any]:
    def policy(*given: Any) -> Policy:
        found: Policy = original(*given)
        return found.model_copy(update={"held": False})

    return policy


def _refusal_waits(original: Callable[..., Any]) -> Callable[..., Any]:
    def handed_over(schedule: Schedule, seen: Evidence, now: Any) -> NextAction:
        answer: NextAction = original(schedule, Evidence.WAITING if seen is Evidence.REFUSED else seen, now)
        return answer

    return handed_over


def _cancels_ignored(original: Callable[..., Any]) -> Callable[..., Any]:
    def moving(schedule: Schedule, to: ScheduleStatus, **options: Any) -> Any:
        return original(schedule, to, **{**options, "unless_cancelled": False})

    return moving


def _claims_without(prefix: str) -> Change:
    def change(original: Callable[..., Any]) -> Callable[..., Any]:
        def keys(*given: Any) -> Any:
            return [one for one in original(*given) if not one[0].startswith(prefix)]

        return keys

    return change


def _only_for_connection(original: Callable[..., Any]) -> Callable[..., Any]:
    def keys(creator: Any, wish: Any, post: Any) -> Any:
        wider = {photo_claim_key(wish.photo.photo_id, one.account_key, wish.cycle) for one in wish.connections}
        return [one for one in original(creator, wish, post) if one[1] not in wider]

    return keys


def _no_spacing(original: Callable[..., Any]) -> Callable[..., Any]:
    def rules(row: Any) -> LaneRules:
        found: LaneRules = original(row)
        return found.model_copy(update={"spacing": timedelta(0)})

    return rules


def _approval_as_veto(original: Callable[..., Any]) -> Callable[..., Any]:
    def pending(schedule: Schedule, policy: Policy, now: Any) -> NextAction:
        del policy, now
        answer: NextAction = original(schedule.model_copy(update={"review": None}), None, None)
        return answer

    return pending


def _skips(original: Callable[..., Any]) -> Callable[..., Any]:
    def late(**given: Any) -> LateAction:
        found: LateAction = original(**given)
        return LateAction.SKIP if found is LateAction.NEXT_SLOT else found

    return late


def _at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    def start_instant(row: Any, run_at: Any, now: Any, review: Any = None) -> Any:
        return now if row.hands_over else original(row, run_at, now, review)

    return start_instant


RULES: dict[str, tuple[Any, str, Change]] = {
    "look-before-acting": (decision, "_unknown", _always(NextAction(action=Action.START_OVER))),
    "look-twice": (decision, "_looked_twice", _at_first_look),
    "unreadable-is-not-nothing": (EvidenceReader, "read", _unreadable_as_nothing),
    "a-word-is-checked": (decision, "_unknown", _word_before_sight),
    "state-before-write": (Lease, "advance", _without_publishing),
    "silence-is-not-no": (Failures, "record", _as_if_refused),
    "unclear-is-unknown": (settle, "is_unclear", _always(answer=False)),
    "handed-over-stays-so": (Actions, "_adopt_handed_over", _adopted_as_queued),
    "refused-there-is-failed": (decision, "_handed_over", _refusal_waits),
    "pause-holds": (Policies, "of", _not_held),
    "late-is-not-sent": (decision, "late_action", _always(LateAction.START)),
    "late-goes-to-next-slot": (decision, "late_action", _skips),
    "cancel-is-honoured": (schedules, "_move", _cancels_ignored),
    "approval-is-awaited": (decision, "_pending", _approval_as_veto),
    "archived-is-not-retried": (retry, "check_not_archived", _always(None)),
    "claims-are-released": (release.Releaser, "released", _always([])),
    "photo-is-claimed": (create_post.PostCreator, "_claim_keys", _claims_without("claim")),
    "account-is-claimed": (create_post.PostCreator, "_claim_keys", _only_for_connection),
    "slot-is-claimed": (create_post.PostCreator, "_claim_keys", _claims_without("slot")),
    "photo-stays-out-for-its-fault": (release, "rule_after", _always(PhotoRule.RETURNS)),
    "copies-outlive-hand-over": (start_timers, "start_instant", _at_once),
    "posts-keep-their-distance": (publish_times, "lane_rules", _no_spacing),
}


@contextlib.contextmanager
def broken(rule: str | None) -> Iterator[None]:
    """Break `rule` while inside; `None` leaves everything as it is."""
    if rule is None:
        yield
        return
    owner, name, change = RULES[rule]
    with mock.patch.object(owner, name, change(getattr(owner, name))):
        yield


def search(rule: str, first: int, most: int) -> tuple[int, list[Finding]]:
    """Live through up to `most` histories from the seed `first` on with `rule` broken: how many it took, and what was
    found in the last."""
    with deployment() as deploy:
        for number in range(most):
            with broken(rule):
                found = live(deploy, first + number).findings
            # What is found with every rule in force is no sign of this one.
            if found and not live(deploy, first + number).findings:
                return number + 1, found
    return most, []


def main(arguments: list[str] | None = None) -> int:
    """Break each rule, print how long it took to notice, and fail where one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description="Break every rule.")
    parser.add_argument("--only", choices=sorted(RULES), help="break this rule alone")
    parser.add_argument("--most", type=int, default=MOST, help="give up after so many histories")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    names = [options.only] if options.only else list(RULES)
    survivors = []
    with ProcessPoolExecutor(options.jobs, max_tasks_per_child=1) as pool:
        waiting = {name: pool.submit(search, name, 0, options.most) for name in names}
        for name, future in waiting.items():
            number, found = future.result()
            told = f"found by history {number}: {found[0].wrong}: {found[0].rule}" if found else f"SURVIVES {number}"
            print(f"{name}: {told}", flush=True)  # noqa: T201
            survivors += [] if found else [name]
    print(f"mutants: rules={len(names)} found={len(names) - len(survivors)} survive={len(survivors)}")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
