"""Strategies: pure functions that give a slot's themes in order of preference."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from shutterpost.curation.values import CURATORS_CHOICE, WEIGHTED_CHOICE, Decision, Rules, ThemeRule
from shutterpost.runtime.values import Value

THEME_OF_WEEK = "theme_of_week"
THEMATIC_ROTATION = "thematic_rotation"
PILLARS = "pillars"
# Period over which shares are balanced, and number of picks remembered; no rule uses older picks.
MEMORY_DAYS = 30
MEMORY = 200


class ThemedPick(Value):
    slot_at: datetime
    day: date
    theme: str = ""


class StrategyMemory(Value):
    """The last picks (`outings`), latest first, and the `theme` of the week that begins on Monday `week`.

    `reused_until` is the first publication of the last reposted photo, `version` the optimistic lock.
    """

    outings: tuple[ThemedPick, ...] = ()
    week: date | None = None
    theme: str = ""
    reused_until: datetime | None = None
    version: int = 0

    def before(self, slot_at: datetime) -> tuple[ThemedPick, ...]:
        return tuple(pick for pick in self.outings if pick.slot_at < slot_at)

    def besides(self, slot_at: datetime) -> tuple[ThemedPick, ...]:
        """The picks of other slots, including later ones, which can be filled before a slot is picked again."""
        return tuple(pick for pick in self.outings if pick.slot_at != slot_at)


class Preference(Value):
    """A theme for the slot (`None`: any), and the reason."""

    theme: str | None
    reason: str


ANY = Preference(theme=None, reason="")


def preferences(
    rules: Rules, history: StrategyMemory, *, slot_at: datetime, wall: datetime, known: Sequence[str] = ()
) -> tuple[Preference, ...]:
    """The themes to try for the slot, in order, without excluded ones; any theme comes last.

    `known` are the themes of the library, for personas without themes.
    """
    named = rules.themes or tuple(ThemeRule(name=name) for name in sorted(known))
    past = history.before(slot_at)
    day = wall.date()
    others = history.besides(slot_at)
    allowed = tuple(rule for rule in named if not theme_rules_against(rule.name, rules, others, day))
    wanted = STRATEGIES[rules.strategy](_Call(allowed=allowed, history=history, past=past, day=day))
    if wanted:
        return (*wanted, Preference(theme=None, reason="no photo of the wanted themes is left"))
    return (ANY, *(Preference(theme=rule.name, reason="any theme will do") for rule in allowed if rules.themes))


def theme_rules_against(theme: str, rules: Rules, others: Sequence[ThemedPick], day: date) -> tuple[str, ...]:
    """The reasons that exclude `theme` on `day`, given the picks `others`."""
    rule = next((rule for rule in rules.themes if rule.name == theme), None)
    if rule is None:
        return ()
    reasons = []
    if (rule.starts and day < rule.starts) or (rule.ends and day > rule.ends):
        reasons.append(f"the theme {theme} is wanted from {rule.starts or 'ever'} to {rule.ends or 'ever'}")
    same = [pick.day for pick in others if pick.theme == theme]
    gaps = [(day - other).days for other in same if abs((day - other).days) < rule.min_gap_days]
    if gaps and max(gaps) < 0:
        reasons.append(f"the theme {theme} goes out less than {rule.min_gap_days} days later")
    elif gaps:
        reasons.append(f"the theme {theme} went out less than {rule.min_gap_days} days ago")
    if rule.max_per_week is not None and sum(monday(other) == monday(day) for other in same) >= rule.max_per_week:
        reasons.append(f"the theme {theme} had its {rule.max_per_week} of this week")
    return tuple(reasons)


def after(history: StrategyMemory, rules: Rules, decision: Decision, wall: datetime) -> StrategyMemory:
    """The memory after `decision`, which replaces an earlier decision for the same slot."""
    latest = ThemedPick(slot_at=decision.slot_at, day=wall.date(), theme=decision.theme)
    since = decision.slot_at - timedelta(days=MEMORY_DAYS)
    kept = [pick for pick in history.outings if pick.slot_at >= since and pick.slot_at != decision.slot_at]
    outings = tuple(sorted((latest, *kept), key=lambda pick: pick.slot_at, reverse=True))[:MEMORY]
    changes: dict[str, object] = {"outings": outings, "version": history.version + 1}
    later = history.week is not None and monday(wall.date()) < history.week
    if rules.strategy == THEME_OF_WEEK and decision.theme and not later:
        changes |= {"week": monday(wall.date()), "theme": decision.theme}
    return history.model_copy(update=changes)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class _Call(Value):
    allowed: tuple[ThemeRule, ...]
    history: StrategyMemory
    past: tuple[ThemedPick, ...]
    day: date


def _any(_: _Call) -> tuple[Preference, ...]:
    return ()


def _theme_of_week(call: _Call) -> tuple[Preference, ...]:
    names = [rule.name for rule in call.allowed]
    last = call.history.theme
    if last in names:
        place = names.index(last) + (call.history.week != monday(call.day))
        names = [*names[place:], *names[:place]]
    return tuple(
        Preference(theme=name, reason="it is the theme of the week" if place == 0 else "it is next in turn")
        for place, name in enumerate(names)
    )


def _rotation(call: _Call) -> tuple[Preference, ...]:
    latest = {pick.theme: pick.slot_at.isoformat() for pick in reversed(call.past)}
    names = [rule.name for rule in call.allowed]
    waited = sorted(names, key=lambda name: latest.get(name, ""))
    return tuple(Preference(theme=name, reason="it has waited longest") for name in waited)


def _pillars(call: _Call) -> tuple[Preference, ...]:
    wanted = [rule for rule in call.allowed if rule.weight > 0]
    whole = sum(rule.weight for rule in wanted)
    names = {rule.name for rule in wanted}
    counted = [pick for pick in call.past if pick.theme in names]

    def behind(rule: ThemeRule) -> tuple[bool, float, int, str]:
        had = sum(pick.theme == rule.name for pick in counted)
        of_week = sum(pick.theme == rule.name and monday(pick.day) == monday(call.day) for pick in counted)
        reached = rule.target_per_week is not None and of_week >= rule.target_per_week
        deficit = rule.weight / whole * (len(counted) + 1) - had
        return reached, -round(deficit, 9), rule.priority, rule.name

    return tuple(
        Preference(theme=rule.name, reason="it is furthest below its share" if place == 0 else "it is next in need")
        for place, rule in enumerate(sorted(wanted, key=behind))
    )


STRATEGIES: Mapping[str, Callable[[_Call], tuple[Preference, ...]]] = {
    CURATORS_CHOICE: _any,
    WEIGHTED_CHOICE: _any,
    THEME_OF_WEEK: _theme_of_week,
    THEMATIC_ROTATION: _rotation,
    PILLARS: _pillars,
}
