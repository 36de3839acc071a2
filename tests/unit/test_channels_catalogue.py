"""The rows and the rules of the catalogue."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from shutterpost.channels import (
    ChannelDisabled,
    ChannelStatus,
    ChannelUnknown,
    Connection,
    ConnectionIncomplete,
    Grade,
    RetryPolicy,
    ServerLimits,
    adapters,
    catalogue,
)
from shutterpost.runtime.settings import PlatformSettings
from tests.support.platform_tools import tools

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def connection(login: Literal["facebook", "instagram"], token_age_days: int) -> Connection:
    return Connection(
        connection_id="c1",
        persona_id="p1",
        owner="o",
        channel="instagram",
        display_name="Nature",
        account_id="17841400000000001",
        login=login,
        created_at=NOW,
        updated_at=NOW,
        token_updated_at=NOW - timedelta(days=token_age_days),
    )


def test_channels_with_an_adapter_are_active_and_the_others_wait():
    states = {row.key: row.status for row in catalogue().rows}

    active = {key for key, status in states.items() if status is ChannelStatus.ACTIVE}
    assert active == {
        "instagram",
        "buffer",
        "threads",
        "bluesky",
        "mastodon",
        "pixelfed",
        "linkedin",
        "x",
        "facebook_page",
    }
    assert active == set(states)


def test_the_grade_of_linkedin_is_that_of_the_way_of_signing_in():
    row = catalogue().row("linkedin")
    grades = {
        login: row.grade_of(connection("facebook", 1).model_copy(update={"login": login}))
        for login in ("member", "organization")
    }
    assert grades == {"member": Grade.E, "organization": Grade.C}
    assert catalogue().row("instagram").grade_of(connection("facebook", 1)) is Grade.C


@pytest.mark.parametrize(
    ("address", "post"),
    [
        ("https://www.linkedin.com/feed/update/urn:li:share:7265/", "7265"),
        ("https://www.linkedin.com/posts/anna-nature_a-calm-lake-activity-7265-Ab_c?utm_source=share", "7265"),
        ("https://de.linkedin.com/posts/studio_ugcPost-7265-AbCd", "7265"),
        ("https://www.linkedin.com/in/anna", None),
    ],
)
def test_an_address_of_linkedin_names_its_post(address, post):
    match = re.fullmatch(catalogue().row("linkedin").post_address or "", address)
    assert (match["post"] if match else None) == post


def test_a_connection_has_the_limits_that_its_server_states():
    stated = ServerLimits(read_at=NOW, max_text_length=5_000, max_pictures=10, max_alt_text=900, max_bytes=1_000)
    row = catalogue().row("mastodon")

    own = row.at(connection("facebook", 1).model_copy(update={"limits": stated})).limits

    assert (own.max_text_length, own.max_pictures, own.max_alt_text, own.image.max_bytes) == (5_000, 10, 900, 1_000)
    assert own.link_length == row.limits.link_length
    assert row.at(connection("facebook", 1)) is row


@pytest.mark.parametrize("key", ["mastodon", "pixelfed"])
@pytest.mark.parametrize("host", [None, "example.social", "http://example.social", "https://example.social/@me"])
def test_an_account_of_many_servers_names_its_own(key, host):
    with pytest.raises(ConnectionIncomplete) as refused:
        catalogue().row(key).check_account("1@example.social", login=None, organization_id=None, host=host)
    assert refused.value.members["field"] == "host"


def test_a_server_of_this_machine_is_allowed_where_the_stage_is():
    row = catalogue().row("mastodon")
    host = "http://127.0.0.1:8080"
    row.check_account("1@example.social", login=None, organization_id=None, host=host, allow_loopback=True)
    with pytest.raises(ConnectionIncomplete):
        row.check_account("1@example.social", login=None, organization_id=None, host=host)


def test_the_limits_say_what_a_channel_takes():
    supports = {row.key: (row.limits.supports_images, row.limits.supports_links) for row in catalogue().rows}

    assert {key for key, (images, _) in supports.items() if images} == supports.keys()
    assert {key for key, (_, links) in supports.items() if not links} == {"instagram", "buffer"}
    assert all(row.limits.supports_images or not row.limits.min_pictures for row in catalogue().rows)


def test_every_active_row_has_an_adapter_that_is_made_once():
    factory = adapters(tools(PlatformSettings(stage="test")))

    for row in catalogue().rows:
        if row.status is ChannelStatus.ACTIVE:
            assert factory(row.key) is factory(row.key)


def test_an_unknown_channel_is_refused_with_the_known_ones():
    with pytest.raises(ChannelUnknown, match="instagram, buffer") as refused:
        catalogue().row("myspace")

    assert refused.value.kind == "channel-unknown"


def test_a_disabled_channel_is_refused_by_catalogue_and_factory(monkeypatch):
    rows = [
        row.model_copy(update={"status": ChannelStatus.DISABLED}) if row.key == "x" else row for row in catalogue().rows
    ]
    without_x = catalogue().model_copy(update={"rows": tuple(rows)})
    monkeypatch.setattr("shutterpost.channels.factory.catalogue", lambda: without_x)
    for ask in (without_x.active, adapters(tools(PlatformSettings(stage="test")))):
        with pytest.raises(ChannelDisabled, match="use one of instagram, buffer") as refused:
            ask("x")
        assert refused.value.kind == "channel-disabled"


def test_buffer_hands_over_and_is_ambiguous_from_submitting_instagram_from_publishing():
    instagram, buffer = catalogue().row("instagram"), catalogue().row("buffer")

    assert (instagram.hands_over, instagram.ambiguous_from, instagram.lead) == (False, "publishing", 120)
    assert (buffer.hands_over, buffer.ambiguous_from) == (True, "submitting")
    assert instagram.poll == (2, 5, 10, 20, 30, 60, 60, 60, 60, 60)


def test_an_instagram_account_names_its_login():
    row = catalogue().row("instagram")
    row.check_account("178414", login="facebook", organization_id=None)

    with pytest.raises(ConnectionIncomplete, match="'facebook' or 'instagram'") as refused:
        row.check_account("178414", login=None, organization_id=None)
    assert refused.value.members["field"] == "login"


def test_a_buffer_account_names_its_organization():
    row = catalogue().row("buffer")
    row.check_account("68426341", login=None, organization_id="org")

    with pytest.raises(ConnectionIncomplete) as refused:
        row.check_account("68426341", login=None, organization_id=" ")
    assert refused.value.members["field"] == "organization_id"


@pytest.mark.parametrize("key", ["instagram", "buffer"])
def test_a_blank_account_id_is_refused(key):
    with pytest.raises(ConnectionIncomplete) as refused:
        catalogue().row(key).check_account(" ", login="facebook", organization_id="org")
    assert refused.value.members["field"] == "account_id"


@pytest.mark.parametrize(("login", "age", "due"), [("instagram", 49, False), ("instagram", 50, True)])
def test_an_instagram_login_token_is_refreshed_at_fifty_days(login, age, due):
    account = connection(login, age)

    assert catalogue().row("instagram").token_policy(account).refresh_due(account, NOW) is due


def test_a_facebook_login_token_lives_sixty_days_and_is_renewed_by_a_person():
    account = connection("facebook", 59)
    policy = catalogue().row("instagram").token_policy(account)

    assert policy.life_days == 60
    assert not policy.refresh_due(account, NOW)


def test_retries_double_up_to_the_cap_and_end():
    policy = RetryPolicy(base=10, cap=30, max_attempts=5, jitter=0.5)

    assert [policy.delay(attempt, 0.0) for attempt in (1, 2, 3, 4, 5)] == [
        timedelta(seconds=10),
        timedelta(seconds=20),
        timedelta(seconds=30),
        timedelta(seconds=30),
        None,
    ]


def test_jitter_shortens_a_delay_but_never_the_platforms_retry_after():
    policy = RetryPolicy(base=10, cap=30, max_attempts=5, jitter=0.5)

    assert policy.delay(1, 0.5) == timedelta(seconds=7.5)
    assert policy.delay(1, 0.5, retry_after=3_600) == timedelta(hours=1)
