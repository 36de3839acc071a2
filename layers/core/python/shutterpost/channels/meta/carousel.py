"""A carousel in the making: the containers of its pictures, one after the other, before that of the whole. Pure."""

import re
from collections.abc import Callable
from typing import Self

from shutterpost.channels.ports import Failure, Message, Picture, Status
from shutterpost.runtime.values import Value

_REF = re.compile(r"carousel:(\d+):([\w,]+)(?::(\w+))?")


class CarouselParts(Value):
    """The containers made so far for a carousel of `count` pictures, with the carousel's own where a `ref` names it."""

    count: int
    children: tuple[str, ...] = ()
    whole: str | None = None

    @classmethod
    def of(cls, ref: str) -> Self | None:
        """The parts that `ref` names; `None` for the id of a container."""
        match = _REF.fullmatch(ref)
        return cls(count=int(match[1]), children=tuple(match[2].split(",")), whole=match[3]) if match else None

    @property
    def ref(self) -> str:
        return f"carousel:{self.count}:{','.join(self.children)}" + (f":{self.whole}" if self.whole else "")

    @property
    def all_made(self) -> bool:
        return len(self.children) == self.count

    def with_child(self, container_id: str) -> "CarouselParts":
        return CarouselParts(count=self.count, children=(*self.children, container_id))

    def form(self, message: Message, of_picture: Callable[[Picture], dict[str, str]], text: str) -> dict[str, str]:
        """The form that makes the next container: of the next picture, or of the carousel with the field `text`."""
        if self.all_made:
            return {"media_type": "CAROUSEL", "children": ",".join(self.children), text: message.text}
        return {**of_picture(message.pictures[len(self.children)]), "is_carousel_item": "true"}

    def status(self, place: int, child: Status | Failure) -> Status | Failure:
        """The status of the parts, by that of the first child that is not ready."""
        if isinstance(child, Failure):
            return child
        failure = child.failure and child.failure.about(place)
        return child.model_copy(update={"ref": self.ref, "failure": failure})


def of_picture(picture: Picture) -> dict[str, str]:
    return {"image_url": picture.url, **({"alt_text": picture.alt_text} if picture.alt_text else {})}
