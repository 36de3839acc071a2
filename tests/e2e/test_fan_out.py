"""One slot on seven connections of one persona, on the embedded AWS: each has its own outcome, and it is reported."""

import re
import shlex

import pytest

from tests.e2e.fan_out import CAPTION, LOGIN, LOGIN_TOKEN, SECRETS, FanOut, fanned_out
from tests.e2e.journey import Travelled

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(600)]

LIVE, REFUSED = ("page", "facebook", "bluesky", "mastodon"), ("login", "pixelfed")


@pytest.fixture(scope="module")
def fan(travelled: Travelled, tmp_path_factory: pytest.TempPathFactory) -> FanOut:
    return fanned_out(travelled.stack, tmp_path_factory.mktemp("seven"))


def test_each_of_seven_connections_has_an_outcome_of_its_own(fan: FanOut) -> None:
    states = {name: schedule["status"] for name, schedule in fan.schedules.items()}
    assert states == {
        **dict.fromkeys(LIVE, "success"),
        **dict.fromkeys(REFUSED, "failed"),
        "threads": "unknown",
    }
    causes = {name: schedule["error_cause"] for name, schedule in fan.schedules.items()}
    assert causes == {**dict.fromkeys(LIVE), "login": "token", "pixelfed": "account", "threads": "platform"}
    assert len({schedule["run_at"] for schedule in fan.schedules.values()}) == 1


def test_the_platforms_show_the_posts_that_are_reported_live_and_no_other(fan: FanOut) -> None:
    sim = fan.stack.simulators
    shown = {
        "instagram": [each["permalink"] for each in sim.live_media() if each["caption"].startswith(CAPTION)],
        "facebook": [each["permalink"] for each in sim.facebook_posts() if each["text"].startswith(CAPTION)],
        "bluesky": [each["uri"].rpartition("/")[2] for each in sim.bluesky_posts() if each["text"].startswith(CAPTION)],
        "mastodon": [each["url"] for each in sim.statuses() if each["text"].startswith(CAPTION)],
        "threads": [each for each in sim.threads_posts() if each["text"].startswith(CAPTION)],
    }
    links = {name: fan.schedules[name]["external_url"] for name in LIVE}
    assert shown == {
        "instagram": [links["page"]],
        "facebook": [links["facebook"]],
        "bluesky": [links["bluesky"].rpartition("/")[2]],
        "mastodon": [links["mastodon"]],
        "threads": [],
    }
    assert [fan.schedules[name]["external_url"] for name in (*REFUSED, "threads")] == [None] * 3
    assert sim.violations() == []


def test_a_lost_call_is_not_repeated_where_a_second_post_is_possible(fan: FanOut) -> None:
    assert (fan.publishes, fan.schedules["threads"]["error_code"]) == (1, "needs-a-person")


def test_only_the_connection_with_the_ended_token_is_in_error(fan: FanOut) -> None:
    states = {each["display_name"]: each["status"] for each in fan.connections}
    assert states == {**dict.fromkeys(fan.connected, "connected"), "login": "error"}


def test_status_names_what_each_of_the_three_needs(fan: FanOut) -> None:
    ids = {name: fan.schedules[name]["schedule_id"] for name in ("pixelfed", "threads")}
    commands = [need["do"] for need in fan.status["needs_you"]]
    assert f"shutterpost post resolve {ids['threads']} --live URL" in commands
    assert f"shutterpost post retry {ids['pixelfed']}" in commands
    # The post that failed, and the connection.
    assert len([command for command in commands if f"connections add instagram {LOGIN}" in command]) == 2
    assert {each["connection_id"] for each in fan.status["went_out"]} == {
        fan.connected[name]["connection_id"] for name in LIVE
    }


def test_the_mail_has_the_three_and_the_account_and_nothing_of_what_is_live(fan: FanOut) -> None:
    titles = re.findall(r"^\d+\. ([^:]+): Seven Ways, (\w+)", fan.mail, re.MULTILINE)
    assert sorted(titles) == [
        ("Connection in error", "instagram"),
        ("Outcome unknown", "threads"),
        ("Post failed", "instagram"),
        ("Post failed", "pixelfed"),
    ]
    for name in (*REFUSED, "threads"):
        assert fan.schedules[name]["error_message"] in fan.mail
        assert fan.schedules[name]["schedule_id"] in fan.mail
    assert not [name for name in LIVE if fan.schedules[name]["schedule_id"] in fan.mail]


def test_the_command_of_the_mail_repairs_the_connection(fan: FanOut) -> None:
    command = re.search(r"What to do: shutterpost (connections add instagram .*)", fan.mail)
    assert command
    fan.stack.simulators.add_instagram_account(
        f"{LOGIN_TOKEN}-new", kind="instagram", ig_user_id=LOGIN, username="seven.login"
    )
    repaired = fan.person.run(*shlex.split(command[1]), typed=f"{LOGIN_TOKEN}-new\n").document
    assert (repaired["connection_id"], repaired["status"]) == (fan.connected["login"]["connection_id"], "connected")


def test_no_secret_is_printed_or_mailed(fan: FanOut) -> None:
    output = "".join(each.out + each.err for each in fan.person.results) + fan.mail
    assert not [secret for secret in SECRETS if secret in output]
