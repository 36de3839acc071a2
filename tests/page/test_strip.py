"""The calendar's strip of photos: one is posted on a day by mouse, key and click alike, and taken back."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Shown, library
from tests.page.fake_api import OFFLINE, THROTTLED, Answer, Reply, Request, example, refusal
from tests.page.photo_answers import StripAnswers
from tests.page.stage import PHONE, Stage, State
from tests.page.states.calendar import open_strip
from tests.support.builders import sha
from tests.support.folders import Deployed

Show = Callable[..., Shown]
MONTH = "calendar?on=2026-03-01"
PATIENCE = 20


@pytest.fixture
def photos(world: Deployed) -> list[str]:
    """The best photos. Slots are at 18:30 from Monday to Friday, on Thursdays at midnight too; 4 March has a post."""
    me, path = world.caller, f"/personas/{world.persona_id}"
    weekdays = ["mon", "tue", "wed", "thu", "fri"]
    me.patch(path, {"slots": [{"at": "18:30", "weekdays": weekdays}, {"at": "00:00", "weekdays": ["thu"]}]})
    world.world.connection(me, world.persona_id)
    made = library(world, 12)
    assert me.post(f"{path}/posts", {"photo": made.pop()}, {"slot": "2026-03-04T18:30"}).status == 202
    return made


def day(page: Page, date: str) -> Locator:
    return page.locator(f"[data-day='{date}']")


def item(page: Page, photo: str) -> Locator:
    return page.locator(f".strip [data-photo='{photo}']")


def notice(page: Page, text: str) -> Locator:
    return page.locator(".notice", has_text=text)


def drag(page: Page, photo: str, to: str) -> None:
    # Nothing scrolls once the button is down: the browser drags what is then below the pointer.
    day(page, to).scroll_into_view_if_needed()
    item(page, photo).drag_to(day(page, to))


def press(page: Page, photo: str, to: str) -> None:
    """Pick the photo up over 1 March, and drop it on a day of the first two weeks."""
    item(page, photo).focus()
    steps = int(to[-2:]) - 1
    for key in ("m", *["ArrowDown"] * (steps // 7), *["ArrowRight"] * (steps % 7), "Enter"):
        page.keyboard.press(key)


def choose(page: Page, photo: str, to: str) -> None:
    item(page, photo).click()
    page.get_by_role("radio", name=day(page, to).locator("h3").inner_text()).check()
    page.get_by_role("dialog").get_by_role("button", name="Schedule").click()


def posts_of(world: Deployed, date: str) -> list[Any]:
    """The posts of a day that are not cancelled."""
    path = f"/personas/{world.persona_id}/posts"
    posts = [world.caller.get(f"/posts/{post['post_id']}").body for post in world.caller.get(path).body["posts"]]
    return [
        post for post in posts if post["status"] == "scheduled" and post["schedules"][0]["wall_time"].startswith(date)
    ]


def test_a_photo_takes_a_day_s_slot_by_mouse_key_and_click_and_leaves_it(
    world: Deployed, shown: Show, photos: list[str]
) -> None:
    opened = shown()
    page = opened.go("calendar")
    open_strip(page)
    acts = {"2026-03-09": (drag, "18:30"), "2026-03-12": (press, "00:00"), "2026-03-11": (choose, "18:30")}
    for photo, (date, (act, time)) in zip(photos, acts.items(), strict=False):
        act(page, photo, date)
        notice(page, f"Scheduled for {day(page, date).locator('h3').inner_text()} {time}").wait_for()
        expect(item(page, photo)).to_have_count(0)
        expect(day(page, date).locator("[data-tile]").first).to_contain_text(f"{time} scheduled")
        [post] = posts_of(world, date)
        at = datetime.fromisoformat(post["slot_at"]).astimezone(ZoneInfo("Europe/Paris"))
        assert (post["photo_ids"], f"{at:%Y-%m-%d %H:%M}") == ([photo], f"{date} {time}")
        # The next key acts on the next photo; after a drag the focus stays where the browser puts it.
        if act is not drag:
            expect(page.locator(".strip [data-photo]").first).to_be_focused()
    for photo, date in reversed([*zip(photos, acts, strict=False)]):
        page.get_by_role("button", name="Undo").last.click()
        expect(item(page, photo)).to_have_count(1)
        assert posts_of(world, date) == []
    expect(day(page, "2026-03-09").locator(".foreseen")).to_have_count(1)
    assert opened.trouble == []


def test_a_day_without_a_free_slot_asks_for_a_time_or_is_left(world: Deployed, shown: Show, photos: list[str]) -> None:
    opened = shown()
    page = opened.go("calendar")
    open_strip(page)
    dialog = page.get_by_role("dialog")
    drag(page, photos[0], "2026-03-04")
    dialog.get_by_text("Each slot of the day has a post.").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert len(posts_of(world, "2026-03-04")) == 1
    press(page, photos[0], "2026-03-04")
    expect(dialog.get_by_role("heading")).to_have_text("Wed, Mar 4 is taken")
    dialog.get_by_label("Post it at").fill("20:15")
    dialog.get_by_role("button", name="Share the day").click()
    notice(page, "Scheduled for Wed, Mar 4 20:15").wait_for()
    dialog.wait_for(state="detached")
    expect(item(page, photos[1])).to_be_focused()
    assert {post["slot_at"] for post in posts_of(world, "2026-03-04")} == {"2026-03-04T17:30:00Z", None}
    # A Saturday has no slot; the usual time is offered.
    press(page, photos[1], "2026-03-07")
    expect(dialog.get_by_role("heading")).to_have_text("When on Sat, Mar 7?")
    expect(dialog.get_by_label("Post it at")).to_have_value("18:30")
    dialog.get_by_role("button", name="Schedule").click()
    notice(page, "Scheduled for Sat, Mar 7 18:30").wait_for()
    dialog.wait_for(state="detached")
    # On the same day, a time that has passed is refused beside it, and can be changed.
    press(page, photos[2], "2026-03-01")
    dialog.get_by_label("Post it at").fill("08:00")
    dialog.get_by_role("button", name="Schedule").click()
    dialog.get_by_text("has passed").wait_for()
    assert opened.broken_rules() == []
    page.keyboard.press("Escape")
    drag(page, photos[2], "2026-02-27")
    notice(page, "Fri, Feb 27 has passed.").wait_for()
    assert len(posts_of(world, "2026-03")) == 3
    assert opened.trouble == []


def test_a_phone_posts_a_photo_by_a_tap(world: Deployed, shown: Show, photos: list[str]) -> None:
    page = shown(viewport=PHONE, has_touch=True, is_mobile=True).go("calendar")
    open_strip(page)
    expect(item(page, photos[0])).to_have_attribute("draggable", "false")
    item(page, photos[0]).tap()
    page.get_by_role("dialog").get_by_role("button", name="Schedule").tap()
    notice(page, "Scheduled for Mon, Mar 2 18:30").wait_for()
    expect(item(page, photos[0])).to_have_count(0)
    assert posts_of(world, "2026-03-02")[0]["photo_ids"] == photos[:1]


FREE = "2026-03-09T17:30:00Z"


def held_back(answer: Answer, released: threading.Event) -> Callable[[Request], Reply]:
    """The answer, once it is released."""

    def wait(request: Request) -> Reply:
        assert released.wait(PATIENCE)
        assert callable(answer)
        return answer(request)

    return wait


def show_strip(stage: Stage, strip: StripAnswers, view: str = MONTH) -> Page:
    return stage.show(State(view, "strip", ".strip [data-photo]", strip.answers, acts=open_strip))


def created(stage: Stage) -> list[tuple[str, str]]:
    """The photo of each call that posts, and its slot or time."""
    calls = [call for call in stage.api.calls if call.operation == "createPost"]
    return [(call.body["photo"], call.values.get("slot") or call.body["at"]) for call in calls]


def focused(page: Page) -> str:
    name: str = page.evaluate("document.activeElement.querySelector('.unseen')?.textContent ?? ''")
    return name.partition(",")[0]


def test_keys_lead_through_the_strip_and_carry_a_photo_over_the_days(stage: Stage) -> None:
    page = show_strip(stage, StripAnswers())
    assert page.locator(".strip [data-photo][tabindex='0']").count() == 1
    page.get_by_role("button", name="Library strip").focus()
    page.keyboard.press("Tab")
    keys = {"ArrowRight": 1, "ArrowDown": 2, "ArrowLeft": 1, "ArrowUp": 0, "End": 23, "Home": 0}
    for key, number in keys.items():
        page.keyboard.press(key)
        assert focused(page) == f"strip-{number:02}.jpg", key
    page.keyboard.press("m")
    expect(page.locator(".carried")).to_contain_text("Over Sun, Mar 1")
    page.keyboard.press("ArrowUp")
    expect(day(page, "2026-02-22")).to_have_class("day bare over")
    expect(page.locator("#month")).to_contain_text("February 2026")
    page.keyboard.press("Escape")
    expect(page.locator(".strip .held")).to_have_count(0)
    assert focused(page) == "strip-00.jpg"
    page.keyboard.press("?")
    keys_shown = page.get_by_role("dialog").locator("section", has_text="Library strip").locator("kbd")
    expect(keys_shown).to_have_text(["←", "→", "Home", "End", "m", "Enter", "Space"])
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "strip-01.jpg"
    expect(page.locator(".strip .held")).to_have_count(0)
    page.evaluate("localStorage.removeItem('shutterpost-single-keys')")
    # The strip stays as it was left.
    for shown in (1, 0):
        page.reload()
        page.locator(".day").first.wait_for()
        expect(page.locator(".strip")).to_have_count(shown)
        open_strip(page)
    page.locator(".strip [data-photo]").first.press("Space")
    page.wait_for_url("**/#/photo/*/*")
    assert created(stage) == []


def test_more_photos_follow_and_the_focus_stays_in_the_strip(stage: Stage) -> None:
    strip = StripAnswers()
    page = show_strip(stage, strip)
    more = page.get_by_role("button", name="More photos")
    for count in (24, 48, 60):
        expect(page.locator(".strip [data-photo]")).to_have_count(count)
        if count < 60:
            more.focus()
            page.keyboard.press("Enter")
    expect(more).to_have_count(0)
    expect(page.locator(".strip [tabindex='0']")).to_be_focused()
    # The last one that is posted is followed by the one before it.
    page.keyboard.press("End")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.locator(".strip [data-photo]")).to_have_count(59)
    expect(item(page, sha("strip-58.jpg"))).to_be_focused()
    assert created(stage) == [(sha("strip-59.jpg"), "2026-03-01T17:30:00Z")]


def test_a_drop_that_fails_says_so_and_leaves_the_photo(stage: Stage) -> None:
    strip, photo = StripAnswers(), sha("strip-00.jpg")
    page = show_strip(stage, strip)
    failures: dict[str, Answer] = {"No response from the API": OFFLINE, "AWS answers no more requests": THROTTLED}
    for text, answer in failures.items():
        stage.api.answers["createPost"] = answer
        drag(page, photo, "2026-03-09")
        page.locator(".notice.bad", has_text=text).wait_for()
        expect(item(page, photo)).to_have_attribute("draggable", "true")
    stage.api.answers["createPost"] = strip.post
    drag(page, photo, "2026-03-09")
    notice(page, "Scheduled for").wait_for()
    expect(item(page, photo)).to_have_count(0)
    assert created(stage) == [(photo, FREE)] * 3


def test_a_photo_that_was_posted_elsewhere_says_so_and_leaves(stage: Stage) -> None:
    strip = StripAnswers()
    page = show_strip(stage, strip)

    def refuse(request: Request) -> Reply:
        strip.post(request)
        return refusal(409, "photo-already-posted", "This photo is already posted by post p7.")

    stage.api.answers["createPost"] = refuse
    drag(page, sha("strip-00.jpg"), "2026-03-09")
    page.locator(".notice.bad", has_text="by post p7").wait_for()
    expect(item(page, sha("strip-00.jpg"))).to_have_count(0)
    # One that another tab posts while it is picked up is put back.
    item(page, sha("strip-01.jpg")).focus()
    page.keyboard.press("m")
    expect(page.locator(".carried")).to_contain_text("Over")
    strip.left.remove("strip-01.jpg")
    page.clock.run_for(30_500)
    expect(item(page, sha("strip-01.jpg"))).to_have_count(0)
    expect(page.locator(".carried")).to_be_empty()
    expect(item(page, sha("strip-02.jpg"))).to_be_focused()
    # One whose post is cancelled elsewhere returns.
    stage.api.answers["createPost"] = strip.post
    with page.expect_response("**/photos?*"):
        press(page, sha("strip-02.jpg"), "2026-03-09")
    expect(item(page, sha("strip-02.jpg"))).to_have_count(0)
    strip.left.insert(0, "strip-02.jpg")
    page.clock.run_for(30_500)
    expect(item(page, sha("strip-02.jpg"))).to_have_count(1)
    assert stage.trouble == []


def test_a_slot_that_is_taken_meanwhile_asks(stage: Stage) -> None:
    strip, photo = StripAnswers(), sha("strip-00.jpg")
    page = show_strip(stage, strip)
    stage.api.answers["createPost"] = refusal(409, "slot-taken", "This slot belongs to another post.")
    drag(page, photo, "2026-03-09")
    dialog = page.get_by_role("dialog", name="Mon, Mar 9 is taken")
    dialog.get_by_text("This slot belongs to another post.").wait_for()
    stage.api.answers["createPost"] = strip.post
    dialog.get_by_label("Post it at").fill("20:15")
    page.keyboard.press("Enter")
    notice(page, "Scheduled for").wait_for()
    assert created(stage) == [(photo, FREE), (photo, "2026-03-09T20:15")]


def test_photos_dropped_at_once_are_posted_one_after_another_each_once(stage: Stage) -> None:
    strip, released = StripAnswers(), threading.Event()
    page = show_strip(stage, strip)
    stage.api.answers["createPost"] = held_back(strip.post, released)
    first, second = sha("strip-00.jpg"), sha("strip-01.jpg")
    try:
        drag(page, first, "2026-03-09")
        expect(page.locator(".strip li[aria-busy=true]")).to_have_count(1)
        drag(page, first, "2026-03-10")
        item(page, first).focus()
        page.keyboard.press("m")
        page.keyboard.press("Enter")
        drag(page, second, "2026-03-09")
        expect(page.locator(".strip li[aria-busy=true]")).to_have_count(2)
    finally:
        released.set()
    expect(notice(page, "Scheduled for")).to_have_count(2)
    expect(page.locator(".strip li[aria-busy=true]")).to_have_count(0)
    assert created(stage) == [(first, FREE), (second, "2026-03-09T19:30:00Z")]


def test_taken_days_ask_in_turn_and_once_the_calendar_was_left_by_a_notice(stage: Stage) -> None:
    strip, released, later = StripAnswers(), threading.Event(), threading.Event()
    strip.taken = {f"2026-03-{date}T{hour}:30:00Z" for date in ("09", "10") for hour in (17, 19)}
    page = show_strip(stage, strip)
    slots = strip.answers["listSlots"]
    stage.api.answers["listSlots"] = held_back(slots, released)
    try:
        drag(page, sha("strip-00.jpg"), "2026-03-09")
        drag(page, sha("strip-01.jpg"), "2026-03-10")
    finally:
        released.set()
    # Both are known.
    expect(page.locator(".strip li[aria-busy=true]")).to_have_count(0)
    for title in ("Mon, Mar 9 is taken", "Tue, Mar 10 is taken"):
        page.get_by_role("dialog", name=title).get_by_label("Post it at").fill("20:15")
        page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    stage.api.answers["listSlots"] = held_back(slots, later)
    try:
        drag(page, sha("strip-00.jpg"), "2026-03-09")
        page.get_by_role("link", name="Today").click()
        page.locator("#needs").wait_for()
    finally:
        later.set()
    page.locator(".notice.bad", has_text="Each slot of the day has a post.").wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert created(stage) == []


def test_another_persona_has_a_strip_of_its_own_and_a_reading_page_none(stage: Stage) -> None:
    strip, released = StripAnswers(), threading.Event()
    overview = example("getOverview")
    second = {**overview["personas"][0], "persona_id": "city-0d03cf", "name": "City"}
    both = Reply({**overview, "personas": [*overview["personas"], second]})
    state = State(MONTH, "strip", ".strip [data-photo]", {**strip.answers, "getOverview": both}, acts=open_strip)
    page = stage.show(state)
    page.locator(".strip [data-photo]").first.focus()
    page.keyboard.press("m")
    expect(page.locator(".carried")).to_contain_text("Over")
    with page.expect_response("**/city-0d03cf/photos?*"):
        page.get_by_label("Persona").select_option("City")
    expect(page.locator(".carried")).to_be_empty()
    # Each can have the same photo, also where the strip could not be read after a post.
    stage.api.answers["listPhotos"] = OFFLINE
    press(page, sha("strip-00.jpg"), "2026-03-09")
    page.locator(".strip .failure").wait_for()
    expect(item(page, sha("strip-00.jpg"))).to_have_count(0)
    strip.left.insert(0, "strip-00.jpg")
    # What a day of the one asks is not asked of the other.
    strip.taken = {FREE, "2026-03-09T19:30:00Z"}
    stage.api.answers.update(strip.answers, listSlots=held_back(strip.answers["listSlots"], released))
    try:
        drag(page, sha("strip-01.jpg"), "2026-03-09")
        page.get_by_label("Persona").select_option("Nature Explorer")
        expect(item(page, sha("strip-00.jpg"))).to_have_count(1)
    finally:
        released.set()
    page.locator(".notice.bad", has_text="Each slot of the day has a post.").wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page = stage.show(State(MONTH, "reading", "[data-tile]", strip.answers, read_only=True))
    page.evaluate("localStorage.setItem('shutterpost-strip', 'on')")
    page.reload()
    page.locator("[data-tile]").first.wait_for()
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.get_by_role("button", name="Library strip")).to_have_count(0)
    assert stage.trouble == []
