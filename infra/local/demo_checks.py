"""Checks of a demo run against the platforms, the bucket and the state machine; and its summary."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.local.demo_run import DemoRun, photo_name
from infra.local.simulators.demo_accounts import ACCOUNTS, BUFFER, INSTAGRAM, OWN_SERVER

ALREADY_POSTED: Final = "photo-already-posted"
CONFLICT: Final = 409

Json = dict[str, Any]


@dataclass(frozen=True)
class DemoCheck:
    text: str
    passed: bool
    actual: str

    def __str__(self) -> str:
        return self.text if self.passed else f"{self.text}; actual: {self.actual}"


def run_checks(run: DemoRun) -> list[DemoCheck]:
    return [*_library(run), *_pick(run), *_instagram(run), *_uploads(run), *_buffer(run), *_cleanup(run)]


def summary(run: DemoRun, total_seconds: float) -> Json:
    """The content of `demo/summary.json`."""
    seconds = run.stack.seconds
    picked = run.picked_photo()
    return {
        "imported": len(run.photos),
        "rejected": [{"key": each["key"], "reason": each["reason"]} for each in run.rejected],
        "picked": {
            "photo": photo_name(picked),
            "score": run.decision["score"],
            "reason": run.decision["reason"],
        },
        "posts": [
            {
                "photo": photo_name(run.photo_of(details)),
                "channel": schedule["channel"],
                "status": schedule["status"],
                "external_post_id": schedule["external_id"],
                "external_url": schedule["external_url"],
            }
            for details, schedule in run.schedules()
        ],
        "duplicate": "refused" if _refused(run) else f"answered {run.duplicate.status}",
        "remote": _remote(run),
        "seconds": {
            "setup": round(seconds.setup, 1),
            "deploy": round(seconds.deploy, 1),
            "import": round(run.import_seconds, 1),
            "publish": round(run.publish_seconds, 1),
            "total": round(total_seconds, 1),
        },
    }


def _library(run: DemoRun) -> Iterator[DemoCheck]:
    rejected = {file["key"] for file in run.rejected}
    usable = {_sha256(file) for key, file in run.dropped.items() if key not in rejected}
    imported = {photo["photo_id"] for photo in run.photos}
    yield DemoCheck(
        f"The library has each of the {len(imported)} different photos once",
        imported == usable and len(imported) == len(run.photos),
        f"{len(imported - usable)} unknown, {len(usable - imported)} missing",
    )
    unexplained = [each["key"] for each in run.rejected if not (each["reason"] and each["what_to_do"])]
    if rejected:
        text = f"Each of the {len(rejected)} rejected files has a reason and advice"
        yield DemoCheck(text, not unexplained, ", ".join(unexplained))


def _pick(run: DemoRun) -> Iterator[DemoCheck]:
    decision, picked = run.decision, run.picked_photo()
    yield DemoCheck("EventBridge Scheduler started the slot", run.fired_by_timer, "no timer was set")
    best = max(photo["score"] or 0 for photo in run.photos if photo["in_unposted"])
    yield DemoCheck(
        f"The photo with the highest aesthetic score ({best:g}) was picked",
        decision["picked"] == picked["photo_id"] and decision["score"] == best,
        f"{photo_name(picked)} with {decision['score']}",
    )
    stated = _stated_scores(run)
    if stated:
        score = stated.get(picked["photo_id"], stated.get(photo_name(picked)))
        scores = [stated.get(photo["photo_id"], stated.get(photo_name(photo), 0)) for photo in run.photos]
        text = "It has the highest score in the analysis file too"
        yield DemoCheck(text, score == decision["score"] == max(scores), f"{score}, at most {max(scores)}")


def _instagram(run: DemoRun) -> Iterator[DemoCheck]:
    state = run.stack.simulators.state()
    schedule = next(each for _, each in run.schedules() if run.name_of(each) == INSTAGRAM)
    text = next(each["text"] for each in run.first["variants"] if each["channel"] == "instagram")
    live = run.stack.simulators.live_media()
    yield DemoCheck(
        "Instagram has the photo exactly once, with its caption",
        [each["caption"] for each in live] == [text] and live[0]["permalink"] == schedule["external_url"],
        json.dumps(live, ensure_ascii=False),
    )
    calls = int(state["counts"].get("instagram.media_publish", 0))
    yield DemoCheck("Instagram's publish endpoint was called once", calls == 1, f"{calls} calls")


def _uploads(run: DemoRun) -> Iterator[DemoCheck]:
    expected = {each["channel"]: each["text"] for each in run.first["variants"]}
    for name, texts in _live_texts(run).items():
        text = expected[run.accounts[name]["channel"]]
        yield DemoCheck(f"{name} has the photo exactly once, with its text", texts == [text], json.dumps(texts))


def _live_texts(run: DemoRun) -> dict[str, list[str]]:
    sim = run.stack.simulators
    texts = {each.name: [post["text"] for post in each.posts(sim)] for each in ACCOUNTS if each.posts}
    if run.server is not None:
        shown = run.server.posts(run.accounts[OWN_SERVER]["account_id"])
        texts[OWN_SERVER] = [each["value"]["text"] for each in shown]
    return texts


def _buffer(run: DemoRun) -> Iterator[DemoCheck]:
    counts, posts = _remote(run)[BUFFER.lower()], run.stack.simulators.buffer_posts("sent")
    yield DemoCheck("Buffer received two posts and sent both", counts == {"created": 2, "sent": 2}, str(counts))
    expected = {
        (each["external_id"], variant["text"])
        for details, each in run.schedules()
        for variant in details["variants"]
        if each["channel"] == variant["channel"] == "buffer"
    }
    shown = {(each["id"], each["text"]) for each in posts}
    yield DemoCheck("They are this run's two posts, with their captions", expected == shown, str(shown))
    same = run.repeated["post_id"] == run.second["post_id"]
    yield DemoCheck("A repeated request created one post", same, run.repeated["post_id"])
    yield DemoCheck(
        "The duplicate was refused with a named problem",
        _refused(run),
        f"{run.duplicate.status} {run.duplicate.kind}",
    )


def _cleanup(run: DemoRun) -> Iterator[DemoCheck]:
    stack, state = run.stack, run.stack.simulators.state()
    states = [each["status"] for _, each in run.schedules()]
    # The slot's photo on every account, and the second one at Buffer.
    count = len(run.accounts) + 1
    yield DemoCheck(f"All {count} schedules succeeded", states == ["success"] * count, ", ".join(states))
    runs = stack.executions()
    text = f"{count} executions ran, and each succeeded"
    yield DemoCheck(text, runs == ["SUCCEEDED"] * count, ", ".join(runs))
    flaws = [f"{each['url']}: {each['flaw'] or each['metadata']}" for each in state["fetched"] if _flawed(each)]
    yield DemoCheck("Every fetched picture came from the CDN, in sRGB, without metadata", not flaws, "; ".join(flaws))
    violations = [each["what"] for each in state["violations"]]
    yield DemoCheck("No request violated the platforms' rules", not violations, "; ".join(violations))
    public = stack.keys("public/")
    yield DemoCheck("No public copy remains", not public, ", ".join(public))
    dead = {output: stack.waiting(output) for output in ("DlqUrl", "UndeliveredUrl") if output in stack.outputs}
    yield DemoCheck("The dead-letter queues are empty", not any(dead.values()), str(dead))


def _remote(run: DemoRun) -> Json:
    buffer = run.stack.simulators.state()["buffer"]
    return {
        "instagram": {"published": len(run.stack.simulators.live_media())},
        "buffer": {
            "created": sum(buffer["created_per_text"].values()),
            "sent": len(buffer["posts_by_status"].get("sent", ())),
        },
        **{name.lower(): {"published": len(texts)} for name, texts in _live_texts(run).items()},
    }


def _refused(run: DemoRun) -> bool:
    return (run.duplicate.status, run.duplicate.kind) == (CONFLICT, ALREADY_POSTED)


def _flawed(fetched: Json) -> bool:
    return bool(fetched["flaw"] or fetched["metadata"] or not fetched["srgb"])


def _stated_scores(run: DemoRun) -> dict[str, float]:
    file, scores = run.material.analyses, dict[str, float]()
    if file is None or file.suffix == ".json":
        return scores
    for line in file.read_text(errors="replace").splitlines():
        try:
            stated = json.loads(line)
            scores[str(stated.get("sha256") or stated["photo"]).lower()] = float(stated["aesthetic_score"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return scores


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
