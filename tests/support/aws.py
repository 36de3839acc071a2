"""AWS in memory: tables created from the models, a bucket, and one mocked account per test."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from botocore.loaders import Loader, create_loader
from moto import mock_aws
from moto.core.model import Shape
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.responses import DynamoHandler
from pynamodb.models import Model

from shutterpost.channels.store import ConnectionItem
from shutterpost.personas.store import PersonaItem
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime import tables
from shutterpost.runtime.clients import client
from shutterpost.runtime.tables import bind
from tests.simulation.dynamodb import DynamoDb
from tests.simulation.seam import only_tables

BUCKET = "library-under-test"
CHANNELS_TABLE = "channels-under-test"
PERSONAS_TABLE = "personas-under-test"
PHOTOS_TABLE = "photos-under-test"
# The members of DynamoDB's shape AttributeValue.
ATTRIBUTE_VALUES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


@contextmanager
def as_nobody() -> Iterator[None]:
    """A region and credentials that mean nothing, for what runs outside pytest."""
    aws = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "eu-central-1"}
    with patch.dict(os.environ, aws):
        yield


@contextmanager
def mocked_aws() -> Iterator[None]:
    """An empty account; clients made inside do not outlive it."""
    forget_clients()
    with patch("botocore.session.create_loader", shared_loader), mock_aws(), quick_answers(), single_calls():
        yield
    forget_clients()


@contextmanager
def simulated_tables() -> Iterator[DynamoDb]:
    """Let the simulation's tables answer DynamoDB's calls, in a tenth of moto's time; moto answers all others.

    `tests/contract` runs the stores on both, and on DynamoDB Local.
    """
    # Its time decides when indexes show a change and client tokens end.
    service = DynamoDb(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with only_tables(service):
        yield service


@lru_cache
def shared_loader(search_path: str | None = None) -> Loader:
    """One loader for the sessions of all tests: reading AWS's service descriptions is half of a test's set-up."""
    return create_loader(search_path)


@contextmanager
def quick_answers() -> Iterator[None]:
    """Let moto write DynamoDB's values without looking for each of their ten types under four names.

    The looking takes a third of the time of everything that runs on moto, and finds what lies in the mapping.
    """
    look_everywhere = ResponseSerializer.get_value

    def get_value(serializer: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
        if type(value) is dict and len(value) == 1 and value.keys() <= ATTRIBUTE_VALUES:
            return value.get(key)
        return look_everywhere(serializer, value, key, shape)

    with patch.object(ResponseSerializer, "get_value", get_value):
        yield


@contextmanager
def single_calls() -> Iterator[None]:
    """Let moto's DynamoDB answer one call at a time: it checks a condition and writes in two steps, AWS in one."""
    call_action, lock = DynamoHandler.call_action, threading.RLock()

    def call_alone(handler: DynamoHandler) -> Any:
        with lock:
            return call_action(handler)

    with patch.object(DynamoHandler, "call_action", call_alone):
        yield


def forget_clients() -> None:
    """Let the next use of AWS make its clients anew."""
    client.cache_clear()
    tables.connection.cache_clear()


def create_table(model: type[Model], name: str) -> None:
    """The table `name` as `model` describes it, with its indexes."""
    bind(model, name)
    model.create_table(wait=True, billing_mode="PAY_PER_REQUEST")


def create_library() -> Any:
    """The tables of personas, photos and connections, and the library bucket; returns the S3 client."""
    create_table(ConnectionItem, CHANNELS_TABLE)
    create_table(PersonaItem, PERSONAS_TABLE)
    create_table(PhotosTable, PHOTOS_TABLE)
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return s3


def keys_in(s3: Any, prefix: str = "") -> list[str]:
    """All keys of the library bucket under `prefix`, sorted."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))


def body_of(s3: Any, key: str) -> bytes:
    """The bytes at `key` of the library bucket."""
    data: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return data
