"""The main job from end to end on a running stack: photos are dropped, the best one goes live at its slot, a second one
by hand, statuses come home, a duplicate is refused.

Every step asks the API or the platforms what really is; nothing is taken for granted, and nothing waits for ever.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from infra.local.stack import Stack, StackResponse
from infra.local.story import Story

NAME: Final = "Nature Explorer"
ZONE: Final = "Europe/Berlin"
INSTAGRAM_TOKEN: Final = "token-of-the-simulated-instagram"  # noqa: S105 - opens a simulator
BUFFER_KEY: Final = "key-of-the-simulated-buffer"
INSTAGRAM_ACCOUNT: Final = "17841400000000001"

PICK_LEAD: Final = timedelta(seconds=6)
# A slot is armed by a timer only where that lies five seconds ahead; the rest is for the API's call to get there.
ARMING: Final = timedelta(seconds=8)
# A little more than the ten seconds that Buffer is given at least.
BY_HAND_AHEAD: Final = timedelta(seconds=11)
# What is waited out in real time; a longer wait at Buffer is shortened.
LONG: Final = timedelta(seconds=15)
PATIENCE: Final = 150.0
UPLOADS: Final = 8
OPEN: Final = frozenset({"pending", "queued", "processing"})

Json = dict[str, Any]
Found = TypeVar("Found")


class NotAsPromised(RuntimeError):
    """Something did not happen, in time or at all; the message says what."""


@dataclass(frozen=True)
class Material:
    """What is dropped: `photos` are files below `folder`, `analyses` a file of precomputed ones, if there is any."""

    folder: Path
    photos: tuple[Path, ...]
    analyses: Path | None
    words: str


@dataclass
class Journey:
    """What happened; filled step by step, complete after the last one."""

    stack: Stack
    story: Story
    material: Material
    persona: Json = field(default_factory=dict)
    instagram: Json = field(default_factory=dict)
    buffer: Json = field(default_factory=dict)
    dropped: dict[str, Path] = field(default_factory=dict)
    photos: list[Json] = field(default_factory=list)
    rejected: list[Json] = field(default_factory=list)
    slot_at: datetime | None = None
    fired_by_timer: bool = False
    decision: Json = field(default_factory=dict)
    first: Json = field(default_factory=dict)
    second: Json = field(default_factory=dict)
    repeated: Json = field(default_factory=dict)
    duplicate: StackResponse = field(default_factory=lambda: StackResponse(0, None))
    import_seconds: float = 0.0
    publish_seconds: float = 0.0

    @property
    def path(self) -> str:
        """The persona in the API."""
        return f"/personas/{self.persona['persona_id']}"

    @property
    def zone(self) -> ZoneInfo:
        """The persona's zone."""
        return ZoneInfo(self.persona["zone"])

    def run(self) -> None:
        """All steps in order. Raises `NotAsPromised` and `Refused`."""
        self.introduce()
        began = time.monotonic()
        self.bring_in()
        self.import_seconds = time.monotonic() - began
        began = time.monotonic()
        self.let_the_slot_come()
        self.schedule_by_hand()
        self.see_it_sent()
        self.publish_seconds = time.monotonic() - began
        self.try_again()

    # -- steps -------------------------------------------------------------------------------------------------------

    def introduce(self) -> None:
        """Accounts on the platforms, the persona, and one connection to each account."""
        self.story.chapter(f"Who posts: the persona “{NAME}”")
        self.stack.simulators.add_instagram_account(
            INSTAGRAM_TOKEN, kind="facebook", ig_user_id=INSTAGRAM_ACCOUNT, username="nature.explorer"
        )
        organization_id, channel_id = self.stack.simulators.add_buffer_channel(BUFFER_KEY, name="nature.explorer")
        provisional = self.material.analyses is None
        self.persona = self.stack.api(
            "POST",
            "/personas",
            {
                "name": NAME,
                "zone": ZONE,
                "hashtags": ["nature"],
                "default_caption": "Out there today.",
                "pick_lead_seconds": int(PICK_LEAD.total_seconds()),
                "allow_provisional": provisional,
            },
        )
        self.story.tell(f"{self.persona['persona_id']} in {self.persona['zone']}")
        if provisional:
            self.story.tell("without precomputed analyses it posts by the provisional scores of the import itself")
        self.instagram = self._connect(
            channel="instagram", account_id=INSTAGRAM_ACCOUNT, login="facebook", token=INSTAGRAM_TOKEN
        )
        self.buffer = self._connect(
            channel="buffer", account_id=channel_id, organization_id=organization_id, token=BUFFER_KEY
        )
        self.story.tell("connected: one Instagram account, one Buffer channel; their tokens lie in SSM, encrypted")

    def bring_in(self) -> None:
        """Drop photos and analyses, in no particular order, and wait until each file is a photo or rejected."""
        persona_id, count = self.persona["persona_id"], len(self.material.photos)
        self.story.chapter(f"{count} files are dropped into the bucket")
        drops = {
            f"photos/{persona_id}/{file.relative_to(self.material.folder).as_posix()}": file
            for file in self.material.photos
        }
        self.dropped = dict(drops)
        order = list(drops.items())
        if self.material.analyses is not None:
            key = f"analyses/{persona_id}/{_analyses_name(self.material.analyses)}"
            order.insert(len(order) // 2, (key, self.material.analyses))
        with self.story.counting("imported or rejected", count) as progress:
            self._upload(order)
            self._until_imported(progress)
        self.photos, self.rejected = self._photos(), self._rejected()
        self.story.tell(f"{len(self.photos)} photos imported, {len(self.rejected)} files rejected")
        for one in self.rejected:
            self.story.tell(f"  {one['key'].removeprefix(f'photos/{persona_id}/')}: {one['reason']}. {one['detail']}")

    def let_the_slot_come(self) -> None:
        """Give the persona a slot a few seconds ahead and watch what comes of it."""
        self.story.chapter("The slot comes, and nobody has to look")
        slot_at = (datetime.now(UTC) + PICK_LEAD + ARMING + self._slowness()).replace(microsecond=0)
        self.slot_at = slot_at
        wall = slot_at.astimezone(self.zone)
        self.persona = self.stack.api("PATCH", self.path, {"slots": [{"at": f"{wall:%H:%M:%S}"}]})
        timer = f"{self.persona['persona_id']}-{slot_at:%Y%m%dT%H%M%S}"
        fires = slot_at - PICK_LEAD
        with self.story.waiting(f"the slot at {wall:%H:%M:%S} {ZONE}") as show:
            self.fired_by_timer = bool(self._until(lambda: timer in self.stack.timers(), 10, "the slot's timer"))
            show(f"EventBridge Scheduler has it, {PICK_LEAD.seconds} s earlier for the pick")
            self.decision = self._until(lambda: self._decision(slot_at), PATIENCE, "a decision for the slot", pause=0.2)
            self.story.tell(f"{_clock()} the timer set for {fires:%H:%M:%S} UTC fired, and the pick was made:")
            self.story.quote(self.decision["reason"])
            post_id = self.decision.get("post_id")
            if not post_id:
                raise NotAsPromised(f"Nothing was picked: {self.decision['reason']}")
            self._watch(post_id, show)

    def schedule_by_hand(self) -> None:
        """Post the next best photo through the API, to Buffer alone, a few seconds ahead."""
        self.story.chapter("A second photo, by hand")
        unposted = self._photos("?unposted=true")
        if not unposted:
            raise NotAsPromised("There is no second photo: at least two usable ones are needed.")
        photo = max(unposted, key=lambda one: one.get("score") or 0)
        at = (datetime.now(UTC) + BY_HAND_AHEAD).astimezone(self.zone)
        request = {
            "photo": photo["photo_id"],
            "connection_ids": [self.buffer["connection_id"]],
            "at": f"{at:%Y-%m-%dT%H:%M:%S}",
        }
        key = str(uuid.uuid4())
        made = self.stack.api("POST", f"{self.path}/posts", request, key=key)
        self.repeated = self.stack.api("POST", f"{self.path}/posts", request, key=key)
        self.story.tell(f"{name_of(photo)} goes to Buffer for {at:%H:%M:%S} {ZONE}; asking twice made one post")
        with self.story.waiting("Buffer to take it") as show:
            self.second = self._until_settled(made["post_id"], show)

    def see_it_sent(self) -> None:
        """Sync until Buffer has sent both posts."""
        self.story.chapter("Statuses come home")
        posts = (self.first["post_id"], self.second["post_id"])
        with self.story.waiting("Buffer to send both") as show:

            def sent() -> bool:
                self.stack.api("POST", f"{self.path}/sync")
                self.first, self.second = (self._get_post(post_id) for post_id in posts)
                states = [one["status"] for one in self._at_buffer()]
                show(" and ".join(states))
                return not OPEN & set(states)

            self._until(sent, PATIENCE, "Buffer to send both posts", pause=0.7)
        for one in self._at_buffer():
            self.story.tell(f"{one['posted_at']} Buffer sent {one['external_id']}: {one['external_url']}")

    def try_again(self) -> None:
        """The first photo a second time."""
        self.story.chapter("The first photo once more")
        request = {"photo": self.picked_photo()["photo_id"]}
        self.duplicate = self.stack.ask("POST", f"{self.path}/posts", request, key=str(uuid.uuid4()))
        self.story.tell(f"answered {self.duplicate.status} {self.duplicate.kind}:")
        if isinstance(self.duplicate.body, dict):
            self.story.quote(str(self.duplicate.body.get("detail", self.duplicate.body)))

    # -- what happened -----------------------------------------------------------------------------------------------

    def picked_photo(self) -> Json:
        """The photo the slot's post took."""
        photo_id = self.first["photo_ids"][0]
        return next(one for one in self.photos if one["photo_id"] == photo_id)

    def photo_of(self, details: Json) -> Json:
        """The photo of a post."""
        return next(one for one in self.photos if one["photo_id"] == details["photo_ids"][0])

    def schedules(self) -> list[tuple[Json, Json]]:
        """All schedules with the post each belongs to: Instagram first, then Buffer by post."""
        pairs = [(details, one) for details in (self.first, self.second) for one in details["schedules"]]
        return sorted(pairs, key=lambda pair: pair[1]["channel"] != "instagram")

    # -- how ---------------------------------------------------------------------------------------------------------

    def _slowness(self) -> timedelta:
        """More time for a machine that is busy: some calls' worth."""
        began = time.monotonic()
        self.stack.api("GET", self.path)
        return timedelta(seconds=1 + 10 * (time.monotonic() - began))

    def _connect(self, **account: str) -> Json:
        made: Json = self.stack.api("POST", f"{self.path}/connections", {"display_name": "nature.explorer", **account})
        return made

    def _upload(self, order: Sequence[tuple[str, Path]]) -> None:
        with ThreadPoolExecutor(UPLOADS) as pool:
            running: list[Future[None]] = [pool.submit(self.stack.drop, file, key) for key, file in order]
            try:
                for one in running:
                    one.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _until_imported(self, progress: Callable[[int], None]) -> None:
        """Until nothing waits in the queue and each key is accounted for; patient as long as something moves."""
        done, moved = -1, time.monotonic()
        while True:
            idle = self.stack.waiting("ImportQueueUrl") == 0
            open_keys = set(self.dropped) - self._accounted()
            if len(self.dropped) - len(open_keys) > done:
                done, moved = len(self.dropped) - len(open_keys), time.monotonic()
                progress(done)
            if idle and not open_keys:
                return
            if time.monotonic() - moved > PATIENCE:
                some = ", ".join(sorted(open_keys)[:5]) or "the analyses"
                raise NotAsPromised(f"Nothing was imported for {PATIENCE:.0f} s; still waiting: {some}")
            time.sleep(0.7)

    def _accounted(self) -> set[str]:
        imported = {key for photo in self._photos() for key in photo["keys"]}
        return imported | {one["key"] for one in self._rejected()}

    def _photos(self, query: str = "") -> list[Json]:
        return self.stack.pages(f"{self.path}/photos{query}", "photos")

    def _rejected(self) -> list[Json]:
        return self.stack.pages(f"{self.path}/rejected", "rejected")

    def _decision(self, slot_at: datetime) -> Json | None:
        listed = self.stack.api("GET", f"{self.path}/decisions")["decisions"]
        return next((one for one in listed if datetime.fromisoformat(one["slot_at"]) == slot_at), None)

    def _at_buffer(self) -> list[Json]:
        return [one for _, one in self.schedules() if one["channel"] == "buffer"]

    def _watch(self, post_id: str, show: Callable[[str], None]) -> None:
        self.first = self._until_settled(post_id, show)
        for one in sorted(self.first["schedules"], key=lambda one: one["channel"] != "instagram"):
            if one["channel"] == "instagram":
                late = (datetime.fromisoformat(one["posted_at"]) - (self.slot_at or datetime.now(UTC))).total_seconds()
                self.story.tell(f"{_clock()} live on Instagram ({late:+.1f} s from its instant): {one['external_url']}")
            else:
                self.story.tell(f"{_clock()} handed to Buffer, which shows it in its queue")

    def _until_settled(self, post_id: str, show: Callable[[str], None]) -> Json:
        """The post once every schedule has ended well or lies at Buffer."""

        def settled() -> Json | None:
            details = self._get_post(post_id)
            words = [f"{one['channel']} {one['status']} {one['step'] or ''}".strip() for one in details["schedules"]]
            show(", ".join(words))
            return details if all(_is_settled(one) for one in details["schedules"]) else None

        return self._until(settled, PATIENCE, f"post {post_id} to be published", pause=0.2)

    def _get_post(self, post_id: str) -> Json:
        details: Json = self.stack.api("GET", f"/posts/{post_id}")
        for one in details["schedules"]:
            if one["status"] not in OPEN | {"success"}:
                raise NotAsPromised(f"{one['channel']} ended as {one['status']}: {one['error_message']}")
        return details

    def _until(self, look: Callable[[], Found | None], seconds: float, what: str, *, pause: float = 0.4) -> Found:
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise NotAsPromised(f"Waited {seconds:.0f} s in vain for {what}.")
            time.sleep(pause)
        return found


def name_of(photo: Json) -> str:
    """The first of the names a photo arrived under."""
    return str(photo["names"][0])


def _is_settled(schedule: Json) -> bool:
    return bool(schedule["status"] == "success" or schedule["step"] == "handed_over")


def _analyses_name(file: Path) -> str:
    """A name that says how to read the file: one JSON document, or one analysis per line."""
    return file.name if file.suffix == ".json" else f"{file.stem}.jsonl"


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S} UTC"
