"""What a person does on the page changes the deployment, by mouse and by keyboard."""

from collections.abc import Callable

from playwright.sync_api import expect

from shutterpost.scheduling import ScheduleStatus
from tests.api.test_operator import moved
from tests.page.conftest import Shown, library
from tests.support.folders import Deployed

Show = Callable[..., Shown]
LIVE = "https://www.instagram.com/p/ABC/"


def unknown_post(world: Deployed) -> str:
    """The id of a schedule whose outcome is not known."""
    me, given = world.caller, world.world
    given.connection(me, world.persona_id)
    library(world, 1)
    post = me.post(f"/personas/{world.persona_id}/posts", {"photo": "lake-0.jpg"}).body
    schedule_id: str = post["schedules"][0]["schedule_id"]
    moved(given, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN, error_code="needs-a-person")
    return schedule_id


def test_an_unknown_outcome_is_resolved_with_the_keyboard(world: Deployed, shown: Show) -> None:
    schedule_id = unknown_post(world)
    opened = shown()
    page = opened.page
    page.get_by_role("button", name="It is live").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Address of the live post").wait_for()
    assert opened.broken_rules() == []
    page.keyboard.type(LIVE)
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Accepted").or_(page.get_by_role("status").get_by_text("Done")).wait_for()
    schedule = world.world.services.schedules.get(schedule_id)
    assert (schedule.verdict, schedule.verdict_url) == ("live", LIVE)
    assert opened.trouble == []


def test_a_dangerous_answer_is_asked_for_once_and_can_be_left(world: Deployed, shown: Show) -> None:
    schedule_id = unknown_post(world)
    page = shown().page
    page.get_by_role("button", name="It is not live").click()
    assert "posted twice" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert world.world.services.schedules.get(schedule_id).verdict is None


def test_a_live_post_is_taken_down_only_after_a_question(world: Deployed, shown: Show) -> None:
    me, given = world.caller, world.world
    given.connection(me, world.persona_id)
    library(world, 1)
    body = {"photo": "lake-0.jpg", "at": "2026-03-04T18:30"}
    [schedule] = me.post(f"/personas/{world.persona_id}/posts", body).body["schedules"]
    schedule_id: str = schedule["schedule_id"]
    live = {"external_id": "178", "external_url": LIVE}
    moved(given, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.SUCCESS, **live)
    report = {"schedule_id": schedule_id, "removed": True, "detail": "It was taken down.", "external_url": LIVE}
    given.functions.reports["remove"] = report
    opened = shown()
    page = opened.go("calendar")
    page.locator("[data-tile]").click()
    entry, question = page.get_by_role("dialog").first, page.get_by_role("dialog", name="Take the live post down?")
    entry.get_by_role("button", name="Take it down").press("Enter")
    expect(question).to_contain_text("That cannot be undone.")
    assert opened.broken_rules() == []
    page.keyboard.press("Escape")
    question.wait_for(state="detached")
    assert removals(world) == []
    entry.get_by_role("button", name="Take it down").press("Enter")
    question.get_by_role("button", name="Confirm").press("Enter")
    page.get_by_role("status").get_by_text("It was taken down.").wait_for()
    assert removals(world) == [schedule_id]
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert opened.trouble == []


def removals(world: Deployed) -> list[str]:
    """The schedules whose posts the function that may was asked to take down."""
    jobs = [job for _, job in world.world.functions.invoked if job["job"] == "remove"]
    return [job["schedule_id"] for job in jobs]


def test_a_pause_is_shown_and_ended(world: Deployed, shown: Show) -> None:
    world.caller.put("/pause", {"reason": "A storm."})
    page = shown().page
    assert "A storm." in page.locator(".pause").inner_text()
    page.locator(".pause").get_by_role("button", name="Resume").click()
    page.locator(".pause").wait_for(state="detached")
    assert world.caller.get("/pause").body["paused"] is False


