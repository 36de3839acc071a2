"""The embedded AWS itself, without our stack: the behaviour on which deploy and demo depend."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.layers import Target, build_layers
from infra.local.emulator import ACCOUNT, ROOT, Emulator, EmulatorError

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator")]

KEPT = (
    "AWS_",
    "LAMBDA_",
    "_LAMBDA_",
    "_X_AMZN",
    "_MINISTACK",
    "PATH",
    "PYTHONPATH",
    "LANG",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
)
HANDLER = """
import importlib.util
def handler(event, context):
    if event.get("bucket"):
        import boto3
        boto3.client("s3").put_object(Bucket=event["bucket"], Key="fired", Body=b"")
    if event.get("look"):
        return look(event)
    found = {name: importlib.util.find_spec(name) for name in event.get("names", [])}
    return {name: spec.origin if spec else None for name, spec in found.items()}

def look(event):
    import os, resource, sys, tempfile
    def writable(folder):
        try:
            with tempfile.TemporaryFile(dir=folder):
                return True
        except OSError:
            return False
    def allocates(megabytes):
        try:
            return len(bytearray(megabytes << 20)) > 0
        except MemoryError:
            return False
    return {
        "path": sys.path, "environment": dict(os.environ), "checkout": os.path.exists(event["checkout"]),
        "writable": {folder: writable(folder) for folder in ("/tmp", "/opt", os.getcwd(), None)},
        "allocates": [allocates(megabytes) for megabytes in (16, 300)],
    }
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Emulator]:
    with Emulator(say=lambda _line: None) as running:
        yield running


@pytest.fixture(scope="module")
def bucket(aws: Emulator) -> str:
    aws.client("s3").create_bucket(Bucket="fired")
    return "fired"


@pytest.fixture(scope="module")
def role(aws: Emulator, bucket: str) -> str:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}
    trust["Statement"].append({**trust["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}})
    allowed = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    iam = aws.client("iam")
    arn: str = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy)
    return arn


@pytest.fixture(scope="module")
def layer(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = build_layers(Target.LOCAL)["dependencies"]
    archive = shutil.make_archive(str(tmp_path_factory.mktemp("layer") / "layer"), "zip", folder)
    content = {"ZipFile": Path(archive).read_bytes()}
    made = aws.client("lambda").publish_layer_version(LayerName="dependencies", Content=content)
    arn: str = made["LayerVersionArn"]
    return arn


@pytest.fixture(scope="module")
def function(aws: Emulator, role: str, layer: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("probe.py", HANDLER)
    made = aws.client("lambda").create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Handler="probe.handler",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
        Timeout=10,
        Layers=[layer],
        MemorySize=256,
        Environment={"Variables": {"MARK": "of the template"}},
    )
    arn: str = made["FunctionArn"]
    return arn


def eventually(look: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.1)
    return False


def test_functions_find_their_layers_and_nothing_of_this_environment(aws: Emulator, function: str) -> None:
    names = ["boto3", "pydantic", "httpx", "shutterpost", "aws_cdk", "moto", "typer", "pip"]
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"names": names}))
    result = {name: origin for name, origin in json.load(answer["Payload"]).items() if origin}
    assert set(result) == {"boto3", "pydantic", "httpx"}
    assert all("/opt/python/" in origin for origin in result.values())


def test_functions_run_in_the_shape_of_lambda(aws: Emulator, function: str) -> None:
    event = {"look": True, "checkout": str(ROOT / "Makefile")}
    document = json.load(aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))["Payload"])
    assert not [name for name in document["environment"] if not name.startswith((*KEPT, "MARK"))]
    assert document["environment"]["MARK"] == "of the template"
    assert not [place for place in document["path"] if str(ROOT) in place or "site-packages" in place]
    assert document["allocates"] == [True, False]
    if "/opt/python" not in document["path"]:
        pytest.skip("this system lets no ordinary process have mounts of its own")
    assert document["path"].index("/opt/python") < [place.endswith("/runtime") for place in document["path"]].index(
        True
    )
    assert [folder for folder, writable in document["writable"].items() if writable] == ["null"]
    assert not document["checkout"]


def test_a_call_that_the_role_does_not_allow_is_refused(aws: Emulator, role: str, bucket: str) -> None:
    s3 = aws.client("s3", aws.assume(role))
    s3.put_object(Bucket=bucket, Key="allowed", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="allowed")


def test_a_bucket_may_insist_on_tls_as_on_aws(aws: Emulator, role: str) -> None:
    insist = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls/*"}
    insist["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment] # a policy nests
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="tls")
    s3.put_bucket_policy(Bucket="tls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [insist]}))
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        aws.client("s3", aws.assume(role)).put_object(Bucket="tls", Key="k", Body=b"")


def test_the_real_scheduler_fires_a_one_off_schedule_once(aws: Emulator, function: str, role: str, bucket: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=1)
    scheduler = aws.client("scheduler")
    scheduler.create_schedule(
        Name="soon",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": function, "RoleArn": role, "Input": json.dumps({"bucket": bucket})},
    )
    assert eventually(lambda: "fired" in keys(aws, bucket))
    assert eventually(lambda: scheduler.list_schedules()["Schedules"] == [])


def keys(aws: Emulator, bucket: str) -> list[str]:
    listed: list[dict[str, Any]] = aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return [item["Key"] for item in listed]


def test_a_cdn_address_leads_to_this_machine_with_its_host_kept(aws: Emulator) -> None:
    result = aws.cdn("https://d1.cloudfront.net/public/a.jpg?v=1")
    assert result.url == f"{aws.endpoint_url}/public/a.jpg?v=1"
    assert result.headers["Host"] == "d1.cloudfront.net"


def test_a_stack_that_cannot_be_synthesised_shows_cdk_s_message(aws: Emulator, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="this app has no stacks today"):
        aws.deploy({}, app="echo this app has no stacks today; exit 3", at=tmp_path)


def test_leaving_ends_the_server_and_removes_what_it_wrote() -> None:
    with Emulator(say=lambda _line: None) as running:
        written = running.log_path
        assert written.exists()
    assert not written.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        _connect(running.port)


def test_the_server_ends_with_the_process_that_started_it() -> None:
    start = "from infra.local.emulator import Emulator; e = Emulator(); e.start()"
    program = f"{start}; print(e.port, e.log_path, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port, log = owner.stdout.readline().split()
    _connect(int(port))
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    assert eventually(lambda: not _listens(int(port)))
    assert not Path(log).parent.exists()


def _connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()


def _listens(port: int) -> bool:
    try:
        _connect(port)
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        return True  # It is closing at this moment.
    return True
