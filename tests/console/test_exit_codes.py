"""Exit codes and error messages."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shutterpost.console import app
from shutterpost.console.client import api_client, deployment
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.deployment import Deployment, find_deployment
from shutterpost.console.client.exit_codes import ApiRefused, ApiUnreachable, DeploymentUnknown, ExitCode, exit_code_of
from tests.support.consoles import API_URL, Console, HttpxApiClient, commands
from tests.support.folders import Deployed

ROOT = Path(__file__).parents[2]
DEPLOYMENT = Deployment(api_url=API_URL, bucket="b", access_key_id="key", secret_access_key="hidden-key")
PROBLEM = {"content-type": "application/problem+json"}


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, tmp_path) -> ApiClient:
    """A client over the network that retries without pauses; the console uses it."""
    monkeypatch.setattr(api_client, "_PAUSES", (0.0, 0.0))
    api = HttpxApiClient(DEPLOYMENT)
    monkeypatch.setattr(app.DeploymentChoice, "api", lambda _: api)
    return api


def run_failing(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """A command's exit code and standard error."""
    code = app.run(words)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "hidden-key" not in err
    return code, err


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((409, {"detail": "It is so.", "type": "urn:shutterpost:problem:conflict"}), (1, "It is so. [conflict]")),
        ((422, {"detail": "It is wrong.", "type": "x:invalid"}), (2, "It is wrong. [invalid]")),
        ((404, {"detail": "There is none.", "type": "x:not-found"}), (3, "There is none. [not-found]")),
        ((403, {"message": "Forbidden"}), (4, "log in again")),
        ((403, {"detail": "Sign it.", "type": "x:forbidden"}), (4, "Sign it.")),
        ((500, {"message": "Internal Server Error"}), (5, "try again in a moment")),
        ((503, {"detail": "Too much.", "type": "x:busy"}), (5, "Too much. [busy]")),
    ],
)
def test_each_api_error_has_an_exit_code(
    remote: ApiClient, respx_mock, capsys, answer: tuple[int, dict[str, str]], expected: tuple[int, str]
) -> None:
    respx_mock.get(f"{API_URL}/pause").respond(answer[0], json=answer[1], headers=PROBLEM)
    code, output = run_failing(capsys, "pause")
    assert code == expected[0]
    assert expected[1] in output


def test_an_unreachable_deployment_exits_with_5(remote: ApiClient, respx_mock, capsys) -> None:
    respx_mock.get(f"{API_URL}/pause").mock(side_effect=httpx.ConnectError("refused"))
    code, output = run_failing(capsys, "pause")
    assert (code, "No response from 127.0.0.1:9; check the network" in output) == (5, True)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "hidden-key"}}, "PutObject"), 4, "AccessDenied"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), 5, "Check the network"),
        (FileNotFoundError(2, "No such file", "captions.csv"), 2, "captions.csv: No such file"),
        (ValueError("hidden-key"), 70, "ValueError at test_exit_codes.py:"),
        (KeyboardInterrupt(), 130, "continues from here"),
    ],
)
def test_every_error_has_a_message(monkeypatch, capsys, error: BaseException, code: int, words: str) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(app.DeploymentChoice, "api", fail)
    result, output = run_failing(capsys, "pause")
    assert (result, words in output) == (code, True)


def test_a_write_without_a_response_is_not_retried(remote: ApiClient, respx_mock) -> None:
    route = respx_mock.post(f"{API_URL}/sync").mock(side_effect=httpx.ReadTimeout("slow"))
    with pytest.raises(ApiUnreachable, match="may or may not be applied"):
        remote.post("/sync")
    assert route.call_count == 1


def test_a_write_with_an_idempotency_key_is_retried(remote: ApiClient, respx_mock) -> None:
    answers = [httpx.ReadTimeout("slow"), httpx.Response(502), httpx.Response(202, json={"post_id": "p"})]
    route = respx_mock.post(f"{API_URL}/posts").mock(side_effect=answers)
    answer = remote.post("/posts", {"photo": "a.jpg"}, key="once")
    assert (answer.accepted, answer.body) == (True, {"post_id": "p"})
    assert [call.request.headers["idempotency-key"] for call in route.calls] == ["once"] * 3


def test_requests_that_never_started_are_retried(remote: ApiClient, respx_mock) -> None:
    busy = httpx.Response(503, json={}, headers={"retry-after": "0"})
    answers = [httpx.ConnectError("refused"), busy, httpx.Response(200, json={"looked_at": 0})]
    respx_mock.post(f"{API_URL}/sync").mock(side_effect=answers)
    assert remote.post("/sync").body == {"looked_at": 0}