def test_a_reading_server_says_that_it_changes_nothing(world: Deployed, shown: Show) -> None:
    world.caller.put("/pause", {"reason": "A storm."})
    page = shown(read_only=True).page
    page.locator(".banner.pause").wait_for()
    assert "--read-only" in page.locator("main").inner_text()
    assert page.locator(".banner").get_by_role("button").count() == 0


def test_a_page_without_its_code_shows_how_to_open_it(shown: Show) -> None:
    opened = shown()
    stranger = opened.context.browser
    assert stranger is not None
    page = stranger.new_page()
    page.goto(opened.server.address)
    assert "shutterpost web" in page.get_by_role("alert").inner_text()
    page.close()


def test_the_code_leaves_no_trace_in_the_address(shown: Show) -> None:
    page = shown().page
    assert "once" not in page.url
    page.reload()
    page.wait_for_selector("#needs, .empty")


def test_photos_are_kept_out_in_the_library_and_taken_back(world: Deployed, shown: Show) -> None:
    library(world, 3)
    opened = shown()
    page = opened.go("library")
    page.locator(".cell a[tabindex='0']").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Keep out").press("Enter")
    page.keyboard.type("Too alike.")
    page.keyboard.press("Enter")
    page.get_by_text("2 photos are kept out: Too alike.").hover()
    photos = f"/personas/{world.persona_id}/photos"
    assert [photo["names"] for photo in world.caller.get(photos, unposted="true").body["photos"]] == [["lake-2.jpg"]]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone").wait_for()
    assert len(world.caller.get(photos, unposted="true").body["photos"]) == 3
    page.get_by_text("3 of 3 photos").wait_for()
    assert opened.trouble == []


def test_words_are_tried_and_saved_for_the_version_that_was_read(world: Deployed, shown: Show) -> None:
    me = world.caller
    world.world.connection(me, world.persona_id)
    library(world, 1)
    post = me.post(f"/personas/{world.persona_id}/posts", {"photo": "lake-0.jpg", "at": "2026-03-04T18:30"}).body
    path = f"/posts/{post['post_id']}"
    opened = shown()
    page = opened.go(path[1:].replace("posts", "post"))
    page.get_by_label("Caption").fill("Fog " * 600)
    page.get_by_text("instagram refuses it").wait_for()
    page.get_by_label("Caption").press("Control+Enter")
    page.locator(".editor > .failure").wait_for()
    page.get_by_label("Caption").fill("Fog at dawn.")
    me.patch(path, {"caption": "Noon."})
    page.get_by_label("Caption").press("Control+Enter")
    page.locator(".versions").wait_for()
    assert page.locator(".versions blockquote").all_inner_texts() == ["Fog at dawn.", "Noon."]
    page.get_by_role("button", name="Save yours").click()
    page.get_by_role("status").get_by_text("Saved").wait_for()
    assert me.get(path).body["base_caption"] == "Fog at dawn."
    assert opened.trouble == []


def test_a_photo_is_put_on_a_slot_and_its_words_are_written(world: Deployed, shown: Show) -> None:
    me = world.caller
    me.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "18:30"}]})
    world.world.connection(me, world.persona_id)
    library(world, 2)
    opened = shown()
    page = opened.go("library")
    page.locator(".cell a[tabindex='0']").press("Enter")
    page.get_by_label("Caption").fill("A lake.")
    page.get_by_label("Caption").press("Control+Enter")
    page.get_by_role("status").get_by_text("Saved").wait_for()
    page.get_by_role("button", name="Post at").click()
    page.get_by_role("button", name="Schedule").click()
    page.get_by_role("status").get_by_text("Scheduled for").wait_for()
    (post,) = me.get(f"/personas/{world.persona_id}/posts").body["posts"]
    assert (post["base_caption"], post["slot_at"]) == ("A lake.", "2026-03-01T17:30:00Z")
    assert opened.trouble == []
