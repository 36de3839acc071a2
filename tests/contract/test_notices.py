"""What is stored of an owner's notices, and how a mail reaches the owner: over the topic of the alarms."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.sns.models import sns_backends

from shutterpost.flows.notifying.files import ImportQueues
from shutterpost.photos import Rejections
from shutterpost.runtime.clients import client
from shutterpost.runtime.messages import TopicMailer
from shutterpost.scheduling import NoticeStates
from shutterpost.scheduling.store.items import Item
from tests.support.aws import BUCKET, create_library, create_table, mocked_aws

TABLE = "posts-of-notices"
OWNER = "123456789012/role/Photographer"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with mocked_aws():
        create_table(Item, TABLE)
        yield


def test_a_state_is_stored_over_the_version_that_it_was_read_with() -> None:
    states = NoticeStates()
    assert states.get(OWNER).version == 0
    assert states.put(OWNER, {"standing": {"a": 1}}, version=1)
    assert not states.put(OWNER, {"standing": {"b": 1}}, version=1)
    assert states.put(OWNER, {"standing": {"c": 1}}, version=2)
    assert (states.get(OWNER).version, states.get(OWNER).body) == (2, {"standing": {"c": 1}})
    assert states.get("another").version == 0


def test_of_many_that_store_a_version_at_once_one_does() -> None:
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda number: NoticeStates().put(OWNER, {"by": number}, version=1), range(16)))
    assert sum(stored) == 1


def test_a_mail_goes_over_the_topic_with_a_subject_that_it_takes() -> None:
    arn = client("sns").create_topic(Name="alarms")["TopicArn"]
    TopicMailer(arn).send("Natur für alle:\nthe library is low " + "x" * 100, "Drop some.")
    region = arn.split(":")[3]
    [(_, text, subject, *_)] = sns_backends["123456789012"][region].topics[arn].sent_notifications
    assert text == "Drop some."
    assert subject is not None
    assert subject.startswith("Natur f?r alle: the library is low xxx")
    assert len(subject) < 100


def test_messages_in_the_queues_are_a_condition() -> None:
    urls = [client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("imports", "dead-letters")]
    queues = ImportQueues(import_url=urls[0], dead_letters_url=urls[1])
    assert queues.conditions() == []
    client("sqs").send_message(QueueUrl=urls[1], MessageBody="{}")
    [condition] = queues.conditions()
    assert condition.label == "1 dead letters, 0 waiting uploads"


def test_rejected_files_are_counted_by_their_reasons() -> None:
    create_library()
    rejections = Rejections(BUCKET)
    assert rejections.count("nature", 10) == 0
    for name in ("a.jpg", "a.jpg.reason.json", "b.jpg", "b.jpg.reason.json"):
        client("s3").put_object(Bucket=BUCKET, Key=f"rejected/nature/{name}", Body=b"{}")
    client("s3").put_object(Bucket=BUCKET, Key="rejected/other/c.jpg.reason.json", Body=b"{}")
    assert (rejections.count("nature", 10), rejections.count("nature", 1)) == (2, 1)
