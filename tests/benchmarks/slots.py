"""Slot resolution against brute force: every wall minute around every change of clocks of every zone, 2025 to 2030."""

from tests.benchmarks.figures import Figure, reached
from tests.support.every_zone import changes, differences, zones

NAME = "slots"


def measure() -> list[Figure]:
    """Zones, their changes, and how many wall times were resolved otherwise than counting the minutes says."""
    wrong = sum(1 for zone in zones() for _ in differences(zone))
    return [
        Figure("zones", len(zones()), "zones", "all of the IANA database"),
        Figure("changes of clocks", sum(len(changes(zone)) for zone in zones()), "changes", "2025 to 2030"),
        Figure("differences", wrong, "wall times", f"every minute 4 h around each change; {reached(wrong, 0)}"),
    ]
