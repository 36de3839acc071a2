"""The import's worker: makes the renditions that a photo lacks, some time after they were requested."""

from datetime import timedelta
from typing import Any

from tests.simulation.world import World

Json = dict[str, Any]
# The timeout of the import's function, and how long a message may wait.
IMPORT, LONGEST = timedelta(seconds=120), 300


def take_requests(world: World) -> None:
    """Let the import's queue deliver each request to a worker, now and then twice."""
    count = [0]

    def arrive(request: Json) -> None:
        count[0] += 1
        key = f"rendition request {count[0]}"
        now, breaks = world.kernel.now(), world.calls.weather.breaks
        times = ["", " again"] if breaks and world.fate.happens(f"{key} twice", 10 * breaks) else [""]
        for time in times:
            after = timedelta(seconds=world.fate.between(f"{key}{time} after", 1, LONGEST))
            world.event(f"{key}{time}", lambda: _make(world, request), IMPORT, at=now + after)

    world.account.imports = arrive


def _make(world: World, request: Json) -> None:
    photo = world.stores.photos.get(request["persona_id"], request["photo_id"])
    missing = [name for name in world.renditions if name not in photo.renditions]
    if not missing:
        return
    made = {name: f"renditions/{photo.persona_id}/{photo.photo_id}/{name}.jpg" for name in missing}
    for key in made.values():
        world.account.objects.put(key, photo.photo_id, world.kernel.now())
    made_for = {**photo.made_for, **dict.fromkeys(missing, "mark")}
    world.stores.photos.renew(photo, renditions={**photo.renditions, **made}, made_for=made_for, withheld=None)
    world.tell(f"the import made {', '.join(missing)} of {photo.names[0]}")
