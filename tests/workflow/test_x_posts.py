"""Posts on X through the whole chain: once each, and never beyond the month's budget."""

from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.channels import Budget, Connection
from shutterpost.flows.planning.budgets import BudgetUse, postable
from shutterpost.flows.planning.holds import HoldCause
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.refusals import BudgetMissing, BudgetTooSmall, budget_command
from shutterpost.flows.wiring import build_budgets, build_health_check, build_holds
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.mails import DAY, live
from tests.support.schedules import now_of, opened
from tests.support.simulated_channels import add_x_account
from tests.support.system import System

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
SUCCESS, QUEUED = ScheduleStatus.SUCCESS, ScheduleStatus.QUEUED


@pytest.fixture
def persona(system: System) -> Persona:
    return system.add_persona(slots=(), late_grace_minutes=60, late_then="skip")


@pytest.fixture
def connection(system: System, persona: Persona) -> Connection:
    return budgeted(system, system.connect(persona, "x"))


def budgeted(system: System, connection: Connection, posts: int = 30, dollars: float = 2) -> Connection:
    budget = Budget(posts=posts, dollars=dollars)
    return system.stores.connections.set_budget(connection.persona_id, connection.connection_id, budget)


def open_post(system: System, persona: Persona, number: int, text: str = "") -> Schedule:
    photo = system.add_photo(persona, number, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, caption=text or f"By hand {number}.")
    return system.poster.post(persona, request, request_key=str(number)).schedules[0]


def later(system: System, minutes: float, times: int = 1) -> None:
    for _ in range(times):
        system.advance_to(system.clock.now() + timedelta(minutes=minutes))
        system.syncer.run()
        system.run_executions()


def used(system: System, connection: Connection) -> tuple[int, int]:
    use = system.stores.lanes.get(connection.account_key).used_in(system.clock.now())
    return use.posts, use.cost


def test_a_post_goes_out_with_its_picture_and_is_counted(system: System, persona: Persona, connection: Connection):
    schedule = opened(system, persona)
    system.run_executions()

    done = now_of(system, schedule)
    [post] = system.bench.sim.x_posts()
    assert (done.status, done.external_id) == (SUCCESS, post["id"])
    assert done.external_url == f"https://x.com/i/web/status/{post['id']}"
    assert post["alt_texts"] == ["Photo 1"]
    assert used(system, connection) == (1, 20)
    # Nothing that costs is read, but the list without posts before it.
    assert [system.bench.sim.count("x", name) for name in ("me", "read_post")] == [0, 0]
    assert system.bench.sim.violations() == []


def test_nothing_is_planned_before_a_budget_is_set(system: System, persona: Persona):
    connection = system.connect(persona, "x")
    with pytest.raises(BudgetMissing) as refused:
        opened(system, persona)
    command = f"shutterpost connections budget {connection.connection_id} --persona {persona.persona_id} --posts"
    assert command in refused.value.detail

    budgeted(system, connection)
    opened(system, persona)
    system.run_executions()
    assert len(system.bench.sim.x_posts()) == 1


def test_a_missing_budget_is_asked_of_connected_accounts_alone(system: System, persona: Persona):
    ended, other = system.connect(persona, "instagram"), system.connect(persona, "x")
    system.stores.connections.mark_error(ended, "Checkpoint.", system.clock.now())
    listed = {each.connection_id: each for each in system.stores.connections.list(persona.persona_id)}
    with pytest.raises(BudgetMissing) as refused:
        postable([listed[ended.connection_id], other])
    assert refused.value.members["connection_id"] == other.connection_id
    assert postable([listed[ended.connection_id]]) == ()


def test_a_post_whose_budget_was_removed_meanwhile_gets_no_time(
    system: System, persona: Persona, connection: Connection
):
    schedule, row = opened(system, persona), system.stores.catalogue.row("x")
    budgets = build_budgets(system.stores)
    assert budgets.limits(schedule, row) == {"monthly_posts": 30, "monthly_cost": 2_000}
    system.stores.connections.set_budget(persona.persona_id, connection.connection_id, None)
    assert budgets.limits(schedule, row) == {"monthly_posts": 0, "monthly_cost": 0}


def test_a_channel_without_a_budget_is_left_out_of_a_post_to_all(system: System, persona: Persona):
    system.connect(persona, "x")
    instagram = system.connect(persona, "instagram")
    assert opened(system, persona).connection_id == instagram.connection_id


def test_a_post_beyond_the_number_follows_the_late_policy(system: System, persona: Persona, connection: Connection):
    budgeted(system, connection, posts=1)
    first, second = open_post(system, persona, 1), open_post(system, persona, 2)
    system.run_executions()
    assert [now_of(system, each).status for each in (first, second)] == [SUCCESS, QUEUED]
    waiting = now_of(system, second)
    hold = build_holds(system.stores).of([waiting])[second.schedule_id]
    assert (hold.cause, hold.until) == (HoldCause.LANE, DECEMBER)
    assert "budget of x is used up" in hold.because

    later(system, 61)

    assert now_of(system, second).status is ScheduleStatus.SKIPPED
    assert len(system.bench.sim.x_posts()) == 1


def test_a_post_near_the_end_of_the_month_waits_for_the_next(system: System, persona: Persona, connection: Connection):
    system.advance_to(DECEMBER - timedelta(minutes=30))
    add_x_account(system.bench.sim)
    budgeted(system, connection, posts=1)
    first, second = open_post(system, persona, 1), open_post(system, persona, 2)
    system.run_executions()

    done = [now_of(system, each) for each in (first, second)]
    assert [each.status for each in done] == [SUCCESS, SUCCESS]
    assert done[1].posted_at is not None
    assert done[1].posted_at >= DECEMBER
    assert used(system, connection) == (1, 20)


