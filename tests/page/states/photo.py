"""States of a photo and of a post."""

from typing import Any

from playwright.sync_api import Page

from tests.page.fake_api import OFFLINE, PERSONA, Answer, Reply, Request, example, refusal
from tests.page.stage import State
from tests.page.states.captions import RIGHT_TO_LEFT, UNBROKEN

PHOTO: dict[str, Any] = example("getPhoto")
PHOTO_VIEW = f"photo/{PERSONA}/{PHOTO['photo_id'][:12]}"
POST: dict[str, Any] = example("getPost")
POST_VIEW = f"post/{POST['post_id']}"
PARTS = {"aesthetic": 6.8, "freshness": 0.35, "season": 0.42, "on_this_day": 0.0, "variety": -0.1503}
CONSIDERED = {
    "photo_id": PHOTO["photo_id"],
    "name": PHOTO["names"][0],
    "score": 6.8,
    "total": 7.4197,
    "parts": PARTS,
    "verdict": "picked",
    "rules": [],
}
PLANNED = Reply(
    example(
        "explainPhoto",
        standing="planned",
        because=["7.4197 = 6.8 aesthetic + 0.35 freshness + 0.42 season - 0.1503 variety."],
        change=[],
        planned_for="2026-03-02T17:30:00Z",
        parts=PARTS,
        total=7.4197,
        considered=[{**CONSIDERED, "total": 0.5, "parts": {**PARTS, "aesthetic": -0.1197}, "verdict": "refused"}],
    )
)
REFUSED = Reply(
    example(
        "explainPhoto",
        standing="refused",
        because=["Too soon after a photo of the same theme."],
        change=["Wait three days."],
        considered=[{**CONSIDERED, "verdict": "refused", "rules": ["theme-gap"]}],
    )
)
DECISION = {
    "persona_id": PERSONA,
    "slot_at": "2026-03-02T17:30:00Z",
    "decided_at": "2026-03-01T12:00:00Z",
    "strategy": "best",
    "picked": PHOTO["photo_id"],
    "reason": "It has the highest total.",
    "considered": [CONSIDERED],
}
MOST = 60


def composed(caption: str, hashtags: list[str], alt_text: str) -> dict[str, Any]:
    """What the API says of a post's texts, with a channel that takes few characters."""
    connection, text = next(iter(POST["texts"].items()))
    sent = "\n\n".join(filter(None, (caption, " ".join(f"#{tag}" for tag in hashtags))))
    over = {"kind": "text-too-long", "detail": f"The text has {len(sent)} characters, {MOST} are allowed."}
    count = {**text["count"], "length": len(sent), "max_length": MOST, "hashtags": len(hashtags)}
    limit = MOST if len(caption.strip()) > MOST else None
    changed: dict[str, Any] = {
        "caption_limit": limit,
        "sent_text": sent,
        "text": sent,
        "count": count,
        "alt_text": alt_text,
        "warnings": [],
    }
    return {connection: {**text, **changed, "impediments": [over] if len(sent) > MOST else []}}


def change_post(request: Request) -> Reply:
    """The post as it would be, or a refusal of a text that is too long."""
    fields = {"caption": POST["base_caption"], "hashtags": POST["hashtags"], "alt_text": "", **request.body}
    texts = composed(**fields)
    impediments = [each for text in texts.values() for each in text["impediments"]]
    if impediments and "dry_run" not in request.values:
        return refusal(422, "text-too-long", f"Instagram: {impediments[0]['detail']}")
    variants = [{**variant, "alt_text": fields["alt_text"]} for variant in POST["variants"]]
    changed = {"base_caption": fields["caption"], "hashtags": fields["hashtags"], "variants": variants, "texts": texts}
    return Reply({**POST, **changed}, etag='"2"')


def answers(**more: Answer) -> dict[str, Answer]:
    post = {
        **POST,
        "decision": DECISION,
        "photo_ids": [*POST["photo_ids"], "b" * 64],
        "photo_names": ["a.jpg", "b.jpg"],
    }
    return {
        "getPhoto": Reply(PHOTO),
        "explainPhoto": PLANNED,
        "getPost": Reply({**post, "texts": composed(POST["base_caption"], POST["hashtags"], "")}, etag='"1"'),
        "changePost": change_post,
        **more,
    }


def waiting() -> Reply:
    schedules = [{**POST["schedules"][0], "status": "pending", "review": "approval"}]
    review = {"parameters": {"post_id": POST["post_id"]}, "body": {}, "asks": []}
    actions = [{"operation": operation, **review} for operation in ("approvePost", "rejectPost")]
    return Reply({**POST, "schedules": schedules, "actions": actions}, etag='"1"')


def captioned(caption: str) -> Reply:
    """The post with another caption and photo text."""
    return Reply({**POST, "base_caption": caption, "texts": composed(caption, [], "")}, etag='"1"')


def unseen() -> Reply:
    """The post with a photo that no other state shows: the server keeps pictures."""
    return Reply({**POST, "photo_ids": ["d" * 64]}, etag='"1"')


def write(page: Page, caption: str) -> None:
    page.get_by_label("Caption").fill(caption)


def write_too_much(page: Page) -> None:
    write(page, "Morning fog over the valley, and then over the next one, too.")
    page.locator(".surplus").wait_for()
    page.get_by_role("button", name="Save").click()


def write_what_changed(page: Page) -> None:
    write(page, "Fog at dawn.")
    page.get_by_role("button", name="Save").click()


CHANGED = refusal(412, "post-changed", "The post has changed since that version.")
KEPT_OUT = Reply({**PHOTO, "kept_out": "Blurred.", "in_unposted": False})
STATES = (
    State(PHOTO_VIEW, "planned", ".bars", answers()),
    State(PHOTO_VIEW, "refused", ".reasons", answers(explainPhoto=REFUSED)),
    State(PHOTO_VIEW, "kept-out", "text=Take back", answers(getPhoto=KEPT_OUT)),
    State(PHOTO_VIEW, "unread", ".failure", answers(getPhoto=OFFLINE, explainPhoto=OFFLINE)),
    State(f"photo/{PERSONA}/{'c' * 12}", "missing", ".missing", answers(), missing=frozenset({"c" * 12})),
    State(POST_VIEW, "scheduled", ".texts", answers()),
    State(POST_VIEW, "waiting", "#approve", answers(getPost=waiting())),
    State(POST_VIEW, "too-long", ".editor > .failure", answers(), acts=write_too_much),
    State(POST_VIEW, "changed-elsewhere", ".versions", answers(changePost=CHANGED), acts=write_what_changed),
    State(POST_VIEW, "captions", ".texts", answers(getPost=captioned(UNBROKEN))),
    State(POST_VIEW, "captions-right-to-left", ".texts", answers(getPost=captioned(RIGHT_TO_LEFT))),
    State(POST_VIEW, "missing", ".missing", answers(getPost=unseen()), missing=frozenset({"d" * 12})),
    State(POST_VIEW, "unknown", ".failure", answers(getPost=refusal(404, "post-not-found", "There is no such post."))),
)
