"""The runway: the day on which the photos run out, and its level."""

from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.curation import RunwayLevel, stock_of

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)


SLOTS = [SLOT + timedelta(days=number) for number in range(1, 91)]


@pytest.mark.parametrize(
    ("photos", "share", "low", "days", "level"),
    [
        (0, 1, 14, 1, RunwayLevel.EXHAUSTED),
        (1, 1, 14, 2, RunwayLevel.CRITICAL),
        (6, 1, 14, 7, RunwayLevel.CRITICAL),
        (7, 1, 14, 8, RunwayLevel.LOW),
        (13, 1, 14, 14, RunwayLevel.LOW),
        (14, 1, 14, 15, RunwayLevel.READY),
        (6, 1, 3, 7, RunwayLevel.CRITICAL),
        (7, 1, 3, 8, RunwayLevel.READY),
        (89, 1, 14, 90, RunwayLevel.READY),
        (90, 1, 14, None, RunwayLevel.READY),
        (200, 1, 14, None, RunwayLevel.READY),
        (5, 0.5, 14, 11, RunwayLevel.LOW),
        (1, 0.4, 14, 3, RunwayLevel.CRITICAL),
    ],
)
def test_a_runway_ends_at_the_first_slot_without_a_photo(photos, share, low, days, level) -> None:
    stock = stock_of(photos, SLOTS, now=SLOT, low=timedelta(days=low), share=share, theme="sea")
    assert (stock.theme, stock.photos, stock.days, stock.level) == ("sea", photos, days, level)
    assert stock.lasts_until == (None if days is None else SLOT + timedelta(days=days))
    if share == 1:
        assert stock_of(photos, SLOTS, now=SLOT, low=timedelta(days=low), theme="sea") == stock


def test_a_slot_without_a_photo_now_leaves_no_day() -> None:
    assert stock_of(0, [SLOT], now=SLOT, low=timedelta(days=14)).days == 0


def test_a_persona_without_slots_needs_no_photo() -> None:
    assert stock_of(0, [], now=SLOT, low=timedelta(days=14)).level is RunwayLevel.READY
