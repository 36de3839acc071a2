"""AWS in process: tables, objects, parameters, timers, executions and mail, with everything that may go wrong."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from PIL import Image

from tests.simulation.dynamodb import DynamoDb, Refused

Json = dict[str, Any]
# Photos whose id begins so have a fault that the platforms refuse.
FAULTY = "f"
# An expired object is removed at the next midnight UTC (AWS, "Lifecycle configuration elements").
DAY = timedelta(days=1)


def picture_of(photo_id: str) -> bytes:
    """The bytes of a photo's rendition: a JPEG and the photo's id; one with a fault is no picture."""
    return (b"" if photo_id.startswith(FAULTY) else _jpeg()) + photo_id.encode()


@lru_cache
def _jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(written, "JPEG")
    return written.getvalue()


@dataclass
class Objects:
    """A bucket: where each object came from, and when it was made; `public_days` is its lifecycle rule."""

    public_days: int
    made: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, source: str, now: datetime) -> None:
        """Make or replace an object; what it is a copy of is never forgotten."""
        self.made[key] = (source, now)
        self.sources[key] = source

    def source(self, key: str, now: datetime) -> str | None:
        """What the object is a copy of, while it is there."""
        copy = self.made.get(key)
        if copy is None:
            return None
        source, made_at = copy
        if key.startswith("public/"):
            ends = (made_at + timedelta(days=self.public_days)).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
            if now >= ends:
                del self.made[key]
                return None
        return source

    def call(self, operation: str, parameters: Json, now: datetime) -> Json:
        """CopyObject, GetObject, HeadObject, DeleteObject and ListObjectsV2, which finds no rejected files."""
        if operation == "CopyObject":
            source = self.source(parameters["CopySource"]["Key"], now)
            if source is None:
                raise Refused("NoSuchKey")
            self.put(parameters["Key"], source, now)
        elif operation in {"GetObject", "HeadObject"}:
            photo_id = self.source(parameters["Key"], now)
            if photo_id is None:
                raise Refused("NoSuchKey" if operation == "GetObject" else "404")
            return {"Body": io.BytesIO(picture_of(photo_id))} if operation == "GetObject" else {}
        elif operation == "ListObjectsV2" and parameters["Prefix"].startswith("rejected/"):
            return {"KeyCount": 0, "IsTruncated": False}
        elif operation == "DeleteObject":
            self.made.pop(parameters["Key"], None)
        else:
            raise LookupError(f"The simulated S3 has no operation {operation}.")
        return {}


@dataclass
class Parameters:
    """SSM's SecureStrings."""

    values: dict[str, str] = field(default_factory=dict)

    def call(self, operation: str, parameters: Json) -> Json:
        """GetParameter, PutParameter and DeleteParameter."""
        name = parameters["Name"]
        if operation == "PutParameter":
            self.values[name] = parameters["Value"]
            return {"Version": 1}
        if name not in self.values:
            raise Refused("ParameterNotFound")
        if operation == "DeleteParameter":
            del self.values[name]
            return {}
        return {"Parameter": {"Name": name, "Value": self.values[name]}}


@dataclass
class Timers:
    """EventBridge Scheduler: one-off schedules; `fires` is told of each one put, with its instant and its event."""

    fires: Callable[[str, int, datetime, Json], None]
    armed: dict[str, tuple[int, datetime, Json]] = field(default_factory=dict)
    number: int = 0

    def call(self, operation: str, parameters: Json, now: datetime) -> Json:
        """Create, update, delete and list."""
        if operation == "ListSchedules":
            prefix = parameters.get("NamePrefix", "")
            return {"Schedules": [{"Name": name} for name in sorted(self.armed) if name.startswith(prefix)]}
        name = parameters["Name"]
        if operation == "DeleteSchedule":
            if self.armed.pop(name, None) is None:
                raise Refused("ResourceNotFoundException")
            return {}
        if (operation == "CreateSchedule") is (name in self.armed):
            raise Refused("ConflictException" if operation == "CreateSchedule" else "ResourceNotFoundException")
        at = datetime.fromisoformat(parameters["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
        if at < now:
            raise Refused("ValidationException", "The schedule's time lies in the past")
        self.number += 1
        self.armed[name] = (self.number, at, json.loads(parameters["Target"]["Input"]))
        self.fires(name, self.number, at, self.armed[name][2])
        return {}

    def take(self, name: str, number: int) -> bool:
        """Whether the timer stands as it was armed then; it is gone afterwards, as one that fired."""
        if name not in self.armed or self.armed[name][0] != number:
            return False
        del self.armed[name]
        return True


@dataclass
class Executions:
    """Step Functions: executions by name, each name once; `begins` runs one."""

    begins: Callable[[str, Json], None]
    names: set[str] = field(default_factory=set)

    def call(self, operation: str, parameters: Json) -> Json:
        """StartExecution."""
        assert operation == "StartExecution"
        if parameters["name"] in self.names:
            raise Refused("ExecutionAlreadyExists")
        self.names.add(parameters["name"])
        self.begins(parameters["name"], json.loads(parameters["input"]))
        return {"executionArn": parameters["name"]}


@dataclass
class Account:
    """One AWS account."""

    tables: DynamoDb
    objects: Objects
    parameters: Parameters
    timers: Timers
    executions: Executions
    now: Callable[[], datetime]
    imports: Callable[[Json], None] = lambda _: None
    mail: list[tuple[str, str]] = field(default_factory=list)

    def call(self, service: str, operation: str, parameters: Json) -> Json:
        """The answer of a service that works. Raises `Refused`."""
        if service == "dynamodb":
            return self.tables.call(operation, parameters)
        if service == "s3":
            return self.objects.call(operation, parameters, self.now())
        if service == "ssm":
            return self.parameters.call(operation, parameters)
        if service == "scheduler":
            return self.timers.call(operation, parameters, self.now())
        if service == "stepfunctions":
            return self.executions.call(operation, parameters)
        if operation == "SendMessage":
            self.imports(json.loads(parameters["MessageBody"]))
            return {"MessageId": "0"}
        if service == "sqs":
            return {"Attributes": dict.fromkeys(parameters["AttributeNames"], "0")}
        assert service == "sns", service
        self.mail.append((parameters["Subject"], parameters["Message"]))
        return {}
