"""The choice among candidates: the highest total without an exclusion; provisional scores come last. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from shutterpost.curation.likeness import HASH_BITS, NEVER, Shown, nearest
from shutterpost.curation.scoring import below_floors, parts_of, resemblance
from shutterpost.curation.strategies import ANY, Preference, StrategyMemory, theme_rules_against
from shutterpost.curation.values import Candidate, Considered, Decision, Rules, Vectors

NO_ALT_TEXT = "it has no alt text, which the persona requires"
_SHOWN_PARTS = ("freshness", "season", "on_this_day", "variety")


def choose(
    candidates: Sequence[Candidate],
    rules: Rules,
    *,
    slot_at: datetime,
    wall: datetime,
    now: datetime,
    history: StrategyMemory | None = None,
    preference: Preference = ANY,
    refused: Mapping[str, str] | None = None,
    shown: Sequence[Shown] = (),
    vectors: Vectors | None = None,
) -> Decision:
    """The decision for the slot at `slot_at`, which is `wall` in the persona's zone.

    `refused` maps photo ids to the reasons that exclude them. `shown` are photos that connections show or will show,
    `vectors` the embeddings of these and of the candidates. The order of the candidates does not matter.
    """
    others = (history or StrategyMemory()).besides(slot_at)
    considered = []
    for candidate in candidates:
        near, like = resemblance(candidate.photo_id, shown, vectors or {})
        parts = parts_of(candidate, rules.weights, slot_at=slot_at, wall=wall, likeness=near)
        passing, lasting, twin = rules_against(candidate, rules, shown)
        passing = (
            *_reason_against(refused, candidate),
            *theme_rules_against(candidate.theme, rules, others, wall.date()),
            *passing,
        )
        considered.append(
            Considered(
                photo_id=candidate.photo_id,
                name=candidate.name,
                score=candidate.score,
                provisional=candidate.provisional,
                theme=candidate.theme,
                total=parts.total if parts else None,
                parts=parts,
                verdict="refused" if passing or lasting else "next",
                rules=(*passing, *lasting),
                lasting=bool(lasting),
                resembles=like.name if like and parts and parts.variety else None,
                looks_like=twin,
            )
        )
    captured = {candidate.photo_id: candidate.captured_at or NEVER for candidate in candidates}
    considered.sort(key=lambda entry: (*_standing(entry), captured[entry.photo_id], entry.photo_id))
    best = next((entry for entry in considered if entry.verdict == "next"), None)
    judged = [entry.model_copy(update={"verdict": "picked"}) if entry is best else entry for entry in considered]
    return Decision(
        persona_id=rules.persona_id,
        slot_at=slot_at,
        decided_at=now,
        strategy=rules.strategy,
        theme=best.theme if best else "",
        picked=best.photo_id if best else None,
        score=best.score if best else None,
        reason=_reason(best, judged, preference),
        considered=tuple(judged),
    )


def _reason_against(refused: Mapping[str, str] | None, candidate: Candidate) -> tuple[str, ...]:
    reason = (refused or {}).get(candidate.photo_id)
    return () if reason is None else (reason,)


def rules_against(
    candidate: Candidate, rules: Rules, shown: Sequence[Shown]
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """The rules that refuse `candidate` for now and for good, besides those of themes; the photo that it looks like."""
    passing: tuple[str, ...] = ()
    if candidate.score is None:
        passing = ("no analysis yet, so no score",)
    elif candidate.provisional and not rules.allow_provisional:
        passing = ("its score is provisional and the persona wants precomputed ones",)
    lasting = below_floors(candidate, rules.weights)
    if rules.require_alt_text and candidate.alt_text is not None and not candidate.alt_text.strip():
        lasting = (*lasting, NO_ALT_TEXT)
    alike = nearest(candidate.photo_id, candidate.dhash, shown, rules.near_duplicate_bits)
    if alike is None:
        return passing, lasting, None
    other, differ = alike
    like = f"looks like {other.name} of post {other.post_id} on {other.where}: {differ} of {HASH_BITS} bits differ"
    return passing, (*lasting, like), other.photo_id


def _reason(best: Considered | None, considered: Sequence[Considered], preference: Preference) -> str:
    if best is None:
        if not considered:
            return "No unposted photos available to schedule."
        return f"None of the {len(considered)} unposted photos considered may be picked; see the rules of each."
    excluded = sum(entry.verdict == "refused" and _standing(entry) <= _standing(best) for entry in considered)
    runner_up = next((entry for entry in considered if entry.verdict == "next"), None)
    kind = "provisional score" if best.provisional else "score"
    sentence = f"{best.name} has the highest {kind} not yet posted ({_sum(best)})"
    if preference.theme is not None:
        sentence = f"Of the theme {preference.theme} ({preference.reason}), {sentence}"
    elif preference.reason:
        sentence = f"Of any theme ({preference.reason}), {sentence}"
    if runner_up is not None and _standing(runner_up) == _standing(best):
        sentence += "; among equals the earliest capture wins"
    if runner_up is not None:
        sentence += f"; next would be {runner_up.name} ({runner_up.total:g})"
    if excluded:
        sentence += f"; {excluded} better or equal passed over by rule"
    return sentence + "."


def _standing(entry: Considered) -> tuple[bool, float]:
    return entry.provisional, math.inf if entry.total is None else -entry.total


def _sum(best: Considered) -> str:
    added = [(name, value) for name in _SHOWN_PARTS if (value := getattr(best.parts, name))]
    if not added:
        return f"{best.score:g}"
    terms = "".join(f" {'+' if value > 0 else '-'} {abs(value):g} {name.replace('_', ' ')}" for name, value in added)
    return f"{best.total:g} = {best.score:g} aesthetic{terms}"
