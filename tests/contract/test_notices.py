"""What the owner is told: once for each change, and over the topic of the alarms."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.sns.models import sns_backends

from shutterpost.flows.syncing.notices import Notices
from shutterpost.runtime.clients import client
from shutterpost.runtime.messages import TopicMessenger
from shutterpost.scheduling import NotificationStates
from shutterpost.scheduling.store.items import Item
from tests.support.aws import create_table, mocked_aws

TABLE = "posts-of-notices"
PERSONA, OWNER = "nature-1a2b3c", "123456789012/role/Photographer"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with mocked_aws():
        create_table(Item, TABLE)
        yield


class Deaf:
    """A messenger that reaches nobody, until it does."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.sent: list[str] = []

    def send(self, subject: str, text: str) -> None:
        if self.times:
            self.times -= 1
            raise EndpointConnectionError(endpoint_url="https://sns.example.test")
        self.sent.append(f"{subject}: {text}")


def tell(notices: Notices, standing: str) -> bool:
    return notices.notify(PERSONA, OWNER, "runway", standing, subject="Library", text=standing)


def test_each_change_is_told_once() -> None:
    notices = Notices(states=NotificationStates(), messenger=(deaf := Deaf(0)))
    assert [tell(notices, one) for one in ("low", "low", "critical", "low")] == [True, False, True, True]
    assert deaf.sent == ["Library: low", "Library: critical", "Library: low"]
    assert notices.status(PERSONA, "runway") == "low"


def test_what_could_not_be_sent_is_told_the_next_time() -> None:
    notices = Notices(states=NotificationStates(), messenger=(deaf := Deaf(2)))
    assert [tell(notices, "low") for _ in range(4)] == [False, False, True, False]
    assert deaf.sent == ["Library: low"]


def test_what_was_never_told_is_not_noted() -> None:
    notices = Notices(states=NotificationStates(), messenger=Deaf(0))
    notices.note(PERSONA, OWNER, "connection#c1", "well")
    assert notices.status(PERSONA, "connection#c1") is None


def test_of_many_that_tell_at_once_one_does() -> None:
    notices = Notices(states=NotificationStates(), messenger=(deaf := Deaf(0)))
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: tell(notices, "low"), range(16)))
    assert sum(told) == len(deaf.sent) == 1


def test_a_message_goes_over_the_topic_with_a_subject_that_it_takes() -> None:
    arn = client("sns").create_topic(Name="alarms")["TopicArn"]
    TopicMessenger(arn).send("Natur für alle:\nthe library is low " + "x" * 100, "Drop some.")
    region = arn.split(":")[3]
    [(_, text, subject, *_)] = sns_backends["123456789012"][region].topics[arn].sent_notifications
    assert text == "Drop some."
    assert subject is not None
    assert subject.startswith("Natur f?r alle: the library is low xxx")
    assert len(subject) < 100
