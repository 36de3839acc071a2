"""Claims: taken with a conditional write, released with a reason, never deleted."""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.expressions.condition import Condition

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Write, update
from shutterpost.scheduling.store.items import ClaimItem
from shutterpost.scheduling.values import Claim, ClaimState

CLAIM = "CLAIM"


class Claims:
    def get(self, key: str) -> Claim | None:
        try:
            item = ClaimItem.get(key, CLAIM, consistent_read=True)
        except ClaimItem.DoesNotExist:
            return None
        return Claim.model_validate(item.attribute_values)

    def held(self, keys: Iterable[str]) -> dict[str, Claim]:
        """The claims of `keys` that are held, by key (eventually consistent)."""
        items = ClaimItem.batch_get([(key, CLAIM) for key in keys])
        claims = (Claim.model_validate(item.attribute_values) for item in items)
        return {claim.key: claim for claim in claims if claim.state is ClaimState.HELD}

    def take(self, label: str, key: str, *, holder: str, owner: str, now: datetime, again: bool = False) -> Write:
        """The write that takes a free claim for post `holder`; `again` also accepts a claim that `holder` has."""
        free: Condition = ClaimItem.key.does_not_exist() | (ClaimItem.state == ClaimState.RELEASED)
        if again:
            free |= ClaimItem.holder == holder
        return update(
            label,
            ClaimItem(key, CLAIM),
            [
                ClaimItem.kind.set(ClaimItem),
                ClaimItem.key.set(key),
                ClaimItem.holder.set(holder),
                ClaimItem.owner.set(owner),
                ClaimItem.state.set(ClaimState.HELD),
                ClaimItem.held_at.set(now),
                ClaimItem.released_at.remove(),
                ClaimItem.reason.remove(),
            ],
            free,
        )

    def transfer(self, label: str, key: str, *, giver: str, holder: str, now: datetime) -> Write:
        """The write that gives the claim of post `giver` to post `holder`."""
        line = f"{iso(now)} {giver} gave it to {holder}"
        return update(
            label,
            ClaimItem(key, CLAIM),
            [
                ClaimItem.holder.set(holder),
                ClaimItem.held_at.set(now),
                ClaimItem.history.set((ClaimItem.history | []).append([line])),
            ],
            (ClaimItem.holder == giver) & (ClaimItem.state == ClaimState.HELD),
        )

    def release(self, label: str, key: str, *, holder: str, reason: str, now: datetime) -> Write:
        """The write that releases the claim with `reason`, on the condition that `holder` has it."""
        line = f"{iso(now)} {holder} released: {reason}"
        return update(
            label,
            ClaimItem(key, CLAIM),
            [
                ClaimItem.state.set(ClaimState.RELEASED),
                ClaimItem.released_at.set(now),
                ClaimItem.reason.set(reason),
                ClaimItem.history.set((ClaimItem.history | []).append([line])),
            ],
            (ClaimItem.holder == holder) & (ClaimItem.state == ClaimState.HELD),
        )
