"""Tags, collaborators, stories and first comments through the chain of the state machine file."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.simulators.faults import FaultKind
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.first_comments import FirstComments
from shutterpost.flows.refusals import ExtraNotTaken, PostIsOut
from shutterpost.flows.wiring import build_address_check
from shutterpost.personas import Persona
from shutterpost.runtime.values import DefaultExtras, Extras, UserTag
from shutterpost.scheduling import CommentState, PostDetails, Schedule, ScheduleStatus
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import IG_USER
from tests.support.system import System, soon

COMMENT = Extras(first_comment="More on the blog.")
NARROW = ["instagram_basic", "instagram_content_publish"]


def post(system: System, persona: Persona, extras: Extras | None = None, count: int = 1, **fields: Any) -> PostDetails:
    photos = [system.add_photo(persona, number, score=5.0).photo_id for number in range(1, count + 1)]
    given = fields if extras is None else {**fields, "extras": extras}
    request = PhotoRequest(photo=photos[0], with_photos=tuple(photos[1:]), caption="A still morning.", **given)
    return system.poster.post(persona, request, request_key=request.model_dump_json())


def live(system: System) -> list[dict[str, Any]]:
    return [media for media in system.bench.sim.state()["instagram"]["media"] if media["deleted_at"] is None]


def on_instagram(system: System, opened: PostDetails) -> Schedule:
    return system.schedules_of(opened.post.post_id)["instagram"]


def comments(system: System) -> list[str]:
    return [text for media in live(system) for text in media["comments"]]


def sync(system: System, times: int = 4) -> None:
    for _ in range(times):
        system.clock.sleep(timedelta(minutes=6))
        system.syncer.run()
        system.run_executions()


def test_a_post_goes_out_with_its_extras_and_then_its_comment(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    tags = (UserTag(username="@anna", x=0.5, y=0.25, picture=2),)
    extras = Extras(collaborators=("bert",), location_id="1234", user_tags=tags, first_comment="More.")
    opened = post(system, persona, extras, count=2)
    system.run_executions()

    [media] = live(system)
    assert (media["collaborators"], media["location_id"], media["comments"]) == (["bert"], "1234", ["More."])
    assert media["user_tags"] == [[], [{"username": "anna", "x": 0.5, "y": 0.25}]]
    schedule = on_instagram(system, opened)
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, CommentState.MADE)
    assert schedule.due_at is None


def test_the_personas_extras_are_those_of_its_picks_where_they_are_taken(system: System) -> None:
    extras = DefaultExtras(first_comment="More on the blog.", collaborators=("anna",))
    persona = system.add_persona(extras=extras)
    system.connect(persona, "instagram")
    system.connect(persona, "bluesky")
    system.add_photo(persona, 1, score=5.0)
    system.armer.arm(persona.persona_id)
    system.advance_to(system.clock.now() + timedelta(days=1))

    [media] = live(system)
    assert (media["collaborators"], media["comments"]) == (["anna"], ["More on the blog."])
    assert len(system.bench.sim.bluesky_posts()) == 1


def test_the_personas_comment_is_left_out_where_the_permission_is_missing(system: System) -> None:
    persona = system.add_persona(extras=DefaultExtras(first_comment="More.", collaborators=("anna",)))
    connection = system.connect(persona, "facebook")
    known = connection.model_dump(include={"persona_id", "owner", "channel", "account_id", "display_name", "login"})
    system.stores.connections.connect(**known, scopes=NARROW, now=system.clock.now())
    opened = post(system, persona)
    system.run_executions()

    schedule = on_instagram(system, opened)
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, None)
    assert [media["collaborators"] for media in live(system)] == [["anna"]]
    assert system.bench.sim.count("instagram", "create_comment") == 0


def test_a_post_may_leave_out_the_personas_extras(system: System) -> None:
    persona = system.add_persona(extras=DefaultExtras(first_comment="More.", collaborators=("anna",)))
    system.connect(persona, "instagram")
    post(system, persona, Extras.model_validate({"first_comment": None}))
    system.run_executions()

    assert [(media["collaborators"], media["comments"]) for media in live(system)] == [(["anna"], [])]


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error"])
def test_a_comment_whose_answer_is_lost_is_found_and_not_repeated(system: System, fault: FaultKind) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "create_comment", fault)
    opened = post(system, persona, COMMENT)
    system.run_executions()
    assert on_instagram(system, opened).first_comment is CommentState.SENDING
    sync(system)

    assert comments(system) == ["More on the blog."]
    assert on_instagram(system, opened).first_comment is CommentState.MADE
    assert system.bench.sim.count("instagram", "create_comment") == 1


@pytest.mark.parametrize("fault", ["drop_before", "refuse"])
def test_a_comment_that_is_not_there_is_told_and_not_repeated(system: System, fault: FaultKind) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "create_comment", fault)
    opened = post(system, persona, COMMENT)
    system.run_executions()
    sync(system)

    schedule = on_instagram(system, opened)
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, CommentState.UNCLEAR)
    assert "comment by hand" in (schedule.first_comment_note or "")
    assert (comments(system), len(live(system))) == ([], 1)
    assert system.bench.sim.count("instagram", "create_comment") == 1
    assert schedule.due_at is None


def test_a_comment_that_is_refused_leaves_its_post_alone(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    token = TOKENS["facebook"]
    system.bench.sim.add_instagram_account(token, kind="facebook", ig_user_id=IG_USER, scopes=NARROW)
    opened = post(system, persona, COMMENT)
    system.run_executions()
    sync(system)

    schedule = on_instagram(system, opened)
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, CommentState.NOT_MADE)
    assert "permission" in (schedule.first_comment_note or "")
    assert len(live(system)) == 1


def test_a_comment_is_made_by_sync_where_the_execution_ended_before_it(system: System, monkeypatch: Any) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")

    def break_off(*_: object) -> None:
        raise RuntimeError("the function ends here")

    with monkeypatch.context() as broken:
        broken.setattr(FirstComments, "settle", break_off)
        opened = post(system, persona, COMMENT)
        [trail] = system.run_executions()
    assert trail[-1] == "Done"
    schedule = on_instagram(system, opened)
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, CommentState.WAITING)
    sync(system, 1)

    assert comments(system) == ["More on the blog."]
    assert on_instagram(system, opened).first_comment is CommentState.MADE


def test_a_post_that_sync_finds_gets_its_comment_once(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.bench.sim.add_fault("instagram", "media_publish", "effect_then_drop")
    opened = post(system, persona, COMMENT)
    system.run_executions()
    assert on_instagram(system, opened).status is ScheduleStatus.UNKNOWN
    assert comments(system) == []
    sync(system, 6)

    assert on_instagram(system, opened).first_comment is CommentState.MADE
    assert comments(system) == ["More on the blog."]


def test_of_two_that_would_comment_at_the_same_time_only_one_does(system: System, monkeypatch: Any) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    settle = FirstComments.settle

    def twice(self: FirstComments, schedule: Schedule) -> Schedule | None:
        return (settle(self, schedule), settle(self, schedule))[0]

    monkeypatch.setattr(FirstComments, "settle", twice)
    post(system, persona, COMMENT)
    system.run_executions()

    assert system.bench.sim.count("instagram", "create_comment") == 1


def test_a_story_is_published_without_its_caption(system: System) -> None:
    persona = system.add_persona(extras=DefaultExtras(collaborators=("anna",)))
    system.connect(persona, "instagram")
    opened = post(system, persona, Extras(story=True))
    system.run_executions()

    assert on_instagram(system, opened).status is ScheduleStatus.SUCCESS
    [media] = live(system)
    assert (media["is_story"], media["caption"], media["collaborators"]) == (True, "", [])


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error", "drop_before"])
def test_a_story_without_an_answer_goes_out_once(system: System, fault: FaultKind) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.bench.sim.add_fault("instagram", "media_publish", fault)
    opened = post(system, persona, Extras(story=True))
    system.run_executions()
    assert on_instagram(system, opened).status is ScheduleStatus.UNKNOWN
    sync(system, 6)

    assert on_instagram(system, opened).status is ScheduleStatus.SUCCESS
    assert [media["is_story"] for media in live(system)] == [True]


def test_what_a_connection_cannot_take_is_refused(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "bluesky")
    with pytest.raises(ExtraNotTaken, match="First comment: Bluesky takes none"):
        post(system, persona, COMMENT)
    system.connect(persona, "instagram")
    post(system, persona, COMMENT)
    with pytest.raises(ExtraNotTaken, match="Story: Bluesky takes none"):
        post(system, persona, Extras(story=True))
    with pytest.raises(ExtraNotTaken, match="Instagram takes 3, not 4"):
        post(system, persona, Extras(collaborators=("a", "b", "c", "d")))
    with pytest.raises(ExtraNotTaken, match="in picture 2, and the post has 1"):
        post(system, persona, Extras(user_tags=(UserTag(username="anna", x=0, y=0, picture=2),)))


def test_extras_change_until_the_post_begins_and_tags_stay_with_their_pictures(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    tags = (UserTag(username="anna", x=0.5, y=0.5, picture=1),)
    opened = post(system, persona, Extras(user_tags=tags), count=2, at=soon(system, 60))
    turned = system.editor.change(opened, PostChange(photo_ids=opened.post.photo_ids[::-1]))
    assert turned.post.extras is not None
    assert [tag.picture for tag in turned.post.extras.user_tags] == [2]
    with pytest.raises(ExtraNotTaken, match="A story has one picture"):
        system.editor.change(turned, PostChange(extras=Extras(story=True)))
    changed = system.editor.change(turned, PostChange(extras=COMMENT))
    assert changed.post.extras == COMMENT
    system.advance_to(soon(system, 70))

    assert comments(system) == ["More on the blog."]
    with pytest.raises(PostIsOut):
        system.editor.change(system.stores.posts.details(opened.post.post_id), PostChange(extras=None))


def test_an_address_of_a_story_cannot_be_checked(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    opened = post(system, persona, Extras(story=True))
    system.run_executions()
    live_url = on_instagram(system, opened).external_url or ""
    assert "/stories/" in live_url

    report = build_address_check(system.stores, system.platforms).check(opened.schedules[0].schedule_id, live_url)

    assert report.is_ours is None
