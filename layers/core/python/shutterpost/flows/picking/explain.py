"""Why a photo has not been picked, and what would change that."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from shutterpost.channels import ConnectionStore
from shutterpost.curation import NO_ALT_TEXT, Candidate, Considered, Decision, Parts, choose
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.choose_photo import as_shown, history_of, rules_of, shown_on
from shutterpost.flows.picking.forecast import Forecast, Forecaster
from shutterpost.flows.planning.slots import connected
from shutterpost.flows.posting.add_photos import carousel_command, offer_text, offered_photos
from shutterpost.personas import Persona, SlotInstant, coming_slots
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Posts, ScheduleStatus

DAYS = 30
DECISIONS = 20


class Explanation(Value):
    """A photo's standing: `posted`, `scheduled` (its post is not out yet), `withheld`, `planned`, `refused`, `behind`.

    `because` gives the reasons, `change` what would have to change. `planned_for` (UTC) is its slot in the forecast of
    the next 30 days, where its `parts` add up to its `total`; `considered` is how the last decisions judged it, newest
    first.
    """

    persona_id: str
    photo_id: str
    name: str
    standing: str
    because: tuple[str, ...]
    change: tuple[str, ...] = ()
    planned_for: datetime | None = None
    parts: Parts | None = None
    total: float | None = None
    considered: tuple[Considered, ...] = ()


@flow
class Explainer:
    clock: Clock
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    forecaster: Forecaster

    def explain(self, persona: Persona, text: str) -> Explanation:
        """Why the photo that `text` names (see `Photos.find`) has not been picked. Raises the refusals of `find`."""
        photo = self.photos.find(persona.persona_id, text)
        fields = {
            "persona_id": persona.persona_id,
            "photo_id": photo.photo_id,
            "name": photo.names[0],
            "considered": self._considered(photo),
        }
        return Explanation.model_validate({**fields, **self._standing(persona, photo)})

    def _standing(self, persona: Persona, photo: Photo) -> dict[str, object]:
        if photo.taken_by:
            posts = ", ".join(photo.taken_by)
            published = any(self._is_published(post_id) for post_id in photo.taken_by)
            change = "Post it again in a new cycle." if published else "Cancel that post while it waits."
            standing = "posted" if published else "scheduled"
            changes = (change, *self._offers(persona, photo.taken_by))
            return {"standing": standing, "because": (f"Post {posts} uses it.",), "change": changes}
        if photo.withheld is not None:
            change = "Run 'shutterpost photos remake', or change the persona's ratio policy."
            return {"standing": "withheld", "because": (photo.withheld,), "change": (change,)}
        if photo.kept_out is not None:
            change = "Let it be picked again: 'shutterpost photos keep-out PHOTO --undo'."
            return {
                "standing": "withheld",
                "because": (f"A person keeps it out: {photo.kept_out}",),
                "change": (change,),
            }
        if not photo.in_unposted:
            change = "Post it by hand, or retry its post."
            return {"standing": "withheld", "because": (self._exclusion(photo),), "change": (change,)}
        forecast = self.forecaster.plan(persona, DAYS, why=True)
        slot = next((slot for slot in forecast.slots if slot.photo_id == photo.photo_id), None)
        if slot is not None:
            facts = {"planned_for": slot.run_at, "parts": slot.parts, "total": slot.total}
            return {"standing": "planned", "because": (slot.reason,), **facts}
        return self._behind(persona, photo, forecast)

    def _is_published(self, post_id: str) -> bool:
        schedules = self.posts.details(post_id).schedules
        return any(schedule.status is ScheduleStatus.SUCCESS for schedule in schedules)

    def _behind(self, persona: Persona, photo: Photo, forecast: Forecast) -> dict[str, object]:
        if not forecast.slots:
            return {"standing": "behind", "because": ("The persona has no slot in the next 30 days.",)}
        slot = coming_slots(persona, self.clock.now(), forecast.slots[0].run_at)[0]
        judged = self._judge_alone(persona, photo, slot).considered[0]
        if judged.verdict == "refused":
            remedies = (*self._offered_with(photo, judged), *_remedies(photo, persona, judged))
            return {"standing": "refused", "because": judged.rules, "change": remedies}
        if photo.provisional:
            because = "Its score is provisional: photos with an analysis come first, then higher provisional scores."
            return {"standing": "behind", "because": (because,), "change": ("Import an analysis of it.",)}
        totals = [slot.total for slot in forecast.slots if slot.total is not None]
        if not totals:
            return {"standing": "behind", "because": tuple(dict.fromkeys(slot.reason for slot in forecast.slots))}
        least = min(totals)
        because = (
            f"Its total is {judged.total:g} now; all {len(totals)} picks of the next {DAYS} days have more, the last "
            f"{least:g}. Variety and themes decide among similar totals."
        )
        change = f"With {max(0.0, least - (judged.total or 0)):.3g} points more it is picked within {DAYS} days."
        return {"standing": "behind", "because": (because,), "change": (change,)}

    def _offers(self, persona: Persona, post_ids: Sequence[str]) -> Iterator[str]:
        for details in map(self.posts.details, post_ids):
            offered = offered_photos(details.post, details.schedules)
            if offered:
                yield offer_text(details.post.post_id, offered, self.photos.names(persona.persona_id, offered)) + "."

    def _offered_with(self, photo: Photo, judged: Considered) -> Iterator[str]:
        other = None if judged.looks_like is None else self.photos.get(photo.persona_id, judged.looks_like)
        for details in map(self.posts.details, other.taken_by if other is not None else ()):
            if photo.photo_id in offered_photos(details.post, details.schedules):
                yield f"Post it in a carousel with that photo: {carousel_command(details.post.post_id)}."

    def _judge_alone(self, persona: Persona, photo: Photo, slot: SlotInstant) -> Decision:
        rules = rules_of(persona)
        connections = connected(self.connections.list(persona.persona_id))
        fields = photo.model_dump(include=set(Candidate.model_fields))
        return choose(
            [Candidate.model_validate({**fields, "name": photo.names[0]})],
            rules,
            slot_at=slot.run_at,
            wall=slot.wall_time,
            now=self.clock.now(),
            history=history_of(self.posts, rules),
            shown=as_shown(shown_on(self.posts, connections)),
        )

    def _exclusion(self, photo: Photo) -> str:
        for record in self.posts.decisions(photo.persona_id, limit=DECISIONS).decisions:
            for passed in Decision.model_validate(record.body).instead_of:
                if passed.photo_id == photo.photo_id:
                    return f"It was removed from the slot {iso(record.slot_at)}: {passed.reason}"
        return photo.excluded or "A failed post excludes it."

    def _considered(self, photo: Photo) -> tuple[Considered, ...]:
        page = self.posts.decisions(photo.persona_id, limit=DECISIONS)
        considered = []
        for record in page.decisions:
            for judged in Decision.model_validate(record.body).considered:
                if judged.photo_id == photo.photo_id:
                    slot = f"slot {iso(record.slot_at)}"
                    considered.append(judged.model_copy(update={"rules": (slot, *judged.rules)}))
        return tuple(considered)


def _remedies(photo: Photo, persona: Persona, judged: Considered) -> tuple[str, ...]:
    remedies = []
    if photo.score is None:
        remedies.append("Import an analysis of it.")
    elif photo.provisional and not persona.allow_provisional:
        remedies.append("Import an analysis of it, or set the persona's allow_provisional.")
    if judged.looks_like is not None:
        remedies.append("Lower the persona's near_duplicate_bits.")
    elif NO_ALT_TEXT in judged.rules:
        remedies.append("Give it an alt text with an annotation, or set the persona's require_alt_text to false.")
    elif judged.lasting:
        remedies.append("Lower the floors in the persona's weights.")
    if not remedies:
        remedies.append("Wait until the theme's rules allow it, or change them.")
    return tuple(remedies)
