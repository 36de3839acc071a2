"""The pictures of a post that were uploaded where nobody sees them, as a submission's reference."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_REF = re.compile(r"(?P<ids>(?:[\w-]+(?:,[\w-]+)*)?)/(?P<count>\d{1,2})@(?P<at>\d{1,12})")


@dataclass(frozen=True, slots=True)
class Uploads:
    """The media ids of a submission of `count` pictures, and when it began (UTC)."""

    ids: tuple[str, ...]
    count: int
    at: datetime

    @classmethod
    def of(cls, ref: str) -> "Uploads | None":
        match = _REF.fullmatch(ref)
        if match is None:
            return None
        ids = tuple(part for part in match["ids"].split(",") if part)
        return cls(ids, int(match["count"]), datetime.fromtimestamp(int(match["at"]), UTC))

    @property
    def ref(self) -> str:
        return f"{','.join(self.ids)}/{self.count}@{int(self.at.timestamp())}"

    @property
    def is_whole(self) -> bool:
        return len(self.ids) == self.count

    def with_picture(self, media_id: str) -> "Uploads":
        return Uploads((*self.ids, media_id), self.count, self.at)
