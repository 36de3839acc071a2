"""Connecting a Page of Facebook, as docs/facebook-page.md describes it, on the simulated platform."""

import shlex
from pathlib import Path

import pytest

from infra.local.simulators import Simulators
from shutterpost.channels import ConnectionStore
from shutterpost.console.logins import facebook_page
from shutterpost.flows.notifying import accounts
from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import PlatformSettings
from tests.support.consoles import Console, commands_of

PAGE = (Path(__file__).parents[2] / "docs" / "facebook-page.md").read_text("utf-8")
NATURE, STUDIO, ARCHIVE = "1120000000000001", "1120000000000002", "1120000000000003"
TASKS = ["CREATE_CONTENT", "MODERATE"]
USER_TOKEN = "EAAG-anna"


ONLY, NAMED, OWN_TOKEN = commands_of(PAGE)


@pytest.fixture
def sim(server: Simulators, monkeypatch: pytest.MonkeyPatch) -> Simulators:
    server.reset()
    for page_id, name in ((NATURE, "Nature"), (STUDIO, "Studio"), (ARCHIVE, "Archive")):
        server.add_facebook_page(f"token-of-{name}", page_id=page_id, name=name)
    monkeypatch.setattr(facebook_page, "GRAPH", f"{server.facebook_page_url}/v25.0")
    return server


def manages(sim: Simulators, *pages: str, short: bool = False) -> None:
    sim.add_facebook_user(USER_TOKEN, user_id="7", pages=dict.fromkeys(pages, TASKS), short=short)


def stored_tokens() -> list[str]:
    stored = client("ssm").get_parameters_by_path(Path="/", Recursive=True, WithDecryption=True)
    return [each["Value"] for each in stored["Parameters"]]


def test_the_only_page_is_connected_with_its_own_token(sim: Simulators, shutterpost: Console) -> None:
    manages(sim, NATURE)
    output = shutterpost(*ONLY, typed=f"{USER_TOKEN}\n")

    connected = output.document
    assert (connected["account_id"], connected["display_name"], connected["login"]) == (NATURE, "Nature", None)
    [kept] = [token for token in stored_tokens() if token.startswith("EAA")]
    assert kept != USER_TOKEN
    assert not [token for token in (kept, USER_TOKEN) if token in output.out + output.err]
    assert [entry["operation"] for entry in sim.journal("facebook_page")] == ["accounts", "debug_token"]
    assert {entry["ids"]["token_in"] for entry in sim.journal("facebook_page")} == {"header"}


def test_one_of_several_pages_is_named(sim: Simulators, shutterpost: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    manages(sim, NATURE, STUDIO)
    monkeypatch.setattr(facebook_page, "_LIST", 1)
    unclear = shutterpost(*ONLY, typed=f"{USER_TOKEN}\n")
    assert (unclear.code, unclear.err.rstrip().rsplit(" ", 1)[1]) == (2, "[page-unclear]")
    assert f"Nature ({NATURE}), Studio ({STUDIO})" in unclear.err

    by_id = shutterpost(*NAMED, typed=f"{USER_TOKEN}\n").document
    by_name = shutterpost("connections", "add", "facebook_page", "Studio", typed=f"{USER_TOKEN}\n").document
    assert {each["account_id"] for each in (by_id, by_name)} == {STUDIO}
    assert by_id["display_name"] == "studio"


def test_a_token_that_ends_soon_is_not_stored(sim: Simulators, shutterpost: Console) -> None:
    manages(sim, NATURE, short=True)
    output = shutterpost(*ONLY, typed=f"{USER_TOKEN}\n")
    assert output.err.rstrip().endswith("[page-token-ends]")
    assert "developers.facebook.com/tools/debug/accesstoken" in output.err
    assert [token for token in stored_tokens() if token.startswith("EAA")] == []


@pytest.mark.parametrize(
    ("typed", "wanted", "kind"),
    [
        ("nobody", None, "facebook-refused"),
        (USER_TOKEN, ARCHIVE, "page-unclear"),
        (USER_TOKEN, STUDIO, "facebook-refused"),
        ("", None, "token-missing"),
    ],
)
def test_what_cannot_be_connected_is_refused(
    sim: Simulators, shutterpost: Console, typed: str, wanted: str | None, kind: str
) -> None:
    sim.add_facebook_user(USER_TOKEN, user_id="7", pages={NATURE: TASKS, STUDIO: ["ANALYZE"]})
    words = ("connections", "add", "facebook_page", *([wanted] if wanted else []))
    output = shutterpost(*words, typed=f"{typed}\n")
    assert output.code == 2
    assert output.err.rstrip().endswith(f"[{kind}]")
    assert shutterpost("connections", "list").document["connections"] == []


def test_a_pages_own_token_is_taken_too(sim: Simulators, shutterpost: Console) -> None:
    output = shutterpost(*OWN_TOKEN, typed="token-of-Nature\n")
    assert (output.document["account_id"], output.document["display_name"]) == (NATURE, "Nature")
    assert "token-of-Nature" not in output.out + output.err
    other = shutterpost("connections", "add", "facebook_page", STUDIO, "--own-token", typed="token-of-Nature\n")
    assert other.err.rstrip().endswith("[page-unclear]")


def test_the_command_of_a_mail_connects_the_same_page_again(sim: Simulators, shutterpost: Console) -> None:
    manages(sim, NATURE, STUDIO)
    first = shutterpost(*NAMED, typed=f"{USER_TOKEN}\n").document
    command = accounts.reconnect_command(ConnectionStore().get(first["persona_id"], first["connection_id"]))
    again = shutterpost(*shlex.split(command)[1:], typed=f"{USER_TOKEN}\n").document
    kept = ("connection_id", "account_id", "display_name")
    assert {name: again[name] for name in kept} == {name: first[name] for name in kept}


def test_an_outage_is_named_without_the_token(sim: Simulators, shutterpost: Console) -> None:
    manages(sim, NATURE)
    sim.add_fault("facebook_page", "accounts", "refuse", status=503)
    output = shutterpost(*ONLY, typed=f"{USER_TOKEN}\n")
    assert "Facebook did not answer" in output.err
    assert USER_TOKEN not in output.err


def test_the_console_asks_the_version_that_the_deployment_asks() -> None:
    default = PlatformSettings(stage="test")
    assert f"{default.facebook_page_url}/{default.graph_version}" == facebook_page.GRAPH
