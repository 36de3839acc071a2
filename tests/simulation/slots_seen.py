"""The slots of a history: what each persona's rules announced, and for whom each slot was claimed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shutterpost.personas import Persona, coming_slots
from shutterpost.personas.store import PersonaItem
from tests.simulation.world import PERSON, World

Item = dict[str, Any]


@dataclass
class SlotsSeen:
    """`parts` are the claimed parts of slots, `wholes` the connections there were when a whole slot was claimed."""

    world: World
    parts: set[tuple[str, str, str]] = field(default_factory=set)
    wholes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    connections_changed: dict[str, datetime] = field(default_factory=dict)
    rules_of: dict[str, list[tuple[datetime, Persona]]] = field(default_factory=lambda: defaultdict(list))

    def written(self, before: Item | None, after: Item) -> None:
        """Note a change of rules or connections, and a claim of a slot."""
        if "pick_lead_seconds" in after:
            changed = Persona.model_validate(PersonaItem.from_raw_data(after).attribute_values)
            self.rules_of[changed.persona_id].append((self.world.kernel.now(), changed))
        if "listing_key" in after and (before is None or before["status"] != after["status"]):
            self.connections_changed[after["persona_id"]["S"]] = self.world.kernel.now()
        if after.get("kind", {}).get("S") == "Claim" and after["key"]["S"].startswith("CLAIM#SLOT#"):
            self._claimed(after)

    def announced(self, persona: Persona, until: datetime) -> Iterator[datetime]:
        """The persona's slots until then, by the rules that applied at the time."""
        eras = [(persona.created_at + timedelta(hours=1), persona), *self.rules_of[persona.persona_id]]
        ends = [since for since, _ in eras[1:]] + [until]
        for (since, rules), end in zip(eras, ends, strict=True):
            yield from (slot.run_at for slot in coming_slots(rules, since, min(end, until)))

    def without_part(self) -> Iterator[tuple[str, str, list[str]]]:
        """Whole slots by persona and instant, with the connections whose part nobody claimed."""
        for (persona_id, at), connections in self.wholes.items():
            missing = sorted(each for each in connections if (persona_id, at, each) not in self.parts)
            if missing:
                yield persona_id, at, missing

    def _claimed(self, claim: Item) -> None:
        _, _, persona_id, at, *part = claim["key"]["S"].split("#")
        if part:
            self.parts.add((persona_id, at, part[0]))
        elif claim["state"]["S"] == "held" and self._connections_are_settled(persona_id):
            rows = self.world.account.tables.items("channels")
            mine = [row for row in rows if row["persona_id"]["S"] == persona_id and row["status"]["S"] == "connected"]
            self.wholes[persona_id, at] = {row["connection_id"]["S"] for row in mine}

    def _connections_are_settled(self, persona_id: str) -> bool:
        changed_at = self.connections_changed.get(persona_id)
        return changed_at is None or self.world.kernel.now() - changed_at > PERSON * 4
