"""The walk-through of docs/x.md: a person agrees at X, types what the browser shows, and sets a budget."""

import json
import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.simulators import Simulators
from shutterpost.console.logins import x
from shutterpost.console.logins.servers import ServerAddressInvalid
from shutterpost.console.logins.x import X_REDIRECT, XLogin
from shutterpost.console.output.repairs import budget_text
from shutterpost.runtime.clients import client
from tests.console.reference import DOCS
from tests.support.consoles import Console

APP, USER = "app-of-anna", "7300000000000000001"
BACK = "http://127.0.0.1/"
Typing = Callable[..., SimpleNamespace]


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.add_x_account(
        user_id=USER, username="anna", access_token="unused", refresh_token="unused-2", client_id=APP, redirect_uri=BACK
    )
    return server


@pytest.fixture
def agreeing(
    sim: Simulators, shutterpost: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typing:
    """Runs a command; a person opens the printed address, agrees, and types what `typed` makes of X's answer."""

    def running(*words: str, typed: Callable[[str], str] = str) -> SimpleNamespace:
        seen = SimpleNamespace(address="", answer="")

        def readline() -> str:
            [seen.address] = re.findall(r"http://\S+/i/oauth2/authorize\S+", capsys.readouterr().err)
            seen.answer = sim.agree(seen.address, "anna")
            return f"{typed(seen.answer)}\n"

        real = sys.modules["tests.console.conftest"].io.StringIO
        stdin = SimpleNamespace(readline=readline, isatty=lambda: False)
        monkeypatch.setattr("tests.console.conftest.io.StringIO", lambda _="": stdin)
        seen.output = shutterpost(*words, "--server", sim.x_url)
        monkeypatch.setattr("tests.console.conftest.io.StringIO", real)
        return seen

    return running


def code_in(answer: str) -> str:
    return answer.partition("code=")[2]


def kept_tokens() -> dict[str, object]:
    """The stored token of the only connection to X."""
    stored = client("ssm").get_parameters_by_path(Path="/", Recursive=True, WithDecryption=True)["Parameters"]
    [kept] = [each["Value"] for each in stored if "client_id" in each["Value"]]
    tokens: dict[str, object] = json.loads(kept)
    return tokens


@pytest.mark.parametrize("typed", [str, code_in], ids=["the address", "its code"])
def test_a_person_agrees_and_sets_a_budget(
    sim: Simulators, agreeing: Typing, shutterpost: Console, typed: Callable[[str], str]
) -> None:
    seen = agreeing("connections", "add", "x", "@Anna", "--client-id", APP, typed=typed)

    connected = seen.output.document
    assert (connected["channel"], connected["account_id"], connected["display_name"]) == ("x", USER, "@anna")
    assert "code_challenge_method=S256" in seen.address
    assert f"shutterpost connections budget {connected['connection_id']}" in seen.output.err
    tokens = kept_tokens()
    shown = seen.output.out + seen.output.err
    assert not [
        each for each in (code_in(seen.answer), tokens["access_token"], tokens["refresh_token"]) if each in shown
    ]
    assert [entry["operation"] for entry in sim.journal("x")] == ["authorize", "token", "me"]

    assert shutterpost("connections", "budget", "x").document["budget"] is None
    words = ("connections", "budget", "x", "--posts", "30", "--dollars", "2.50")
    assert shutterpost(*words).document["budget"] == {"posts": 30, "dollars": 2.5}
    [listed] = shutterpost("connections", "list").document["connections"]
    assert budget_text(listed).startswith("0 of 30 posts, $0.00 of $2.50 in ")
    assert shutterpost("connections", "budget", "x", "--off").document["budget"] is None


@pytest.mark.parametrize(
    ("account", "typed", "kind"),
    [
        ("@bert", str, "another-account"),
        ("@anna", lambda answer: answer.replace("state=", "state=x"), "redirect-invalid"),
        ("@anna", lambda answer: answer.replace("code=", "error=access_denied&x="), "redirect-invalid"),
        ("@anna", lambda answer: f"{code_in(answer)}x", "server-refused"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    agreeing: Typing, shutterpost: Console, account: str, typed: Callable[[str], str], kind: str
) -> None:
    seen = agreeing("connections", "add", "x", account, "--client-id", APP, typed=typed)
    assert seen.output.code == 2
    assert seen.output.err.rstrip().endswith(f"[{kind}]")
    assert shutterpost("connections", "list").document["connections"] == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("add", "instagram"), "account-missing"),
        (("budget", "x", "--posts", "3"), "budget-incomplete"),
        (("budget", "x", "--posts", "3", "--dollars", "1", "--off"), "budget-incomplete"),
    ],
)
def test_what_is_left_out_is_named(sim: Simulators, shutterpost: Console, words: tuple[str, ...], kind: str) -> None:
    account = json.dumps({"client_id": APP, "access_token": "a", "refresh_token": "r", "expires_at": 1})
    output = shutterpost("connections", *words, typed=account)
    assert output.code == 2
    assert output.err.rstrip().endswith(f"[{kind}]")


def test_an_account_is_named_by_its_id_too(
    agreeing: Typing, shutterpost: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x, "time", SimpleNamespace(time=lambda: 1_000_000.9))
    seen = agreeing("connections", "add", "x", USER, "--client-id", APP)
    assert seen.output.document["account_id"] == USER
    # The time before the exchange, so that the token never lasts longer than X keeps it.
    assert kept_tokens()["expires_at"] == 1_000_000 + 7_200
    scopes = parse_qs(urlsplit(seen.address).query)["scope"]
    assert scopes == ["tweet.read tweet.write users.read media.write offline.access"]


def test_a_token_that_cannot_be_renewed_is_not_stored(
    agreeing: Typing, shutterpost: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x, "_SCOPES", "tweet.read tweet.write users.read media.write")
    seen = agreeing("connections", "add", "x", "--client-id", APP)
    assert "let the app ask for offline.access" in seen.output.err
    assert shutterpost("connections", "list").document["connections"] == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 503}, "X did not answer as it does"),
        ({"status": 400, "code": "invalid_request", "message": "The code has ended."}, "HTTP 400: The code has ended."),
    ],
)
def test_what_x_refuses_is_named(sim: Simulators, agreeing: Typing, answer: dict[str, object], reason: str) -> None:
    sim.add_fault("x", "token", "refuse", **answer)
    output = agreeing("connections", "add", "x", "--client-id", APP).output
    assert (output.code, output.err.rstrip().rsplit(" ", 1)[1]) == (2, "[server-refused]")
    assert reason in output.err


def test_only_an_origin_takes_the_place_of_x() -> None:
    login = XLogin(APP, X_REDIRECT, "http://x.example")
    with pytest.raises(ServerAddressInvalid, match="not the address of a server"):
        _ = login.address_to_open
    assert [secret for secret in (login.verifier, login.state) if secret in repr(login)] == []


def test_the_guide_has_the_commands_of_this_walk() -> None:
    guide = (DOCS / "x.md").read_text()
    for command in (
        "shutterpost connections add x @anna --client-id",
        "shutterpost connections budget x --posts 30 --dollars 2.50",
        "shutterpost connections budget x --off",
    ):
        assert command in guide
