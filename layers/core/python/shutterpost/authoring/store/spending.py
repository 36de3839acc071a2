"""What a persona's texts cost on a day, reserved before each request by a conditional write."""

from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError

from shutterpost.authoring.store.items import LOST, SpendingItem, persona_pk

RETENTION = timedelta(days=90)
Cost = tuple[int, int]
"""Tokens, and millionths of a US dollar."""


class BudgetSpent(Exception):
    """The day's budget does not allow the cost."""


class Spending:
    def reserve(self, persona_id: str, now: datetime, cost: Cost, limits: Cost) -> None:
        """Add `cost` to the day's, if that stays within `limits`. Raises `BudgetSpent`."""
        if any(part > limit for part, limit in zip(cost, limits, strict=True)):
            raise BudgetSpent
        within = (SpendingItem.tokens <= limits[0] - cost[0]) & (SpendingItem.micros <= limits[1] - cost[1])
        actions = [
            SpendingItem.tokens.add(cost[0]),
            SpendingItem.micros.add(cost[1]),
            SpendingItem.expires_at.set(now + RETENTION),
            SpendingItem.kind.set(SpendingItem),
        ]
        try:
            _item(persona_id, now).update(actions=actions, condition=SpendingItem.pk.does_not_exist() | within)
        except UpdateError as error:
            if error.cause_response_code != LOST:
                raise
            raise BudgetSpent from error

    def settle(self, persona_id: str, now: datetime, reserved: Cost, spent: Cost) -> None:
        """Replace what was `reserved` at `now` by what was `spent`."""
        changes = [after - before for before, after in zip(reserved, spent, strict=True)]
        actions = [SpendingItem.tokens.add(changes[0]), SpendingItem.micros.add(changes[1])]
        _item(persona_id, now).update(actions=actions)

    def of(self, persona_id: str, now: datetime) -> Cost:
        try:
            item = SpendingItem.get(persona_pk(persona_id), _day(now), consistent_read=True)
        except SpendingItem.DoesNotExist:
            return 0, 0
        return int(item.tokens), int(item.micros)


def _item(persona_id: str, now: datetime) -> SpendingItem:
    return SpendingItem(persona_pk(persona_id), _day(now))


def _day(now: datetime) -> str:
    return f"SPENT#{now:%Y-%m-%d}"
