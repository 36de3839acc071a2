"""The smaller descriptions of AWS lead to the same calls at the same addresses."""

from pathlib import Path

import botocore.session
import pytest
from botocore.client import BaseClient

from infra.aws_data import SERVICES, write_aws_data

REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-4", "us-gov-west-1", "cn-north-1")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aws-data")
    write_aws_data(folder)
    return folder


def client(service: str, region: str) -> BaseClient:
    """A client of a session of its own, which reads its environment anew."""
    return botocore.session.Session().create_client(service, region_name=region)


@pytest.mark.parametrize("service", SERVICES)
def test_clients_are_as_with_all_of_botocores_data(service: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [client(service, region) for region in REGIONS]
    monkeypatch.setenv("AWS_DATA_PATH", str(data))
    small = [client(service, region) for region in REGIONS]
    assert [one.meta.endpoint_url for one in small] == [one.meta.endpoint_url for one in whole]
    given, wanted = (one[0].meta.service_model for one in (small, whole))
    assert given.operation_names == wanted.operation_names
    for name in wanted.operation_names:
        assert members(given.operation_model(name)) == members(wanted.operation_model(name))


def members(operation) -> list[list[str]]:
    """The names of what goes in and comes out."""
    shapes = (operation.input_shape, operation.output_shape)
    return [sorted(getattr(shape, "members", {})) for shape in shapes]


def test_the_smaller_data_is_what_a_client_reads(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(data))
    model = client("dynamodb", "eu-central-1").meta.service_model
    assert model.operation_model("PutItem").documentation == ""
