"""Every command of a mail about notices, run as it is printed, on a deployment where its notice stands."""

import json
import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shutterpost.channels import Tokens
from shutterpost.flows.notifying.conditions import Condition
from shutterpost.flows.notifying.files import ImportQueues
from shutterpost.flows.notifying.kinds import RULES, NoticeKind
from shutterpost.flows.wiring import Stores, build_deliverer, build_notifier
from shutterpost.photos import Rejections
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Schedule, ScheduleStatus, Step
from tests.api.world import TOKEN, TOKENS
from tests.support.aws import BUCKET
from tests.support.consoles import Console
from tests.support.folders import Deployed
from tests.support.pictures import jpeg
from tests.support.system_ports import Mailbox

DAY = timedelta(days=1)
FILLED = {"ADDRESS": "https://www.instagram.com/p/abc/", "REASON": "'It is blurred.'", "NUMBER": "30"}


class Stage:
    """A persona with a slot, an account and a photo, and what goes wrong."""

    def __init__(self, world: Deployed) -> None:
        self.services, self.clock, self.persona_id = world.world.services, world.world.clock, world.persona_id
        self.world = world
        self.queues: list[Condition] = []
        self.change(slots=[{"at": "09:00"}])

    def change(self, **rules: Any) -> None:
        self.world.caller.patch(f"/personas/{self.persona_id}", rules)

    def connect(self, channel: str = "instagram") -> None:
        self.world.world.connection(self.world.caller, self.persona_id, channel)

    def connection(self) -> Any:
        [connection] = self.services.connections.list(self.persona_id)
        return connection

    def schedule(self, channel: str = "instagram") -> Schedule:
        """A photo's schedule in two hours."""
        self.connect(channel)
        photo = self.world.world.photo(self.persona_id, "fog.jpg")
        body = {"photo": photo.photo_id, "at": "2026-03-01T15:00:00", "zone": "Europe/Paris"}
        answer = self.world.caller.post(f"/personas/{self.persona_id}/posts", body)
        assert answer.status in {200, 201, 202}, answer
        [schedule] = self.services.posts.details(answer.body["post_id"]).schedules
        return schedule

    def move(self, schedule: Schedule, to: ScheduleStatus, **facts: Any) -> Schedule:
        moved = self.services.schedules.move(schedule, to, now=self.clock.now(), **facts)
        assert isinstance(moved, Schedule)
        return moved

    def pick(self, mode: str) -> None:
        self.change(approval=mode, veto_hours=24)
        self.connect()
        self.world.world.photo(self.persona_id, "fog.jpg")
        slot_at = self.clock.now().replace(hour=8) + DAY
        assert self.services.reviewer.picker.pick(self.persona_id, slot_at).post_id

    def conditions(self) -> list[Condition]:
        """What stands in the queues."""
        return self.queues


def token_ends(stage: Stage) -> None:
    stage.connect()
    now = stage.clock.now()
    stage.services.connections.token_replaced(stage.connection(), now, now + 5 * DAY)


def connection_fails(stage: Stage) -> None:
    stage.connect("buffer")
    stage.services.connections.mark_error(stage.connection(), "The key was deleted.", stage.clock.now())


def post_fails(stage: Stage) -> None:
    begun = stage.move(stage.schedule(), ScheduleStatus.PROCESSING, step=Step.PUBLISHING)
    error = {"error_code": "25/2207050", "error_class": "permanent", "error_cause": "account"}
    stage.move(begun, ScheduleStatus.FAILED, error_message="The account is restricted.", **error)


def preflight_finds(stage: Stage) -> None:
    schedule = stage.schedule()
    stage.move(schedule, schedule.status, concern="It has no rendition feed.", checked_at=stage.clock.now())


def outcome_is_unknown(stage: Stage) -> None:
    begun = stage.move(stage.schedule(), ScheduleStatus.PROCESSING, step=Step.PUBLISHING)
    stage.move(begun, ScheduleStatus.UNKNOWN, error_code="needs-a-person", error_message="Look at the account.")


def slot_stays_empty(stage: Stage) -> None:
    stage.clock.sleep(2 * DAY)


def files_are_rejected(stage: Stage) -> None:
    key = f"photos/{stage.persona_id}/a.txt"
    reason = {"key": key, "reason": "not-a-picture", "detail": "It is text.", "what_to_do": "Drop a picture."}
    body = json.dumps({**reason, "at": "2026-03-01T12:00:00Z"})
    client("s3").put_object(Bucket=BUCKET, Key=f"rejected/{stage.persona_id}/a.txt.reason.json", Body=body.encode())


