"""Whoever must know is told in time: what goes wrong, run through the whole system, and the mails about it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import EndpointConnectionError

from shutterpost.channels import ConnectionStatus
from shutterpost.flows.notifying.conditions import Condition
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.notifier import Notifier
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.wiring import build_silence_check
from shutterpost.personas import Slot
from shutterpost.scheduling import ScheduleStatus
from tests.support.mails import DAY, HOUR, live
from tests.support.system import System, soon

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)  # 09:00 in Berlin


def text_of(system: System, title: str) -> str:
    """The only mail with that title."""
    [text] = [text for subject, text in system.messages if subject.startswith(title)]
    return text


def test_a_token_that_ends_is_mailed_at_14_7_3_and_1_days_then_as_an_error_then_as_working(system: System) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "facebook")
    start = system.clock.now()

    came = live(system, 63, every=DAY)
    title = f"Nature Explorer, instagram {connection.display_name}"
    days = [((start + 60 * DAY - at) / DAY, subject) for at, subject in came]
    assert days == [
        *((left, f"Token about to end: {title}") for left in (14, 7, 3, 1)),
        (-1, f"Connection in error: {title}"),
        (-2, f"Connection in error: {title}"),
    ]
    error = system.stores.connections.get(persona.persona_id, connection.connection_id)
    assert error.status is ConnectionStatus.ERROR

    system.connect(persona, "facebook")
    assert [subject for _, subject in live(system, 1)] == [f"Works again: Token about to end: {title} (+1)"]


def test_a_refresh_that_fails_for_days_is_mailed_before_the_token_ends(system: System) -> None:
    persona = system.add_persona(slots=())
    system.connect(persona, "instagram")
    for _ in range(20):
        system.bench.sim.add_fault("instagram", "refresh_token", "refuse", code=2)
    start = system.clock.now()

    came = live(system, 56, every=DAY)

    assert [subject.partition(":")[0] for _, subject in came] == ["Token about to end"]
    assert (start + 60 * DAY - came[0][0]) / DAY == 7
    assert "Its automatic refresh did not succeed" in system.messages[0][1]


def test_a_dead_token_does_not_stop_a_persona_in_silence(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    for number in range(20):
        system.add_photo(persona, number, score=7.0)
    for _ in range(200):
        system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", code=190, subcode=460)

    came = live(system, 3)

    subjects = [subject for _, subject in came]
    assert any("Connection in error" in text for _, text in system.messages), subjects
    assert any("Slot left empty" in text for _, text in system.messages), subjects


def test_a_failed_post_is_mailed_with_its_picture_and_the_command_that_mends_it(system: System) -> None:
    persona = system.add_persona(slots=())
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=25, subcode=2207050)
    (schedule,) = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one").schedules
    system.run_executions()
    assert system.stores.schedules.get(schedule.schedule_id).status is ScheduleStatus.FAILED

    system.notifier.run()

    text = text_of(system, "Post failed")
    assert f"Picture: photo-1.jpg (photos/{persona.persona_id}/photo-1.jpg)" in text
    assert f"What to do: shutterpost post retry {schedule.schedule_id}" in text
    system.retrier.retry(schedule.schedule_id)
    system.run_executions()
    system.clock.sleep(2 * HOUR)
    system.notifier.run()
    assert system.messages[-1][0].startswith("Works again: Post failed")


def test_notice_of_a_failed_post_ends_when_another_post_has_its_photo(system: System) -> None:
    persona = system.add_persona(slots=())
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=25, subcode=2207050)
    system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()
    system.notifier.run()
    assert [subject.partition(":")[0] for subject, _ in system.messages] == ["Post failed"]

    system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="two")
    system.run_executions()
    system.clock.sleep(2 * HOUR)
    system.notifier.run()

    assert [subject.partition(":")[0] for subject, _ in system.messages] == ["Post failed", "Works again"]


def test_an_approval_is_asked_for_at_once_and_again_before_the_deadline(system: System) -> None:
    persona = system.add_persona(approval="approval", veto_hours=24, late_grace_minutes=60)
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=7.0)

    came = live(system, 2, every=HOUR / 2)

    day = came[0][1][-16:]
    approvals = [(at, subject) for at, subject in came if subject.endswith(day)]
    assert len(approvals) == 2
    text = system.messages[0][1]
    assert "Deadline: " in text
    assert "shutterpost post approve p" in text
    slot = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(persona.zone))
    assert approvals[1][0] == slot + HOUR - 3 * HOUR
    assert any("Nobody approved it" in text for _, text in system.messages if "Slot left empty" in text)


def test_a_pick_that_goes_out_unless_rejected_is_mailed_once(system: System) -> None:
    persona = system.add_persona(approval="veto", veto_hours=12)
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=7.0)
    came = live(system, 1, every=HOUR)
    assert [subject.partition(":")[0] for _, subject in came].count("Planned, unless you reject it") == 1


def test_picks_of_one_hour_that_can_be_rejected_share_a_mail_and_are_in_the_digest(system: System) -> None:
    personas = [system.add_persona(name, approval="veto", digest="daily", digest_hour=8) for name in ("A", "B", "C")]
    for number, persona in enumerate(personas):
        system.connect(persona, "instagram")
        system.add_photo(persona, number, score=7.0)
    system.advance_to(SLOT - 11 * HOUR)
    for persona in personas:
        system.picker.pick(persona.persona_id, SLOT)
        system.notifier.run()
        system.clock.sleep(HOUR / 4)
    system.clock.sleep(HOUR / 4)
    system.notifier.run()

    subjects = [subject for subject, _ in system.messages if subject.startswith("Planned")]
    first, second = subjects
    assert (first[:32], "(+" in first) == ("Planned, unless you reject it: A", False)
    assert (second[:32], second[-4:]) == ("Planned, unless you reject it: B", "(+1)")
    system.clock.sleep(9 * HOUR)
    system.notifier.run()
    digest = next(text for subject, text in system.messages if subject.startswith("A: "))
    assert "Planned, unless you reject it: A, instagram" in digest


def test_an_empty_slot_is_mailed_with_its_reason_and_ended_when_a_later_one_is_filled(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")

    live(system, 1.5)
    text = text_of(system, "Slot left empty")
    assert "No unposted photos" in text or "No photo" in text
    for number in range(3):
        system.add_photo(persona, number, score=7.0)
    came = live(system, 1.5)

    assert [subject for _, subject in came][-1].startswith("Works again: Slot left empty")


def test_an_empty_slot_is_mailed_although_the_next_is_filled_before_anybody_looks(system: System) -> None:
    slots = tuple(Slot.model_validate({"at": at}) for at in ("09:00", "09:40", "18:00"))
    persona = system.add_persona(slots=slots)
    system.connect(persona, "instagram")
    system.advance_to(SLOT)
    system.picker.pick(persona.persona_id, SLOT)
    for number in range(9):
        system.add_photo(persona, number, score=7.0)
    for minutes in (40, 9 * 60):
        system.advance_to(SLOT + timedelta(minutes=minutes))
        assert system.picker.pick(persona.persona_id, system.clock.now()).post_id
        system.run_executions()
    system.notifier.run()
    text = text_of(system, "Slot left empty")
    assert "The slot of 2026-11-22 08:00 UTC was left empty. No unposted photos" in text
    assert text.count("was left empty") == 1

    system.advance_to(SLOT + DAY + HOUR / 2)
    system.picker.pick(persona.persona_id, SLOT + DAY)
    system.notifier.run()
    assert system.messages[-1][0].startswith("Works again: Slot left empty")


@pytest.mark.parametrize("weekdays", [["sun"], "daily"])
def test_the_notice_of_an_empty_slot_stands_until_it_is_known_what_became_of_the_next(
    system: System, weekdays: object
) -> None:
    persona = system.add_persona(slots=(Slot.model_validate({"at": "09:00", "weekdays": weekdays}),))
    system.connect(persona, "instagram")
    system.advance_to(SLOT)
    system.picker.pick(persona.persona_id, SLOT)
    system.notifier.run()
    # The second slot is within its grace, and nothing was decided yet.
    system.advance_to(SLOT + DAY + HOUR / 2)
    assert system.notifier.run().failed == ()
    subjects = [subject.partition(":")[0] for subject, _ in system.messages]
    assert set(subjects) == {"Slot left empty"}


def test_a_notice_names_the_newest_empty_slots_and_counts_the_others(system: System) -> None:
    slots = tuple(Slot.model_validate({"at": f"{hour:02}:00"}) for hour in range(10, 18))
    persona = system.add_persona(slots=slots)
    system.advance_to(SLOT + 10 * HOUR)
    for hour in range(1, 9):
        system.picker.pick(persona.persona_id, SLOT + hour * HOUR)
    system.notifier.run()
    text = text_of(system, "Slot left empty")
    assert text.index("2026-11-22 16:00 UTC") < text.index("2026-11-22 12:00 UTC")
    assert "11:00 UTC" not in text
    assert "So were 3 more in the last day." in text


def test_a_slot_without_a_pick_is_mailed(system: System) -> None:
    persona = system.add_persona()
    system.clock.sleep(2 * DAY)
    system.notifier.run()
    assert "Nothing was picked" in text_of(system, "Slot left empty: Nature Explorer")
    assert build_silence_check(system.stores).run() == 1
    assert persona.slots


def test_a_persona_that_posts_is_not_silent_and_a_paused_one_neither(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    for number in range(4):
        system.add_photo(persona, number, score=7.0)
    live(system, 1.5, every=HOUR)
    check = build_silence_check(system.stores)
    posting = check.run()
    system.clock.sleep(3 * DAY)
    silent = check.run()
    system.stores.pauses.pause(persona.owner, "Holiday.", system.clock.now())
    assert (posting, silent, check.run()) == (0, 1, 0)


def test_mails_survive_an_outage_of_sns_and_publishing_goes_on(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    (schedule,) = system.poster.post(
        persona, PhotoRequest(photo=photo.photo_id, at=soon(system, 30)), request_key="one"
    ).schedules
    system.queues.standing = [stuck()]
    send = system.notifier.mailer.send

    def deaf(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://sns.example.test")

    monkeypatch.setattr(system.notifier.mailer, "send", deaf)
    live(system, 0.25, every=HOUR)
    assert system.messages == []
    assert system.stores.schedules.get(schedule.schedule_id).status is ScheduleStatus.SUCCESS

    monkeypatch.setattr(system.notifier.mailer, "send", send)
    system.notifier.run()
    assert [subject.partition(":")[0] for subject, _ in system.messages] == ["Imports stuck"]
    assert connection


def test_two_runs_at_once_send_one_mail(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "instagram")
    system.stores.connections.mark_error(connection, "Checkpoint.", system.clock.now())
    read = Notifier._state
    overtaken: list[bool] = []

    def slow(self: Notifier, owner: str) -> Any:
        state = read(self, owner)
        if owner == persona.owner and not overtaken:
            overtaken.append(True)
            self.run()
        return state

    monkeypatch.setattr(Notifier, "_state", slow)
    system.notifier.run()
    assert len(system.messages) == 1


def stuck() -> Condition:
    """Messages in the queue of dead letters."""
    return Condition(
        kind=NoticeKind.IMPORTS_STUCK,
        subject="queues",
        label="2 dead letters",
        what="2 messages failed for good.",
        commands=("shutterpost doctor",),
    )
