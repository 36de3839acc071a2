"""The demo's steps on a running stack; every step checks its result at the API or the platforms, and times out."""

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from infra.local.bluesky_server import MISSING, LocalBluesky
from infra.local.demo_output import DemoOutput
from infra.local.simulators.demo_accounts import ACCOUNTS, BLUESKY, BLUESKY_HANDLE, BUFFER, OWN_SERVER
from infra.local.simulators.demo_accounts import NAME as ACCOUNT_NAME
from infra.local.stack import Stack, StackResponse

NAME: Final = "Nature Explorer"
ZONE: Final = "Europe/Berlin"

PICK_LEAD: Final = timedelta(seconds=6)
# A slot gets a timer only if it is five seconds ahead; the rest is for the API call.
TIMER_LEAD: Final = timedelta(seconds=8)
# Buffer needs at least ten seconds.
SECOND_PHOTO_LEAD: Final = timedelta(seconds=11)
# A longer wait at Buffer is skipped by advancing its clock.
LONG: Final = timedelta(seconds=15)
TIMEOUT: Final = 150.0
UPLOADS: Final = 8
OPEN: Final = frozenset({"pending", "queued", "processing"})

Json = dict[str, Any]
Result = TypeVar("Result")


class DemoFailed(RuntimeError):
    """A step failed or timed out; the message says which."""


@dataclass(frozen=True)
class Material:
    """The files to import: `photos` below `folder`, and `analyses`, a file of precomputed analyses, if there is one."""

    folder: Path
    photos: tuple[Path, ...]
    analyses: Path | None
    description: str


