"""The burst of a photo that a pick chooses, and what its decision says of it."""

from collections.abc import Iterable, Mapping, Sequence

from shutterpost.channels import Catalogue, Connection
from shutterpost.curation import NO_ALT_TEXT, Burst, Candidate, Decision, Rules, Shown, burst_of, is_frame_of
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.choose_photo import CandidateSource, candidate_of
from shutterpost.flows.picking.repost import RepostChoice
from shutterpost.flows.posting.add_photos import carousel_command
from shutterpost.flows.posting.create_post import most_photos
from shutterpost.flows.posting.variant_rules import faults_of
from shutterpost.personas import NEAR_DUPLICATE_BITS, Carousels, Persona
from shutterpost.photos import Photo, Photos

# The best unposted photos among which a pick looks for the burst of its photo. They bound its reads: 1 MB or so.
MAX_EXAMINED = 2_000


@flow
class BurstFinder:
    catalogue: Catalogue
    photos: Photos

    def for_pick(
        self,
        persona: Persona,
        rules: Rules,
        decision: Decision,
        source: CandidateSource,
        connections: Sequence[Connection],
        *,
        shown: Sequence[Shown],
        refused: Mapping[str, str] | None = None,
    ) -> Decision:
        """The decision with the burst of its photo among the best unposted photos."""
        if persona.carousels is Carousels.OFF or decision.picked is None:
            return decision
        examined = source.candidates(MAX_EXAMINED, provisional=True, after=None, aside=False, theme=None)
        picked = next((item for item in examined if item.photo_id == decision.picked), None)
        photo, bits = picked or self._candidate(persona, decision.picked), _bits(rules)
        frames = [candidate_of(item) for item in examined if item is picked or is_frame_of(photo, item, bits)]
        burst = self._find(
            persona, rules, decision.picked, frames, connections=connections, shown=shown, refused=refused
        )
        return decision.model_copy(update={"burst": burst})

    def for_repost(
        self,
        persona: Persona,
        rules: Rules,
        repost: RepostChoice,
        connections: Sequence[Connection],
        *,
        shown: Sequence[Shown],
        refused: Mapping[str, str] | None = None,
    ) -> Decision:
        """The repost's decision with the burst of its photo among those that may be reposted."""
        picked = repost.decision.picked
        if persona.carousels is Carousels.OFF or picked is None:
            return repost.decision
        burst = self._find(
            persona, rules, picked, repost.candidates, connections=connections, shown=shown, refused=refused
        )
        return repost.with_burst(burst)

    def photos_of(self, persona: Persona, photo_ids: Sequence[str]) -> tuple[Photo, ...]:
        return tuple(self.photos.get(persona.persona_id, photo_id) for photo_id in photo_ids)

    def _find(
        self,
        persona: Persona,
        rules: Rules,
        photo_id: str,
        candidates: Iterable[Candidate],
        *,
        connections: Sequence[Connection],
        shown: Sequence[Shown],
        refused: Mapping[str, str] | None,
    ) -> Burst | None:
        frames, unfit = list(candidates), dict(refused or {})
        picked = next((item for item in frames if item.photo_id == photo_id), None) or self._candidate(
            persona, photo_id
        )
        rows = [self.catalogue.row(connection.channel) for connection in connections]
        most = min(most_photos(persona, len(connections)), max(row.limits.max_pictures for row in rows))
        while True:
            burst = burst_of(picked, frames, rules, bits=_bits(rules), most=most, shown=shown, refused=unfit)
            if burst is None:
                return None
            faults = self._faults(persona, burst, connections)
            if not faults:
                posted = bool(burst.photo_ids) and persona.carousels is Carousels.AUTO
                return burst.model_copy(update={"posted": posted})
            unfit |= faults

    def _candidate(self, persona: Persona, photo_id: str) -> Candidate:
        photo = self.photos.get(persona.persona_id, photo_id)
        return Candidate.model_validate({**photo.model_dump(), "name": photo.names[0]})

    def _faults(self, persona: Persona, burst: Burst, connections: Sequence[Connection]) -> dict[str, str]:
        rows = {item.channel: self.catalogue.row(item.channel) for item in connections}.values()
        photos = self.photos_of(persona, burst.photo_ids)
        faults = {photo.photo_id: detail for photo in photos for row in rows for _, detail in faults_of(photo, row)}
        silent = {photo.photo_id: f"{NO_ALT_TEXT}." for photo in photos if not photo.alt_text.strip()}
        return faults | (silent if persona.require_alt_text else {})


def _bits(rules: Rules) -> int:
    return rules.near_duplicate_bits or NEAR_DUPLICATE_BITS


def burst_notes(burst: Burst | None, post_id: str = "POST") -> tuple[str, ...]:
    if burst is None:
        return ()
    names = " and ".join(filter(None, (", ".join(burst.names[:-1]), *burst.names[-1:])))
    notes = []
    if burst.posted:
        notes.append(f"Posted as a carousel with {names}, taken within seconds of it.")
    elif names:
        notes.append(f"Taken within seconds of it: {names}. Post them as a carousel with: {carousel_command(post_id)}")
    notes += [f"{frame.name} of its burst is left out: {frame.reason.rstrip('.')}." for frame in burst.left_out]
    return tuple(notes)
