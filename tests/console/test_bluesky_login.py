"""Connecting a Bluesky account: the console signs in, the deployment receives the account's id, server and password."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.simulators import Simulators, running_simulators
from infra.local.simulators.bluesky import repository
from shutterpost.channels import ConnectionStore
from shutterpost.console.logins.bluesky import BlueskyRefused, sign_in
from shutterpost.console.output import repairs
from shutterpost.flows.notifying import accounts
from shutterpost.runtime.clients import client
from tests.support.consoles import Console

HANDLE, PASSWORD = "nature.test", "abcd-efgh-ijkl-mnop"


@pytest.fixture
def bluesky() -> Iterator[Simulators]:
    with running_simulators() as simulators:
        simulators.add_bluesky_account(HANDLE, PASSWORD)
        yield simulators


def test_an_account_is_connected_by_its_handle(shutterpost: Console, bluesky: Simulators) -> None:
    added = shutterpost(
        "connections", "add", "bluesky", f"@{HANDLE}", "--server", bluesky.bluesky_url, typed=f"{PASSWORD}\n"
    )

    connection = added.document
    did = bluesky.add_bluesky_account(HANDLE, PASSWORD)
    assert (connection["account_id"], connection["display_name"]) == (did, HANDLE)
    assert PASSWORD not in added.out + added.err
    stored = ConnectionStore().get(connection["persona_id"], connection["connection_id"])
    assert stored.host == bluesky.bluesky_url
    names = [item["Name"] for item in client("ssm").describe_parameters()["Parameters"]]
    assert [name for name in names if connection["connection_id"] in name and "candidate" not in name]
    # The probe leaves nothing behind.
    assert bluesky.bluesky_posts() == []
    assert bluesky.violations() == []


@pytest.mark.parametrize("printed_by", ["mail", "console"])
def test_the_command_that_connects_again_is_for_the_same_account(
    shutterpost: Console, bluesky: Simulators, printed_by: str
) -> None:
    words = ("connections", "add", "bluesky", HANDLE, "--server", bluesky.bluesky_url, "--name", "Nature's")
    connected = shutterpost(*words, typed=f"{PASSWORD}\n").document
    stored = ConnectionStore().get(connected["persona_id"], connected["connection_id"])
    command = accounts.reconnect_command(stored)
    if printed_by == "console":
        command = repairs.reconnect_command(connected, connected["persona_id"])

    again = shutterpost(*shlex.split(command)[1:], typed=f"{PASSWORD}\n").document

    kept = ("connection_id", "account_id", "display_name", "host")
    assert {name: again[name] for name in kept} == {name: connected[name] for name in kept}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"app_password": "wrong"}, "Invalid identifier or password"),
        ({"handle": "nobody.test"}, "Invalid identifier or password"),
        ({"server": "http://example.org"}, "no server's address"),
        ({"server": "https://user@example.org"}, "no server's address"),
        ({"server": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_what_cannot_be_signed_in_is_refused(bluesky: Simulators, given: dict[str, str], text: str) -> None:
    known: dict[str, str] = {"handle": HANDLE, "app_password": PASSWORD, "server": bluesky.bluesky_url, **given}

    with pytest.raises(BlueskyRefused, match=text) as refusal:
        sign_in(**known)

    assert PASSWORD not in refusal.value.detail


def test_a_server_that_overwrites_is_refused(bluesky: Simulators, monkeypatch: pytest.MonkeyPatch) -> None:
    put = repository.Repository.put

    def overwriting(own: Any, collection: str, rkey: str, value: Any, _swap: Any, now: Any) -> Any:
        return put(own, collection, rkey, value, {}, now)

    monkeypatch.setattr(repository.Repository, "put", overwriting)

    with pytest.raises(BlueskyRefused, match="overwrites"):
        sign_in(HANDLE, PASSWORD, bluesky.bluesky_url)
