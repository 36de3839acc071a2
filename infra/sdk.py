"""Trims the AWS SDK in the `dependencies` layer to the descriptions of the services used.

botocore has 29 MB of descriptions, whose parsing dominates the creation of a client at a cold start. A client of a
removed service fails with `UnknownServiceError`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.loaders import Loader

SERVICES: Final[Mapping[str, str]] = {
    "bedrock-runtime": "bedrock-runtime",
    "dynamodb": "dynamodb",
    "lambda": "lambda",
    "s3": "s3",
    "scheduler": "scheduler",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "stepfunctions": "states",
}
"""The services that our functions call, by the name of their client, with the name of their endpoint."""

_KINDS: Final = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")
_TOP_LEVEL: Final = ("_retry", "partitions", "sdk-default-configuration")


def trim(python: Path) -> None:
    """Reduce the data of the botocore and boto3 below the folder `python` to `SERVICES`, in place."""
    data, whole = python / "botocore" / "data", python / "botocore" / "data-whole"
    data.rename(whole)
    # Without the extras of the user's own ~/.aws/models: what is deployed depends on the lock alone.
    loader = Loader(extra_search_paths=[str(whole)], include_default_search_paths=False)
    for name in _TOP_LEVEL:
        _write(data / f"{name}.json", loader.load_data(name))
    _write(data / "endpoints.json", _fewer(loader.load_data("endpoints")))
    for service in SERVICES:
        version = loader.determine_latest_version(service, "service-2")
        for kind in _kinds(whole / service / version):
            _write(data / service / version / f"{kind}.json", _silent(loader.load_service_model(service, kind)))
    shutil.rmtree(whole)
    # boto3's resources and examples; our functions use clients alone.
    shutil.rmtree(python / "boto3" / "data")
    shutil.rmtree(python / "boto3" / "examples")


def _kinds(folder: Path) -> Iterator[str]:
    return (kind for kind in _KINDS if any(folder.glob(f"{kind}.json*")))


def _fewer(endpoints: dict[str, Any]) -> dict[str, Any]:
    kept = set(SERVICES.values())
    return {
        **endpoints,
        "partitions": [
            {**partition, "services": {name: spec for name, spec in partition["services"].items() if name in kept}}
            for partition in endpoints["partitions"]
        ],
    }


def _silent(model: Any) -> Any:
    """`model` with empty prose; botocore reads the keys of a rule set's parameters."""
    if isinstance(model, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _silent(value)
            for name, value in model.items()
        }
    return [_silent(value) for value in model] if isinstance(model, list) else model


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")))
