"""The profile as it will look, and posts that change places in it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from playwright.sync_api import Page

from tests.api.world import BY_HAND
from tests.page.conftest import Shown, library
from tests.page.fake_api import Answer, Reply, Request, refusal
from tests.page.stage import Stage
from tests.page.states.grid import POSTS, STATES, UNREAD, choose, entry
from tests.page.states.grid import shown as shown_post
from tests.support.folders import Deployed
from tests.support.picture_host import jpeg, running_picture_host

Show = Callable[..., Shown]
PROFILE, SQUARE = STATES[0], STATES[1]
ACCOUNT, UNREAD_STATE = (next(state for state in STATES if state.name == name) for name in ("account", "unread"))


def names(page: Page) -> list[str]:
    """The names of the tiles, in their order."""
    return [str(name.text_content()).removesuffix(", ") for name in page.locator(".post-tile > .unseen").all()]


def planned(world: Deployed) -> dict[str, str]:
    """Two posts of two days, by the name of the photo; the times of each."""
    me = world.caller
    world.world.connection(me, world.persona_id)
    library(world, 2)
    return {
        name: me.post(f"/personas/{world.persona_id}/posts", {"photo": name, "at": f"2026-03-{day}T18:30"}).body[
            "post_id"
        ]
        for name, day in {"lake-0.jpg": "03", "lake-1.jpg": "04"}.items()
    }


def times(world: Deployed, posts: dict[str, str]) -> dict[str, str]:
    return {
        name: world.caller.get(f"/posts/{post}").body["schedules"][0]["wall_time"][:16] for name, post in posts.items()
    }


def test_the_newest_is_first_and_only_the_account_s_posts_are_there(stage: Stage) -> None:
    page = stage.show(PROFILE)
    assert names(page) == ["lake-7.jpg", "lake-5.jpg", "lake-3.jpg", "lake-1.jpg"]
    page.get_by_role("button", name="Foreseen", exact=True).click()
    page.get_by_role("button", name="lake-7.jpg").wait_for(state="detached")
    assert names(page) == ["lake-5.jpg", "lake-3.jpg", "lake-1.jpg"]
    page.get_by_role("combobox", name="Accounts").select_option("c2")
    page.get_by_role("button", name="lake-6.jpg").wait_for()
    assert names(page) == ["lake-6.jpg"]


def test_the_crop_shows_what_the_profile_keeps_of_a_picture(stage: Stage) -> None:
    page = stage.show(replace(PROFILE, acts=choose))
    frame = page.locator(".crop .frame").evaluate("element => [element.style.width, element.style.height]")
    # The picture has 60 x 40 pixels: of its width 3:4 keeps 30, and 1:1 keeps 40.
    assert frame == ["50%", "100%"]
    page = stage.show(replace(SQUARE, acts=choose, shows=".crop .frame"))
    width = page.locator(".crop .frame").evaluate("element => parseFloat(element.style.width)")
    assert round(width, 1) == 66.7
    box = page.locator(".post-tile").first.bounding_box()
    assert box is not None
    assert abs(box["width"] - box["height"]) < 1


def test_arrow_keys_lead_through_the_profile(stage: Stage) -> None:
    page = stage.show(PROFILE)
    page.locator(".post-tile").first.focus()
    for key, name in (("ArrowRight", "lake-5"), ("End", "lake-1"), ("ArrowUp", "lake-7"), ("ArrowDown", "lake-1")):
        page.keyboard.press(key)
        assert str(page.evaluate("document.activeElement.textContent")).startswith(name), key
    assert page.locator(".post-tile[tabindex='0']").count() == 1


def test_live_posts_stay_where_they_are(stage: Stage) -> None:
    page = stage.show(PROFILE)
    page.get_by_role("button", name="lake-1.jpg").click()
    assert page.get_by_role("link", name="Open").get_attribute("href") == "https://www.instagram.com/p/ABC/"
    assert page.get_by_role("button", name="Swap with").count() == 0
    page.keyboard.press("s")
    assert page.locator(".partner").count() == 0


def test_two_posts_are_swapped_with_the_keyboard_and_back(world: Deployed, shown: Show) -> None:
    posts = planned(world)
    opened = shown()
    page = opened.go("grid")
    page.get_by_role("button", name="lake-0.jpg").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.get_by_text("Choose the post to swap lake-0.jpg with.").wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.locator(".notice").wait_for()
    assert times(world, posts) == {"lake-0.jpg": "2026-03-04T18:30", "lake-1.jpg": "2026-03-03T18:30"}
    page.locator(".notice").get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    assert times(world, posts) == {"lake-0.jpg": "2026-03-03T18:30", "lake-1.jpg": "2026-03-04T18:30"}
    assert opened.trouble == []


def test_a_drop_swaps_and_a_day_moves(world: Deployed, shown: Show) -> None:
    posts = planned(world)
    page = shown().go("grid")
    page.drag_and_drop(".post-tiles li:has-text('lake-0')", ".post-tiles li:has-text('lake-1')")
    page.locator(".notice").wait_for()
    assert times(world, posts) == {"lake-0.jpg": "2026-03-04T18:30", "lake-1.jpg": "2026-03-03T18:30"}
    page.get_by_role("button", name="lake-0.jpg, Wed, Mar 4").click()
    page.get_by_label("Move to").fill("2026-03-09")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_role("button", name="lake-0.jpg, Mon, Mar 9").wait_for()
    assert times(world, posts)["lake-0.jpg"] == "2026-03-09T18:30"


def test_the_account_s_posts_stand_in_their_order_and_those_by_hand_are_marked(stage: Stage) -> None:
    page = stage.show(ACCOUNT)
    planned = ["lake-7.jpg", "lake-5.jpg", "lake-3.jpg"]
    assert names(page) == [*planned, "a video", "lake-4.jpg", "lake-1.jpg", "By hand 3"]
    tiles = page.locator(".post-tiles li")
    states = [str(tile.locator("small").first.text_content()) for tile in tiles.all()]
    assert states[3:] == ["by hand", "posted", "not shown by the account", "by hand"]
    marks = tiles.evaluate_all("all => all.map(each => getComputedStyle(each.firstChild, '::after').content)")
    assert [mark == '""' for mark in marks] == [False, False, False, True, False, False, True]
    page.get_by_text("those made by hand are marked").wait_for()
    page.get_by_role("button", name="By hand 3").click()
    assert "several pictures" in str(page.get_by_role("button", name="By hand 3").text_content())
    assert "and more of it." in str(page.locator("aside .post-text").text_content())
    assert page.get_by_role("link", name="Open").get_attribute("href") == "https://www.instagram.com/p/3/"
    assert page.get_by_label("Move to").count() == 0
    assert stage.trouble == []


def test_older_posts_of_the_account_are_read_on_demand(stage: Stage) -> None:
    page = stage.show(ACCOUNT)
    assert stage.count_calls("listRecentPosts") == 1
    older = {"state": "listed", "posts": [shown_post(5, "2026-02-20")], "not_shown": [], "cursor": None}
    stage.api.answers["listRecentPosts"] = Reply(older)
    page.get_by_role("button", name="Older posts").click()
    page.get_by_role("button", name="By hand 5").wait_for()
    assert stage.api.calls[-1].values["cursor"] == "b2xkZXI"
    assert names(page)[-2:] == ["By hand 3", "By hand 5"]
    assert page.get_by_role("button", name="Older posts").count() == 0


def long_history(count: int, on_a_day: int) -> Answer:
    """Posts until yesterday, as the calendar's pages give them: the oldest first."""
    last, entries = date(2026, 2, 28), []
    for number in range(count):
        day, minutes = (last - timedelta(days=number // on_a_day)).isoformat(), number % on_a_day
        at = f"{day}T{20 - minutes // 60:02}:{59 - minutes % 60:02}:00"
        facts = {"post_id": f"old{number}", "schedule_id": f"old{number}-c", "photo_names": [f"old-{number}.jpg"]}
        times = {"wall_time": at, "local_time": f"{at}+01:00", "run_at": f"{at}+01:00"}
        entries.append(entry(1, day, "success", **facts, **times))
    entries.reverse()

    def answer(request: Request) -> Reply:
        since, until = request.values["from"], request.values["to"]
        wanted = [each for each in entries if since <= each["wall_time"] < until]
        start = int(request.values.get("cursor", 0))
        more = str(start + 100) if start + 100 < len(wanted) else None
        return Reply({"entries": wanted[start : start + 100], "cursor": more}, is_checked=start > 0)

    return answer


def test_a_long_history_is_read_as_far_as_a_first_view_holds(stage: Stage) -> None:
    recent = Reply({"state": "listed", "posts": POSTS, "not_shown": [], "cursor": "b2xkZXI"})
    answers = {**ACCOUNT.answers, "getCalendar": long_history(5_000, 60), "listRecentPosts": recent}
    page = stage.show(replace(ACCOUNT, answers=answers))
    page.get_by_text("those made by hand are marked").wait_for()
    tiles = page.locator(".post-tile")
    first, calls = tiles.count(), len(stage.api.calls)
    assert 100 <= first <= 250
    assert (calls <= 10, stage.count_calls("getCalendar") <= 5, stage.count_calls("listRecentPosts")) == (True, True, 1)
    days = {name.partition("-")[2] for name in names(page) if name.startswith("old-")}
    assert days == {f"{number}.jpg" for number in range(len(days))}
    page.get_by_role("button", name="Older posts").click()
    page.get_by_role("button", name=f"old-{len(days)}.jpg").wait_for()
    assert first < tiles.count() <= 2 * first
    assert len(stage.api.calls) <= calls + 6


def test_older_posts_that_cannot_be_read_leave_the_others(stage: Stage) -> None:
    page = stage.show(ACCOUNT)
    for answer in (UNREAD["listRecentPosts"], refusal(503, "busy", "Too many functions are running.")):
        stage.api.answers["listRecentPosts"] = answer
        page.get_by_role("button", name="Older posts").click()
        page.get_by_text("The token has ended." if answer is UNREAD["listRecentPosts"] else "Too many").wait_for()
        assert names(page)[-1] == "By hand 3"


def test_an_account_that_is_not_listed_is_shown_as_far_as_it_is_known(stage: Stage) -> None:
    for state, reason in ((PROFILE, "It charges for reads."), (UNREAD_STATE, "The token has ended.")):
        page = stage.show(state)
        page.get_by_text(f"{reason} Shown is the account as far as Shutterpost knows it").wait_for()
        assert names(page) == ["lake-7.jpg", "lake-5.jpg", "lake-3.jpg", "lake-1.jpg"]
    failing = refusal(502, "worker-failed", "The function ended in an error.")
    answers = {**PROFILE.answers, "listRecentPosts": failing}
    page = stage.show(replace(PROFILE, answers=answers))
    page.get_by_text("The function ended in an error. Shown is").wait_for()
    assert page.locator(".failure").count() == 0


def test_a_list_is_kept_for_a_look_at_another_view(stage: Stage) -> None:
    for state, away, calls in ((ACCOUNT, 60_000, 1), (ACCOUNT, 121_000, 2), (UNREAD_STATE, 0, 2)):
        page = stage.show(state)
        page.clock.fast_forward(away)
        page.evaluate("location.hash = '#/today'")
        page.locator(".grid").wait_for(state="detached")
        page.evaluate("location.hash = '#/grid'")
        page.locator(".post-tiles li").first.wait_for()
        page.locator("[aria-busy=true]").wait_for(state="detached")
        assert stage.count_calls("listRecentPosts") == calls


def test_a_picture_by_hand_comes_through_the_page_s_own_server(world: Deployed, shown: Show) -> None:
    planned(world)
    with running_picture_host() as host:
        post = {**BY_HAND, "picture_url": host.put("/walk.jpg", jpeg(60, 40))}
        world.world.functions.reports[world.persona_id] = {"state": "listed", "posts": [post], "cursor": None}
        opened = shown()
        page = opened.go("grid")
        image = page.locator(".hand img")
        image.wait_for()
        page.wait_for_function("() => document.querySelector('.hand img').naturalWidth === 60")
        assert str(image.get_attribute("src")).startswith(f"/media/accounts/{world.persona_id}/c")
        assert names(page) == ["lake-1.jpg", "lake-0.jpg", "A walk along the river."]
        page.get_by_role("button", name="A walk along the river.").click()
        page.locator(".crop .frame").wait_for()
    assert opened.trouble == []


def test_the_grid_speaks_german(world: Deployed, shown: Show) -> None:
    planned(world)
    page = shown(locale="de").go("grid")
    page.get_by_role("button", name="lake-0.jpg").click()
    page.get_by_role("button", name="Tauschen mit").wait_for()
    page.get_by_role("button", name="A walk along the river.").get_by_text("von Hand").wait_for()
    page.get_by_text("von Hand gemachte sind markiert").wait_for()
