"""First comments, stories and photos without a channel's rendition; in histories that are asked for them."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import CommentState, ScheduleStatus
from tests.simulation.finding import Wrong
from tests.simulation.persons import People, PersonAction
from tests.simulation.setting import add_photo, channel_of
from tests.simulation.shown import Shown

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle


def _comment(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    return _post(people, persona, rng, action, Extras(first_comment=f"More under number {rng.getrandbits(16)}."))


def _story(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    return _post(people, persona, rng, action, Extras(story=True))


def _post(people: People, persona: Persona, rng: random.Random, action: PersonAction, extras: Extras) -> Any:
    accounts = [item for item in people.setting.of(persona.persona_id) if channel_of(item.kind) == "instagram"]
    if not accounts:
        return None
    library = people.photos(persona)
    photo = rng.choice([item for item in library if item.in_unposted] or library)
    connection_ids = tuple(item.connection_id for item in accounts)
    request = PhotoRequest(photo=photo.photo_id, connection_ids=connection_ids, extras=extras, cycle=rng.randint(1, 3))
    details = people.world.poster.post(persona, request, request_key=f"request {rng.getrandbits(32)}")
    action.subject = details.post.post_id
    return details


def _import_before(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """A photo with the rendition of every photo alone, as an import leaves it before a channel is connected."""
    number = 1000 + people.setting.photos
    action.subject = f"photo {number}"
    setting = people.setting
    renditions, setting.renditions = setting.renditions, setting.renditions[:1]
    try:
        return add_photo(people.world, setting, persona, number)
    finally:
        setting.renditions = renditions


EXTRA_ACTS = {"comment": _comment, "story": _story, "import before": _import_before}
_BEGUN = frozenset({CommentState.WAITING, CommentState.SENDING})


def comments_and_stories(oracle: "Oracle") -> Iterator[tuple[Wrong, str, str]]:
    """A post has its comment once, and what is said of the comment is so; a story is one where it was wanted."""
    state, made = oracle.world.platforms.world.instagram, defaultdict[str, list[str]](list)
    for comment in state.comments:
        made[comment.parent_id].append(comment.text)
    for shown in oracle.shown:
        media = state.media.get(shown.ident) if shown.account.startswith("instagram ") else None
        if media is not None:
            extras = oracle.post_of(shown).extras or Extras()
            yield from _comment_of(oracle, shown, made[shown.ident], extras.first_comment)
            if media.container.extras.is_story is not bool(extras.story):
                yield Wrong.UNTRUE, "a story where wanted", f"{shown}, wanted is {extras.story}"
    for schedule in oracle.schedules:
        if schedule.status is ScheduleStatus.SUCCESS and schedule.first_comment in _BEGUN:
            yield Wrong.STUCK, "a comment ends", f"{schedule.schedule_id} is {schedule.first_comment}"


def _comment_of(
    oracle: "Oracle", shown: Shown, texts: Sequence[str], wanted: str | None
) -> Iterator[tuple[Wrong, str, str]]:
    if len(texts) > 1:
        yield Wrong.DOUBLE, "one comment", f"{shown} has {texts}"
    if set(texts) - {wanted}:
        yield Wrong.UNTRUE, "the comment is its own", f"{shown} has {texts}, wanted is {wanted}"
    schedule = oracle.by_id[shown.schedule_id]
    if schedule.external_id != shown.ident or schedule.status is not ScheduleStatus.SUCCESS:
        return
    missing = schedule.first_comment is CommentState.MADE and not texts
    hidden = schedule.first_comment in {CommentState.NOT_MADE, None} and texts
    if missing or hidden:
        yield Wrong.UNTRUE, "comment", f"{shown} has {texts} and its comment is {schedule.first_comment}"
    if wanted and schedule.first_comment is None:
        yield Wrong.LOST, "comment", f"{shown} has no comment, wanted is {wanted}"
