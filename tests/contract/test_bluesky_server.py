"""The Bluesky adapter against Bluesky's own server: the contract of all adapters, and what only this server shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr

from infra.local.bluesky_server import MISSING, is_installed
from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Matches,
    Message,
    NoMatch,
    Published,
    RemoteState,
    Removed,
    Status,
    Submitted,
)
from shutterpost.console.logins.bluesky import sign_in
from shutterpost.runtime.values import Extras
from tests.contract import test_channel_adapters as contract
from tests.support.bluesky_server import BlueskyServer, Trouble, running_bluesky_server
from tests.support.simulated_channels import NOON, Bench

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("bluesky-server"),
    pytest.mark.skipif(not is_installed(), reason=MISSING),
]
TEXT = "A calm lake."


@dataclass
class Served:
    """The simulators, with the server in place of the simulated Bluesky."""

    simulated: Any
    server: BlueskyServer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.simulated, name)

    def add_fault(self, platform: str, operation: str, kind: Any, **options: Any) -> None:
        """Make trouble at the proxy."""
        assert platform == "bluesky"
        self.server.proxy.troubles.append(Trouble(operation, kind, **options))

    def clear_faults(self) -> None:
        """End all trouble."""
        self.server.proxy.troubles.clear()

    def count(self, platform: str, operation: str) -> int:
        """How often the server was called so."""
        assert platform == "bluesky"
        return self.server.proxy.calls.count(operation)

    def journal(self, platform: str) -> list[dict[str, Any]]:
        """The calls; the proxy keeps no addresses."""
        assert platform == "bluesky"
        return [{"operation": call, "ids": {}} for call in self.server.proxy.calls]

    def bluesky_posts(self, text: str | None = None) -> list[dict[str, Any]]:
        """The account's posts as the simulator shows its own."""
        shown = []
        for record in self.server.posts():
            images = record["value"]["embed"]["images"]
            pictures = [image["image"]["ref"]["$link"] for image in images]
            facts = {"text": record["value"]["text"], "alt_texts": [image["alt"] for image in images]}
            shown.append({**facts, "pictures": pictures})
        return [post for post in shown if text in {None, post["text"]}]

    def state(self) -> dict[str, Any]:
        """The simulators' state with the server's posts."""
        texts = [post["text"] for post in self.bluesky_posts()]
        created = {text: texts.count(text) for text in texts}
        return {**self.simulated.state(), "bluesky": {"created_per_text": created}}


class ServedBench(Bench):
    """The bench, with the account of the server."""

    @property
    def bluesky_url(self) -> str:
        """The server's address, through the proxy."""
        return self.sim.server.url  # type: ignore[attr-defined,no-any-return]

    def account(self, kind: Any, token: str | None = None) -> Account:
        """The account with its real app password."""
        known = token or self.sim.server.app_password  # type: ignore[attr-defined]
        return super().account(kind, known)


@pytest.fixture(scope="module")
def started() -> Iterator[BlueskyServer]:
    with running_bluesky_server() as running:
        yield running


@pytest.fixture
def server(started: BlueskyServer) -> BlueskyServer:
    started.renew()
    return started


@pytest.fixture
def bench(bench: Bench, server: BlueskyServer) -> Bench:
    served = Served(bench.sim, server)
    same = {name: getattr(bench, name) for name in ("pictures", "clock", "settings", "organization_id", "channel_id")}
    return ServedBench(sim=served, did=server.did, **same)  # type: ignore[arg-type]


@pytest.fixture
def kind() -> str:
    return "bluesky"


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("bluesky")


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("bluesky")


# The contract, test by test, with the fixtures above.
globals().update(
    {name: test for name, test in vars(contract).items() if name.startswith("test_") and "buffer" not in name}
)


def submitted(bench: Bench, channel: Channel, account: Account, message: Message) -> str:
    return contract.submit_whole(bench, channel, account, message).ref


def make_trouble(server: BlueskyServer, method: str, kind: Any) -> None:
    server.proxy.troubles.append(Trouble(method, kind))


