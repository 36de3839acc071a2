"""What botocore needs to know of AWS, cut down to the services our functions call.

Making a client reads botocore's description of the service and of every endpoint of every AWS service: at a cold start
that is most of the client's price. `AWS_DATA_PATH` is botocore's documented way to put other descriptions before its
own; these are the same ones, without their prose and without the services that nobody here calls. What is not found
here is read from botocore's own data as ever.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from botocore.loaders import Loader

FOLDER: Final = "aws_data"
"""Beside the layer's `python`."""
MOUNTED: Final = f"/opt/{FOLDER}"
"""Where Lambda shows the layer's folder."""

SERVICES: Final[Mapping[str, str]] = {
    "dynamodb": "dynamodb",
    "lambda": "lambda",
    "s3": "s3",
    "scheduler": "scheduler",
    "ssm": "ssm",
    "stepfunctions": "states",
}
"""The services our functions call, by the name of their client, with the name of their endpoint."""
_KINDS: Final = ("service-2", "paginators-1", "endpoint-rule-set-1")


def write_aws_data(into: Path) -> None:
    """Write the descriptions that the installed botocore has of `SERVICES` below the folder `into`."""
    # Without the extras of the user's own ~/.aws/models: what is deployed depends on the lock alone.
    loader = Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])
    into.mkdir(parents=True, exist_ok=True)
    _write(into / "endpoints.json", _fewer(loader.load_data("endpoints")))
    for service in SERVICES:
        version = loader.determine_latest_version(service, "service-2")
        folder = into / service / version
        folder.mkdir(parents=True)
        for kind in _KINDS:
            _write(folder / f"{kind}.json", _silent(loader.load_service_model(service, kind, version)))


def _fewer(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Every partition and region, with the services that are called."""
    called = set(SERVICES.values())
    return {
        **endpoints,
        "partitions": [
            {**partition, "services": {name: told for name, told in partition["services"].items() if name in called}}
            for partition in endpoints["partitions"]
        ],
    }


def _silent(model: Any) -> Any:
    """`model` without its prose; a member called `documentation` is a mapping, and stays."""
    if isinstance(model, dict):
        return {
            name: _silent(value)
            for name, value in model.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_silent(value) for value in model] if isinstance(model, list) else model


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, separators=(",", ":")))
