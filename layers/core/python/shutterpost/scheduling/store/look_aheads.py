"""The look-aheads of a persona: what the checks of its coming slots found, as one item."""

from typing import Any

from shutterpost.scheduling.store.items import MemoryItem, persona_key

_SK = "LOOK-AHEAD"


class LookAheads:
    def get(self, persona_id: str) -> dict[str, Any]:
        """The look-aheads by slot instant, read consistently."""
        try:
            item = MemoryItem.get(persona_key(persona_id), _SK, consistent_read=True)
        except MemoryItem.DoesNotExist:
            return {}
        body: dict[str, Any] = item.body
        return body

    def put(self, persona_id: str, owner: str, body: dict[str, Any]) -> None:
        MemoryItem(persona_key(persona_id), _SK, owner=owner, version=1, body=body).save()