@pytest.mark.parametrize("kind_of_trouble", ["effect_then_drop", "effect_then_error", "drop_before", "twice"])
def test_a_repeat_after_any_lost_answer_makes_one_post(bench, server, channel, account, kind_of_trouble):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    make_trouble(server, "putRecord", kind_of_trouble)

    first = channel.publish(account, ref, message)
    before = server.commits()
    again = channel.publish(account, ref, message)

    if kind_of_trouble == "twice":
        assert isinstance(first, Published)
    else:
        assert isinstance(first, Failure)
        assert first.failure_class is FailureClass.AMBIGUOUS
    assert isinstance(again, Published)
    assert again.same is (kind_of_trouble != "drop_before")
    assert (server.commits() == before) is again.same
    assert len(server.posts()) == 1


def test_equal_calls_at_once_make_one_commit(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)

    with ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(lambda _: channel.publish(account, ref, message), range(8)))

    assert all(isinstance(answer, Published) for answer in answers)
    assert sorted(answer.same for answer in answers) == [False] + [True] * 7
    assert len(server.posts()) == 1


def test_different_words_at_once_make_one_post(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    texts = [message.model_copy(update={"text": f"Version {number}."}) for number in range(6)]

    with ThreadPoolExecutor(6) as workers:
        answers = list(workers.map(lambda version: channel.publish(account, ref, version), texts))

    assert [type(answer) for answer in answers] == [Published] * 6
    assert len({answer.external_id for answer in answers}) == len(server.posts()) == 1
    assert [answer.same for answer in answers].count(False) == 1


def test_another_post_under_the_key_is_not_taken_for_ours(bench, server, channel, account):
    message = bench.message(names=("lake",))
    ref = submitted(bench, channel, account, message)
    assert isinstance(channel.publish(account, ref, message), Published)
    other = bench.message(names=("lake", "hill"))
    both = submitted(bench, channel, account, other.model_copy(update={"key": message.key}))

    taken = channel.publish(account, both, other)

    assert isinstance(taken, Failure)
    assert (taken.failure_class, taken.code) == (FailureClass.PERMANENT, "key-taken")
    assert len(server.posts()) == 1


def test_an_upload_whose_answer_was_lost_is_made_again(bench, server, channel, account):
    make_trouble(server, "uploadBlob", "effect_then_drop")
    message = bench.message()

    lost = channel.submit(account, message)
    again = channel.submit(account, message)

    assert isinstance(lost, Failure)
    assert lost.failure_class is FailureClass.RETRYABLE
    assert isinstance(again, Submitted)
    assert isinstance(channel.publish(account, again.ref, message), Published)


def test_a_session_that_ended_is_renewed_without_a_login(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    [(key, session)] = bench.sessions.sessions.items()
    old = SecretStr(server.expired(session.access.get_secret_value()))
    bench.sessions.sessions[key] = session.model_copy(update={"access": old})
    server.proxy.calls.clear()

    published = bench.channel("bluesky").publish(account, ref, message)

    assert isinstance(published, Published)
    assert server.proxy.calls == ["putRecord", "refreshSession", "putRecord"]


def test_two_workers_may_renew_a_session_at_once(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    [(key, session)] = bench.sessions.sessions.items()
    old = session.model_copy(update={"expires_at": NOON})
    for _ in range(2):
        bench.sessions.sessions[key] = old
        assert isinstance(bench.channel("bluesky").publish(account, ref, message), Published)
    assert server.proxy.calls.count("createSession") == 1
    assert server.proxy.calls.count("refreshSession") == 2


def test_a_revoked_app_password_ends_the_connection(bench, server, channel, account):
    submitted(bench, channel, account, bench.message())
    server.revoke()
    [(key, session)] = bench.sessions.sessions.items()
    bench.sessions.sessions[key] = session.model_copy(update={"expires_at": NOON})

    refused = bench.channel("bluesky").health(account)

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (FailureClass.PERMANENT, Cause.TOKEN)
    assert refused.code == "AuthenticationRequired"
    assert server.app_password not in refused.model_dump_json()


def test_a_post_that_a_moderator_hid_is_not_made_again(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    published = channel.publish(account, ref, message)
    [record] = server.posts()
    server.take_down(record["uri"], record["cid"])

    hidden = channel.status(account, ref)
    again = channel.publish(account, ref, message)
    other_words = channel.publish(account, ref, message.model_copy(update={"text": "Other words."}))

    assert isinstance(hidden, Status)
    assert hidden.state is RemoteState.READY
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (published.external_id, True)
    assert isinstance(other_words, Failure)
    assert other_words.failure_class is FailureClass.AMBIGUOUS


def test_an_account_that_was_taken_down_shows_nothing_and_says_so(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    channel.publish(account, ref, message)
    server.suspend(applied=True)

    health, status = channel.health(account), channel.status(account, ref)

    assert isinstance(health, Failure)
    assert (health.failure_class, health.cause) == (FailureClass.PERMANENT, Cause.TOKEN)
    assert isinstance(status, Failure)
    assert status.failure_class is FailureClass.RETRYABLE


def test_what_is_over_a_limit_is_refused_for_what_it_is(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    long = channel.publish(account, ref, message.model_copy(update={"text": "a" * 301}))
    bench.renditions.jpegs["renditions/lake.jpg"] += b"\0" * 1_000_000
    large = channel.submit(account, message)

    assert isinstance(long, Failure)
    assert (long.failure_class, long.cause) == (FailureClass.PERMANENT, Cause.TEXT)
    assert isinstance(large, Failure)
    assert (large.failure_class, large.cause, large.code) == (FailureClass.PERMANENT, Cause.PHOTO, "too-large")
    assert server.posts() == []


def test_a_picture_that_was_dropped_is_uploaded_again(bench, server, channel, account):
    message = bench.message()
    ref = submitted(bench, channel, account, message)
    cid = ref.split("/")[2].split(".")[0]
    unknown = ref.replace(cid, cid[:-1] + ("a" if cid[-1] != "a" else "e"))

    dropped = channel.publish(account, unknown, message)

    assert isinstance(dropped, Failure)
    assert (dropped.failure_class, dropped.resubmit) == (FailureClass.RETRYABLE, True)


def test_the_record_holds_what_readers_need(bench, server, channel, account):
    message = bench.message("Blåer See #lake https://example.org/see", alt="Ein See")
    labels = Extras(content_labels=("nudity", "graphic-media"))
    message = message.model_copy(update={"language": "de-AT", "extras": labels})
    contract.make_live(bench, channel, account, message)

    [record] = server.posts()
    value = record["value"]
    marked = [
        value["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]] for facet in value["facets"]
    ]
    assert marked == [b"#lake", b"https://example.org/see"]
    [image] = value["embed"]["images"]
    assert (image["alt"], image["aspectRatio"]) == ("Ein See", {"width": 400, "height": 400})
    assert (value["langs"], [label["val"] for label in value["labels"]["values"]]) == (
        ["de-AT"],
        ["nudity", "graphic-media"],
    )


@pytest.mark.parametrize("tag", ["zh-Hant-TW", "es-419", "de-1996", "gsw"])
def test_the_server_takes_every_form_of_language_tag(bench, server, channel, account, tag):
    message = bench.message(f"In {tag}.").model_copy(update={"language": tag})
    contract.make_live(bench, channel, account, message)
    assert [record["value"]["langs"] for record in server.posts()] == [[tag]]


def test_a_post_is_removed_and_removing_again_is_harmless(bench, server, channel, account):
    message = bench.message()
    ref, external_id = contract.make_live(bench, channel, account, message)

    assert [channel.remove(account, external_id) for _ in range(2)] == [Removed(), Removed()]
    assert server.posts() == []
    assert channel.find(account, bench.attempt(message, ref)) == NoMatch()
    again = submitted(bench, channel, account, message)
    assert isinstance(channel.publish(account, again, message), Published)


def test_the_probe_at_connecting_leaves_nothing(server):
    signed_in = sign_in(server.did, server.app_password, server.url)

    assert (signed_in.did, signed_in.host) == (server.did, server.url)
    described = server.xrpc("com.atproto.repo.describeRepo", repo=server.did).json()
    assert described["collections"] == []


def test_a_reference_finds_its_post(bench, channel, account):
    message = bench.message()
    ref, external_id = contract.make_live(bench, channel, account, message)

    matches = channel.find(account, bench.attempt(message.model_copy(update={"text": "Else."}), ref))

    assert isinstance(matches, Matches)
    assert [status.external_id for status in matches.statuses] == [external_id]
