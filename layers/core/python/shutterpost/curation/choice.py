"""Which of some candidates is picked: the highest total that no rule refuses; ties: earlier capture, then the id."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shutterpost.curation.likeness import HASH_BITS, Shown, nearest
from shutterpost.curation.scoring import below_floors, parts_of, resemblance
from shutterpost.curation.strategies import ANY, Preference, StrategyMemory, theme_rules_against
from shutterpost.curation.values import Candidate, Considered, Decision, Parts, Rules, Vectors

_NEVER = datetime.max.replace(tzinfo=UTC)
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
    """The decision for the slot at `slot_at`, at `wall` on the persona's clock, among `candidates`.

    `refused` names photos already found impossible in this run, each with its reason; giving one more and choosing
    again yields the next best. `shown` is what the connections show or are to show, `vectors` those known of it and of
    the candidates. The answer depends on the arguments alone, and not on the order of the candidates.
    """
    others = (history or StrategyMemory()).besides(slot_at)
    considered = []
    for candidate in candidates:
        near, like = resemblance(candidate.photo_id, shown, vectors or {})
        parts = parts_of(candidate, rules.weights, slot_at=slot_at, wall=wall, likeness=near)
        passing, lasting, twin = _rules_against(candidate, rules, shown)
        passing = (
            *_said(refused, candidate),
            *theme_rules_against(candidate.theme, rules, others, wall.date()),
            *passing,
        )
        considered.append(
            Considered(
                photo_id=candidate.photo_id,
                name=candidate.name,
                score=candidate.score,
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
    captured = {one.photo_id: one.captured_at or _NEVER for one in candidates}
    considered.sort(key=lambda one: (-(one.total or 0), captured[one.photo_id], one.photo_id))
    best = next((one for one in considered if one.verdict == "next"), None)
    told = [one.model_copy(update={"verdict": "picked"}) if one is best else one for one in considered]
    return Decision(
        persona_id=rules.persona_id,
        slot_at=slot_at,
        decided_at=now,
        strategy=rules.strategy,
        theme=best.theme if best else "",
        picked=best.photo_id if best else None,
        score=best.score if best else None,
        reason=_reason(best, told, preference),
        considered=tuple(told),
    )


def _said(refused: Mapping[str, str] | None, candidate: Candidate) -> tuple[str, ...]:
    found = (refused or {}).get(candidate.photo_id)
    return () if found is None else (found,)


def _rules_against(
    candidate: Candidate, rules: Rules, shown: Sequence[Shown]
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """The rules against a candidate that may pass by themselves, those that will not, and what it looks like."""
    passing: tuple[str, ...] = ()
    if candidate.score is None:
        passing = ("no analysis yet, so no score",)
    elif candidate.provisional and not rules.allow_provisional:
        passing = ("its score is provisional and the persona wants precomputed ones",)
    lasting = below_floors(candidate, rules.weights)
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
    passed_over = sum(one.verdict == "refused" and (one.total or 0) >= (best.total or 0) for one in considered)
    runner_up = next((one for one in considered if one.verdict == "next"), None)
    sentence = f"{best.name} has the highest score not yet posted ({_sum(best.parts)})"
    if preference.theme is not None:
        sentence = f"Of the theme {preference.theme} ({preference.reason}), {sentence}"
    elif preference.reason:
        sentence = f"Of any theme ({preference.reason}), {sentence}"
    if runner_up is not None and runner_up.total == best.total:
        sentence += "; among equals the earliest capture wins"
    if runner_up is not None:
        sentence += f"; next would be {runner_up.name} ({runner_up.total:g})"
    if passed_over:
        sentence += f"; {passed_over} better or equal passed over by rule"
    return sentence + "."


def _sum(parts: Parts | None) -> str:
    """`9.1 = 8.6 aesthetic + 0.7 season - 0.2 variety`, or the aesthetic score alone where nothing is added."""
    if parts is None:
        return "none"
    added = [(name, value) for name in _SHOWN_PARTS if (value := getattr(parts, name))]
    if not added:
        return f"{parts.aesthetic:g}"
    terms = "".join(f" {'+' if value > 0 else '-'} {abs(value):g} {name.replace('_', ' ')}" for name, value in added)
    return f"{parts.total:g} = {parts.aesthetic:g} aesthetic{terms}"