@dataclass
class DemoRun:
    """A run of the demo; `accounts` are its connections by the name of the platform, in the order of the output."""

    stack: Stack
    output: DemoOutput
    material: Material
    server: LocalBluesky | None = None
    persona: Json = field(default_factory=dict)
    accounts: dict[str, Json] = field(default_factory=dict)
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
        return f"/personas/{self.persona['persona_id']}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.persona["zone"])

    def run(self) -> None:
        """Run the steps. Raises `DemoFailed` and `RequestRefused`."""
        self.create_persona()
        self.connect_accounts()
        began = time.monotonic()
        self.import_photos()
        self.import_seconds = time.monotonic() - began
        began = time.monotonic()
        self.wait_for_slot()
        self.schedule_second_photo()
        self.wait_for_buffer()
        self.publish_seconds = time.monotonic() - began
        self.repeat_first_photo()

    # -- steps -------------------------------------------------------------------------------------------------------

    def create_persona(self) -> None:
        self.output.section(f"Create the persona “{NAME}” and connect its accounts")
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
        self.output.line(f"{self.persona['persona_id']} in {self.persona['zone']}")
        if provisional:
            self.output.line("without precomputed analyses it uses the provisional scores of the import")

    def connect_accounts(self) -> None:
        """Connect an account of each platform, also of Bluesky's own server where it runs; X gets a budget."""
        for account in ACCOUNTS:
            made = self._connect(account.name, account.prepare(self.stack.simulators))
            if account.budget is not None:
                self.stack.api("PUT", f"{self.path}/connections/{made['connection_id']}/budget", account.budget)
                self.output.line(
                    f"{account.name} charges for posts: at most {account.budget['dollars']} US dollars a month"
                )
            if account.name == BLUESKY and self.server is not None:
                own = self.server.create_account(BLUESKY_HANDLE)
                request = {"channel": "bluesky", "host": self.server.url, "token": own.app_password}
                self._connect(OWN_SERVER, {**request, "account_id": own.did})
        self.output.line(f"connected {', '.join(self.accounts)}; their tokens are encrypted in SSM")
        if self.server is None:
            self.output.line(f"{MISSING}; its post is skipped")

    def import_photos(self) -> None:
        """Upload photos and analyses, and wait until each file is imported or rejected."""
        persona_id, count = self.persona["persona_id"], len(self.material.photos)
        self.output.section(f"Upload {count} files to the bucket")
        drops = {
            f"photos/{persona_id}/{file.relative_to(self.material.folder).as_posix()}": file
            for file in self.material.photos
        }
        self.dropped = dict(drops)
        order = list(drops.items())
        if self.material.analyses is not None:
            key = f"analyses/{persona_id}/{_analyses_name(self.material.analyses)}"
            order.insert(len(order) // 2, (key, self.material.analyses))
        with self.output.counting("imported or rejected", count) as progress:
            self._upload(order)
            self._until_imported(progress)
        self.photos, self.rejected = self._photos(), self._rejected()
        self.output.line(f"{len(self.photos)} photos imported, {len(self.rejected)} files rejected")
        for each in self.rejected:
            self.output.line(
                f"  {each['key'].removeprefix(f'photos/{persona_id}/')}: {each['reason']}. {each['detail']}"
            )

    def wait_for_slot(self) -> None:
        """Give the persona a slot a few seconds ahead, and wait until its post is published."""
        self.output.section("Pick and publish the best photo at the next slot")
        slot_at = (datetime.now(UTC) + PICK_LEAD + TIMER_LEAD + self._extra_time()).replace(microsecond=0)
        self.slot_at = slot_at
        wall, zone = slot_wall(slot_at)
        slots = [{"at": f"{wall:%H:%M:%S}"}]
        self.persona = self.stack.api("PATCH", self.path, {"zone": zone, "slots": slots})
        timer = f"{self.persona['persona_id']}-{slot_at:%Y%m%dT%H%M%S}"
        fires = slot_at - PICK_LEAD
        with self.output.waiting(f"the slot at {wall:%H:%M:%S} {zone}") as show:
            self.fired_by_timer = bool(self._until(lambda: timer in self.stack.timers(), 10, "the slot's timer"))
            show(f"EventBridge Scheduler starts the pick {PICK_LEAD.seconds} s earlier")
            self.decision = self._until(lambda: self._decision(slot_at), TIMEOUT, "a decision for the slot", pause=0.2)
            self.output.line(f"{_clock()} the timer of {fires:%H:%M:%S} UTC started the pick:")
            self.output.quote(self.decision["reason"])
            post_id = self.decision.get("post_id")
            if not post_id:
                raise DemoFailed(f"No photo was picked: {self.decision['reason']}")
            self._watch(post_id, show)

    def schedule_second_photo(self) -> None:
        """Schedule the next best photo on Buffer through the API, a few seconds ahead."""
        self.output.section("Schedule a second photo with the API")
        unposted = self._photos("?unposted=true")
        if not unposted:
            raise DemoFailed("There is no second photo; the demo needs at least two usable ones.")
        photo = max(unposted, key=lambda each: each["score"] or 0)
        at = post_time(datetime.now(UTC) + SECOND_PHOTO_LEAD, self.zone)
        request = {
            "photo": photo["photo_id"],
            "connection_ids": [self.accounts[BUFFER]["connection_id"]],
            "at": at,
        }
        key = str(uuid.uuid4())
        made = self.stack.api("POST", f"{self.path}/posts", request, key=key)
        self.repeated = self.stack.api("POST", f"{self.path}/posts", request, key=key)
        self.output.line(f"{photo_name(photo)} is scheduled at {at}; the request was sent twice")
        with self.output.waiting("Buffer to accept it") as show:
            self.second = self._until_settled(made["post_id"], show)

    def wait_for_buffer(self) -> None:
        """Sync until Buffer has sent both posts."""
        self.output.section("Sync the statuses")
        posts = (self.first["post_id"], self.second["post_id"])
        with self.output.waiting("Buffer to send both") as show:

            def sent() -> bool:
                self.stack.api("POST", f"{self.path}/sync")
                self.first, self.second = (self._get_post(post_id) for post_id in posts)
                states = [each["status"] for each in self._at_buffer()]
                show(" and ".join(states))
                return not OPEN & set(states)

            self._until(sent, TIMEOUT, "Buffer to send both posts", pause=0.7)
        for each in self._at_buffer():
            self.output.line(f"{each['posted_at']} Buffer sent {each['external_id']}: {each['external_url']}")

    def repeat_first_photo(self) -> None:
        """Try to schedule the first photo again."""
        self.output.section("Try to schedule the first photo again")
        request = {"photo": self.picked_photo()["photo_id"]}
        self.duplicate = self.stack.ask("POST", f"{self.path}/posts", request, key=str(uuid.uuid4()))
        self.output.line(f"answered {self.duplicate.status} {self.duplicate.kind}:")
        if isinstance(self.duplicate.body, dict):
            self.output.quote(str(self.duplicate.body.get("detail", self.duplicate.body)))

    # -- results -----------------------------------------------------------------------------------------------

    def picked_photo(self) -> Json:
        photo_id = self.first["photo_ids"][0]
        return next(each for each in self.photos if each["photo_id"] == photo_id)

    def photo_of(self, details: Json) -> Json:
        return next(each for each in self.photos if each["photo_id"] == details["photo_ids"][0])

    def schedules(self) -> list[tuple[Json, Json]]:
        """All schedules with their posts, in the order of `accounts`."""
        posts = filter(None, (self.first, self.second))
        pairs = [(details, each) for details in posts for each in details["schedules"]]
        return sorted(pairs, key=lambda pair: list(self.accounts).index(self.name_of(pair[1])))

    def name_of(self, schedule: Json) -> str:
        """The name of the schedule's account."""
        return next(name for name, made in self.accounts.items() if made["connection_id"] == schedule["connection_id"])

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _extra_time(self) -> timedelta:
        began = time.monotonic()
        self.stack.api("GET", self.path)
        return timedelta(seconds=1 + 10 * (time.monotonic() - began))

    def _connect(self, name: str, account: Json) -> Json:
        request = {"display_name": ACCOUNT_NAME, **account}
        self.accounts[name] = self.stack.api("POST", f"{self.path}/connections", request)
        return self.accounts[name]

    def _upload(self, order: Sequence[tuple[str, Path]]) -> None:
        with ThreadPoolExecutor(UPLOADS) as pool:
            running: list[Future[None]] = [pool.submit(self.stack.drop, file, key) for key, file in order]
            try:
                for each in running:
                    each.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _until_imported(self, progress: Callable[[int], None]) -> None:
        done, moved = -1, time.monotonic()
        while True:
            idle = self.stack.waiting("ImportQueueUrl") == 0
            open_keys = set(self.dropped) - self._accounted()
            if len(self.dropped) - len(open_keys) > done:
                done, moved = len(self.dropped) - len(open_keys), time.monotonic()
                progress(done)
            if idle and not open_keys:
                return
            if time.monotonic() - moved > TIMEOUT:
                some = ", ".join(sorted(open_keys)[:5]) or "the analyses"
                raise DemoFailed(f"No file was imported for {TIMEOUT:.0f} s; still waiting for: {some}")
            time.sleep(0.7)

    def _accounted(self) -> set[str]:
        imported = {key for photo in self._photos() for key in photo["keys"]}
        return imported | {each["key"] for each in self._rejected()}

    def _photos(self, query: str = "") -> list[Json]:
        return self.stack.pages(f"{self.path}/photos{query}", "photos")

    def _rejected(self) -> list[Json]:
        return self.stack.pages(f"{self.path}/rejected", "rejected")

    def _decision(self, slot_at: datetime) -> Json | None:
        listed = self.stack.api("GET", f"{self.path}/decisions")["decisions"]
        return next((each for each in listed if datetime.fromisoformat(each["slot_at"]) == slot_at), None)

    def _at_buffer(self) -> list[Json]:
        return [each for _, each in self.schedules() if each["channel"] == "buffer"]

    def _watch(self, post_id: str, show: Callable[[str], None]) -> None:
        self.first = self._until_settled(post_id, show)
        for _, each in self.schedules():
            if each["step"] == "handed_over":
                self.output.line(f"{_clock()} scheduled at {self.name_of(each)}")
                continue
            late = (datetime.fromisoformat(each["posted_at"]) - (self.slot_at or datetime.now(UTC))).total_seconds()
            where = f"live on {self.name_of(each)} ({late:+.1f} s from its slot)"
            self.output.line(f"{_clock()} {where}: {each['external_url']}")

    def _until_settled(self, post_id: str, show: Callable[[str], None]) -> Json:

        def settled() -> Json | None:
            details = self._get_post(post_id)
            words = [
                f"{each['channel']} {each['status']} {each['step'] or ''}".strip() for each in details["schedules"]
            ]
            show(", ".join(words))
            return details if all(_is_settled(each) for each in details["schedules"]) else None

        return self._until(settled, TIMEOUT, f"post {post_id} to be published", pause=0.2)

    def _get_post(self, post_id: str) -> Json:
        details: Json = self.stack.api("GET", f"/posts/{post_id}")
        for each in details["schedules"]:
            if each["status"] not in OPEN | {"success"}:
                raise DemoFailed(f"{each['channel']} ended as {each['status']}: {each['error_message']}")
        return details

    def _until(self, look: Callable[[], Result | None], seconds: float, what: str, *, pause: float = 0.4) -> Result:
        deadline = time.monotonic() + seconds
        while not (result := look()):
            if time.monotonic() > deadline:
                raise DemoFailed(f"Timed out after {seconds:.0f} s waiting for {what}.")
            time.sleep(pause)
        return result


def slot_wall(slot_at: datetime) -> tuple[datetime, str]:
    """A slot's wall time and zone: UTC in the hour that repeats when the clock is turned back, else `ZONE`.

    A repeated wall time means its first instant, which has passed.
    """
    wall = slot_at.astimezone(ZoneInfo(ZONE))
    return (slot_at.astimezone(UTC), "UTC") if wall.fold else (wall, ZONE)


def post_time(instant: datetime, zone: ZoneInfo) -> str:
    """A post's time in `zone`, to the second, with its offset."""
    return instant.astimezone(zone).isoformat(timespec="seconds")


def photo_name(photo: Json) -> str:
    return str(photo["names"][0])


def _is_settled(schedule: Json) -> bool:
    return bool(schedule["status"] == "success" or schedule["step"] == "handed_over")


def _analyses_name(file: Path) -> str:
    return file.name if file.suffix == ".json" else f"{file.stem}.jsonl"


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S} UTC"
