"""The rules, each with a way to break it: functions of the product that are replaced in the running process."""

import contextlib
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from shutterpost.channels import FailureClass
from shutterpost.flows.operating import connect, retry
from shutterpost.flows.picking import arm_slots, pick_next
from shutterpost.flows.picking.arm_slots import SlotArmer
from shutterpost.flows.planning import capacity, deadlines, slots, start_timers
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.posting import create_post, release
from shutterpost.flows.posting.failure_policy import PhotoRule
from shutterpost.flows.publishing import decision, publish_times
from shutterpost.flows.publishing.decision import Action, Evidence, NextAction, Policy
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.publish_times import PublishTimes
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.flows.publishing.rendition_copies import RenditionCopies
from shutterpost.flows.publishing.steps import settle
from shutterpost.flows.syncing import sync
from shutterpost.flows.syncing.actions import Actions
from shutterpost.flows.syncing.arm_all import ArmAll, ArmReport
from shutterpost.flows.syncing.evidence import EvidenceReader, RemoteObservation
from shutterpost.personas import Persona
from shutterpost.personas import store as personas_store
from shutterpost.runtime import commit, tables
from shutterpost.runtime.commit import Write
from shutterpost.scheduling import (
    LateAction,
    Schedule,
    ScheduleStatus,
    Step,
    photo_claim_key,
    slot_claim_key,
)
from shutterpost.scheduling.lanes import LaneRules
from shutterpost.scheduling.store import schedules
from tests.simulation.breaks_of_channels import CHANNEL_RULES
from tests.simulation.machine import Machine

Change = Callable[[Any], Any]
Patch = tuple[Any, str, Change]
ZERO = timedelta(0)


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
        failure_policy: Policy = original(*given)
        return failure_policy.model_copy(update={"held": False})

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
            return [claim for claim in original(*given) if not claim[0].startswith(prefix)]

        return keys

    return change


def _only_for_connection(original: Callable[..., Any]) -> Callable[..., Any]:
    def keys(creator: Any, request: Any, post: Any) -> Any:
        wider = {
            photo_claim_key(request.photos[0].photo_id, connection.account_key, request.cycle)
            for connection in request.connections
        }
        return [claim for claim in original(creator, request, post) if claim[1] not in wider]

    return keys


def _no_spacing(original: Callable[..., Any]) -> Callable[..., Any]:
    def rules(row: Any) -> LaneRules:
        lane_rules: LaneRules = original(row)
        return lane_rules.model_copy(update={"spacing": timedelta(0)})

    return rules


def _approval_as_veto(original: Callable[..., Any]) -> Callable[..., Any]:
    def pending(schedule: Schedule, policy: Policy, now: Any) -> NextAction:
        del policy, now
        answer: NextAction = original(schedule.model_copy(update={"review": None}), None, None)
        return answer

    return pending


