"""Curator's Choice: the highest aesthetic score not yet posted (S2 §2B); ties: earlier capture, then the id."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shutterpost.curation.likeness import HASH_BITS, Shown, nearest
from shutterpost.curation.values import CURATORS_CHOICE, Candidate, Considered, Decision

_NEVER = datetime.max.replace(tzinfo=UTC)


def order_key(candidate: Candidate) -> tuple[float, datetime, str]:
    """Best first; photos without a score come last, of equal ones those of unknown date."""
    score = candidate.score if candidate.score is not None else float("-inf")
    return (-score, candidate.captured_at or _NEVER, candidate.photo_id)


def choose(
    candidates: Sequence[Candidate],
    *,
    persona_id: str,
    slot_at: datetime,
    now: datetime,
    allow_provisional: bool = False,
    refused: Mapping[str, str] | None = None,
    shown: Sequence[Shown] = (),
    near_duplicate_bits: int = 0,
) -> Decision:
    """The decision for the slot at `slot_at` among `candidates`.

    `refused` names photos already found impossible in this run, each with its reason; giving one more and choosing
    again yields the next best. What differs from one of `shown` by `near_duplicate_bits` or less is passed over (0:
    nothing is). The answer depends on the arguments alone.
    """
    known = refused or {}
    considered: list[Considered] = []
    best: Candidate | None = None
    for candidate in sorted(candidates, key=order_key):
        rules = _rules_against(candidate, allow_provisional=allow_provisional, refused=known)
        alike = nearest(candidate.photo_id, candidate.dhash, shown, near_duplicate_bits)
        if alike is not None:
            rules = (*rules, _likeness(*alike))
        verdict = "refused" if rules else "picked" if best is None else "next"
        if verdict == "picked":
            best = candidate
        considered.append(
            Considered(
                photo_id=candidate.photo_id,
                name=candidate.name,
                score=candidate.score,
                verdict=verdict,
                rules=rules,
                looks_like=alike[0].photo_id if alike else None,
            )
        )
    return Decision(
        persona_id=persona_id,
        slot_at=slot_at,
        decided_at=now,
        strategy=CURATORS_CHOICE,
        picked=best.photo_id if best else None,
        score=best.score if best else None,
        reason=_reason(best, considered),
        considered=tuple(considered),
    )


def _rules_against(candidate: Candidate, *, allow_provisional: bool, refused: Mapping[str, str]) -> tuple[str, ...]:
    rules = []
    if candidate.photo_id in refused:
        rules.append(refused[candidate.photo_id])
    if candidate.score is None:
        rules.append("no analysis yet, so no score")
    elif candidate.provisional and not allow_provisional:
        rules.append("its score is provisional and the persona wants precomputed ones")
    return tuple(rules)


def _likeness(other: Shown, differ: int) -> str:
    return f"looks like {other.name} of post {other.post_id} on {other.where}: {differ} of {HASH_BITS} bits differ"


def _reason(best: Candidate | None, considered: Sequence[Considered]) -> str:
    if best is None:
        if not considered:
            return "No unposted photos available to schedule."
        return f"None of the {len(considered)} unposted photos considered may be picked; see the rules of each."
    passed_over = sum(1 for one in considered if one.verdict == "refused" and (one.score or 0) >= (best.score or 0))
    runner_up = next((one for one in considered if one.verdict == "next"), None)
    sentence = f"{best.name} has the highest aesthetic score ({best.score:g}) not yet posted"
    if runner_up is not None and runner_up.score == best.score:
        sentence += "; among equals the earliest capture wins"
    if runner_up is not None:
        sentence += f"; next would be {runner_up.name} ({runner_up.score:g})"
    if passed_over:
        sentence += f"; {passed_over} better or equal passed over by rule"
    return sentence + "."
