"""A failing history made short: what happened is left out, half by half, as long as the same promise breaks."""

from collections.abc import Sequence

from tests.simulation.history import Deploy, History, live
from tests.simulation.setting import Kind

MOST_TRIES = 250


def shrunk(deploy: Deploy, seed: int, kinds: Sequence[Kind] = (), also: Sequence[str] = ()) -> History:
    """The history of `seed` with as little happening as its first finding needs; as it is where it has none."""
    history = live(deploy, seed, kinds=kinds, also=also)
    if not history.findings:
        return history
    wanted = (history.findings[0].wrong, history.findings[0].rule)
    muted: set[str] = set()
    size, tries = max(1, len(history.fired) // 2), 0
    while size and tries < MOST_TRIES:
        smaller = None
        for part in _parts(history.fired, size):
            tries += 1
            without = live(deploy, seed, frozenset(muted | set(part)), kinds=kinds, also=also)
            if any((finding.wrong, finding.rule) == wanted for finding in without.findings):
                smaller = without
                muted |= set(part)
                break
        if smaller is None:
            size //= 2
        else:
            history, size = smaller, min(size, max(1, len(smaller.fired) // 2)) if smaller.fired else 0
    return history


def _parts(fired: Sequence[str], size: int) -> list[Sequence[str]]:
    return [fired[start : start + size] for start in range(0, len(fired), size)]


def story_of(history: History) -> str:
    """What happened, for people to read."""
    lines = [f"seed {history.seed}, in which this happens by chance:"]
    lines += [f"  {key}" for key in history.fired]
    lines += [f"{at:%m-%d %H:%M:%S} {line}" for at, line in history.story]
    lines += [f"{finding.wrong.upper()}: {finding.rule}: {finding.words}" for finding in history.findings] or [
        "every promise holds"
    ]
    return "\n".join(lines)
