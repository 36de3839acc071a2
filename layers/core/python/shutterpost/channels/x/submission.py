"""An uploaded picture as an id of a submission. Pure."""

import re
from typing import Self

from shutterpost.runtime.values import Value

_ID = re.compile(r"(?P<media_id>\d+)-(?P<media_key>\w+)(?P<waits>-waits)?", re.ASCII)


class XUpload(Value):
    """An uploaded picture; one that `waits` was still processed when it was uploaded."""

    media_id: str
    media_key: str
    waits: bool = False

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The upload that an id of a submission names; `None` for any other text."""
        match = _ID.fullmatch(text)
        known = match and cls(media_id=match["media_id"], media_key=match["media_key"], waits=bool(match["waits"]))
        return known or None

    @property
    def text(self) -> str:
        return f"{self.media_id}-{self.media_key}{'-waits' if self.waits else ''}"


def uploads_of(ids: tuple[str, ...]) -> list[XUpload] | None:
    """The uploads that the ids of a submission name; `None` where one is none of X."""
    uploads = [upload for upload in map(XUpload.of, ids) if upload is not None]
    return uploads if len(uploads) == len(ids) else None
