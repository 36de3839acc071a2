"""The health job: connections until the end of their token, and their schedules."""

from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from shutterpost.channels import ConnectionStatus, ConnectionStore, Failure, QuotaUse
from shutterpost.flows.operating.connect import AccountRequest
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.syncing import health as health_module
from shutterpost.flows.syncing.health import NEWS_AFTER, RECHECK_AFTER, ConnectionCheck, HealthCheck, HealthFinding
from shutterpost.flows.wiring import build_connector, build_health_check
from shutterpost.personas import PersonaStatus
from shutterpost.scheduling import ScheduleStatus
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import IG_USER
from tests.support.system import System, soon

DAY = timedelta(days=1)


@pytest.fixture
def health(system: System) -> HealthCheck:
    return build_health_check(system.stores, system.platforms)


def in_days(system: System, days: float) -> datetime:
    return system.clock.now() + days * DAY


def wait(system: System, days: float) -> None:
    system.clock.sleep(days * DAY)


def findings(health: HealthCheck) -> list[HealthFinding]:
    return [checkup.finding for checkup in health.run().checkups]


def test_instagram_login_token_is_refreshed_at_50_days_and_goes_on_working(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    before = system.platforms.tokens.read(persona.persona_id, connection.connection_id)

    wait(system, 49)
    early = findings(health)
    wait(system, 1.5)
    due = health.run()
    wait(system, 15)

    after = system.stores.connections.get(persona.persona_id, connection.connection_id)
    assert early == []
    assert [checkup.finding for checkup in due.checkups] == [HealthFinding.REFRESHED]
    assert due.checkups[0].days_left in {59, 60}
    assert after.token_expires_at is not None
    assert after.token_expires_at > in_days(system, 40)
    assert system.platforms.tokens.read(persona.persona_id, connection.connection_id) != before
    photo = system.add_photo(persona, 1, score=7.0)
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()
    assert system.stores.schedules.get(opened.schedules[0].schedule_id).status is ScheduleStatus.SUCCESS


def test_token_that_was_old_when_connected_is_refreshed_before_its_stated_end(
    system: System, health: HealthCheck
) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    system.stores.connections.token_replaced(connection, system.clock.now(), in_days(system, 20))

    wait(system, 9)
    early = findings(health)
    wait(system, 3)

    assert early == []
    assert findings(health) == [HealthFinding.REFRESHED]


def test_token_of_a_paused_persona_is_refreshed_too(system: System, health: HealthCheck) -> None:
    system.add_persona("Active")
    persona = system.add_persona("Paused", status=PersonaStatus.PAUSED)
    system.connect(persona, "instagram")

    wait(system, 51)

    assert findings(health) == [HealthFinding.REFRESHED]


def test_facebook_login_token_is_counted_down_from_14_days_on(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")

    wait(system, 45)
    early = findings(health)
    wait(system, 3)
    (checkup,) = health.run().checkups

    assert early == []
    assert (checkup.finding, checkup.days_left) == (HealthFinding.ENDS_SOON, 12)


def test_facebook_login_token_that_ended_is_an_error(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "facebook")

    wait(system, 62)

    assert findings(health) == [HealthFinding.BROKEN]
    assert system.stores.connections.get(persona.persona_id, connection.connection_id).status is ConnectionStatus.ERROR


def test_buffer_key_is_left_alone(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")

    wait(system, 400)

    assert health.run().looked_at == 1
    assert findings(health) == []


def test_refresh_that_the_platform_cannot_do_now_is_tried_the_next_day(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    wait(system, 51)
    system.bench.sim.add_fault("instagram", "refresh_token", "drop_before")

    first = findings(health)
    wait(system, 1)
    second = findings(health)

    assert (first, second) == ([HealthFinding.NOT_REFRESHED], [HealthFinding.REFRESHED])
    kept = system.stores.connections.get(persona.persona_id, connection.connection_id)
    assert kept.status is ConnectionStatus.CONNECTED


def test_connection_in_error_is_connected_again_once_its_token_works(system: System, health: HealthCheck) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    system.stores.connections.mark_error(connection, "Checkpoint.", system.clock.now())
    system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", code=190, subcode=459)

    first = findings(health)
    second = findings(health)

    assert (first, second) == ([HealthFinding.STILL_BROKEN], [HealthFinding.WORKS_AGAIN])
    again = system.stores.connections.get(persona.persona_id, connection.connection_id)
    assert again.status is ConnectionStatus.CONNECTED


def test_a_manual_token_check_sets_or_clears_the_connections_error(system: System, health: HealthCheck) -> None:
    connection = system.connect(system.add_persona(), "instagram")
    ids = (connection.persona_id, connection.connection_id)
    collected = []
    for fault in ({"code": 2}, {"code": 190, "subcode": 459}, None):
        if fault:
            system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", **fault)
        works = health.try_now(*ids).works
        collected.append((works, system.stores.connections.get(*ids).status))
    connected, error = ConnectionStatus.CONNECTED, ConnectionStatus.ERROR
    assert collected == [(False, connected), (False, error), (True, connected)]


def test_a_token_that_dies_is_noticed_within_the_hour_and_before_a_post_needs_it(
    system: System, health: HealthCheck
) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", count=9, code=190, subcode=460)

    system.clock.sleep(RECHECK_AFTER - timedelta(seconds=1))
    assert health.recheck() == ()
    before = system.stores.connections.get(persona.persona_id, connection.connection_id)
    system.clock.sleep(timedelta(seconds=1))
    health.recheck()
    after = system.stores.connections.get(persona.persona_id, connection.connection_id)

    assert (before.status, before.checked_at) == (ConnectionStatus.CONNECTED, None)
    assert (after.status, after.checked_at) == (ConnectionStatus.ERROR, system.clock.now())


@pytest.mark.parametrize("used", [3, 25])
def test_a_check_stores_how_much_of_the_quota_is_used_and_when(
    system: System, health: HealthCheck, used: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = system.connect(system.add_persona(), "instagram")
    ids = (connection.persona_id, connection.connection_id)
    written = list[int]()
    note_quota = ConnectionStore.note_quota

    def counted(store: ConnectionStore, persona_id: str, connection_id: str, quota: QuotaUse, now: datetime) -> None:
        written.append(quota.used)
        note_quota(store, persona_id, connection_id, quota, now)

    monkeypatch.setattr(ConnectionStore, "note_quota", counted)
    system.bench.sim.add_instagram_account(
        TOKENS["instagram"], kind="instagram", ig_user_id=IG_USER, username="nature", quota_total=25, quota_used=used
    )
    health.try_now(*ids)
    health.try_now(*ids)
    stored, first = system.stores.connections.get(*ids), system.clock.now()
    system.clock.sleep(NEWS_AFTER + timedelta(seconds=1))
    health.try_now(*ids)

    assert (stored.quota_used, stored.quota_total, stored.checked_at) == (used, 25, first)
    assert system.stores.connections.get(*ids).checked_at == system.clock.now()
    assert (connection.quota_used, written) == (None, [used, used])


def test_a_connection_that_was_used_or_checked_is_not_asked_again(
    system: System, health: HealthCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "instagram")
    tried = list[str]()
    try_now = HealthCheck.try_now

    def counted(check: HealthCheck, persona_id: str, connection_id: str) -> ConnectionCheck:
        tried.append(connection_id)
        return try_now(check, persona_id, connection_id)

    monkeypatch.setattr(HealthCheck, "try_now", counted)
    for _ in range(8):
        system.clock.sleep(RECHECK_AFTER / 4)
        health.recheck()
    assert len(tried) == 2
    system.clock.sleep(RECHECK_AFTER / 2)
    system.stores.connections.touch(persona.persona_id, connection.connection_id, system.clock.now())
    system.clock.sleep(RECHECK_AFTER / 2)
    health.recheck()
    assert len(tried) == 2
    # The daily check tries what is in error; a platform that sees a dead token too often may lock the account.
    system.stores.connections.mark_error(connection, "Checkpoint.", system.clock.now())
    system.clock.sleep(RECHECK_AFTER)
    health.recheck()
    system.stores.connections.revoke(persona.persona_id, connection.connection_id, system.clock.now())
    system.clock.sleep(RECHECK_AFTER)
    health.recheck()
    assert len(tried) == 2


def test_a_connection_that_is_revoked_before_its_check_is_no_failure(
    system: System, health: HealthCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona = system.add_persona(slots=())
    connection = system.connect(persona, "instagram")
    system.clock.sleep(RECHECK_AFTER)
    connections, note_check = system.stores.connections, system.stores.connections.note_check

    def revoked_first(persona_id: str, connection_id: str, at: datetime) -> None:
        connections.revoke(persona_id, connection_id, at)
        note_check(persona_id, connection_id, at)

    monkeypatch.setattr(connections, "note_check", revoked_first)
    assert health.recheck() == ()
    assert connections.get(persona.persona_id, connection.connection_id).status is ConnectionStatus.REVOKED


def test_a_run_rechecks_a_bounded_number_longest_unheard_first(
    system: System, health: HealthCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_module, "MAX_RECHECKS", 1)
    personas = [system.add_persona(name, slots=()) for name in ("First", "Second", "Third")]
    for persona in personas:
        system.connect(persona, "instagram")
        system.clock.sleep(timedelta(minutes=1))
    system.clock.sleep(RECHECK_AFTER)

    def fails(*_: object) -> ConnectionCheck:
        raise RuntimeError("no token store")

    monkeypatch.setattr(HealthCheck, "try_now", fails)
    failed = [health.recheck() for _ in range(4)]
    assert failed == [*((persona.persona_id,) for persona in personas), ()]


def test_error_keeps_schedules_queued_and_reconnecting_lets_sync_start_them(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=120)
    connection = system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=soon(system, 30))
    opened = system.poster.post(persona, request, request_key="one")
    system.stores.connections.mark_error(connection, "Password changed.", system.clock.now())

    system.advance_to(soon(system, 60))
    system.syncer.run()
    system.run_executions()
    held = system.stores.schedules.get(opened.schedules[0].schedule_id)
    system.connect(persona, "instagram")
    system.advance_to(soon(system, 20))
    system.syncer.run()
    system.run_executions()

    assert held.status is ScheduleStatus.QUEUED
    assert system.stores.schedules.get(held.schedule_id).status is ScheduleStatus.SUCCESS


def test_schedule_held_past_its_grace_follows_the_late_policy_after_reconnecting(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=10, late_then="skip")
    connection = system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=soon(system, 30))
    opened = system.poster.post(persona, request, request_key="one")
    system.stores.connections.mark_error(connection, "Password changed.", system.clock.now())

    system.advance_to(soon(system, 60))
    system.syncer.run()
    system.connect(persona, "instagram")
    system.advance_to(soon(system, 20))
    system.syncer.run()

    assert system.stores.schedules.get(opened.schedules[0].schedule_id).status is ScheduleStatus.SKIPPED
    assert system.stores.photos.get(persona.persona_id, photo.photo_id).in_unposted


@pytest.mark.parametrize("valid", [True, False])
def test_token_is_tried_before_it_is_stored(system: System, health: HealthCheck, valid: bool) -> None:
    persona = system.add_persona()
    tokens = system.platforms.tokens
    connector = build_connector(system.stores, tokens, stage="local")
    token = SecretStr(TOKENS["instagram"] if valid else "IGQ-made-up")
    account = AccountRequest(channel="instagram", account_id=IG_USER, login="instagram", token=token)

    candidate = connector.candidate(persona, account)
    check = health.try_candidate(candidate)
    connector.forget(candidate)

    assert (check.works, check.cause) == ((True, None) if valid else (False, "token"))
    assert (check.token_facts is not None) is valid
    assert isinstance(tokens.read(persona.persona_id, candidate.connection_id), Failure)
    assert system.stores.connections.list(persona.persona_id) == ()