def _checked_at_its_start(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda persona, _review, **times: original(persona, None, **times)


def _skips(original: Callable[..., Any]) -> Callable[..., Any]:
    def late(**given: Any) -> LateAction:
        action: LateAction = original(**given)
        return LateAction.SKIP if action is LateAction.NEXT_SLOT else action

    return late


def _at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    def start_instant(row: Any, run_at: Any, now: Any, review: Any = None) -> Any:
        return now if row.hands_over else original(row, run_at, now, review)

    return start_instant


def _value(value: Any) -> Change:
    return lambda _original: value


def _at_any_time(_original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda times, _schedule: times.clock.now()


def _resumed_at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    def processing(*given: Any) -> NextAction:
        answer: NextAction = original(*given)
        return NextAction(action=Action.START) if answer.action is Action.REQUEUE else answer

    return processing


def _another_write_id(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(store: Any, schedule: Schedule, to: ScheduleStatus, *, changes: dict[str, Any], **rest: Any) -> Any:
        return original(store, schedule, to, changes={**changes, "write_id": uuid.uuid4().hex}, **rest)

    return update


def _without_token(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *, connection, **_token: original(connection=connection)


def _any_revision(_original: Callable[..., Any]) -> Callable[..., Any]:
    def current(
        lease: Lease, schedule_id: str, _revision: int, *, at: Collection[Step] = frozenset(Step)
    ) -> Schedule | None:
        schedule = lease.schedules.get(schedule_id)
        return schedule if schedule.status is ScheduleStatus.PROCESSING and schedule.step in at else None

    return current


def _end_before_releases(original: Callable[..., Any]) -> Callable[..., Any]:
    def commit_apart(writes: Iterable[Write]) -> Any:
        ends = [write for write in writes if write.label in {"schedule", "event"}]
        answer = original(ends)
        original([write for write in writes if write not in ends])
        return answer

    return commit_apart


def _whole_slot(_original: Callable[..., Any]) -> Callable[..., Any]:
    def parts(claims: SlotClaims, persona: Persona, schedules: Sequence[Schedule], at: datetime) -> list[Write]:
        key, now = slot_claim_key(persona.persona_id, at), claims.clock.now()
        holder, owner = schedules[0].post_id, schedules[0].owner
        return [claims.claims.take("slot", key, holder=holder, owner=owner, now=now, again=True)]

    return parts


def _armed_once(_original: Callable[..., Any]) -> Callable[..., Any]:
    def arm(armer: SlotArmer, persona_id: str) -> Any:
        persona = armer.personas.get(persona_id)
        return armer._arm(persona, list(armer.timers.armed_slots(persona_id)))

    return arm


def _armed_in_one_go(_original: Callable[..., Any]) -> Callable[..., Any]:
    def arm(everyone: ArmAll, personas: Iterable[Persona]) -> Any:
        moved, armed = list[str](), list[Any]()
        for persona in personas:
            moved += everyone.timezone_changes.follow(persona)
            armed.append(everyone.armer.arm(persona.persona_id))
        return ArmReport(moved=tuple(moved), armed=tuple(armed))

    return arm


def _blind_to_blackouts(original: Callable[..., Any]) -> Callable[..., Any]:
    def coming(persona: Persona, *window: datetime) -> Any:
        return original(persona.model_copy(update={"blackout_dates": ()}), *window)

    return coming


def _as_it_was(original: Callable[..., Any]) -> Callable[..., Any]:
    def moving(store: Any, schedule: Schedule, to: ScheduleStatus, **changes: Any) -> Any:
        if "run_at" in changes and "step" in changes and "retry_count" not in changes:
            del changes["step"], changes["ref"]
        return original(store, schedule, to, **changes)

    return moving


def _once(_original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda write, *given, **options: write(*given, **options)


def _hidden_slots(_original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda changed, _before, now: changed.model_copy(update={"slots_since": now, "past_slots": ()})


def _invoked_once(_original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda machine, _retriers, payload: machine._invoke(payload)


RULES: dict[str, tuple[Patch, ...]] = {
    # Unclear outcomes.
    "look-before-acting": ((decision, "_unknown", _always(NextAction(action=Action.START_OVER))),),
    "look-twice": ((decision, "_by_grade", _at_first_look),),
    "wait-until-settled": ((decision, "SETTLED_AFTER", _value(ZERO)),),
    "unreadable-is-not-nothing": ((EvidenceReader, "read", _unreadable_as_nothing),),
    "a-word-is-checked": ((decision, "_unknown", _word_before_sight),),
    "state-before-write": ((Lease, "advance", _without_publishing),),
    "silence-is-not-no": ((Failures, "record", _as_if_refused),),
    "unclear-is-unknown": ((settle, "is_unclear", _always(answer=False)),),
    "a-remote-post-has-one-owner": (
        (RemoteClaims, "is_free", _always(answer=True)),
        (RemoteClaims, "take", _always([])),
    ),
    # Handed over.
    "handed-over-stays-so": ((Actions, "_adopt_handed_over", _adopted_as_queued),),
    "refused-there-is-failed": ((decision, "_handed_over", _refusal_waits),),
    "copies-outlive-hand-over": ((start_timers, "start_instant", _at_once),),
    "copies-are-renewed": ((RenditionCopies, "renew", _always(None)),),
    "never-sent-is-told": ((sync.Syncer, "_overdue_seconds", _always(0.0)),),
    "never-sent-is-asked-less-often": ((decision, "LONGEST_ASK_PAUSE", _value(decision.ASK_PAUSE)),),
    "revoked-only-without-posts": ((connect.Connector, "_begun", _always([])),),
    # When and whether a post goes out.
    "pause-holds": ((Policies, "of", _not_held),),
    "late-is-not-sent": ((decision, "late_action", _always(LateAction.START)),),
    "late-goes-to-next-slot": ((decision, "late_action", _skips),),
    "a-late-post-starts-again": ((schedules.Schedules, "moving", _as_it_was),),
    "resumed-chain-is-judged": ((decision, "_processing", _resumed_at_once),),
    "never-early": ((PublishTimes, "renew_publish_time", _at_any_time),),
    "cancel-is-honoured": ((schedules, "_move", _cancels_ignored),),
    "approval-is-awaited": (
        (decision, "_pending", _approval_as_veto),
        (deadlines, "start_deadline", _checked_at_its_start),
    ),
    "archived-is-not-retried": ((retry, "check_not_archived", _always(None)),),
    "blackouts-stay-empty": tuple(
        (module, "coming_slots", _blind_to_blackouts) for module in (pick_next, arm_slots, slots)
    ),
    "posts-keep-their-distance": ((publish_times, "lane_rules", _no_spacing),),
    "accounts-share-a-lane": ((Schedule, "lane_key", _value(property(lambda schedule: schedule.connection_id))),),
    "quota-is-kept": ((PublishTimes, "must_let_pass", _always(None)),),
    "limits-of-the-persona": ((capacity, "find_conflict", _always(None)),),
    # Claims and ends.
    "claims-are-released": ((release.Releaser, "released", _always([])),),
    "photo-is-claimed": ((create_post.PostCreator, "_claim_keys", _claims_without("claim")),),
    "account-is-claimed": ((create_post.PostCreator, "_claim_keys", _only_for_connection),),
    "slot-is-claimed": ((create_post.PostCreator, "_claim_keys", _claims_without("slot")),),
    "once-anywhere-is-claimed": ((create_post.PostCreator, "_claim_keys", _claims_without("anywhere")),),
    "photo-returns": ((release, "rule_after", _always(PhotoRule.STAYS_OUT)),),
    "photo-stays-out-for-its-fault": ((release, "rule_after", _always(PhotoRule.RETURNS)),),
    "an-end-is-one-transaction": ((release, "commit", _end_before_releases),),
    "a-leftover-takes-its-part": ((SlotClaims, "parts", _whole_slot),),
    "a-moved-post-leaves-its-slot": ((release.Releaser, "slot_releases", _always([])),),
    # Repeats.
    "a-write-knows-its-own": ((schedules.Schedules, "_update", _another_write_id),),
    "a-transaction-has-a-token": ((commit, "TransactWrite", _without_token),),
    "an-old-revision-is-over": ((Lease, "current", _any_revision),),
    "a-conflict-is-repeated": ((tables, "_patiently", _once),),
    "a-busy-account-is-repeated": ((Machine, "_retried", _invoked_once),),
    "a-newer-arming-wins": ((SlotArmer, "arm", _armed_once),),
    "no-change-hides-a-slot": ((personas_store, "with_past_slots", _hidden_slots),),
    "one-failure-stops-no-arming": ((ArmAll, "_arm", _armed_in_one_go),),
    **CHANNEL_RULES,
}


@contextlib.contextmanager
def broken(rule: str | None) -> Iterator[None]:
    """Break `rule` while inside; `None` leaves everything as it is."""
    with contextlib.ExitStack() as stack:
        for owner, name, change in RULES[rule] if rule else ():
            stack.enter_context(mock.patch.object(owner, name, change(getattr(owner, name))))
        yield
