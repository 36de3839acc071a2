"""Extras of the Instagram adapter: tags, collaborators, a location, stories, and the first comment under a post."""

import json
from datetime import timedelta

import pytest
import respx

from infra.local.simulators.faults import FaultKind
from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Commented,
    Commenter,
    Failure,
    FailureClass,
    Matches,
    Message,
    NoMatch,
    Published,
    RemoteState,
    Submitted,
    Unreadable,
)
from shutterpost.runtime.values import Extras, UserTag
from tests.contract.test_instagram_carousels import made_carousel
from tests.support.channel_kinds import TOKENS
from tests.support.platform_clients import Graph, code_of
from tests.support.simulated_channels import IG_USER, Bench

ANNA, BERT = UserTag(username="anna", x=0.25, y=0.5), UserTag(username="bert", x=1, y=0, picture=2)
STORY = Extras(story=True)


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("instagram")


@pytest.fixture(params=["facebook", "instagram"])
def account(bench: Bench, request: pytest.FixtureRequest) -> Account:
    return bench.account(request.param)


@pytest.fixture
def graph(bench: Bench) -> Graph:
    """A client of Instagram that is no adapter."""
    return Graph(bench.sim.facebook_url, TOKENS["facebook"], IG_USER)


def with_extras(bench: Bench, extras: Extras, **message: object) -> Message:
    return bench.message(**message).model_copy(update={"extras": extras})  # type: ignore[arg-type]


def publish(bench: Bench, channel: Channel, account: Account, message: Message) -> Published:
    submitted = channel.submit(account, message)
    assert isinstance(submitted, Submitted)
    bench.sim.advance(1)
    published = channel.publish(account, submitted.ref, message)
    assert isinstance(published, Published)
    return published


def commenter(channel: Channel) -> Commenter:
    assert isinstance(channel, Commenter)
    return channel


def test_a_post_has_its_tags_collaborators_and_location(bench, channel, account):
    extras = Extras(user_tags=(ANNA,), collaborators=("carl", "dora"), location_id="1234")
    publish(bench, channel, account, with_extras(bench, extras))

    [media] = bench.sim.live_media()
    assert media["user_tags"] == [[{"username": "anna", "x": 0.25, "y": 0.5}]]
    assert (media["collaborators"], media["location_id"]) == (["carl", "dora"], "1234")


def test_of_a_carousel_each_picture_has_its_tags_and_the_whole_the_rest(bench, channel, account):
    extras = Extras(user_tags=(ANNA, BERT), collaborators=("carl",), location_id="1234")
    message = with_extras(bench, extras, names=("one", "two"))
    ref = made_carousel(bench, channel, account, message)
    bench.sim.advance(1)
    assert isinstance(channel.publish(account, ref, message), Published)

    [media] = bench.sim.live_media()
    assert [[tag["username"] for tag in tags] for tags in media["user_tags"]] == [["anna"], ["bert"]]
    assert (media["collaborators"], media["location_id"]) == (["carl"], "1234")


def test_a_story_has_its_picture_alone_and_is_no_post_of_the_feed(bench, channel, account, graph):
    message = with_extras(bench, STORY)
    published = publish(bench, channel, account, message)

    [media] = bench.sim.live_media()
    assert (media["is_story"], media["caption"], media["alt_text"]) == (True, "", "")
    assert media["image_urls"] == [message.pictures[0].url]
    assert graph.get(f"{IG_USER}/media").json()["data"] == []
    assert [item["id"] for item in graph.get(f"{IG_USER}/stories").json()["data"]] == [published.external_id]


def test_a_story_takes_one_picture(bench, channel, account):
    refused = channel.submit(account, with_extras(bench, STORY, names=("one", "two")))

    assert isinstance(refused, Failure)
    assert (refused.code, refused.failure_class) == ("picture-count", FailureClass.PERMANENT)


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error"])
def test_a_story_whose_answer_is_lost_is_found_among_the_stories_by_its_time(bench, channel, account, fault):
    message = with_extras(bench, STORY)
    ref = channel.submit(account, message).ref
    bench.sim.advance(1)
    bench.sim.add_fault("instagram", "media_publish", fault)

    lost = channel.publish(account, ref, message)

    assert (lost.failure_class, channel.status(account, ref).state) == (FailureClass.AMBIGUOUS, RemoteState.PUBLISHED)
    matches = channel.find(account, bench.attempt(message, ref))
    assert isinstance(matches, Matches)
    assert (len(matches.statuses), matches.exact) == (1, False)


