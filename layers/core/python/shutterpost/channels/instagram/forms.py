"""The forms of Instagram's containers, and the evidence of a story. Pure."""

import json

from shutterpost.channels.meta.carousel import CarouselParts, of_picture
from shutterpost.channels.ports import Message

_STORY = "story:"


def container_form(message: Message, parts: CarouselParts | None) -> dict[str, str]:
    """The form that makes the next container of `message`; `parts` are those of its carousel so far."""
    if message.extras.story:
        return {"image_url": message.pictures[0].url, "media_type": "STORIES"}
    if parts is None:
        return {**of_picture(message.pictures[0]), **_tags(message, 1), **_of_whole(message), "caption": message.text}
    form = parts.form(message, of_picture, "caption")
    return {**form, **(_of_whole(message) if parts.all_made else _tags(message, len(parts.children) + 1))}


def story_ref(container_id: str) -> str:
    return _STORY + container_id


def is_story(ref: str | None) -> bool:
    return ref is not None and ref.startswith(_STORY)


def container_of(ref: str) -> str:
    return ref.removeprefix(_STORY)


def _tags(message: Message, picture: int) -> dict[str, str]:
    tags = [
        tag.model_dump(include={"username", "x", "y"}) for tag in message.extras.user_tags if tag.picture == picture
    ]
    return {"user_tags": json.dumps(tags)} if tags else {}


def _of_whole(message: Message) -> dict[str, str]:
    extras = message.extras
    collaborators = {"collaborators": json.dumps(extras.collaborators)} if extras.collaborators else {}
    return collaborators | ({"location_id": extras.location_id} if extras.location_id else {})