def test_money_ends_a_budget_as_well(system: System, persona: Persona, connection: Connection):
    budgeted(system, connection, dollars=0.3)
    linked = open_post(system, persona, 1, "Prints: https://prints.example/lake")
    plain, second_link = (
        open_post(system, persona, 2),
        open_post(system, persona, 3, "More: https://prints.example/fog"),
    )
    system.run_executions()

    statuses = [now_of(system, each).status for each in (linked, plain, second_link)]
    assert statuses == [SUCCESS, SUCCESS, QUEUED]
    assert used(system, connection) == (2, 225)


def test_a_post_that_costs_more_than_a_month_may_is_refused(system: System, persona: Persona, connection: Connection):
    budgeted(system, connection, dollars=0.2)
    with pytest.raises(BudgetTooSmall) as refused:
        open_post(system, persona, 1, "Prints: https://prints.example/lake")
    assert refused.value.members["dollars"] == 0.205
    budgeted(system, connection, dollars=0.205)
    open_post(system, persona, 2, "Prints: https://prints.example/lake")
    system.run_executions()
    use = BudgetUse(month="2026-11", posts=1, dollars=0.205)
    assert used(system, connection) == (1, 205)
    assert use.share_of(budgeted(system, connection, dollars=0.205)) == 1


def test_an_unclear_post_counts_until_it_is_known(system: System, persona: Persona, connection: Connection):
    budgeted(system, connection, posts=1)
    system.bench.sim.add_fault("x", "create_post", "effect_then_drop")
    first, second = open_post(system, persona, 1), open_post(system, persona, 2)
    system.run_executions()
    assert [now_of(system, each).status for each in (first, second)] == [ScheduleStatus.UNKNOWN, QUEUED]

    later(system, 2)

    assert [now_of(system, each).status for each in (first, second)] == [SUCCESS, QUEUED]
    assert system.bench.sim.count("x", "create_post") == 1


def test_a_post_that_was_refused_does_not_count(system: System, persona: Persona, connection: Connection):
    budgeted(system, connection, posts=1)
    system.bench.sim.add_fault("x", "create_post", "refuse", status=403, code="client-forbidden")
    first = open_post(system, persona, 1)
    system.run_executions()
    second = open_post(system, persona, 2)
    system.run_executions()

    assert [now_of(system, each).status for each in (first, second)] == [ScheduleStatus.FAILED, SUCCESS]
    assert used(system, connection) == (1, 20)


def test_a_budget_that_is_removed_holds_what_is_planned(system: System, persona: Persona, connection: Connection):
    schedule = opened(system, persona)
    system.stores.connections.set_budget(persona.persona_id, connection.connection_id, None)
    system.run_executions()
    held = now_of(system, schedule)
    assert held.status is QUEUED
    hold = build_holds(system.stores).of([held])[schedule.schedule_id]
    assert hold.cause is HoldCause.BUDGET
    assert f"{connection.display_name} has no monthly budget; set it: {budget_command(connection)}" == hold.because
    assert system.bench.sim.x_posts() == []

    budgeted(system, connection)
    later(system, 16)

    assert now_of(system, schedule).status is SUCCESS


def test_connections_of_one_account_share_what_is_used(system: System, persona: Persona, connection: Connection):
    other = system.add_persona("City Explorer", slots=())
    same = budgeted(system, system.connect(other, "x"), posts=1)
    opened(system, persona)
    system.run_executions()
    waiting = open_post(system, other, 2)
    system.run_executions()

    assert now_of(system, waiting).status is QUEUED
    assert used(system, same) == used(system, connection) == (1, 20)


def test_a_call_that_never_arrived_is_repeated_after_two_looks(
    system: System, persona: Persona, connection: Connection
):
    system.bench.sim.add_fault("x", "create_post", "drop_before")
    schedule = opened(system, persona)
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN

    later(system, 3, times=4)

    assert now_of(system, schedule).status is SUCCESS
    assert [system.bench.sim.count("x", name) for name in ("create_post", "upload")] == [2, 1]
    assert used(system, connection) == (1, 20)


def test_a_token_that_cannot_be_renewed_is_mailed(system: System, persona: Persona, connection: Connection):
    health = build_health_check(system.stores, system.platforms)
    system.bench.sim.add_fault("x", "token", "effect_then_drop")
    came = []
    for _ in range(4):
        system.advance_to(system.clock.now() + timedelta(hours=1, minutes=1))
        assert health.recheck() == ()
        came.append([subject for _, subject in live(system, 0.01, every=timedelta(minutes=1))])

    # The first hour's token is good, the second's renewal is lost, and the third finds its refresh token used.
    [title] = came.pop(2)
    assert came == [[], [], []]
    assert title == f"Connection in error: Nature Explorer, x {connection.display_name}"
    error = system.stores.connections.get(persona.persona_id, connection.connection_id)
    assert "connect the account again" in (error.status_reason or "")


def test_the_budget_is_mailed_when_it_is_missing_nearly_used_and_used_up(system: System, persona: Persona):
    connection = system.connect(persona, "x")
    title = f"Monthly budget: Nature Explorer, x {connection.display_name}"
    assert [subject for _, subject in live(system, 0.1)] == [title]
    budgeted(system, connection, posts=5)
    add_x_account(system.bench.sim)
    assert [subject for _, subject in live(system, 0.1)] == [f"Works again: {title}"]
    came = []
    for number in range(1, 6):
        open_post(system, persona, number)
        system.run_executions()
        came.append([subject for _, subject in live(system, 0.1)])
    assert came == [[], [], [], [title], [title]]
    assert "5 of 5 posts and $0.10 of $2.00 of 2026-11 are used" in system.messages[-1][1]
    assert live(system, 1, every=DAY) == []
