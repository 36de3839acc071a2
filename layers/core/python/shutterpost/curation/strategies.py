"""Which theme a slot is for: strategies as pure functions of the rules and of what went out lately.

A strategy answers with preferences in order; the pick takes the first that has a photo. What it must remember is the
`StrategyMemory`, which `after` brings up to date and which is stored in the same transaction as the pick.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from shutterpost.curation.values import CURATORS_CHOICE, Decision, Rules, ThemeRule
from shutterpost.runtime.values import Value

THEME_OF_WEEK = "theme_of_week"
THEMATIC_ROTATION = "thematic_rotation"
PILLARS = "pillars"
# How far back shares are evened out, and how many outings are remembered; no rule looks further.
MEMORY_DAYS = 30
MEMORY = 200


class ThemedPick(Value):
    """A slot that was given a photo of a theme; `day` is the slot's local date."""

    slot_at: datetime
    day: date
    theme: str = ""


class StrategyMemory(Value):
    """What a strategy remembers: the last outings, latest first, and the theme of the week whose Monday is `week`.

    `reused_until` is how far photos have gone out again, in the order of their first time. `version` counts its
    changes, and guards them.
    """

    outings: tuple[ThemedPick, ...] = ()
    week: date | None = None
    theme: str = ""
    reused_until: datetime | None = None
    version: int = 0

    def before(self, slot_at: datetime) -> tuple[ThemedPick, ...]:
        """The outings of other slots, without what lies after this one."""
        return tuple(one for one in self.outings if one.slot_at < slot_at)

    def besides(self, slot_at: datetime) -> tuple[ThemedPick, ...]:
        """The outings of other slots, also of later ones: a slot may be picked for again once those are filled."""
        return tuple(one for one in self.outings if one.slot_at != slot_at)


class Preference(Value):
    """A theme that the slot may be for (`None`: any), and why."""

    theme: str | None
    reason: str


ANY = Preference(theme=None, reason="")


def preferences(
    rules: Rules, history: StrategyMemory, *, slot_at: datetime, wall: datetime, known: Sequence[str] = ()
) -> tuple[Preference, ...]:
    """The themes to try for the slot, in order; any theme comes last, so that no slot stays empty for a wish.

    `known` are themes seen in the library, for personas that name none. Themes that a rule forbids now are left out.
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
    """Why a photo of `theme` may not go out on `day`, beside the outings of `others`."""
    rule = next((one for one in rules.themes if one.name == theme), None)
    if rule is None:
        return ()
    found = []
    if (rule.starts and day < rule.starts) or (rule.ends and day > rule.ends):
        found.append(f"the theme {theme} is wanted from {rule.starts or 'ever'} to {rule.ends or 'ever'}")
    same = [one.day for one in others if one.theme == theme]
    if rule.min_gap_days and any(0 <= (day - one).days < rule.min_gap_days for one in same):
        found.append(f"the theme {theme} went out less than {rule.min_gap_days} days ago")
    elif rule.min_gap_days and any(0 < (one - day).days < rule.min_gap_days for one in same):
        found.append(f"the theme {theme} goes out less than {rule.min_gap_days} days later")
    if rule.max_per_week is not None and sum(monday(one) == monday(day) for one in same) >= rule.max_per_week:
        found.append(f"the theme {theme} had its {rule.max_per_week} of this week")
    return tuple(found)


def after(history: StrategyMemory, rules: Rules, decision: Decision, wall: datetime) -> StrategyMemory:
    """What is remembered once `decision` has been carried out; a later one for the same slot takes its place."""
    outing = ThemedPick(slot_at=decision.slot_at, day=wall.date(), theme=decision.theme)
    since = decision.slot_at - timedelta(days=MEMORY_DAYS)
    kept = [one for one in history.outings if one.slot_at >= since and one.slot_at != decision.slot_at]
    outings = tuple(sorted((outing, *kept), key=lambda one: one.slot_at, reverse=True))[:MEMORY]
    changes: dict[str, object] = {"outings": outings, "version": history.version + 1}
    later = history.week is not None and monday(wall.date()) < history.week
    if rules.strategy == THEME_OF_WEEK and decision.theme and not later:
        changes |= {"week": monday(wall.date()), "theme": decision.theme}
    return history.model_copy(update=changes)


def monday(day: date) -> date:
    """The Monday of the ISO week that `day` lies in."""
    return day - timedelta(days=day.weekday())


class _Call(Value):
    """What a strategy looks at: the themes allowed on `day` in the persona's order, and what went out before."""

    allowed: tuple[ThemeRule, ...]
    history: StrategyMemory
    past: tuple[ThemedPick, ...]
    day: date


def _any(_: _Call) -> tuple[Preference, ...]:
    return ()


def _theme_of_week(call: _Call) -> tuple[Preference, ...]:
    names = [rule.name for rule in call.allowed]
    last = call.history.theme
    names = _from(names, after_name=last)
    if call.history.week == monday(call.day) and last in names:
        names = [last, *names[:-1]]
    return tuple(
        Preference(theme=name, reason="it is the theme of the week" if place == 0 else "it is next in turn")
        for place, name in enumerate(names)
    )


def _rotation(call: _Call) -> tuple[Preference, ...]:
    latest = {one.theme: one.slot_at.isoformat() for one in reversed(call.past)}
    names = [rule.name for rule in call.allowed]
    waited = sorted(names, key=lambda name: (latest.get(name, ""), names.index(name)))
    return tuple(Preference(theme=name, reason="it has waited longest") for name in waited)


def _pillars(call: _Call) -> tuple[Preference, ...]:
    """Furthest below its share of the last `MEMORY_DAYS` first, after those that lack their week's target."""
    wanted = [rule for rule in call.allowed if rule.weight > 0]
    whole = sum(rule.weight for rule in wanted)
    counted = [one for one in call.past if any(one.theme == rule.name for rule in wanted)]

    def behind(rule: ThemeRule) -> tuple[bool, float, int, str]:
        had = sum(one.theme == rule.name for one in counted)
        of_week = sum(one.theme == rule.name and monday(one.day) == monday(call.day) for one in counted)
        reached = rule.target_per_week is not None and of_week >= rule.target_per_week
        deficit = rule.weight / whole * (len(counted) + 1) - had
        return reached, -round(deficit, 9), rule.priority, rule.name

    return tuple(
        Preference(theme=rule.name, reason="it is furthest below its share" if place == 0 else "it is next in need")
        for place, rule in enumerate(sorted(wanted, key=behind))
    )


def _from(names: Sequence[str], *, after_name: str) -> list[str]:
    """`names` in their order, beginning behind `after_name`."""
    place = names.index(after_name) + 1 if after_name in names else 0
    turned = [*names[place:], *names[:place]]
    return [name for name in turned if name != after_name] + ([after_name] if after_name in names else [])


STRATEGIES: Mapping[str, Callable[[_Call], tuple[Preference, ...]]] = {
    CURATORS_CHOICE: _any,
    THEME_OF_WEEK: _theme_of_week,
    THEMATIC_ROTATION: _rotation,
    PILLARS: _pillars,
}
