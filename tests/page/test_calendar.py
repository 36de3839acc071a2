"""The calendar: posts move by mouse, key and dialog alike, and what is moved can be put back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from shutterpost.scheduling import Schedule
from shutterpost.scheduling import ScheduleStatus as S
from tests.page.conftest import Shown, library
from tests.page.fake_api import Answer, Reply, Request, example, refusal
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import PHONE, Stage, State
from tests.page.states import calendar
from tests.support.builders import NOW
from tests.support.folders import Deployed

Show = Callable[..., Shown]
MONTH = "calendar?on=2026-04-01"
BEFORE, SLOT = "2026-03-04T17:30:00Z", "2026-03-09T17:30:00Z"


@pytest.fixture
def posts(world: Deployed) -> list[str]:
    """Posts at the slots of 4 and 5 March, of a persona with a slot each day at 18:30."""
    me, given = world.caller, world.world
    me.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "18:30"}]})
    given.connection(me, world.persona_id)
    library(world, 12)
    made = []
    for day in (4, 5):
        body = {"photo": f"lake-{day}.jpg", "at": f"2026-03-{day:02}T18:30"}
        made.append(me.post(f"/personas/{world.persona_id}/posts", body).body["post_id"])
    return made


def schedule(world: Deployed, post_id: str) -> Any:
    [only] = world.caller.get(f"/posts/{post_id}").body["schedules"]
    return only


def day(page: Page, date: str) -> Locator:
    return page.locator(f"[data-day='{date}']")


def tile(page: Page, date: str) -> Locator:
    return day(page, date).locator("[data-tile]").first


def drag(page: Page, to: str) -> None:
    tile(page, "2026-03-04").drag_to(day(page, to))


def press(page: Page, to: str, tile: Locator | None = None) -> None:
    (tile or page.locator("[data-day='2026-03-04'] [data-tile]").first).focus()
    page.keyboard.press("m")
    for _ in range((int(to[-2:]) - 4) // 7):
        page.keyboard.press("ArrowDown")
    for _ in range((int(to[-2:]) - 4) % 7):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")


def choose(page: Page, to: str) -> None:
    tile(page, "2026-03-04").click()
    page.get_by_label("Move to").fill(to)
    page.get_by_role("button", name="Move", exact=True).click()


def notice(page: Page, text: str) -> Locator:
    return page.locator(".notice", has_text=text)


@pytest.mark.parametrize("move", [drag, press, choose])
def test_a_post_moves_to_a_day_s_slot_and_back(
    world: Deployed, shown: Show, posts: list[str], move: Callable[[Page, str], None]
) -> None:
    opened = shown()
    page = opened.go("calendar")
    move(page, "2026-03-09")
    notice(page, "Moved to Mon, Mar 9 18:30").wait_for()
    expect(tile(page, "2026-03-09")).to_contain_text("18:30 scheduled")
    assert schedule(world, posts[0])["run_at"] == SLOT
    [slot] = world.caller.get(f"/personas/{world.persona_id}/slots", **{"from": "2026-03-09", "to": "2026-03-10"}).body[
        "slots"
    ]
    assert slot["post_id"] == posts[0]
    notice(page, "Moved").get_by_role("button", name="Undo").click()
    expect(tile(page, "2026-03-04")).to_contain_text("scheduled")
    assert schedule(world, posts[0])["run_at"] == BEFORE
    assert opened.trouble == []


def test_a_post_is_dragged_while_its_picture_still_loads(shown: Show, posts: list[str]) -> None:
    opened = shown()
    opened.page.route("**/media/**", lambda _: None)
    page = opened.go("calendar")
    drag(page, "2026-03-09")
    notice(page, "Moved to Mon, Mar 9 18:30").wait_for()


def test_escape_puts_a_post_back(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown().go("calendar")
    tile(page, "2026-03-04").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    expect(day(page, "2026-03-11")).to_have_class("day over")
    assert "Over Wed, Mar 11" in page.locator(".carried").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator(".day.over")).to_have_count(0)
    assert schedule(world, posts[0])["run_at"] == BEFORE


def test_a_taken_day_is_swapped_or_shared_or_left(world: Deployed, shown: Show, posts: list[str]) -> None:
    opened = shown()
    page = opened.go("calendar")
    first, second = posts
    drag(page, "2026-03-05")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert opened.broken_rules() == []
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert schedule(world, first)["run_at"] == BEFORE
    drag(page, "2026-03-05")
    page.get_by_role("button", name="Swap the two posts").click()
    notice(page, "swapped").wait_for()
    times = [schedule(world, post)["run_at"] for post in posts]
    assert times == ["2026-03-05T17:30:00Z", BEFORE]
    notice(page, "swapped").get_by_role("button", name="Undo").click()
    notice(page, "Undone").wait_for()
    assert schedule(world, second)["run_at"] == "2026-03-05T17:30:00Z"
    expect(tile(page, "2026-03-04")).to_contain_text("scheduled")
    drag(page, "2026-03-05")
    page.get_by_label("Or share the day, at").fill("20:15")
    page.get_by_role("button", name="Share the day").click()
    notice(page, "Moved to Thu, Mar 5 20:15").wait_for()
    assert schedule(world, first)["run_at"] == "2026-03-05T19:15:00Z"


def test_a_post_that_was_changed_elsewhere_shows_both_versions(world: Deployed, shown: Show, posts: list[str]) -> None:
    opened = shown()
    page = opened.go("calendar")
    world.caller.post(f"/posts/{posts[0]}/move", {"at": "2026-03-12T09:00"})
    drag(page, "2026-03-09")
    versions = page.locator(".versions")
    versions.wait_for()
    assert "Wed, Mar 4 18:30" in versions.inner_text()
    assert "Thu, Mar 12 09:00" in versions.inner_text()
    assert opened.broken_rules() == []
    assert schedule(world, posts[0])["run_at"] == "2026-03-12T08:00:00Z"
    page.get_by_role("button", name="Move it anyway").click()
    notice(page, "Moved").wait_for()
    assert schedule(world, posts[0])["run_at"] == SLOT


def test_a_foreseen_photo_is_fixed_at_its_slot(world: Deployed, shown: Show, posts: list[str]) -> None:
    opened = shown()
    page = opened.go("calendar")
    expect(tile(page, "2026-03-09")).to_contain_text("foreseen")
    tile(page, "2026-03-09").click()
    page.locator(".bars").wait_for()
    plan = world.caller.get(f"/personas/{world.persona_id}/plan", days="30", why="true").body["slots"]
    [foreseen] = [slot for slot in plan if slot["run_at"] == SLOT]
    parts = [float(row.inner_text()) for row in page.locator(".bars tbody td:last-child").all()]
    assert parts == [round(part, 4) for part in foreseen["parts"].values()]
    assert float(page.locator(".bars tfoot td:last-child").inner_text()) == round(foreseen["total"], 4)
    assert opened.broken_rules() == []
    page.get_by_role("button", name="Post this photo here").click()
    notice(page, "The photo is scheduled").wait_for()
    expect(tile(page, "2026-03-09")).to_contain_text("scheduled")
    notice(page, "The photo is scheduled").get_by_role("button", name="Undo").click()
    expect(tile(page, "2026-03-09")).to_contain_text("foreseen")


def test_a_schedule_is_skipped_and_brought_back(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown().go("calendar")
    tile(page, "2026-03-04").click()
    page.get_by_role("button", name="Skip").click()
    notice(page, "Skipped").wait_for()
    assert schedule(world, posts[0])["status"] == "skipped"
    notice(page, "Skipped").get_by_role("button", name="Undo").click()
    notice(page, "Undone").wait_for()
    back = schedule(world, posts[0])
    assert (back["status"], back["run_at"]) == ("queued", BEFORE)


@pytest.mark.parametrize(("button", "verdict"), [("It is live", "live"), ("It is not live", "not_live")])
def test_an_unknown_outcome_is_resolved_in_its_entry(
    world: Deployed, shown: Show, posts: list[str], button: str, verdict: str
) -> None:
    schedules = world.world.services.schedules
    begun = schedules.move(schedules.get(schedule(world, posts[0])["schedule_id"]), S.PROCESSING, now=NOW)
    assert isinstance(begun, Schedule)
    schedules.move(begun, S.UNKNOWN, now=NOW, error_code="needs-a-person")
    opened = shown()
    page = opened.go("calendar")
    tile(page, "2026-03-04").click()
    assert opened.broken_rules() == []
    page.get_by_role("button", name=button, exact=True).click()
    if verdict == "live":
        page.get_by_label("Address of the live post").fill("https://www.instagram.com/p/ABC/")
    else:
        page.get_by_text("it will be posted twice").wait_for()
    page.get_by_role("button", name="Confirm").click()
    notice(page, "Accepted").wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert schedule(world, posts[0])["told"] == verdict


def test_an_entry_is_cancelled_and_another_published_now(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown().go("calendar")
    tile(page, "2026-03-04").click()
    page.get_by_role("button", name="Cancel the post").click()
    notice(page, "cancelled").wait_for()
    assert schedule(world, posts[0])["status"] == "cancelled"
    expect(day(page, "2026-03-04")).to_contain_text("cancelled")
    tile(page, "2026-03-05").click()
    page.get_by_role("button", name="Publish now").click()
    notice(page, "Accepted").wait_for()
    assert schedule(world, posts[1])["run_at"].startswith("2026-03-01T12:00:00")


def test_a_move_that_withdraws_a_post_first_is_followed_until_it_is_done(stage: Stage) -> None:
    post = example("getPost")
    [schedule] = post["schedules"]
    moving = {**post, "schedules": [{**schedule, "next_run_at": "2026-04-02T16:30:00Z"}]}
    failed = refusal(500, "internal", "It failed; try again.")
    replies = [Reply(post, etag='"1"'), Reply(moving), failed, Reply(moving), Reply(post)]
    answers = iter(replies)

    def get_post(_: Request) -> Reply:
        return next(answers)

    overview = Reply(example("getOverview"), etag='"1"')
    api: dict[str, Answer] = {"getOverview": overview, "getPost": get_post, "movePost": Reply(moving, 202)}
    page = stage.show(State(MONTH, "", "[data-tile]", api))
    press(page, to="2026-03-05", tile=page.locator("[data-tile]").first)
    notice(page, "Moved to").wait_for()
    for _ in range(2_000):
        page.clock.run_for(500)
        if stage.count_calls("getCalendar") == 3:
            break
    # Read at first, after the move, and once it is done.
    assert stage.count_calls("getCalendar") == 3
    page.clock.run_for(20_000)
    assert (stage.count_calls("getPost"), stage.trouble) == (len(replies), [])


def test_a_move_of_a_post_that_waits_says_that_it_is_approved(stage: Stage) -> None:
    entry, *others = example("getCalendar")["entries"]
    approve = {"operation": "approvePost", "parameters": {"post_id": entry["post_id"]}, "body": {}, "asks": []}
    waiting = Reply(example("getCalendar", entries=[{**entry, "actions": [*entry["actions"], approve]}, *others]))
    page = stage.show(State(MONTH, "", "[data-tile]", {"getCalendar": waiting}))
    press(page, to="2026-03-05", tile=page.locator("[data-tile]").first)
    notice(page, "Approved, and moved to").wait_for()


def test_a_free_slot_takes_one_of_the_best_others(stage: Stage) -> None:
    foreseen = next(state for state in calendar.STATES if state.name == "foreseen-entry")
    photos = PhotoAnswers(9)
    page = stage.show(replace(foreseen, answers={**foreseen.answers, "listPhotos": photos.answers["listPhotos"]}))
    page.get_by_role("button", name="fog-00001.jpg").click()
    notice(page, "The photo is scheduled").wait_for()
    [created] = [call for call in stage.api.calls if call.operation == "createPost"]
    assert (created.values["slot"], created.body["photo"][:12]) == ("2026-04-08T16:30:00Z", photos.id_of(1))


def test_a_phone_lists_days_and_moves_a_post_by_its_dialog(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown(viewport=PHONE, has_touch=True).go("calendar")
    places = [page.locator(f"[data-day='2026-03-{date}']").bounding_box() for date in ("04", "05")]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["x"] == places[1]["x"]
    assert places[1]["y"] >= places[0]["y"] + places[0]["height"]
    tile(page, "2026-03-04").tap()
    page.get_by_label("Move to").fill("2026-03-09")
    page.get_by_role("button", name="Move", exact=True).tap()
    expect(tile(page, "2026-03-09")).to_contain_text("18:30 scheduled")
    assert schedule(world, posts[0])["run_at"] == SLOT


def test_the_calendar_speaks_german(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown(locale="de").go("calendar")
    expect(page.locator("#month")).to_contain_text("März 2026")
    expect(day(page, "2026-03-04")).to_contain_text("Mi., 4. März")
    expect(day(page, "2026-03-09")).to_contain_text("18:30 vorgesehen")
    assert page.locator(".month button").all_inner_texts()[2:] == ["Heute", "Eine Woche", "Fotoleiste"]
    tile(page, "2026-03-04").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Mi., 4. März 18:30 · geplant")
    expect(dialog.get_by_label("Verschieben auf")).to_have_value("2026-03-04")
    assert [button.inner_text() for button in dialog.get_by_role("button").all()] == [
        "Jetzt posten",
        "Auslassen",
        "Verschieben",
        "Post absagen",
        "Schließen",
    ]
    dialog.get_by_role("button", name="Auslassen").click()
    notice(page, "Ausgelassen.").get_by_role("button", name="Rückgängig").wait_for()
    page.get_by_role("button", name="Fotoleiste").click()
    page.get_by_role("list", name="Die besten ungeposteten Fotos").get_by_role("button").first.focus()
    page.keyboard.press("m")
    expect(page.locator(".carried")).to_have_text("Über So., 1. März. Enter legt hier ab, Escape bringt zurück.")
    for key in ("ArrowLeft", "Enter"):
        page.keyboard.press(key)
    notice(page, "Sa., 28. Feb. ist vorbei.").wait_for()
    page.keyboard.press("m")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading")).to_have_text("Do., 5. März ist belegt")
    dialog.get_by_text("Jeder Platz des Tages hat einen Post.").wait_for()
    dialog.get_by_label("Posten um").fill("20:15")
    dialog.get_by_role("button", name="Den Tag teilen").click()
    notice(page, "Geplant für Do., 5. März 20:15.").wait_for()


def test_months_and_weeks_are_turned_with_keys(shown: Show, posts: list[str]) -> None:
    page = shown().go("calendar")
    page.get_by_role("button", name="One week").click()
    expect(page.locator(".day")).to_have_count(7)
    assert day(page, "2026-03-01").get_attribute("aria-current") == "date"
    page.locator("main").focus()
    page.keyboard.press("]")
    expect(page.locator("[data-day='2026-03-04']")).to_have_count(1)
    page.locator("main").focus()
    page.keyboard.press(".")
    expect(page.locator("[data-day='2026-03-01']")).to_have_count(1)
    page.get_by_role("button", name="One week").click()
    page.locator("main").focus()
    page.keyboard.press("[")
    expect(page.locator("#month")).to_contain_text("February 2026")


def test_a_full_day_opens(world: Deployed, shown: Show, posts: list[str]) -> None:
    for photo in range(6, 10):
        body = {"photo": f"lake-{photo}.jpg", "at": f"2026-03-04T{photo + 4:02}:00"}
        assert world.caller.post(f"/personas/{world.persona_id}/posts", body).status == 202
    page = shown().go("calendar")
    expect(day(page, "2026-03-04").locator("[data-tile]")).to_have_count(3)
    day(page, "2026-03-04").get_by_role("button", name="2 more").click()
    expect(day(page, "2026-03-04").locator("[data-tile]")).to_have_count(5)


def test_posting_is_paused_and_resumed_in_the_header(world: Deployed, shown: Show, posts: list[str]) -> None:
    page = shown().go("calendar")
    page.get_by_role("banner").get_by_role("button", name="Pause").click()
    page.get_by_label("Reason").fill("A storm.")
    page.keyboard.press("Enter")
    page.locator(".greyed").wait_for()
    assert world.caller.get("/pause").body["reason"] == "A storm."
    page.get_by_role("banner").get_by_role("button", name="Resume").click()
    notice(page, "It was paused: A storm.").wait_for()
    page.locator(".greyed").wait_for(state="detached")
    assert world.caller.get("/pause").body["paused"] is False
    notice(page, "It was paused").get_by_role("button", name="Undo").click()
    page.locator(".greyed").wait_for()
    assert world.caller.get("/pause").body["reason"] == "A storm."


def test_a_reading_page_moves_nothing(shown: Show, posts: list[str]) -> None:
    page = shown(read_only=True).go("calendar")
    assert tile(page, "2026-03-04").get_attribute("draggable") == "false"
    tile(page, "2026-03-04").click()
    buttons = page.get_by_role("dialog").get_by_role("button")
    assert [button.inner_text() for button in buttons.all()] == ["Close"]