def channel_holds(stage: Stage) -> None:
    stage.move(stage.schedule("buffer"), ScheduleStatus.PROCESSING, step=Step.HANDED_OVER, ref="update-1")
    stage.clock.sleep(4 * DAY / 24)


def imports_wait(stage: Stage) -> None:
    urls = [client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("waiting", "dead")]
    client("sqs").send_message(QueueUrl=urls[1], MessageBody="{}")
    stage.queues = list(ImportQueues(import_url=urls[0], dead_letters_url=urls[1]).conditions())


CASES: dict[NoticeKind, tuple[Callable[[Stage], None], int]] = {
    NoticeKind.CONNECTION_ENDS: (token_ends, 1),
    NoticeKind.CONNECTION_ERROR: (connection_fails, 1),
    NoticeKind.BUDGET_LOW: (lambda stage: stage.connect("x"), 1),
    NoticeKind.POST_FAILED: (post_fails, 2),
    NoticeKind.POST_MAY_FAIL: (preflight_finds, 1),
    NoticeKind.OUTCOME_UNKNOWN: (outcome_is_unknown, 2),
    NoticeKind.APPROVAL_NEEDED: (lambda stage: stage.pick("approval"), 2),
    NoticeKind.VETO_OPEN: (lambda stage: stage.pick("veto"), 1),
    NoticeKind.SLOT_EMPTY: (slot_stays_empty, 2),
    NoticeKind.LIBRARY_LOW: (lambda _: None, 2),
    NoticeKind.FILES_REJECTED: (files_are_rejected, 1),
    NoticeKind.NOT_SENT: (channel_holds, 2),
    NoticeKind.IMPORTS_STUCK: (imports_wait, 1),
}
"""How each kind comes about, and how many commands its mail has."""


def paragraph(stage: Stage, kind: NoticeKind) -> str:
    """The mail's paragraph about the notice of that kind."""
    mailbox = Mailbox()
    stores = Stores(clock=stage.clock)
    deliverer = build_deliverer(stores, Tokens(TOKENS), stage="test")
    notifier = build_notifier(stores, mailer=mailbox, queues=stage, rejections=Rejections(BUCKET), deliverer=deliverer)
    notifier.run(daily=True)
    stage.clock.sleep(RULES[kind].patience)
    notifier.run(daily=True)
    paragraphs = [part for _, text in mailbox.messages for part in re.split(r"\n\n", text)]
    [wanted] = [part for part in paragraphs if f". {RULES[kind].title}: " in part.partition("\n")[0]]
    return wanted


def test_every_kind_has_a_case() -> None:
    assert CASES.keys() == RULES.keys() == set(NoticeKind)


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, number) for kind, (_, count) in CASES.items() for number in range(count)]
)
def test_a_command_of_a_mail_runs_as_it_is_printed(
    world: Deployed, shutterpost: Console, tmp_path: Path, kind: NoticeKind, number: int
) -> None:
    stage = Stage(world)
    begin, count = CASES[kind]
    begin(stage)

    printed = re.findall(r"^   What to do: shutterpost (.+)$", paragraph(stage, kind), re.MULTILINE)

    assert len(printed) == count
    (tmp_path / "new.jpg").write_bytes(jpeg(700))
    line = printed[number]
    for placeholder, text in {**FILLED, "FOLDER": shlex.quote(str(tmp_path))}.items():
        line = re.sub(rf"\b{placeholder}\b", text, line)
    result = shutterpost(*shlex.split(line), typed=f"{TOKEN}\n")
    # There is no stack to examine, and no photo to pick: what counts is that both commands answer.
    answers = line == "doctor" or '"reason": "No photo is left."' in result.out
    assert result.code == 0 or (answers and result.code in {1, 6}), result.err


def test_reconnecting_as_printed_keeps_the_name_and_ends_the_notice(world: Deployed, shutterpost: Console) -> None:
    stage = Stage(world)
    connection_fails(stage)
    before = stage.connection()
    [line] = re.findall(r"What to do: shutterpost (.+)", paragraph(stage, NoticeKind.CONNECTION_ERROR))
    assert TOKEN not in line
    shutterpost(*shlex.split(line), typed=f"{TOKEN}\n")
    after = stage.connection()
    assert (after.display_name, after.status) == (before.display_name, "connected")
