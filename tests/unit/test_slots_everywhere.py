"""Slot resolution against brute force: every IANA zone, every change of its clocks from 2025 to 2030."""

import pytest

from tests.support.every_zone import differences, zones


@pytest.mark.slow
def test_every_zone_resolves_wall_times_as_counting_the_seconds_does():
    assert len(zones()) > 400
    result = [wrong for zone in zones() for wrong in differences(zone, every_minutes=10)]
    assert result == []
