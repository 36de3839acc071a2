"""What a history came to on each channel: posts, calls, faults, questions to a person, and broken promises."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulation.finding import Finding, Wrong
from tests.simulation.oracle import Oracle
from tests.simulation.setting import channel_of

Hits = Counter[tuple[str, str, str]]
COUNTS = ("histories", "posts", "calls", "faults", "unclear", "questions")
NAMES = {Wrong.DOUBLE: "doubles", Wrong.LOST: "lost", Wrong.STUCK: "stuck", Wrong.UNTRUE: "untrue", Wrong.RULE: "rules"}


@dataclass
class Figures:
    """Counts by channel and name: those of `COUNTS` and of `NAMES`."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Figures") -> None:
        """Count `other` in."""
        self.counts += other.counts

    def lines(self) -> Iterator[str]:
        """A line for each channel."""
        for channel in sorted({channel for channel, _ in self.counts}):
            counts = (f"{name}={self.counts[channel, name]}" for name in (*COUNTS, *NAMES.values()))
            yield f"{channel}: {' '.join(counts)}"


def figures_of(oracle: Oracle, findings: Sequence[Finding]) -> Figures:
    """The figures of the history that `oracle` judged; a finding counts for the channel that its words name."""
    figures, counts = Figures(), Counter[tuple[str, str]]()
    channels = {channel_of(channel.kind) for channel in oracle.setting.channels}
    counts.update((channel, "histories") for channel in channels)
    counts.update((shown.account.split(" ")[0], "posts") for shown in oracle.shown)
    for (operation, fault, _), number in oracle.world.calls.hits.items():
        channel = operation.split(" ")[0]
        if channel in channels:
            counts[channel, "calls"] += number
            counts[channel, "faults"] += number if fault != "none" else 0
    counts.update((oracle.by_id[name].channel, "unclear") for name in oracle.questions.unclear)
    counts.update((oracle.by_id[name].channel, "questions") for name in oracle.questions.asked_of)
    for finding in set(findings):
        counts[_channel_named(oracle, finding.words, channels), NAMES[finding.wrong]] += 1
    figures.counts = counts
    return figures


def _channel_named(oracle: Oracle, text: str, channels: set[str]) -> str:
    for schedule in oracle.schedules:
        if schedule.schedule_id in text:
            return schedule.channel
    named = [channel for channel in sorted(channels) if channel in text]
    return named[0] if named else min(channels) if len(channels) == 1 else "any"