def test_a_story_is_not_missed_because_instagram_lists_it_no_more(bench, channel, account):
    message = with_extras(bench, STORY)
    ref = channel.submit(account, message).ref
    attempt = bench.attempt(message, ref)
    assert channel.find(account, attempt) == NoMatch()
    bench.sim.advance(timedelta(hours=23).total_seconds() + 1)

    assert isinstance(channel.find(account, attempt), Unreadable)


def test_a_post_of_the_feed_is_not_taken_for_a_story(bench, channel, account):
    message = with_extras(bench, STORY)
    ref = channel.submit(account, message).ref
    publish(bench, channel, account, bench.message())

    assert channel.find(account, bench.attempt(message, ref)) == NoMatch()


def test_a_comment_is_made_under_the_post_and_found_there(bench, channel, account):
    live = publish(bench, channel, account, bench.message()).external_id
    assert commenter(channel).find_comment(account, live, "More on the blog.") == NoMatch()

    made = commenter(channel).comment(account, live, "More on the blog.")

    assert isinstance(made, Commented)
    assert [media["comments"] for media in bench.sim.live_media()] == [["More on the blog."]]
    assert commenter(channel).find_comment(account, live, "More on the blog.\n") == made
    assert commenter(channel).find_comment(account, live, "Another.") == NoMatch()


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error", "drop_before", "refuse"])
def test_a_comment_without_a_clear_answer_is_unclear(bench, channel, account, fault: FaultKind):
    live = publish(bench, channel, account, bench.message()).external_id
    bench.sim.add_fault("instagram", "create_comment", fault)

    lost = commenter(channel).comment(account, live, "More.")

    assert isinstance(lost, Failure)
    assert lost.failure_class is FailureClass.AMBIGUOUS
    there = isinstance(commenter(channel).find_comment(account, live, "More."), Commented)
    assert there == fault.startswith("effect")


def test_a_comment_without_the_permission_is_refused(bench, channel):
    bench.sim.add_instagram_account(
        "narrow", kind="facebook", ig_user_id=IG_USER, scopes=["instagram_basic", "instagram_content_publish"]
    )
    account = bench.account("facebook", token="narrow")
    live = publish(bench, channel, account, bench.message()).external_id

    refused = commenter(channel).comment(account, live, "More.")

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (FailureClass.PERMANENT, Cause.TOKEN)


@pytest.mark.parametrize(
    "form",
    [
        {"user_tags": json.dumps([{"username": "anna", "x": 1.1, "y": 0}])},
        {"user_tags": json.dumps([{"x": 0.1, "y": 0}])},
        {"user_tags": "anna"},
        {"collaborators": json.dumps(["a", "b", "c", "d"])},
        {"location_id": "the valley"},
        {"location_id": "1234", "is_carousel_item": "true"},
        {"collaborators": json.dumps(["a"]), "is_carousel_item": "true"},
    ],
)
def test_the_simulator_refuses_what_the_documentation_excludes(bench, graph, form):
    assert code_of(graph.create(bench.pictures.put("/good.jpg", b"any"), **form)) == (100, None)


def test_the_simulator_takes_the_same_comment_once(bench, channel, graph):
    live = publish(bench, channel, bench.account("facebook"), bench.message()).external_id
    account = bench.account("facebook")
    assert isinstance(commenter(channel).comment(account, live, "More."), Commented)

    assert isinstance(commenter(channel).comment(account, live, "More."), Failure)
    assert [media["comments"] for media in bench.sim.live_media()] == [["More."]]
    assert [item["text"] for item in graph.get(f"{live}/comments", fields="id,text,timestamp").json()["data"]] == [
        "More."
    ]


def test_the_simulator_lists_a_story_for_a_day(bench, channel, graph):
    publish(bench, channel, bench.account("facebook"), with_extras(bench, STORY))
    assert len(graph.get(f"{IG_USER}/stories").json()["data"]) == 1
    bench.sim.advance(24 * 3_600)
    assert graph.get(f"{IG_USER}/stories").json()["data"] == []


def test_comments_that_are_listed_without_their_texts_are_no_proof_of_absence(bench, channel):
    with respx.mock:
        listed = {"data": [{"id": "181", "timestamp": "2026-11-21T12:00:05+0000"}], "paging": {}}
        respx.get(url__regex=r".*/3/comments").respond(json=listed)
        unread = commenter(channel).find_comment(bench.account("facebook"), "3", "More.")

    assert isinstance(unread, Failure)
