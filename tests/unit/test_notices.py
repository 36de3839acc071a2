"""Which notices are mailed, when they are repeated, and how they end."""

from datetime import timedelta

import pytest

from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.decide import MAX_STANDING, Decided, Standing, decide
from shutterpost.flows.notifying.kinds import RULES, NoticeKind
from shutterpost.flows.notifying.mail import MAX_LISTED, notice_mail
from tests.support.builders import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = Scope(persona_id="nature", kinds=frozenset(NoticeKind))


def a_condition(kind: NoticeKind = NoticeKind.CONNECTION_ERROR, **fields: object) -> Condition:
    given = {"subject": "c1", "persona_id": "nature", "label": "Nature, instagram", "what": "Refused.", **fields}
    return Condition.model_validate({"kind": kind, "commands": ("shutterpost status",), **given})


class Owner:
    """An owner's state over runs at hours from `NOW`."""

    def __init__(self) -> None:
        self.standing = Standing()

    def run(self, at: timedelta, *conditions: Condition, scope: Scope = ALL) -> Decided:
        decided = decide(self.standing, conditions, [scope], NOW + at)
        self.standing = Standing.model_validate(decided.standing.model_dump(mode="json"))
        return decided

    def mailed(self, at: timedelta, *conditions: Condition, scope: Scope = ALL) -> tuple[list[str], list[str]]:
        decided = self.run(at, *conditions, scope=scope)
        return [each.condition.label for each in decided.mentions], [each.label for each in decided.ended]


def test_a_condition_is_mailed_at_once_and_repeated_while_it_lasts() -> None:
    owner = Owner()
    days = [day for day in range(30) if owner.mailed(day * DAY, a_condition())[0]]
    assert days == [0, 1, 4, 11, 18, 25]


def test_a_run_without_a_mail_keeps_the_time_of_the_last() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    owner.run(2 * HOUR, a_condition())
    assert owner.standing.mailed_at == NOW


def test_a_mail_says_when_the_next_reminder_comes() -> None:
    [mention] = Owner().run(timedelta(0), a_condition()).mentions
    assert mention.remind_at == NOW + DAY


def test_what_ended_is_mailed_once() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    assert owner.mailed(2 * HOUR) == ([], ["Nature, instagram"])
    assert owner.mailed(4 * HOUR) == ([], [])
    assert owner.standing.notices == {}


def test_what_ended_before_it_was_mailed_is_no_news() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    other = a_condition(subject="c2", label="Other")
    owner.run(HOUR / 2, a_condition(), other)
    assert owner.mailed(2 * HOUR, a_condition()) == ([], [])


def test_at_most_one_mail_an_hour_and_the_next_has_all() -> None:
    owner = Owner()
    conditions = [a_condition(subject=f"c{number}", label=f"Account {number}") for number in range(4)]
    mails = [owner.mailed(index * HOUR / 4, *conditions[: index + 1])[0] for index in range(4)]
    assert mails == [["Account 0"], [], [], []]
    assert owner.mailed(HOUR, *conditions)[0] == ["Account 1", "Account 2", "Account 3"]


def test_what_comes_back_within_the_hour_did_not_end() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    owner.run(HOUR / 4)
    owner.run(HOUR / 2, a_condition())
    assert owner.mailed(2 * HOUR, a_condition()) == ([], [])


def test_another_level_is_mailed_at_once_and_the_same_is_not() -> None:
    owner = Owner()
    low, critical = (a_condition(NoticeKind.LIBRARY_LOW, level=level) for level in ("low", "critical"))
    levels = [low, low, critical, critical, low]
    assert [bool(owner.mailed(day * DAY, each)[0]) for day, each in enumerate(levels)] == [1, 0, 1, 0, 1]


def test_a_condition_with_its_own_reminder_follows_that() -> None:
    owner = Owner()
    waiting = a_condition(NoticeKind.APPROVAL_NEEDED, remind_at=NOW + 5 * HOUR)
    mails = [hour for hour in range(10) if owner.mailed(hour * HOUR, waiting)[0]]
    assert mails[:2] == [0, 5]