def test_a_patch_with_an_old_version_is_refused(shutterpost: Console, world: Deployed) -> None:
    client = app.DeploymentChoice.api(None)  # type: ignore[arg-type]  # the fixture ignores it
    path = f"/personas/{world.persona_id}"
    stale = client.request("GET", path).etag
    shutterpost("personas", "update", "nature", "--set", "max_per_week=5")
    with pytest.raises(ApiRefused) as refused:
        client.patch(path, {"zone": "UTC"}, if_match=stale)
    assert exit_code_of(refused.value) is ExitCode.REFUSED


def test_an_invalid_description_is_not_printed(tmp_path) -> None:
    file = tmp_path / "running.json"
    file.write_text('{"secret_access_key": "hidden-key"}')
    with pytest.raises(DeploymentUnknown, match="needs api_url and bucket") as refused:
        find_deployment(stage=None, file=file)
    assert "hidden-key" not in str(refused.value)


def test_a_running_demo_is_found_from_subfolders(tmp_path, monkeypatch) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "running.json").write_text(json.dumps({"api_url": API_URL, "bucket": "demo"}))
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "photos")
    assert find_deployment(stage=None).bucket == "demo"
    monkeypatch.setattr(deployment, "_from_cache", lambda stage, *_: replace(DEPLOYMENT, bucket=stage))
    assert find_deployment(stage="prod").bucket == "prod"


def test_a_closed_pipe_prints_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    ending = run(["personas", "--help"], stdout=write)
    os.close(write)
    assert "Traceback" not in ending.stderr


def test_completion_lists_the_commands() -> None:
    request = {"_SHUTTERPOST_COMPLETE": "complete_bash", "COMP_WORDS": "shutterpost post ", "COMP_CWORD": "2"}
    result = run([], stdout=subprocess.PIPE, **request)
    assert {"schedule", "move", "cancel", "retry", "resolve"} <= set(result.stdout.split())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_help_has_an_example_of_the_command(name: str, capsys) -> None:
    result = commands()[name]
    assert result.help
    assert result.epilog.startswith(f"Example: shutterpost {name}")
    assert app.run([*name.split(), "--help"]) == 0
    assert "Example: shutterpost" in capsys.readouterr().out


def test_no_command_takes_a_token_as_an_argument() -> None:
    params = [param for command in commands().values() for param in command.params]
    names = {option for param in params if not getattr(param, "is_flag", False) for option in param.opts}
    assert not [name for name in names if "token" in name or "secret" in name or name.endswith("-key")]


def run(words: list[str], *, stdout: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs the console as a process."""
    environment = {**os.environ, **more, "PYTHONPATH": str(ROOT / "layers" / "core" / "python")}
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-m", "shutterpost.console", *words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,  # type: ignore[call-overload]  # a file, a descriptor or PIPE
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    return ended


def test_a_response_that_is_not_the_api_s_exits_with_5(remote: ApiClient, respx_mock, capsys) -> None:
    respx_mock.get(f"{API_URL}/pause").respond(200, html="<html>Log in to the hotel's network.</html>")
    code, message = run_failing(capsys, "pause")
    assert (code, "not one of Shutterpost's API" in message) == (5, True)


@pytest.mark.parametrize("url", ["nonsense", "http//127.0.0.1", "ftp://127.0.0.1", 7, None])
def test_a_description_with_an_invalid_url_is_refused(tmp_path, url: object) -> None:
    file = tmp_path / "deployment.json"
    file.write_text(json.dumps({"api_url": url, "bucket": "b"}))
    with pytest.raises(DeploymentUnknown, match="needs api_url and bucket"):
        find_deployment(stage=None, file=file)


def test_a_stack_s_deployment_is_described_once_an_hour(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    stages: list[str] = []

    def describe(stage: str, *_: object) -> Deployment:
        stages.append(stage)
        return replace(DEPLOYMENT, bucket=stage)

    monkeypatch.setattr(deployment, "_from_stack", describe)
    assert [find_deployment(stage=stage).bucket for stage in ("prod", "prod", "beta")] == ["prod", "prod", "beta"]
    assert stages == ["prod", "beta"]
    for file in (tmp_path / "shutterpost").iterdir():
        os.utime(file, (0, 0))
    assert find_deployment(stage="prod").bucket == "prod"
    assert stages == ["prod", "beta", "prod"]
