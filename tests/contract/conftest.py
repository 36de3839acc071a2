"""Adapters on the simulators; tables on moto, in the simulation, and on DynamoDB Local where Java is present."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import respx
from pynamodb.models import Model

from shutterpost.runtime.tables import connection
from tests.simulation.dynamodb import DynamoDb
from tests.simulation.seam import only_tables
from tests.support.aws import as_nobody, create_table, forget_clients, mocked_aws
from tests.support.dynamodb_local import missing, running_dynamodb_local, take_empty_texts
from tests.support.simulated_channels import Bench, fresh, running_bench

CreateTable = Callable[[type[Model]], str]


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The endpoint of DynamoDB Local; its tests are left out, saying so, on machines without Java."""
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with running_dynamodb_local() as endpoint:
        yield endpoint


@pytest.fixture(params=["moto", "simulated", pytest.param("dynamodb-local", marks=pytest.mark.java)])
def new_table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[CreateTable]:
    """Makes an empty table for a model and gives its name."""
    if request.param == "dynamodb-local":
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", request.getfixturevalue("dynamodb_local"))

    def create(model: type[Model]) -> str:
        model._connection = None
        name = f"{model.Meta.table_name.split('.')[0]}.{uuid.uuid4().hex[:8]}"
        create_table(model, name)
        return name

    forget_clients()
    if request.param == "moto":
        with mocked_aws():
            yield create
    elif request.param == "simulated":
        with as_nobody(), only_tables(DynamoDb(lambda: datetime.now(UTC))):
            yield create
    else:
        take_empty_texts(connection().client.meta.events)
        yield create
    forget_clients()


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    """The simulators and the picture host, for the tests of a module."""
    with running_bench() as bench:
        yield bench


@pytest.fixture
def bench(running: Bench) -> Bench:
    """The simulators at noon with new accounts and nothing posted."""
    return fresh(running)


@pytest.fixture
def platform() -> Iterator[respx.Router]:
    with respx.mock as router:
        yield router
