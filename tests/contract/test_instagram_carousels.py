"""Carousels of the Instagram adapter: a container for each picture, then their parent."""

import pytest

from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Message,
    Picture,
    Published,
    RemoteState,
    Status,
    Submitted,
)
from tests.support.picture_host import jpeg
from tests.support.simulated_channels import NOON, Bench

TEXT = "A calm lake."


@pytest.fixture
def channel(bench):
    return bench.channel("instagram")


@pytest.fixture(params=["facebook", "instagram"])
def account(bench, request):
    return bench.account(request.param)


def made_carousel(bench: Bench, channel: Channel, account: Account, message: Message) -> str:
    """The container of a carousel, made part by part as the publish chain does."""
    ref = None
    for _ in message.pictures:
        submitted = channel.submit(account, message, ref)
        assert isinstance(submitted, Submitted)
        ref = submitted.ref
        bench.sim.advance(1)
        status = channel.status(account, ref)
        assert status == Status(ref=ref, state=RemoteState.INCOMPLETE)
    whole = channel.submit(account, message, ref)
    assert isinstance(whole, Submitted)
    return whole.ref


def test_a_carousel_is_made_of_a_container_for_each_picture(bench, channel, account):
    message = bench.message(names=("one", "two"))
    ref = made_carousel(bench, channel, account, message)

    containers = bench.sim.state()["instagram"]["containers"]
    assert [container["is_carousel_item"] for container in containers] == [True, True, False]
    assert [container["caption"] for container in containers] == ["", "", TEXT]
    assert [container["alt_text"] for container in containers] == ["A lake", "A lake", ""]
    assert containers[-1]["id"] == ref
    assert containers[-1]["image_urls"] == [picture.url for picture in message.pictures]
    assert channel.status(account, ref).state is RemoteState.WORKING
    bench.sim.advance(1)
    assert channel.status(account, ref).state is RemoteState.READY
    assert isinstance(channel.publish(account, ref, message), Published)
    assert bench.posts(TEXT) == 1
    assert bench.sim.violations() == []


def test_a_carousel_waits_for_every_picture(bench, channel, account):
    bench.sim.configure(processing_seconds=30)
    message = bench.message(names=("one", "two"))
    first = channel.submit(account, message).ref
    assert channel.status(account, first).state is RemoteState.INCOMPLETE
    both = channel.submit(account, message, first).ref

    assert channel.status(account, both) == Status(ref=both, state=RemoteState.WORKING)
    bench.sim.advance(31)
    assert channel.status(account, both).state is RemoteState.INCOMPLETE


def test_a_picture_that_fails_stops_the_carousel_and_keeps_the_others(bench, channel, account):
    message = bench.message(names=("one", "two", "three"))
    first = channel.submit(account, message).ref
    bench.sim.add_fault("instagram", "create_container", "refuse")

    refused = channel.submit(account, message, first)
    again = channel.submit(account, message, first)

    assert isinstance(refused, Failure)
    assert refused.failure_class is FailureClass.RETRYABLE
    assert isinstance(again, Submitted)
    assert again.ref.startswith(f"{first},")


def test_a_carousel_with_a_picture_that_instagram_does_not_take_fails_with_its_reason(bench, channel, account):
    good, bad = bench.pictures.put("/good.jpg", jpeg(800, 800)), bench.pictures.put("/bad.jpg", jpeg(400, 1_000))
    message = Message(text=TEXT, pictures=(Picture(url=good), Picture(url=bad)), run_at=NOON)
    both = channel.submit(account, message, channel.submit(account, message).ref).ref
    bench.sim.advance(1)

    status = channel.status(account, both)

    assert (status.ref, status.state) == (both, RemoteState.FAILED)
    assert (status.failure.code, status.failure.cause) == ("container/2207009", Cause.PHOTO)


def test_the_parts_of_a_carousel_expire_after_a_day(bench, channel, account):
    message = bench.message(names=("one", "two"))
    both = channel.submit(account, message, channel.submit(account, message).ref).ref
    bench.sim.advance(24 * 3_600 + 1)

    assert channel.status(account, both) == Status(ref=both, state=RemoteState.EXPIRED)
