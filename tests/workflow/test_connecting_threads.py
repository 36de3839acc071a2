"""The steps of docs/first-day.md that connect an account of Threads, on the simulated platform."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from shutterpost.flows.operating.connect import AccountRequest
from shutterpost.flows.wiring import build_connector, build_health_check
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import THREADS_USER
from tests.support.system import System

PAGE = Path(__file__).parents[2] / "docs" / "first-day.md"


def steps() -> list[str]:
    """The shell blocks of the page's section, in order."""
    section = PAGE.read_text("utf-8").partition("## 3c. Threads")[2].partition("\nConnect an Instagram account")[0]
    return [re.sub(r"(?m)^   ", "", block) for block in re.findall(r"(?s)```sh\n(.*?)\n *```", section)]


def run(step: str, typed: str, system: System) -> dict[str, str]:
    """Run a step as it is written, but at the simulated platform."""
    script = step.replace("https://graph.threads.net", system.bench.sim.threads_url)
    assert script != step
    done = subprocess.run(["bash", "-c", script], input=typed, capture_output=True, text=True, check=True, timeout=60)
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("short", [False, True])
def test_the_walk_through_ends_with_a_connection_that_works(system: System, short: bool) -> None:
    read_id, connect, exchange = steps()
    token = TOKENS["threads"]
    if short:
        system.bench.sim.add_threads_account("short", user_id=THREADS_USER, username="nature", short=True)
        token = run(exchange, "short\napp-secret\n", system)["access_token"]
    account_id = run(read_id, f"{token}\n", system)["id"]
    words = connect.split()
    assert words[:4] == ["shutterpost", "connections", "add", "threads"]
    persona = system.add_persona()
    connector = build_connector(system.stores, system.platforms.tokens, stage="local")
    account = AccountRequest(channel="threads", account_id=account_id, token=SecretStr(token))

    check = build_health_check(system.stores, system.platforms).try_candidate(connector.candidate(persona, account))

    assert (check.works, check.cause) == (True, None)
    assert check.token_facts is not None
    assert check.token_facts.account_name == "nature"
    assert {"threads_basic", "threads_content_publish", "threads_delete"} <= set(check.token_facts.scopes or ())
    assert connector.connect(persona, account).display_name == THREADS_USER
