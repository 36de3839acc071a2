"""An embedded AWS on this machine: ministack with IAM enforced, and `cdk deploy` to it.

It listens on 127.0.0.1, writes to a temporary directory, and ends with the context or this process.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from infra.local.ministack_server import ALLOWED

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SHAPE: Final = Path(__file__).with_name("lambda_shape.py")
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
ROOT_USER: Final = Credentials("test", "test")
"""May do everything on the embedded AWS, as a real account's root user."""

RUNTIME_PACKAGES: Final = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")
"""What Lambda's Python brings along, in versions that AWS changes without notice. The layers hold the locked ones and
come first on the path; here an import that gets past them fails."""

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the name
_MEMORY_NEEDED: Final = 3 * 1024**3
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 6


class EmulatorError(RuntimeError):
    """The embedded AWS did not start, or a deploy failed; the message ends with the last log lines."""


@dataclass(frozen=True)
class LocalUrl:
    """The local address of a CloudFront URL: request `url` with `headers`."""

    url: str
    headers: dict[str, str]


class Emulator:
    """An embedded AWS; a context manager.

    `say` receives one line per long step, `keep_log` is a log file that is kept. Without `enforce_iam` it accepts the
    roles of `cdk bootstrap`. `sdk` is the folder of the runtime's SDK; without it, one that refuses to be imported.
    """

    def __init__(
        self,
        *,
        say: Callable[[str], None] = print,
        keep_log: Path | None = None,
        enforce_iam: bool = True,
        sdk: Path | None = None,
    ) -> None:
        self.say = say
        self._enforce_iam = enforce_iam
        self._sdk = sdk
        self.port = _free_port()
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        self._home = Path(tempfile.mkdtemp(prefix="shutterpost-aws-", dir=scratch()))
        self.log_path = keep_log or self._home / "emulator.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._deploying: list[subprocess.Popen[bytes]] = []

    # -- life --------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it responds. Raises EmulatorError after a minute."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        worker = lambda_worker(self._home, self._sdk)
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.ministack_server", str(worker), str(self._home)],
                cwd=ROOT,
                env=self._server_environment(),
                stdin=subprocess.PIPE,  # its end of file tells the server that we are gone
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise EmulatorError(f"The embedded AWS did not start.\n{self.log_tail()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server and its workers, and remove its files. Idempotent."""
        for step in self._deploying:
            _signal_group(step.pid, signal.SIGKILL)
            step.wait()
        self._deploying.clear()
        process, self._process = self._process, None
        if process is not None:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def log_tail(self, lines: int = 30) -> str:
        return (
            "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:]) if self.log_path.exists() else ""
        )

    # -- use ---------------------------------------------------------------------------------------------------------

    def client(self, service: str, credentials: Credentials = ROOT_USER) -> Any:
        """A boto3 client, as root by default."""
        return boto3.client(
            service,  # type: ignore[call-overload] # the stubs want one overload per literal name
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}),
        )

    def assume(self, role_arn: str, session: str = "laptop") -> Credentials:
        given = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session)["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def allowed(self) -> set[tuple[str, str]]:
        """Allowed calls so far: the name of the role or user, and the action."""
        file = self._home / ALLOWED
        lines = file.read_text().splitlines() if file.exists() else []
        return {(arn.split("/")[1], action) for arn, action in map(json.loads, lines) if "/" in arn}

    def http_api_url(self, api_id: str) -> str:
        """Base URL of an HTTP API's `$default` stage, without a closing slash."""
        return f"{self.endpoint_url}/_aws/execute-api/{api_id}/$default"

    def signed_request(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        credentials: Credentials = ROOT_USER,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request to the HTTP API, signed with SigV4; `body` is sent as JSON."""
        content = b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(method, url, data=content, headers={"content-type": "application/json", **(headers or {})})
        SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
        return httpx.request(method, url, content=content, headers=dict(request.headers.items()), timeout=60)

    def cdn(self, url: str) -> LocalUrl:
        """The local address of `https://<id>.cloudfront.net/…`."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return LocalUrl(f"{self.endpoint_url}{parts.path}{query}", {"Host": parts.netloc, "X-Forwarded-Proto": "https"})

    # -- deploy ------------------------------------------------------------------------------------------------------

    def deploy(
        self, context: Mapping[str, str], *, app: str | None = None, at: Path = ROOT
    ) -> dict[str, dict[str, str]]:
        """`cdk bootstrap` and `cdk deploy` with `context`; returns the outputs by stack name. Raises EmulatorError.

        `app` replaces the command of `cdk.json`, `at` is its working directory.
        """
        began = time.monotonic()
        assembly, outputs = self._home / "cdk.out", self._home / "outputs.json"
        options = [option for key, value in context.items() for option in ("--context", f"{key}={value}")]
        self.say("  bootstrapping the account and synthesising the stacks")
        bootstrap = self._cdk(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], self._home, "bootstrap")
        synth = self._cdk(
            ["synth", "--quiet", "--output", str(assembly), *options, *(["--app", app] if app else [])], at, "synth"
        )
        self._finish(synth, "synth")
        self._finish(bootstrap, "bootstrap")
        self.say("  deploying")
        words = ["deploy", "--app", str(assembly), "--outputs-file", str(outputs)]
        # In this folder there is no cdk.json.
        words += ["--require-approval", "never", "--method", "direct"]
        self._finish(self._cdk(words, self._home, "deploy"), "deploy")
        self.say(f"  deployed in {time.monotonic() - began:.0f} s")
        stack_outputs: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return stack_outputs

    def _cdk(self, words: Sequence[str], at: Path, step: str) -> subprocess.Popen[bytes]:
        with (self._home / f"cdk-{step}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(ROOT / "node_modules/.bin/cdk"), *words, "--no-notices", "--no-color"],
                cwd=at,
                env=self.cdk_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._deploying.append(process)
        return process

    def _finish(self, process: subprocess.Popen[bytes], step: str) -> None:
        code = process.wait()
        self._deploying.remove(process)
        if code:
            log = (self._home / f"cdk-{step}.log").read_text(errors="replace").splitlines()[-40:]
            raise EmulatorError(
                "\n".join([f"cdk {step} failed:", *log, "", "The embedded AWS said:", self.log_tail(10)])
            )

    def cdk_environment(self) -> dict[str, str]:
        """The environment of the CDK command line for the embedded AWS."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20,21,23",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        }

    def _server_environment(self) -> dict[str, str]:
        """The path only, because functions inherit the environment."""
        scratch = self._home / "tmp"
        scratch.mkdir(exist_ok=True)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AUTH": str(self._enforce_iam).lower(),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._home / "state"),
            "S3_DATA_DIR": str(self._home / "s3"),
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LOG_LEVEL": "INFO",
        }

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint_url}/_ministack/health", timeout=2).is_success
        except httpx.TransportError:
            return False


def scratch() -> Path | None:
    """A folder in memory for the files of workers, because some disks remove files slowly; `None` without space."""
    if not os.access(_IN_MEMORY, os.W_OK):
        return None
    disk = os.statvfs(_IN_MEMORY)
    free = min(disk.f_bavail * disk.f_frsize, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    # Containers often mount it so that no compiled module can be loaded from it.
    return _IN_MEMORY if free >= _MEMORY_NEEDED and not disk.f_flag & os.ST_NOEXEC else None


def lambda_python(home: Path) -> Path:
    """An interpreter like Lambda's: the standard library, and SDK modules that refuse to be imported."""
    return _starter(home / "lambda-python", f'PYTHONPATH="{_runtime(home)}" exec "{sys.executable}" -S -s "$@"')


def lambda_worker(home: Path, sdk: Path | None = None) -> Path:
    """The script that starts a worker like Lambda, whose runtime has `sdk`; see `infra.local.lambda_shape`."""
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    words = (interpreter, "-S", "-s", "-E", SHAPE, interpreter, _runtime(home, sdk), ROOT)
    return _starter(home / "lambda-worker", f'exec {shlex.join(map(str, words))} "$@"')


def _runtime(home: Path, sdk: Path | None = None) -> Path:
    packages = home / "runtime"
    if sdk:
        # A copy, because a worker does not see the checkout.
        return shutil.copytree(sdk, packages)
    packages.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_PACKAGES:
        refusal = f"{name} of the runtime was imported: the layers do not hold it"
        (packages / f"{name}.py").write_text(f"raise ImportError({refusal!r}, name={name!r})\n")
    return packages


def _starter(path: Path, command: str) -> Path:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
    return path


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
