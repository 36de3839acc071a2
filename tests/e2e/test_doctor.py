"""The trials of `shutterpost doctor --try` on the embedded AWS, reached like a real account."""

import uuid
from dataclasses import asdict
from typing import Any

import httpx
import pytest

from infra.local.emulator import REGION
from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.checks.trials import Trials
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.deployment import Deployment
from tests.e2e.journey import Travelled

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(600)]

TRIALS = {"try import", "try CDN", "try tokens", "try timers", "try picture"}


@pytest.fixture
def api(travelled: Travelled, monkeypatch: pytest.MonkeyPatch) -> ApiClient:
    """A client of root's, whose SDK is led to the embedded AWS by the environment instead of a demo's description."""
    stack = travelled.stack
    for name, value in {
        "AWS_ENDPOINT_URL": stack.aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return ApiClient(Deployment(api_url=stack.api_url, bucket=stack.bucket, stack="shutterpost-local", region=REGION))


def tried(travelled: Travelled, api: ApiClient, **changes: Any) -> dict[str, Finding]:
    def fetch(url: str) -> httpx.Response:
        at = travelled.stack.aws.cdn(url)
        return httpx.get(at.url, headers=at.headers)

    outputs = {**travelled.stack.outputs, **changes.pop("outputs", {})}
    trials = Trials(api, outputs, travelled.journey.persona["persona_id"], fetch=fetch, **changes)
    return {finding.check: finding for finding in trials}


def test_every_trial_of_a_working_deployment_is_green_and_leaves_nothing(travelled: Travelled, api: ApiClient) -> None:
    stack = travelled.stack
    # The doctor sees the personas of the user that it runs as.
    token, account_id = "EAAdoctor", "17841400000000888"
    stack.simulators.add_instagram_account(token, kind="facebook", ig_user_id=account_id)
    persona = api.post("/personas", {"name": "Examined", "zone": "UTC"}, key=str(uuid.uuid4())).body["persona_id"]
    account = {"channel": "instagram", "account_id": account_id, "login": "facebook", "token": token}
    api.post(f"/personas/{persona}/connections", account, key=str(uuid.uuid4()))
    before = set(stack.keys("")), set(stack.timers())
    findings = tried(travelled, api)
    machine = findings.pop("try state machine")
    # The embedded AWS runs the step and does not name its exception, which `tests/console/test_trials.py` reads.
    assert asdict(machine)["found"] == "its first step ended with Runtime.HandlerError"
    assert {check: finding for check, finding in findings.items() if finding.level is not Severity.GREEN} == {}
    assert set(findings) == TRIALS
    platform = stack.simulators.state()["instagram"]
    [container] = [item for item in platform["containers"] if item["ig_user_id"] == account_id]
    assert container["status_code"] == "FINISHED"
    assert platform["publishes_per_container"][container["id"]] == 0
    assert [item for item in platform["media"] if item["ig_user_id"] == account_id] == []
    assert set(stack.keys("")) == before[0]
    assert set(stack.timers()) <= before[1]
    prefix = f"{stack.outputs['TokenPrefix']}/doctor"
    assert stack.aws.client("ssm").get_parameters_by_path(Path=prefix, Recursive=True)["Parameters"] == []
