"""The library: what the contact sheet shows, how keys move in it, and what is done with the chosen photos."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from tests.page.fake_api import OFFLINE, PERSONA, THROTTLED, FakeApi, Reply, example
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import DESKTOP, PHONE, Stage, stop_clock
from tests.page.states.library import ALL, SHEET, STATES, sheet_of, slots


@pytest.fixture
def library() -> PhotoAnswers:
    return PhotoAnswers(300)


def names(stage: Stage) -> list[str]:
    return [name.partition(",")[0] for name in stage.page.locator(".cell .unseen").all_text_contents()]


def test_a_library_of_20000_photos_is_drawn_by_what_is_visible(stage: Stage) -> None:
    library = PhotoAnswers(20_000)
    page = stage.show(sheet_of(library))
    page.get_by_text("19500 of 20000 photos").wait_for()
    for size, columns in ((PHONE, 3), (DESKTOP, 8)):
        page.set_viewport_size(size)
        page.locator(f"[role=grid][aria-colcount='{columns}']").wait_for()
        assert 0 < page.locator(SHEET).count() <= 200
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.locator(f"[data-id='{library.id_of(19_998)}']")
    last.wait_for()
    assert 0 < page.locator(SHEET).count() <= 200
    assert page.locator("[role=row]").last.get_attribute("aria-rowindex") == page.locator("[role=grid]").get_attribute(
        "aria-rowcount"
    )


def test_the_first_screen_takes_two_calls_and_the_index_follows(stage: Stage, library: PhotoAnswers) -> None:
    state = sheet_of(library)
    page = stage.show(replace(state, answers={**state.answers, "getPhotoIndex": Reply({}, 500)}))
    assert names(stage)[0] == "lake-00000.jpg"
    calls = [call.operation for call in stage.api.calls]
    assert calls[: calls.index("getPhotoIndex")] == ["getOverview", "listPhotos"]
    assert "100 of 100 photos" in page.locator("h2").inner_text()


def test_the_first_screen_stays_while_the_index_is_read_again(stage: Stage, library: PhotoAnswers) -> None:
    state = sheet_of(library)
    page = stage.show(replace(state, shows=".failure", answers={**state.answers, "getPhotoIndex": THROTTLED}))
    page.locator(SHEET).first.evaluate("cell => { cell.dataset.before = 'yes'; }")
    stage.api.answers.update(library.answers)
    page.clock.run_for(60_500)
    page.get_by_text("293 of 300").wait_for()
    assert page.locator("[data-before]").count() == 1
    assert stage.count_calls("listPhotos") == 1


def test_a_page_of_the_index_that_has_not_changed_is_not_sent_again(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300 photos").wait_for()
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    with page.expect_response("**/photos/index*"):
        page.get_by_role("link", name="Library").click()
    page.locator(SHEET).first.wait_for()
    first, second = [call for call in stage.api.calls if call.operation == "getPhotoIndex"]
    assert ("if-none-match" in first.headers, second.headers["if-none-match"]) == (False, '"0"')
    assert stage.count_calls("listPhotos") == 1
    # The browser keeps nothing of it.
    assert "lake" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert page.evaluate("Promise.all([indexedDB.databases(), caches.keys()])") == [[], []]


def test_filters_and_orders_are_in_the_address(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    page.get_by_label("Theme").select_option("cities")
    page.get_by_label("Score from").fill("9")
    page.get_by_label("Score from").press("Tab")
    page.get_by_label("Order").select_option("By name")
    page.get_by_text("10 of 300").wait_for()
    assert names(stage)[:2] == ["fog-00001.jpg", "fog-00007.jpg"]
    assert page.url.endswith("#/library?theme=cities&from=9&sort=name")
    page.get_by_label("State").select_option("in a post")
    page.get_by_role("button", name="Show all unposted").click()
    page.get_by_text("293 of 300").wait_for()
    assert page.url.endswith("#/library?sort=name")


def test_a_phone_shows_the_photos_before_the_filters(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library), PHONE)
    page.get_by_text("293 of 300").wait_for()
    assert not page.get_by_label("Theme").is_visible()
    page.get_by_text("Order and filters").click()
    page.get_by_label("Theme").select_option("cities")
    page.get_by_text("98 of 300").wait_for()


def test_who_comes_back_from_a_photo_goes_on_where_it_stands(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    page.locator(".cell a[tabindex='0']").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.locator(".viewer").wait_for()
    page.keyboard.press("Escape")
    page.locator(f"[data-id='{library.id_of(299)}']:focus").wait_for()
    for key, address in {"Space": "", "e": "?part=words", "w": "?part=why"}.items():
        page.keyboard.press(key)
        page.wait_for_url(f"**/#/photo/*/{library.id_of(299)}{address}")
        page.go_back()
        page.locator(f"[data-id='{library.id_of(299)}']:focus").wait_for()


def test_names_are_searched(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_role("searchbox").fill("FOG-0000")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("button", name="Name: FOG-0000").wait_for()
    assert names(stage) == [f"fog-0000{number}.jpg" for number in (1, 3, 5, 7, 9)]
    assert page.evaluate("document.activeElement.localName") == "main"
    page.get_by_role("button", name="Name: FOG-0000").click()
    page.get_by_text("293 of 300").wait_for()


def test_arrows_move_and_the_focus_stays_while_its_row_is_away(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    page.locator(".cell a[tabindex='0']").focus()
    for key, number in {"ArrowRight": 1, "ArrowDown": 9, "End": 15, "Home": 8, "ArrowUp": 0, "ArrowLeft": 0}.items():
        page.keyboard.press(key)
        page.locator(f"[data-id='{library.id_of(number)}']:focus").wait_for()
    page.keyboard.press("Control+End")
    page.locator(f"[data-id='{library.id_of(299)}']:focus").wait_for()
    assert page.locator(".cell a[tabindex='0']").count() == 1
    page.evaluate("scrollTo(0, 0)")
    page.locator(f"[data-id='{library.id_of(0)}']").wait_for()
    assert page.evaluate("document.activeElement.dataset.id") == library.id_of(299)
    page.keyboard.press("PageUp")
    box = page.locator(".cell a:focus").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= DESKTOP["height"] - box["height"]


def test_the_keys_of_the_sheet_are_listed(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_role("button", name="Keys").click()
    keys = page.get_by_role("dialog").locator("dt").all_inner_texts()
    assert {"gl", "/", "?", "u", "x", "X", "e", "w", "Esc", "EnterSpace"} <= {"".join(key.split()) for key in keys}


def test_a_jump_leads_to_the_first_photo_of_a_group(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    page.get_by_label("Go to").select_option("3")
    page.locator(f"[data-id='{library.id_of(197)}']:focus").wait_for()
    page.keyboard.press("x")
    page.locator(f"[data-id='{library.id_of(200)}']").click(modifiers=["Shift"])
    page.get_by_text("3 chosen" if library.state_of(199) == "taken" else "4 chosen").wait_for()


def test_photos_are_kept_out_with_the_keyboard_and_taken_back(stage: Stage, library: PhotoAnswers) -> None:
    library.kept_out["fog-00001.jpg"] = "Blurred."
    page = stage.show(sheet_of(library, ALL))
    page.get_by_text("300 of 300").wait_for()
    page.locator(".cell a[tabindex='0']").focus()
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("X")
    page.get_by_text("4 chosen").wait_for()
    page.get_by_role("button", name="Keep out").press("Enter")
    page.keyboard.type("Too alike.")
    page.keyboard.press("Enter")
    # Pointed at, a notice stays.
    page.get_by_role("status").get_by_text("3 photos are kept out: Too alike.").hover()
    assert library.kept_out == {
        "fog-00001.jpg": "Blurred.",
        **dict.fromkeys(("lake-00000.jpg", "lake-00002.jpg", "fog-00003.jpg"), "Too alike."),
    }
    assert page.locator(".cell.kept_out").count() == 4
    page.locator("main").focus()
    page.keyboard.press("u")
    page.get_by_text("Undone").wait_for()
    assert library.kept_out == {"fog-00001.jpg": "Blurred."}
    page.get_by_role("button", name="Choose fog-00001.jpg").click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("can be picked again").hover()
    assert library.kept_out == {}
    page.get_by_role("button", name="Undo").last.click()
    page.locator(".cell.kept_out").wait_for()
    assert library.kept_out == {"fog-00001.jpg": "Blurred."}


def test_more_than_100_photos_take_several_requests(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    page.get_by_role("button", name="Choose lake-00000.jpg").click()
    page.locator(".cell a[tabindex='0']").focus()
    page.keyboard.press("Control+Shift+End")
    page.get_by_text("293 chosen").wait_for()
    page.get_by_role("button", name="Keep out").click()
    page.get_by_label("Reason").fill("All alike.")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("lake-00004.jpg is being changed").wait_for()
    assert stage.count_calls("changePhotos") == 3
    assert len(library.kept_out) == 292


def test_a_photo_is_put_on_a_free_slot_and_taken_off_again(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_role("button", name="Choose lake-00000.jpg").click()
    page.get_by_role("button", name="Post at").click()
    page.get_by_label("Tue, Mar 3 18:30").check()
    page.get_by_role("button", name="Schedule").click()
    page.get_by_role("status").get_by_text("Scheduled for").hover()
    (created,) = [call for call in stage.api.calls if call.operation == "createPost"]
    assert (created.values["slot"], created.body["photo"]) == ("2026-03-03T18:30:00Z", library.id_of(0))
    assert "idempotency-key" in created.headers
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone").wait_for()
    (cancelled,) = [call for call in stage.api.calls if call.operation == "cancelPost"]
    assert cancelled.values["post_id"] == example("createPost", 202)["post_id"]


def test_chosen_photos_are_one_post_at_another_time(stage: Stage, library: PhotoAnswers) -> None:
    taken = Reply({"slots": [{**slots().body["slots"][0], "free": False}]})
    state = sheet_of(library)
    page = stage.show(replace(state, answers={**state.answers, "listSlots": taken}))
    for name in ("lake-00000.jpg", "fog-00003.jpg"):
        page.get_by_role("button", name=f"Choose {name}").click()
    page.get_by_role("button", name="Post at").click()
    page.get_by_label("Time", exact=True).fill("2026-03-05T09:15")
    page.get_by_role("button", name="Schedule").click()
    page.get_by_role("status").get_by_text("Scheduled for").wait_for()
    (created,) = [call for call in stage.api.calls if call.operation == "createPost"]
    assert created.body == {
        "photo": library.id_of(0),
        "with_photos": [library.id_of(3)],
        "at": "2026-03-05T09:15",
        "zone": "Europe/Paris",
    }


def test_a_picture_that_could_not_be_read_is_read_once_the_api_answers(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = PhotoAnswers(12, prefix="unread-")
    with monkeypatch.context() as patched:
        patched.setattr(FakeApi, "get_object", lambda *_, **__: raise_expired())
        page = stage.show(sheet_of(unread, ALL))
        page.locator(".missing").nth(11).wait_for()
        assert page.get_by_text("photos remake").count() == 0
    stage.api.answers["getOverview"] = OFFLINE
    page.clock.run_for(30_500)
    page.locator(".trouble").wait_for()
    stage.api.answers["getOverview"] = Reply(example("getOverview"))
    page.clock.run_for(60_500)
    page.locator(".missing").first.wait_for(state="detached")


def test_a_missing_thumbnail_is_read_again_once_the_api_answers_again(stage: Stage) -> None:
    absent, read = PhotoAnswers(1, prefix="absent-"), list[str]()
    state, photo = sheet_of(absent, ALL), absent.id_of(0)
    page = stage.show(replace(state, shows=".missing >> text=photos remake", missing=frozenset({photo})))
    stage.api.missing.clear()
    stage.api.answers["getOverview"] = OFFLINE
    page.on("request", lambda request: read.append(request.url.partition("/media/")[2]))
    stop_clock(page)
    page.locator(".trouble").get_by_text("in 5 seconds").wait_for()
    assert not any(read)
    stage.api.answers["getOverview"] = Reply(example("getOverview"))
    page.clock.run_for(5_500)
    expect(page.locator(".cell img")).to_have_js_property("naturalWidth", 60)
    assert [path for path in read if path] == [f"{PERSONA}/{photo}/thumb.webp"]


def test_a_picture_that_nobody_made_says_how_to_make_it(stage: Stage) -> None:
    page = stage.show(next(state for state in STATES if state.name == "missing-thumbnails"))
    page.locator(".missing", has_text="photos remake").nth(1).wait_for()


def raise_expired() -> None:
    raise ClientError({"Error": {"Code": "ExpiredToken"}}, "GetObject")
