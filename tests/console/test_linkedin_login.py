"""Connecting a member or an organization of LinkedIn, as docs/linkedin.md describes it, on the simulated platform."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.simulators import Simulators
from infra.local.simulators.linkedin.accounts import LinkedInAppSetup
from shutterpost.console.logins import linkedin
from tests.support.consoles import Console, commands_of

PAGE = (Path(__file__).parents[2] / "docs" / "linkedin.md").read_text("utf-8")
SECRET = "the-secret-of-the-app"
Typing = Callable[..., SimpleNamespace]


MEMBER, ORGANIZATION, OWN_TOKEN = commands_of(PAGE)


@pytest.fixture
def sim(server: Simulators, monkeypatch: pytest.MonkeyPatch) -> Simulators:
    server.reset()
    server.add_linkedin_member("own-token-of-anna", member_id="An-na1", name="Anna", organizations=["5583111"])
    app = LinkedInAppSetup(client_id="77abcdefghijkl", client_secret=SECRET, redirect_urls=[linkedin.REDIRECT])
    server.add_linkedin_app(app)
    monkeypatch.setattr(linkedin, "SIGN_IN", f"{server.linkedin_url}/oauth/v2")
    monkeypatch.setattr(linkedin, "API", server.linkedin_url)
    return server


@pytest.fixture
def agreeing(
    sim: Simulators, shutterpost: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typing:
    """Runs a command; a person types the secret, opens the printed address, agrees, and pastes what follows."""

    def running(
        *words: str, secret: str = SECRET, member: str = "An-na1", first: tuple[str, ...] = (), spoil: str = ""
    ) -> SimpleNamespace:
        seen, lines = SimpleNamespace(pasted="", address=""), [*first, secret]

        def readline() -> str:
            if lines:
                return f"{lines.pop(0)}\n"
            [seen.address] = re.findall(r"http://\S+/oauth/v2/authorization\S+", capsys.readouterr().err)
            seen.pasted = sim.agree(seen.address, member) + spoil
            return f"{seen.pasted}\n"

        typed = SimpleNamespace(readline=readline, isatty=lambda: False)
        real = sys.modules["tests.console.conftest"].io.StringIO
        monkeypatch.setattr("tests.console.conftest.io.StringIO", lambda _="": typed)
        seen.output = shutterpost(*words)
        monkeypatch.setattr("tests.console.conftest.io.StringIO", real)
        return seen

    return running


def test_a_member_agrees_and_is_connected(sim: Simulators, agreeing: Typing) -> None:
    seen = agreeing(*MEMBER)

    connected = seen.output.document
    assert (connected["account_id"], connected["login"], connected["display_name"]) == ("An-na1", "member", "Anna")
    assert parse_qs(urlsplit(seen.address).query)["scope"] == ["openid profile w_member_social"]
    [code] = parse_qs(urlsplit(seen.pasted).query)["code"]
    everything = seen.output.out + seen.output.err
    assert not [secret for secret in (code, SECRET) if secret in everything]
    ends_at = datetime.fromisoformat(connected["token_expires_at"])
    assert timedelta(days=59) < ends_at - datetime.now(UTC) < timedelta(days=61)
    assert "The token expires in" in seen.output.err
    assert [entry["operation"] for entry in sim.journal("linkedin")] == ["authorization", "access_token", "userinfo"]


def test_a_person_is_told_that_a_members_posts_are_not_shown(agreeing: Typing, shutterpost: Console) -> None:
    connected = agreeing(*MEMBER).output
    shown = shutterpost("connections", "show", "linkedin")
    for output in (connected, shown):
        assert output.document["grade"] == "E"
        assert "does not show this account's posts to apps" in output.err


def test_an_organization_is_connected_by_its_number(agreeing: Typing, shutterpost: Console) -> None:
    seen = agreeing(*ORGANIZATION)

    connected = seen.output.document
    expected = ("5583111", "organization", "studio", None)
    shown = ("account_id", "login", "display_name", "organization_id")
    assert tuple(connected[name] for name in shown) == expected
    assert parse_qs(urlsplit(seen.address).query)["scope"] == ["w_organization_social r_organization_social"]
    assert connected["grade"] == "C"
    assert "looked up twice" in shutterpost("connections", "show", "studio").err


def test_the_command_of_a_mail_connects_the_same_account_again(agreeing: Typing) -> None:
    first = agreeing(*ORGANIZATION).output.document
    words = ["connections", "add", "linkedin", "5583111", "--login", "organization", "--name", "studio"]
    again = agreeing(*words, first=("77abcdefghijkl",)).output.document
    assert again["connection_id"] == first["connection_id"]
    member = agreeing("connections", "add", "linkedin", "someone-else", "--login", "member", first=("77abcdefghijkl",))
    assert "You signed in as Anna, whose id is An-na1" in member.output.err


def test_a_token_of_the_developer_portal_is_taken_too(sim: Simulators, shutterpost: Console) -> None:
    output = shutterpost(*OWN_TOKEN, typed="own-token-of-anna\n")
    assert output.document["account_id"] == "An-na1"
    assert "own-token-of-anna" not in output.out + output.err
    assert sim.count("linkedin", "access_token") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret": "wrong"}, "Client authentication failed"),
        ({"spoil": "x"}, "not the address that follows this sign-in"),
        ({"member": "nobody"}, "gave no code: user_cancelled_login"),
    ],
)
def test_what_linkedin_refuses_is_named_and_nothing_is_stored(
    agreeing: Typing, shutterpost: Console, change: dict[str, str], reason: str
) -> None:
    output = agreeing(*MEMBER, **change).output
    assert output.code == 2
    assert reason in output.err
    assert output.err.rstrip().endswith("[linkedin-refused]")
    assert SECRET not in output.err
    assert shutterpost("connections", "list").document["connections"] == []


def test_an_outage_is_named_without_the_secret(sim: Simulators, agreeing: Typing) -> None:
    sim.add_fault("linkedin", "access_token", "refuse", status=503)
    output = agreeing(*MEMBER).output
    assert "LinkedIn did not answer" in output.err
    assert SECRET not in output.err


def test_a_missing_account_is_named_where_a_channel_needs_it(shutterpost: Console) -> None:
    output = shutterpost("connections", "add", "threads")
    assert output.code == 2
    assert output.err.rstrip().endswith("[account-missing]")
