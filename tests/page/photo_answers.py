"""Answers about a library of any size: its best photos, its index, and changes of its photos."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tests.page.fake_api import Answer, Reply, Request, example
from tests.support.builders import sha

THEMES = ("lakes", "cities", "forests")
_PAGE = 2000


@dataclass
class PhotoAnswers:
    """`count` photos, the best first: `fog-00000.jpg`, ...; every 40th is in a post."""

    count: int
    kept_out: dict[str, str] = field(default_factory=dict)
    prefix: str = ""

    def __post_init__(self) -> None:
        self.names = [f"{self.prefix}{'fog' if number % 2 else 'lake'}-{number:05}.jpg" for number in range(self.count)]
        self.by_id = {sha(name)[:12]: number for number, name in enumerate(self.names)}

    @property
    def answers(self) -> dict[str, Answer]:
        pages = [
            Reply(page, etag=f'"{number}"', is_checked=self.count > _PAGE) for number, page in enumerate(self.pages())
        ]
        return {
            "listPhotos": Reply({"photos": list(self._best()), "cursor": "more"}),
            "getPhotoIndex": lambda request: pages[int(request.values.get("cursor", 0))],
            "changePhotos": self._change,
        }

    def id_of(self, number: int) -> str:
        return sha(self.names[number])[:12]

    def state_of(self, number: int) -> str:
        if self.names[number] in self.kept_out:
            return "kept_out"
        return "taken" if number % 40 == 39 else "unposted"

    def score_of(self, number: int) -> float:
        return round(9.9 - 9 * number / self.count, 2)

    def _best(self) -> Iterator[Any]:
        photo = example("listPhotos")["photos"][0]
        unposted = (number for number in range(self.count) if self.state_of(number) == "unposted")
        for number in islice(unposted, 100):
            name = self.names[number]
            yield {**photo, "photo_id": sha(name), "names": [name], "score": self.score_of(number)}

    def pages(self) -> Iterator[dict[str, Any]]:
        """The index, page by page."""
        pages = [range(start, min(start + _PAGE, self.count)) for start in range(0, max(self.count, 1), _PAGE)]
        for page, numbers in enumerate(pages):
            yield {
                "id": "".join(map(self.id_of, numbers)),
                "score": [self.score_of(number) for number in numbers],
                "theme": [THEMES[number % len(THEMES)] for number in numbers],
                "taken": [f"20{20 + number % 6}-05-{1 + number % 28:02}" for number in numbers],
                "ratio": [1.5 for _ in numbers],
                "state": [self.state_of(number) for number in numbers],
                "tint": "".join(self.id_of(number)[:3] for number in numbers),
                "name": [self.names[number] for number in numbers],
                "cursor": str(page + 1) if page + 1 < len(pages) else None,
            }

    def _change(self, request: Request) -> Reply:
        """Keeps photos out or not; `lake-00004.jpg` is always refused."""
        results = []
        for photo in request.body["photos"]:
            number = self.by_id[photo[:12]]
            name, reason = self.names[number], request.body["change"]["kept_out"]
            if name == "lake-00004.jpg":
                results.append({"photo": photo, "kind": "photo-busy", "detail": f"{name} is being changed; try again."})
                continue
            before = self.kept_out.pop(name, None)
            if reason is not None:
                self.kept_out[name] = reason
            state = {"state": self.state_of(number), "kept_out_before": before}
            results.append({"photo": photo, "photo_id": sha(name), **state})
        return Reply({"results": results})


@dataclass
class StripAnswers:
    """A library of 60 photos, `strip-00.jpg` the best; each day has slots at 18:30 and 20:30 in Paris."""

    left: list[str] = field(default_factory=lambda: [f"strip-{number:02}.jpg" for number in range(60)])
    # Instants of slots.
    taken: set[str] = field(default_factory=set)

    @property
    def answers(self) -> dict[str, Answer]:
        return {
            "getPlan": Reply(example("getPlan", slots=[])),
            "listPhotos": self._list,
            "listSlots": self._slots,
            "createPost": self.post,
        }

    def post(self, request: Request) -> Reply:
        self.left = [name for name in self.left if sha(name) != request.body["photo"]]
        self.taken.add(request.values.get("slot", ""))
        return Reply(example("createPost", 202), 202)

    def _list(self, request: Request) -> Reply:
        start, limit = int(request.values.get("cursor", 0)), int(request.values["limit"])
        photo = example("listPhotos")["photos"][0]
        page = [{**photo, "photo_id": sha(name), "names": [name]} for name in self.left[start : start + limit]]
        end = start + limit
        return Reply({"photos": page, "cursor": str(end) if end < len(self.left) else None})

    def _slots(self, request: Request) -> Reply:
        date = request.values["to"][:10]
        return Reply({"slots": [self._slot(date, hour) for hour in (18, 20)]})

    def _slot(self, date: str, hour: int) -> dict[str, Any]:
        run_at = f"{date}T{hour - 1}:30:00Z"
        holder = "p1" if run_at in self.taken else None
        slot = {"run_at": run_at, "wall_time": f"{date}T{hour}:30:00", "zone": "Europe/Paris"}
        return {**slot, "free": holder is None, "post_id": holder, "reason": None}
