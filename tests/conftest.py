"""Every test runs without AWS credentials and without a network beyond this machine."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings
from pytest_socket import socket_allow_hosts

from infra.local.simulators import Simulators, running_simulators

LONGEST_ID = 60
LOCAL = ["127.0.0.1", "localhost", "::1"]

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
    os.environ.pop(name, None)

# The same examples on every machine, however long they take; `--hypothesis-profile search` looks for new ones.
settings.register_profile("search", deadline=None, derandomize=False, max_examples=1_000)
settings.register_profile("any-machine", deadline=None, derandomize=True)
# For a run that asks only whether a test fails: the failing example is not made smaller.
settings.register_profile(
    "mutation", deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("any-machine")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a long parameter by its length, because a file's bytes would be a test id of megabytes."""
    return f"{argname}-{len(val)}" if isinstance(val, bytes | str) and len(val) > LONGEST_ID else None


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """Refuse connections to other machines."""
    socket_allow_hosts(LOCAL, allow_unix_socket=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulators]:
    """The simulated platforms, for the tests of a module."""
    with running_simulators() as simulators:
        yield simulators
