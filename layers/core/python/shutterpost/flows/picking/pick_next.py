"""The pick for a slot: one post with its claims, in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shutterpost.channels import (
    Catalogue,
    Connection,
    ConnectionStore,
    TooManyHashtags,
    TooManyLinks,
    TooManyMentions,
    count_text,
)
from shutterpost.curation import NO_ALT_TEXT, Decision, Passed, Shown, StrategyMemory, after
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.bursts import BurstFinder, burst_notes
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
from shutterpost.flows.picking.foreseen import Foreseen
from shutterpost.flows.picking.repost import LibraryReposts, PublicationHistory, RepostChoice, choose_repost
from shutterpost.flows.planning.budgets import postable
from shutterpost.flows.planning.capacity import find_conflict
from shutterpost.flows.planning.deadlines import review_of
from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.flows.posting.captions import RECENT_POSTS, caption_of, post_hashtags
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.post_request import LostClaims, PostRequest
from shutterpost.flows.refusals import AltTextMissing
from shutterpost.personas import Persona, Personas, PersonaStatus, SlotInstant, coming_slots
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.commit import Write
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Claim,
    Claims,
    ClaimState,
    DecisionRecord,
    Origin,
    Pauses,
    PostDetails,
    Posts,
    Schedules,
    slot_claim_key,
)

# A stored decision lists this many refused candidates, and as many that came next.
MAX_LISTED = 20


class PickResult(Value):
    """The result of a slot event: the post, or why there is none; `repeated` if an earlier event created the post."""

    persona_id: str
    slot_at: datetime
    post_id: str | None
    reason: str
    repeated: bool = False


@flow
class Picker:
    clock: Clock
    catalogue: Catalogue
    personas: Personas
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    claims: Claims
    pauses: Pauses
    creator: PostCreator
    bursts: BurstFinder

    def pick(self, persona_id: str, slot_at: datetime) -> PickResult:
        """Pick for the slot at `slot_at` (UTC), once however often its event arrives.

        A slot whose post was ended for another pick is picked for again, without the photos that it had. Raises
        `PersonaNotFound`.
        """
        claim = self.claims.get(slot_claim_key(persona_id, slot_at))
        if claim is not None and claim.state is ClaimState.HELD:
            reason = f"Post {claim.holder} already fills this slot."
            return PickResult(
                persona_id=persona_id, slot_at=slot_at, post_id=claim.holder, reason=reason, repeated=True
            )
        persona = self.personas.get(persona_id)
        passed = self._passed(persona, slot_at, claim)
        impediment = self._impediment(persona, slot_at)
        if impediment is not None:
            return self._no_pick(persona, self._refusal(persona, slot_at, impediment).replacing(passed))
        try:
            return self._pick(persona, _slots_at(persona, slot_at)[0], claim, passed)
        except Refusal as refusal:
            return self._no_pick(persona, self._refusal(persona, slot_at, refusal.detail).replacing(passed))

    def _pick(
        self, persona: Persona, slot: SlotInstant, before: Claim | None, passed: tuple[Passed, ...]
    ) -> PickResult:
        connections = postable(self.connections.list(persona.persona_id))
        nowhere = "No connection of the persona is connected; connect or reconnect an account."
        targets = [connection.connection_id for connection in connections]
        conflict = find_conflict(self.schedules, persona, targets, slot.run_at)
        if conflict is not None:
            return self._no_pick(persona, self._refusal(persona, slot.run_at, conflict.detail).replacing(passed))
        rules = rules_of(persona)
        shown_by = shown_on(self.posts, connections)
        library = LibraryCandidates(self.photos, persona.persona_id)
        refused = {item.photo_id: f"it was removed from this slot: {item.reason}" for item in passed}
        while True:
            if not connections:
                return self._no_pick(persona, self._refusal(persona, slot.run_at, nowhere).replacing(passed))
            history = history_of(self.posts, rules)
            now = self.clock.now()
            shown = as_shown(shown_by)
            decision = curate(library, rules, slot, now=now, shown=shown, history=history, refused=refused)
            if persona.evergreen and nothing_left(decision):
                self._set_aside(decision)
                repost = self._repost(persona, slot, library, shown=shown, history=history, refused=refused)
                history = repost.history
                decision = self.bursts.for_repost(persona, rules, repost, connections, shown=shown, refused=refused)
            else:
                decision = self.bursts.for_pick(
                    persona, rules, decision, library, connections, shown=shown, refused=refused
                )
            decision = decision.replacing(passed)
            if decision.picked is None:
                self._set_aside(decision)
                return self._no_pick(persona, decision)
            photos = self.bursts.photos_of(persona, decision.posted_ids)
            request = self._request(persona, photos, slot, decision, connections=connections, before=before)
            unfit = self._unfit(request)
            if unfit is not None:
                refused[decision.picked] = unfit
                continue
            memory = self._memory(persona, after(history, rules, decision, slot.wall_time))
            notes = (
                *self._foreseen(slot.run_at, photos[0]),
                *self._cuts(request),
                *burst_notes(decision.burst, request.post_id),
            )
            decision = decision.model_copy(update={"notes": notes})
            answer = self.creator.open(request, _record(persona, decision), memory)
            if isinstance(answer, PostDetails):
                self._set_aside(decision)
                return self._picked(decision, answer)
            if "slot" in answer.labels:
                return self.pick(persona.persona_id, slot.run_at)
            connections = _without_taken(connections, answer)
            nowhere = "Every connection has another post at this time."
            if not any(label.startswith(("memory", "slot:")) for label in answer.labels):
                refused |= dict.fromkeys(self._lost(request), "already claimed by another post")

    def _repost(
        self,
        persona: Persona,
        slot: SlotInstant,
        library: LibraryCandidates,
        *,
        shown: Sequence[Shown],
        history: StrategyMemory,
        refused: Mapping[str, str],
    ) -> RepostChoice:
        source, now = LibraryReposts(library, self._publications(persona)), self.clock.now()
        rules = rules_of(persona)
        return choose_repost(source, persona, rules, slot, now=now, shown=shown, history=history, refused=refused)

    def _lost(self, request: PostRequest) -> Sequence[str]:
        if len(request.photos) == 1:
            return request.photo_ids
        lost = [photo_id for photo_id in request.photo_ids if self.creator.is_taken(request, photo_id)]
        # Some photo must be left out, so that a pick repeats itself a limited number of times.
        return lost or request.photo_ids[1:]

    def _publications(self, persona: Persona) -> PublicationHistory:
        return PublicationHistory(schedules=self.schedules, posts=self.posts, photos=self.photos, persona=persona)

    def _set_aside(self, decision: Decision) -> None:
        """Rank photos that a lasting rule refuses behind all others, so that they do not fill a pick's window."""
        if decision.cycle > 1:
            return
        for judged in decision.considered:
            if judged.lasting:
                self.photos.set_aside(decision.persona_id, judged.photo_id)

    def _passed(self, persona: Persona, slot_at: datetime, before: Claim | None) -> tuple[Passed, ...]:
        if before is None:
            return ()
        record = self.posts.decision(persona.persona_id, slot_at)
        passed = Decision.model_validate(record.body).instead_of if record else ()
        if any(item.post_id == before.holder for item in passed):
            return passed
        details = self.posts.details(before.holder)
        post, reason = details.post, before.reason or "The pick was ended."
        refused = {details.refused_photo(schedule) for schedule in details.schedules}
        photos = self.bursts.photos_of(persona, [item for item in post.photo_ids if item in refused] or post.photo_ids)
        ended = (
            Passed(photo_id=photo.photo_id, name=photo.names[0], post_id=post.post_id, reason=reason)
            for photo in photos
        )
        return (*passed, *ended)

    def _unfit(self, request: PostRequest) -> str | None:
        profiles = (self.catalogue.row(connection.channel).rendition for connection in request.connections)
        photo = request.photos[0]
        missing = next((profile for profile in profiles if not photo.can_have(profile)), None)
        if missing is not None:
            return f"it has no rendition {missing}; make it with 'shutterpost photos remake'"
        try:
            self.creator.check(request)
        except (TooManyHashtags, TooManyLinks, TooManyMentions) as refusal:
            return f"its caption is not accepted: {refusal.detail}"
        except AltTextMissing:
            return NO_ALT_TEXT
        return None

    def _request(
        self,
        persona: Persona,
        photos: tuple[Photo, ...],
        slot: SlotInstant,
        decision: Decision,
        *,
        connections: tuple[Connection, ...],
        before: Claim | None,
    ) -> PostRequest:
        recent = [post.base_caption for post in self.posts.of_persona(persona.persona_id, limit=RECENT_POSTS).posts]
        caption = caption_of(persona, photos[0], recent=recent)
        offered = () if decision.burst is None or decision.burst.posted else decision.burst.photo_ids
        return PostRequest(
            persona=persona,
            photos=photos,
            connections=connections,
            when=ScheduledTime(run_at=slot.run_at, wall_time=slot.wall_time.isoformat(), zone=slot.zone),
            caption=caption.text,
            caption_source=caption.source,
            hashtags=post_hashtags(persona, photos[0]),
            burst=offered,
            origin=Origin.SLOT,
            slot_at=slot.run_at,
            replaces=before.holder if before else None,
            review=review_of(persona),
            strategy=decision.strategy,
            theme=decision.theme or None,
            cycle=decision.cycle,
            request_key=f"slot {iso(slot.run_at)}",
        )

    def _foreseen(self, slot_at: datetime, photo: Photo) -> tuple[str, ...]:
        body = self.posts.look_aheads.get(photo.persona_id).get(iso(slot_at))
        return () if body is None else (Foreseen.model_validate(body).note(photo.photo_id),)

    def _cuts(self, request: PostRequest) -> tuple[str, ...]:
        rows = {item.channel: self.catalogue.row(item.channel) for item in request.connections}
        counts = [(row, count_text(request.caption.strip(), row).too_long) for row in rows.values()]
        return tuple(
            f"The caption has {over[0]} {over[1].noun}; {row.name} takes {over[2]} {over[1].noun}, "
            "so it was cut at the end of a word."
            for row, over in counts
            if over is not None
        )

    def _memory(self, persona: Persona, new: StrategyMemory) -> list[Write]:
        """The write of the strategy's memory, for the pick's own transaction, so that a repeat changes nothing."""
        if not needs_memory(rules_of(persona)):
            return []
        body = new.model_dump(mode="json")
        return [self.posts.remember(persona.persona_id, persona.owner, body, version=new.version)]

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
        self.posts.keep(_record(persona, decision))
        logger.warning(decision.reason, persona_id=persona.persona_id, slot_at=iso(decision.slot_at))
        return PickResult(persona_id=persona.persona_id, slot_at=decision.slot_at, post_id=None, reason=decision.reason)

    def _impediment(self, persona: Persona, slot_at: datetime) -> str | None:
        now = self.clock.now()
        if persona.status is not PersonaStatus.ACTIVE:
            return "The persona is paused."
        pause = self.pauses.of(persona.owner)
        if pause is not None:
            return f"Posting is paused since {iso(pause.since)}: {pause.reason}"
        if now > slot_at + persona.late_grace:
            return f"The slot's event came at {iso(now)}, after the persona's grace."
        if not _slots_at(persona, slot_at):
            return "The persona no longer has a slot at this instant."
        return None

    def _refusal(self, persona: Persona, slot_at: datetime, reason: str) -> Decision:
        return Decision(
            persona_id=persona.persona_id,
            slot_at=slot_at,
            decided_at=self.clock.now(),
            strategy=persona.strategy,
            picked=None,
            reason=reason,
        )


def _without_taken(connections: tuple[Connection, ...], lost: LostClaims) -> tuple[Connection, ...]:
    return tuple(item for item in connections if f"slot:{item.connection_id}" not in lost.labels)


def _slots_at(persona: Persona, slot_at: datetime) -> list[SlotInstant]:
    return coming_slots(persona, slot_at - timedelta(microseconds=1), slot_at)


def _record(persona: Persona, decision: Decision) -> DecisionRecord:
    counts: Counter[str] = Counter()
    listed = []
    for judged in decision.considered:
        counts[judged.verdict] += 1
        if counts[judged.verdict] <= MAX_LISTED:
            listed.append(judged)
    decision = decision.model_copy(update={"considered": tuple(listed)})
    return DecisionRecord(
        persona_id=persona.persona_id,
        owner=persona.owner,
        slot_at=decision.slot_at,
        decided_at=decision.decided_at,
        body=decision.model_dump(mode="json"),
    )
