"""Why a photo has not been picked, and what would have to change."""

from datetime import datetime

from shutterpost.channels import Connection
from shutterpost.curation import Candidate, Considered, Decision, choose
from shutterpost.flows.picking.choose_photo import as_shown, history_of, rules_of, shown_on
from shutterpost.flows.picking.forecast import Forecast, Forecaster
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.slots import connected
from shutterpost.personas import Persona, SlotInstant, coming_slots
from shutterpost.photos import Photo
from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value

DAYS = 30
DECISIONS = 20


class Explanation(Value):
    """How a photo stands: `posted`, `withheld`, `planned`, `refused` or `behind` better ones.

    `because` says why in sentences, `change` what would have to change. `planned_for` (UTC) is its slot in the plan of
    the next 30 days; `considered` is what was found of it by the last decisions that looked at it, newest first.
    """

    persona_id: str
    photo_id: str
    name: str
    standing: str
    because: tuple[str, ...]
    change: tuple[str, ...] = ()
    planned_for: datetime | None = None
    considered: tuple[Considered, ...] = ()


def explain(scheduler: PostCreator, persona: Persona, text: str) -> Explanation:
    """Why the photo that `text` names (see `Photos.find`) has not been picked. Raises the refusals of `find`."""
    photo = scheduler.photos.find(persona.persona_id, text)
    answer = {
        "persona_id": persona.persona_id,
        "photo_id": photo.photo_id,
        "name": photo.names[0],
        "considered": _considered(scheduler, photo),
    }
    return Explanation.model_validate({**answer, **_standing(scheduler, persona, photo)})


def _standing(scheduler: PostCreator, persona: Persona, photo: Photo) -> dict[str, object]:
    if photo.taken_by:
        posts = ", ".join(photo.taken_by)
        change = "Post it again on purpose in a new cycle, or cancel that post while it waits."
        return {"standing": "posted", "because": (f"It was given to post {posts}.",), "change": (change,)}
    if photo.withheld is not None or not photo.in_unposted:
        if photo.withheld is not None:
            change = "Change the persona's ratio policy."
            return {"standing": "withheld", "because": (photo.withheld,), "change": (change,)}
        change = "Post it by hand, or retry its post."
        return {"standing": "withheld", "because": (_kept_out(scheduler, photo),), "change": (change,)}
    plan = Forecaster(scheduler=scheduler).plan(persona, DAYS)
    slot = next((one for one in plan.slots if one.photo_id == photo.photo_id), None)
    if slot is not None:
        return {"standing": "planned", "because": (slot.reason,), "planned_for": slot.run_at}
    return _behind(scheduler, persona, photo, plan)


def _behind(scheduler: PostCreator, persona: Persona, photo: Photo, plan: Forecast) -> dict[str, object]:
    now = scheduler.clock.now()
    if not plan.slots:
        return {"standing": "behind", "because": ("The persona has no slot in the next 30 days.",)}
    slot = coming_slots(persona, now, plan.slots[0].run_at)[0]
    connections = connected(scheduler.connections.list(persona.persona_id))
    found = _alone(scheduler, persona, photo, slot, connections).considered[0]
    if found.verdict == "refused":
        return {"standing": "refused", "because": found.rules, "change": _remedies(photo, persona, found)}
    totals = [one.total for one in plan.slots if one.total is not None]
    sentence = (
        f"It is worth {found.total:g} now; all {len(totals)} picks of the next {DAYS} days are worth more to them"
    )
    least = min(totals, default=None)
    if least is None:
        return {"standing": "behind", "because": tuple(dict.fromkeys(one.reason for one in plan.slots))}
    change = f"With {max(0.0, least - (found.total or 0)):.3g} points more it would come within these {DAYS} days."
    because = f"{sentence}, the last of them {least:g}; variety and themes decide among near ones."
    return {"standing": "behind", "because": (because,), "change": (change,)}


def _alone(
    scheduler: PostCreator, persona: Persona, photo: Photo, slot: SlotInstant, connections: tuple[Connection, ...]
) -> Decision:
    """The decision for the next slot, were it the only photo."""
    rules = rules_of(persona)
    facts = photo.model_dump(include=set(Candidate.model_fields))
    return choose(
        [Candidate.model_validate({**facts, "name": photo.names[0]})],
        rules,
        slot_at=slot.run_at,
        wall=slot.wall_time,
        now=scheduler.clock.now(),
        history=history_of(scheduler.posts, rules),
        shown=as_shown(shown_on(scheduler.posts, connections)),
    )


def _remedies(photo: Photo, persona: Persona, found: Considered) -> tuple[str, ...]:
    remedies = []
    if photo.score is None:
        remedies.append("Import an analysis of it.")
    elif photo.provisional and not persona.allow_provisional:
        remedies.append("Import an analysis of it, or set the persona's allow_provisional.")
    if found.looks_like is not None:
        remedies.append("Lower the persona's near_duplicate_bits.")
    elif found.lasting:
        remedies.append("Lower the floors in the persona's weights.")
    if not remedies:
        remedies.append("Wait until the theme's rules let it pass, or change them.")
    return tuple(remedies)


def _kept_out(scheduler: PostCreator, photo: Photo) -> str:
    """Why a photo that no post has is not among the unposted ones."""
    for record in scheduler.posts.decisions(photo.persona_id, limit=DECISIONS).decisions:
        for one in Decision.model_validate(record.body).instead_of:
            if one.photo_id == photo.photo_id:
                return f"It was taken out of the slot {iso(record.slot_at)}: {one.reason}"
    return "A post that failed keeps it out."


def _considered(scheduler: PostCreator, photo: Photo) -> tuple[Considered, ...]:
    """What the last decisions say of it; each told with its slot."""
    page = scheduler.posts.decisions(photo.persona_id, limit=DECISIONS)
    found = []
    for record in page.decisions:
        for one in Decision.model_validate(record.body).considered:
            if one.photo_id == photo.photo_id:
                slot = f"slot {iso(record.slot_at)}"
                found.append(one.model_copy(update={"rules": (slot, *one.rules)}))
    return tuple(found)
