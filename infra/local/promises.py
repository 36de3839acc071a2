"""What the main job promises, held against what platforms, bucket and chain really show; and the summary."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.local.journey import Journey, name_of

ALREADY_POSTED: Final = "photo-already-posted"
CONFLICT: Final = 409

Json = dict[str, Any]


@dataclass(frozen=True)
class Promise:
    """One thing that has to hold, and what was found."""

    words: str
    kept: bool
    found: str

    def __str__(self) -> str:
        """The promise, with what was found where it is broken."""
        return self.words if self.kept else f"{self.words} — found: {self.found}"


def promises(journey: Journey) -> list[Promise]:
    """All of them, in the order of the story."""
    return [*_library(journey), *_pick(journey), *_instagram(journey), *_buffer(journey), *_order(journey)]


def summary(journey: Journey, total_seconds: float) -> Json:
    """What `demo/summary.json` holds."""
    seconds = journey.stack.seconds
    picked = journey.picked_photo()
    return {
        "imported": len(journey.photos),
        "rejected": [{"key": one["key"], "reason": one["reason"]} for one in journey.rejected],
        "picked": {
            "photo": name_of(picked),
            "score": journey.decision["score"],
            "reason": journey.decision["reason"],
        },
        "posts": [
            {
                "photo": name_of(journey.photo_of(details)),
                "channel": schedule["channel"],
                "status": schedule["status"],
                "external_post_id": schedule["external_id"],
                "external_url": schedule["external_url"],
            }
            for details, schedule in journey.schedules()
        ],
        "duplicate": "refused" if _refused(journey) else f"answered {journey.duplicate.status}",
        "remote": _remote(journey),
        "seconds": {
            "setup": round(seconds.setup, 1),
            "deploy": round(seconds.deploy, 1),
            "import": round(journey.import_seconds, 1),
            "publish": round(journey.publish_seconds, 1),
            "total": round(total_seconds, 1),
        },
    }


def _library(journey: Journey) -> Iterator[Promise]:
    rejected = {one["key"] for one in journey.rejected}
    usable = {_sha256(file) for key, file in journey.dropped.items() if key not in rejected}
    imported = {photo["photo_id"] for photo in journey.photos}
    yield Promise(
        f"All {len(imported)} different pictures are in the library, each once",
        imported == usable and len(imported) == len(journey.photos),
        f"{len(imported - usable)} unknown, {len(usable - imported)} missing",
    )
    unexplained = [one["key"] for one in journey.rejected if not (one["reason"] and one["what_to_do"])]
    if rejected:
        words = f"Each of the {len(rejected)} rejected files says why, and what to do"
        yield Promise(words, not unexplained, ", ".join(unexplained))


def _pick(journey: Journey) -> Iterator[Promise]:
    decision, picked = journey.decision, journey.picked_photo()
    yield Promise("The real scheduler fired the slot", journey.fired_by_timer, "no timer was armed for it")
    best = max(photo["score"] or 0 for photo in journey.photos if photo["in_unposted"])
    yield Promise(
        f"The photo with the highest aesthetic score ({best:g}) was picked",
        decision["picked"] == picked["photo_id"] and decision["score"] == best,
        f"{name_of(picked)} with {decision['score']}",
    )
    stated = _stated_scores(journey)
    if stated:
        score = stated.get(picked["photo_id"], stated.get(name_of(picked)))
        reached = [stated.get(photo["photo_id"], stated.get(name_of(photo), 0)) for photo in journey.photos]
        words = "By the file of analyses too, nothing in the library scores higher"
        yield Promise(words, score == decision["score"] == max(reached), f"{score}, at most {max(reached)}")


def _instagram(journey: Journey) -> Iterator[Promise]:
    state = journey.stack.simulators.state()
    schedule = next(one for details, one in journey.schedules() if one["channel"] == "instagram")
    text = next(one["text"] for one in journey.first["variants"] if one["channel"] == "instagram")
    live = journey.stack.simulators.live_media()
    yield Promise(
        "Instagram shows that photo exactly once, with its caption",
        [one["caption"] for one in live] == [text] and live[0]["permalink"] == schedule["external_url"],
        json.dumps(live, ensure_ascii=False),
    )
    calls = int(state["counts"].get("instagram.media_publish", 0))
    yield Promise("Its publish call was made once", calls == 1, f"{calls} calls")


def _buffer(journey: Journey) -> Iterator[Promise]:
    found, posts = _remote(journey)["buffer"], journey.stack.simulators.buffer_posts("sent")
    yield Promise("Buffer was handed two posts and has sent both", found == {"created": 2, "sent": 2}, str(found))
    wanted = {
        (one["external_id"], variant["text"])
        for details, one in journey.schedules()
        for variant in details["variants"]
        if one["channel"] == variant["channel"] == "buffer"
    }
    shown = {(one["id"], one["text"]) for one in posts}
    yield Promise("They are the two that we know of, with their captions", wanted == shown, f"{shown}, not {wanted}")
    same = journey.repeated["post_id"] == journey.second["post_id"]
    yield Promise("A request sent twice made one post", same, journey.repeated["post_id"])
    yield Promise(
        "The duplicate was refused by name",
        _refused(journey),
        f"{journey.duplicate.status} {journey.duplicate.kind}",
    )


def _order(journey: Journey) -> Iterator[Promise]:
    stack, state = journey.stack, journey.stack.simulators.state()
    states = [one["status"] for _, one in journey.schedules()]
    yield Promise("All three schedules ended in success", states == ["success"] * 3, ", ".join(states))
    runs = stack.executions()
    yield Promise("Three chains ran, and each succeeded", runs == ["SUCCEEDED"] * 3, ", ".join(runs))
    flaws = [f"{one['url']}: {one['flaw'] or one['metadata']}" for one in state["fetched"] if _flawed(one)]
    yield Promise("Every picture was fetched through the CDN: sRGB, without metadata", not flaws, "; ".join(flaws))
    violations = [one["what"] for one in state["violations"]]
    yield Promise("The platforms saw no wrong use", not violations, "; ".join(violations))
    public = stack.keys("public/")
    yield Promise("No public copy is left behind", not public, ", ".join(public))
    dead = {output: stack.waiting(output) for output in ("DlqUrl", "UndeliveredUrl") if output in stack.outputs}
    yield Promise("Nothing lies in a dead-letter queue", not any(dead.values()), str(dead))


def _remote(journey: Journey) -> Json:
    buffer = journey.stack.simulators.state()["buffer"]
    return {
        "instagram": {"published": len(journey.stack.simulators.live_media())},
        "buffer": {
            "created": sum(buffer["created_per_text"].values()),
            "sent": len(buffer["posts_by_status"].get("sent", ())),
        },
    }


def _refused(journey: Journey) -> bool:
    return (journey.duplicate.status, journey.duplicate.kind) == (CONFLICT, ALREADY_POSTED)


def _flawed(fetched: Json) -> bool:
    return bool(fetched["flaw"] or fetched["metadata"] or not fetched["srgb"])


def _stated_scores(journey: Journey) -> dict[str, float]:
    """Scores by SHA-256 or file name, read from the file of analyses itself; lines that are none are left out."""
    file, found = journey.material.analyses, dict[str, float]()
    if file is None or file.suffix == ".json":
        return found
    for line in file.read_text(errors="replace").splitlines():
        try:
            stated = json.loads(line)
            found[str(stated.get("sha256") or stated["photo"]).lower()] = float(stated["aesthetic_score"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
