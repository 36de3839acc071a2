"""The daily pick: arm the coming slots; at a slot, create one post with its claims in one transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shutterpost.channels import Connection
from shutterpost.curation import Decision, Passed, Shown, StrategyMemory, after
from shutterpost.flows.picking.choose_photo import (
    LibraryCandidates,
    as_shown,
    curate,
    history_of,
    needs_memory,
    nothing_left,
    rules_of,
    shown_on,
)
from shutterpost.flows.picking.repost import LibraryReposts, PublicationHistory, again
from shutterpost.flows.posting import capacity
from shutterpost.flows.posting.captions import LATELY, caption_of, tags_of
from shutterpost.flows.posting.create_post import LostClaims, PostCreator, PostRequest
from shutterpost.flows.posting.deadlines import review_of
from shutterpost.flows.posting.scheduled_time import ScheduledTime
from shutterpost.flows.posting.slots import connected
from shutterpost.flows.refusals import TooNear, WeekFull
from shutterpost.personas import Persona, Personas, PersonaStatus, SlotInstant, coming_slots
from shutterpost.photos import Photo
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Write
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    MIN_AHEAD,
    Claim,
    ClaimState,
    DecisionRecord,
    Origin,
    PostDetails,
    Timers,
    slot_claim_key,
    slot_name,
)

# The daily cron arms a day and a half ahead, so that a cron that comes late or twice leaves no slot unarmed.
ARM_AHEAD = timedelta(hours=36)
# How many of the candidates, refused and next in line, a stored Decision tells.
TOLD = 20


class ArmResult(Value):
    """What arming did: slots armed, slots started at once and timers removed, by persona."""

    persona_id: str
    armed: tuple[datetime, ...]
    started: tuple[datetime, ...]
    disarmed: tuple[str, ...]


class PickResult(Value):
    """What a slot event led to: the post, or the decision that says why there is none; `repeated` on a second event."""

    persona_id: str
    slot_at: datetime
    post_id: str | None
    reason: str
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Picker:
    """Arms slots and picks for them; `function_arn` is the function that slot timers invoke."""

    personas: Personas
    scheduler: PostCreator
    timers: Timers
    function_arn: str

    def arm(self, personas: Iterable[Persona]) -> list[ArmResult]:
        """Arm the coming slots of `personas` and disarm what no longer holds. Repeating it changes nothing."""
        return [self._arm_persona(persona.persona_id) for persona in personas]

    def pick(self, persona_id: str, slot_at: datetime) -> PickResult:
        """Pick for the slot at `slot_at` (UTC), at most once however often its event arrives. A slot whose post was
        taken back is picked for again, without what it had.

        Raises `PersonaNotFound`.
        """
        claim = self.scheduler.claims.get(slot_claim_key(persona_id, slot_at))
        if claim is not None and claim.state is ClaimState.HELD:
            reason = f"This slot was filled before, by post {claim.holder}."
            return PickResult(
                persona_id=persona_id, slot_at=slot_at, post_id=claim.holder, reason=reason, repeated=True
            )
        persona = self.personas.get(persona_id)
        passed = self._passed(persona, slot_at, claim)
        find_conflict = self._obstacle(persona, slot_at)
        if find_conflict is not None:
            return self._no_pick(persona, self._refusal(persona, slot_at, find_conflict).replacing(passed))
        try:
            return self._pick(persona, _slots_at(persona, slot_at)[0], claim, passed)
        except (TooNear, WeekFull) as refusal:
            return self._no_pick(persona, self._refusal(persona, slot_at, refusal.detail).replacing(passed))

    def _arm_persona(self, persona_id: str) -> ArmResult:
        """Arm a persona's slots as they are now, again where the persona was changed meanwhile: whoever arms slots that
        are no longer meant, or removes those that are, comes to see it."""
        while True:
            # Listed before the persona is read: what a newer change arms is not taken for a leftover.
            names = list(self.timers.armed_slots(persona_id))
            persona = self.personas.get(persona_id)
            result = self._arm_once(persona, names)
            if self.personas.get(persona_id).version == persona.version:
                return result

    def _arm_once(self, persona: Persona, names: Sequence[str]) -> ArmResult:
        now = self.scheduler.clock.now()
        active = persona.status is PersonaStatus.ACTIVE
        armed, started = [], []
        for slot in coming_slots(persona, now, now + ARM_AHEAD + persona.pick_ahead) if active else []:
            fire_at = slot.run_at - persona.pick_ahead
            if fire_at > now + MIN_AHEAD:
                self.timers.arm_slot(persona.persona_id, slot.run_at, fire_at=fire_at, function_arn=self.function_arn)
                armed.append(slot.run_at)
            else:
                self.pick(persona.persona_id, slot.run_at)
                started.append(slot.run_at)
        started += [slot_at for slot_at in self._forgotten(persona, now) if active]
        wanted = {slot_name(persona.persona_id, slot_at) for slot_at in armed}
        stale = tuple(name for name in names if name not in wanted)
        for name in stale:
            self.timers.disarm_slot(name)
        logger.info("slots armed", persona_id=persona.persona_id, armed=len(armed), started=len(started))
        return ArmResult(persona_id=persona.persona_id, armed=tuple(armed), started=tuple(started), disarmed=stale)

    def _forgotten(self, persona: Persona, now: datetime) -> Iterator[datetime]:
        """The slots lately past whose event never came, each picked for now, or told to be too late."""
        for slot in coming_slots(persona, max(now - ARM_AHEAD, persona.updated_at), now):
            claim = self.scheduler.claims.get(slot_claim_key(persona.persona_id, slot.run_at))
            if claim is None and self.scheduler.posts.decision(persona.persona_id, slot.run_at) is None:
                self.pick(persona.persona_id, slot.run_at)
                yield slot.run_at

    def _pick(
        self, persona: Persona, slot: SlotInstant, before: Claim | None, passed: tuple[Passed, ...]
    ) -> PickResult:
        connections = connected(self.scheduler.connections.list(persona.persona_id))
        nowhere = "No connection of the persona is connected; connect or reconnect an account."
        targets = [connection.connection_id for connection in connections]
        no_room = capacity.find_conflict(self.scheduler.schedules, persona, targets, slot.run_at)
        if no_room is not None:
            return self._no_pick(persona, self._refusal(persona, slot.run_at, no_room.detail).replacing(passed))
        rules = rules_of(persona)
        looks = shown_on(self.scheduler.posts, connections)
        shelf = LibraryCandidates(self.scheduler.photos, persona.persona_id)
        refused = {one.photo_id: f"it was taken out of this slot: {one.reason}" for one in passed}
        while True:
            if not connections:
                return self._no_pick(persona, self._refusal(persona, slot.run_at, nowhere).replacing(passed))
            history = history_of(self.scheduler.posts, rules)
            now = self.scheduler.clock.now()
            decision = curate(shelf, rules, slot, now=now, shown=as_shown(looks), history=history, refused=refused)
            if persona.evergreen and nothing_left(decision):
                self._set_aside(decision)
                shown = as_shown(looks)
                decision, history = self._old(persona, slot, shelf, shown=shown, history=history, refused=refused)
            decision = decision.replacing(passed)
            if decision.picked is None:
                self._set_aside(decision)
                return self._no_pick(persona, decision)
            photo = self.scheduler.photos.get(persona.persona_id, decision.picked)
            lacking = self._lacking(photo, connections)
            if lacking is not None:
                refused[photo.photo_id] = f"it has no rendition {lacking}; make it with 'shutterpost photos remake'"
                continue
            wish = self._wish(persona, photo, slot, decision, connections=connections, before=before)
            memory = self._memory(persona, after(history, rules, decision, slot.wall_time))
            answer = self.scheduler.open(wish, _record(persona, decision), memory)
            if isinstance(answer, PostDetails):
                self._set_aside(decision)
                return self._picked(decision, answer)
            if "slot" in answer.labels:
                return self.pick(persona.persona_id, slot.run_at)
            connections = _without_taken(connections, answer)
            nowhere = "Every connection has another post at this time."
            if not any(label.startswith(("memory", "slot:")) for label in answer.labels):
                refused[decision.picked] = "already claimed by another post"

    def _old(
        self,
        persona: Persona,
        slot: SlotInstant,
        shelf: LibraryCandidates,
        *,
        shown: Sequence[Shown],
        history: StrategyMemory,
        refused: Mapping[str, str],
    ) -> tuple[Decision, StrategyMemory]:
        """The decision where a photo may go out again, and what the strategy remembers after it."""
        source, now = LibraryReposts(shelf, self._outings(persona)), self.scheduler.clock.now()
        rules = rules_of(persona)
        old = again(source, persona, rules, slot, now=now, shown=shown, history=history, refused=refused)
        return old.decision, old.history

    def _outings(self, persona: Persona) -> PublicationHistory:
        stores = self.scheduler
        return PublicationHistory(schedules=stores.schedules, posts=stores.posts, photos=stores.photos, persona=persona)

    def _set_aside(self, decision: Decision) -> None:
        """What a lasting rule refuses goes behind all others, so that it never fills the window a pick looks at."""
        if decision.cycle > 1:
            return
        for one in decision.considered:
            if one.lasting:
                self.scheduler.photos.set_aside(decision.persona_id, one.photo_id)

    def _passed(self, persona: Persona, slot_at: datetime, before: Claim | None) -> tuple[Passed, ...]:
        """What had the slot before and was taken back."""
        if before is None:
            return ()
        record = self.scheduler.posts.decision(persona.persona_id, slot_at)
        told = Decision.model_validate(record.body).instead_of if record else ()
        if any(one.post_id == before.holder for one in told):
            return told
        post = self.scheduler.posts.details(before.holder).post
        photo = self.scheduler.photos.get(persona.persona_id, post.photo_ids[0])
        reason = before.reason or "It was taken back."
        return (*told, Passed(photo_id=photo.photo_id, name=photo.names[0], post_id=post.post_id, reason=reason))

    def _lacking(self, photo: Photo, connections: tuple[Connection, ...]) -> str | None:
        profiles = (self.scheduler.catalogue.row(one.channel).rendition for one in connections)
        return next((one for one in profiles if one not in photo.renditions), None)

    def _wish(
        self,
        persona: Persona,
        photo: Photo,
        slot: SlotInstant,
        decision: Decision,
        *,
        connections: tuple[Connection, ...],
        before: Claim | None,
    ) -> PostRequest:
        lately = [post.base_caption for post in self.scheduler.posts.of_persona(persona.persona_id, limit=LATELY).posts]
        caption = caption_of(persona, photo, lately=lately)
        return PostRequest(
            persona=persona,
            photo=photo,
            connections=connections,
            when=ScheduledTime(run_at=slot.run_at, wall_time=slot.wall_time.isoformat(), zone=slot.zone),
            caption=caption.text,
            caption_source=caption.source,
            tags=tags_of(persona, photo),
            origin=Origin.SLOT,
            slot_at=slot.run_at,
            replaces=before.holder if before else None,
            review=review_of(persona),
            strategy=decision.strategy,
            theme=decision.theme or None,
            cycle=decision.cycle,
            request_key=f"slot {iso(slot.run_at)}",
            source="generated",
        )

    def _memory(self, persona: Persona, new: StrategyMemory) -> list[Write]:
        """What the strategy remembers from now on, in the pick's own transaction, so that a repeat advances nothing."""
        if not needs_memory(rules_of(persona)):
            return []
        body = new.model_dump(mode="json")
        return [self.scheduler.posts.remember(persona.persona_id, persona.owner, body, version=new.version)]

    def _picked(self, decision: Decision, details: PostDetails) -> PickResult:
        logger.info("photo picked", post_id=details.post.post_id, photo_id=decision.picked, reason=decision.reason)
        return PickResult(
            persona_id=decision.persona_id,
            slot_at=decision.slot_at,
            post_id=details.post.post_id,
            reason=decision.reason,
        )

    def _no_pick(self, persona: Persona, decision: Decision) -> PickResult:
        """Record why the slot stays empty; an empty library or a pause is a warning, not an error."""
        self.scheduler.posts.keep(_record(persona, decision))
        logger.warning(decision.reason, persona_id=persona.persona_id, slot_at=iso(decision.slot_at))
        return PickResult(persona_id=persona.persona_id, slot_at=decision.slot_at, post_id=None, reason=decision.reason)

    def _obstacle(self, persona: Persona, slot_at: datetime) -> str | None:
        now = self.scheduler.clock.now()
        if persona.status is not PersonaStatus.ACTIVE:
            return "The persona is paused."
        pause = self.scheduler.pauses.of(persona.owner)
        if pause is not None:
            return f"Everything is paused since {iso(pause.since)}: {pause.reason}"
        if now > slot_at + timedelta(minutes=persona.late_grace_minutes):
            return f"The slot's event came at {iso(now)}, later than the persona's grace allows."
        if not _slots_at(persona, slot_at):
            return "The persona no longer has a slot at this instant."
        return None

    def _refusal(self, persona: Persona, slot_at: datetime, reason: str) -> Decision:
        return Decision(
            persona_id=persona.persona_id,
            slot_at=slot_at,
            decided_at=self.scheduler.clock.now(),
            strategy=persona.strategy,
            picked=None,
            reason=reason,
        )


def _without_taken(connections: tuple[Connection, ...], lost: LostClaims) -> tuple[Connection, ...]:
    """The connections whose part in the slot no other post has."""
    return tuple(one for one in connections if f"slot:{one.connection_id}" not in lost.labels)


def _slots_at(persona: Persona, slot_at: datetime) -> list[SlotInstant]:
    return coming_slots(persona, slot_at - timedelta(microseconds=1), slot_at)


def _record(persona: Persona, decision: Decision) -> DecisionRecord:
    """The decision as it is kept: of what was refused and of what is next in line, the first `TOLD` each."""
    counts: Counter[str] = Counter()
    told = []
    for one in decision.considered:
        counts[one.verdict] += 1
        if counts[one.verdict] <= TOLD:
            told.append(one)
    decision = decision.model_copy(update={"considered": tuple(told)})
    return DecisionRecord(
        persona_id=persona.persona_id,
        owner=persona.owner,
        slot_at=decision.slot_at,
        decided_at=decision.decided_at,
        body=decision.model_dump(mode="json"),
    )
