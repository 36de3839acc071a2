"""Connecting accounts of Mastodon and Pixelfed servers: registration, a person who agrees, and the code."""

import html
import json
import re
import shlex
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from infra.local.simulators import Simulators
from shutterpost.channels import ConnectionStore
from shutterpost.console.output import repairs
from shutterpost.flows.notifying import accounts
from tests.support.consoles import Console

MASTODON, PIXELFED = "photos.example", "pixels.example"
Typing = Callable[..., SimpleNamespace]


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.add_mastodon_server(MASTODON, {"anna": "own-token-of-anna"})
    server.add_mastodon_server(PIXELFED, {"anna": "own-token-at-pixels"}, software="pixelfed", version="0.12.6")
    return server


@pytest.fixture
def agreeing(
    sim: Simulators, shutterpost: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typing:
    """Runs a command; a person opens the printed address, agrees, and types the code."""

    def running(*words: str, spoil: str = "") -> SimpleNamespace:
        seen = SimpleNamespace(code="", address="")

        def readline() -> str:
            [seen.address] = re.findall(r"http://\S+/oauth/authorize\S+", capsys.readouterr().err)
            [shown] = re.findall(r'value="([^"]+)"', sim.agree(seen.address, "anna"))
            seen.code = html.unescape(shown)
            return f"{seen.code}{spoil}\n"

        typed = SimpleNamespace(readline=readline, isatty=lambda: False)
        real = sys.modules["tests.console.conftest"].io.StringIO
        monkeypatch.setattr("tests.console.conftest.io.StringIO", lambda _="": typed)
        seen.output = shutterpost(*words)
        monkeypatch.setattr("tests.console.conftest.io.StringIO", real)
        return seen

    return running


@pytest.mark.parametrize(
    ("channel", "domain", "version"),
    [
        ("mastodon", MASTODON, "4.7.0"),
        ("mastodon", MASTODON, "4.2.13"),
        ("pixelfed", PIXELFED, "0.12.6"),
    ],
)
def test_a_person_agrees_and_the_account_is_connected(
    sim: Simulators, agreeing: Typing, channel: str, domain: str, version: str
) -> None:
    ids = sim.add_mastodon_server(domain, {"anna": "x"}, software=channel, version=version)
    seen = agreeing("connections", "add", channel, sim.mastodon_url(domain), "--visibility", "unlisted")

    connected = seen.output.document
    assert connected["account_id"] == f"{ids['anna']}@{domain}"
    assert (connected["display_name"], connected["channel"]) == (f"@anna@{domain}", channel)
    assert (connected["host"], connected["visibility"]) == (sim.mastodon_url(domain), "unlisted")
    assert "code_challenge=" in seen.address
    assert seen.code not in seen.output.out + seen.output.err
    operations = [entry["operation"] for entry in sim.journal("mastodon")]
    assert operations == ["instance", "apps", "authorize", "token", "verify_credentials"]


def test_a_wrong_code_is_refused_and_nothing_is_stored(sim: Simulators, agreeing: Typing, shutterpost: Console) -> None:
    seen = agreeing("connections", "add", "mastodon", sim.mastodon_url(MASTODON), spoil="x")
    assert seen.output.code == 2
    assert seen.output.err.rstrip().endswith("[server-refused]")
    assert "grant is invalid" in seen.output.err
    assert shutterpost("connections", "list").document["connections"] == []


def test_a_token_of_the_settings_page_is_taken_too(sim: Simulators, shutterpost: Console) -> None:
    words = ("connections", "add", "mastodon", sim.mastodon_url(MASTODON), "--own-token", "--sensitive")
    output = shutterpost(*words, typed="own-token-of-anna\n")
    assert output.document["sensitive"] is True
    assert "own-token-of-anna" not in output.out + output.err
    assert sim.count("mastodon", "apps") == 0


@pytest.mark.parametrize("printed_by", ["mail", "console"])
@pytest.mark.parametrize("channel", ["mastodon", "pixelfed"])
def test_the_command_that_connects_again_is_for_the_same_account_with_its_options(
    sim: Simulators, shutterpost: Console, channel: str, printed_by: str
) -> None:
    domain, token = (MASTODON, "own-token-of-anna") if channel == "mastodon" else (PIXELFED, "own-token-at-pixels")
    words = ("connections", "add", channel, sim.mastodon_url(domain), "--visibility", "unlisted", "--sensitive")
    connected = shutterpost(*words, "--name", "Anna's", "--own-token", typed=f"{token}\n").document
    stored = ConnectionStore().get(connected["persona_id"], connected["connection_id"])
    command = accounts.reconnect_command(stored)
    if printed_by == "console":
        command = repairs.reconnect_command(connected, connected["persona_id"])

    again = shutterpost(*shlex.split(command)[1:], "--own-token", typed=f"{token}\n").document

    kept = ("connection_id", "account_id", "display_name", "host", "visibility", "sensitive")
    assert {name: again[name] for name in kept} == {name: connected[name] for name in kept}


def test_a_server_of_other_software_names_its_channel(sim: Simulators, shutterpost: Console) -> None:
    output = shutterpost("connections", "add", "mastodon", sim.mastodon_url(PIXELFED))
    assert output.code == 2
    assert f"connections add pixelfed {sim.mastodon_url(PIXELFED)}" in output.err


@pytest.mark.parametrize(
    "address", ["photos.example", "http://photos.example", "https://photos.example/@anna", "https://"]
)
def test_an_address_that_is_no_servers_is_refused(shutterpost: Console, address: str) -> None:
    output = shutterpost("connections", "add", "mastodon", address)
    assert output.code == 2
    assert output.err.rstrip().endswith("[server-address-invalid]")


def test_a_server_that_does_not_answer_is_named(sim: Simulators, shutterpost: Console) -> None:
    output = shutterpost("connections", "add", "mastodon", sim.mastodon_url("nowhere.example"))
    assert "did not answer as a server of mastodon does" in output.err
    assert json.dumps(sim.state()["mastodon"]["statuses"]) == "[]"