def test_patience_lets_what_mends_itself_pass() -> None:
    owner = Owner()
    stuck = a_condition(NoticeKind.IMPORTS_STUCK)
    assert [owner.mailed(hour * HOUR, stuck)[0] != [] for hour in range(4)] == [False, False, True, False]
    other = Owner()
    other.run(timedelta(0), stuck)
    assert other.mailed(HOUR) == ([], [])


def test_what_was_not_examined_stays() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    elsewhere = Scope(persona_id="other", kinds=frozenset(NoticeKind))
    other_kinds = Scope(persona_id="nature", kinds=frozenset({NoticeKind.LIBRARY_LOW}))
    for scope in (elsewhere, other_kinds):
        assert owner.mailed(2 * DAY, scope=scope) == ([], [])
    assert owner.mailed(2 * DAY) == ([], ["Nature, instagram"])


def test_an_ended_notice_has_its_last_label_and_when_it_began() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    owner.run(HOUR / 2, a_condition(label="Renamed"))
    [ended] = owner.run(2 * HOUR).ended
    assert (ended.label, ended.since, ended.ended_at, ended.mails) == ("Renamed", NOW, NOW + 2 * HOUR, 1)


def test_an_end_waits_for_the_next_mail_and_keeps_its_time() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition())
    assert owner.mailed(HOUR / 2) == ([], [])
    assert owner.mailed(HOUR * 3 / 4) == ([], [])
    [ended] = owner.run(HOUR).ended
    assert ended.ended_at == NOW + HOUR / 2
    assert owner.standing.mailed_at == NOW + HOUR


def test_a_reminder_after_another_level_follows_the_mails_so_far() -> None:
    owner = Owner()
    low, critical = (a_condition(NoticeKind.LIBRARY_LOW, level=level) for level in ("low", "critical"))
    owner.run(timedelta(0), low)
    [mention] = owner.run(DAY, critical).mentions
    assert (mention.since, mention.remind_at) == (NOW, NOW + 8 * DAY)


def test_a_persona_with_very_many_notices_keeps_a_bounded_number() -> None:
    owner = Owner()
    conditions = [a_condition(subject=f"c{number}") for number in range(MAX_STANDING + 5)]
    decided = owner.run(timedelta(0), *conditions)
    assert len(decided.mentions) == len(owner.standing.notices) == MAX_STANDING
    # What was left out is found again once there is room, after the mail of what ended.
    owner.run(DAY, *conditions[5:])
    owner.run(DAY + HOUR, *conditions[5:])
    assert set(owner.standing.notices) == {condition.key for condition in conditions[5:]}


def test_a_kind_without_an_end_ends_without_a_mail() -> None:
    owner = Owner()
    owner.run(timedelta(0), a_condition(NoticeKind.FILES_REJECTED, level="2"))
    assert owner.mailed(DAY) == ([], [])
    assert owner.standing.notices == {}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_says_what_it_costs_and_what_to_do(kind: NoticeKind) -> None:
    [mention] = Owner().run(timedelta(0), a_condition(kind)).mentions or Owner().run(-DAY, a_condition()).mentions
    mail = notice_mail([mention], [], NOW)
    rule = RULES[mention.condition.kind]
    assert mail.subject == f"{rule.title}: Nature, instagram"
    for line in (f"1. {rule.title}: Nature", "What happened: Refused.", f"What it costs: {rule.cost}"):
        assert line in mail.text
    assert "What to do: shutterpost status" in mail.text
    assert "next reminder: " in mail.text


def test_a_mail_is_bounded_and_says_what_it_leaves_out() -> None:
    conditions = [a_condition(subject=f"c{number}") for number in range(MAX_LISTED + 3)]
    mail = notice_mail(Owner().run(timedelta(0), *conditions).mentions, [], NOW)
    assert mail.subject.endswith(f"(+{MAX_LISTED + 2})")
    assert "And 3 more: shutterpost status" in mail.text
    assert f"\n{MAX_LISTED}. " in mail.text
    assert f"\n{MAX_LISTED + 1}. " not in mail.text
