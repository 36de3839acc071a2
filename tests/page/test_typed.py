"""What somebody typed or chose is not lost, and not written over what somebody else did meanwhile."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.page.fake_api import OFFLINE, Answer, Reply, Request, example, refusal
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import Stage, State
from tests.page.states import calendar, grid, library
from tests.page.states.photo import PHOTO, PHOTO_VIEW, POST_VIEW, answers, change_post
from tests.page.states.start import NOBODY

POST_STATE = State(POST_VIEW, "typed", ".texts", answers())
TIME = State(library.ALL, "time", "dialog [type=radio]", library.answers(), acts=library.ask_time)
PATIENCE = 20


def held(answer: Callable[[Request], Reply], released: threading.Event) -> Callable[[Request], Reply]:
    """The answer of saves, once it is released."""

    def wait(request: Request) -> Reply:
        if "dry_run" not in request.values:
            assert released.wait(PATIENCE)
        return answer(request)

    return wait


def saves(stage: Stage, operation: str = "changePost") -> list[Request]:
    return [call for call in stage.api.calls if call.operation == operation and "dry_run" not in call.values]


def change_photo(request: Request) -> Reply:
    return Reply({**PHOTO, **request.body})


@pytest.mark.parametrize(
    ("view", "shows", "operation", "answer"),
    [(POST_VIEW, ".texts", "changePost", change_post), (PHOTO_VIEW, ".editor", "changePhoto", change_photo)],
)
def test_what_is_typed_while_a_save_runs_stays(
    stage: Stage, view: str, shows: str, operation: str, answer: Callable[[Request], Reply]
) -> None:
    released = threading.Event()
    page = stage.show(State(view, "save", shows, answers(**{operation: held(answer, released)})))
    caption = page.get_by_label("Caption")
    caption.fill("Fog.")
    caption.press("Control+Enter")
    caption.press_sequentially(" More.")
    caption.press("Control+Enter")
    released.set()
    page.get_by_text("Saved").wait_for()
    assert caption.input_value() == "Fog. More."
    # The button is disabled from the click on, before the request is there.
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and "dry_run" not in answer.url):
        page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save", disabled=True).wait_for()
    assert [save.body for save in saves(stage, operation)] == [{"caption": "Fog."}, {"caption": "Fog. More."}]


def test_words_without_a_change_are_not_saved(stage: Stage) -> None:
    page = stage.show(POST_STATE)
    page.get_by_label("Caption").press("Control+Enter")
    page.get_by_label("Caption").fill("Fog.")
    page.get_by_label("Caption").press("Meta+Enter")
    page.get_by_text("Saved").wait_for()
    assert [save.body for save in saves(stage)] == [{"caption": "Fog."}]


def test_a_draft_is_saved_for_the_version_that_it_began_with(stage: Stage) -> None:
    page = stage.show(POST_STATE)
    page.get_by_label("Hashtags").fill("#mine")
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    first = stage.api.answers["getPost"]
    assert isinstance(first, Reply)
    stage.api.answers["getPost"] = Reply({**first.body, "base_caption": "Theirs."}, etag='"2"')
    page.go_back()
    page.locator(".texts").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved").wait_for()
    [save] = saves(stage)
    assert (save.body, save.headers["if-match"]) == ({"hashtags": ["mine"]}, '"1"')


def test_a_draft_goes_on_with_a_version_of_the_same_words(stage: Stage) -> None:
    page = stage.show(POST_STATE)
    page.get_by_label("Hashtags").fill("#mine")
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    first = stage.api.answers["getPost"]
    assert isinstance(first, Reply)
    stage.api.answers["getPost"] = replace(first, etag='"2"')
    page.go_back()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved").wait_for()
    assert saves(stage)[0].headers["if-match"] == '"2"'


def overviews() -> Callable[[Request], Reply]:
    """Another answer each time, so that all that shows it is drawn anew."""
    names = iter(range(1_000))

    def next_overview(_: Request) -> Reply:
        [persona] = example("getOverview")["personas"]
        return Reply(example("getOverview", personas=[{**persona, "name": f"Nature {next(names)}"}]))

    return next_overview


def look_again(page: Page) -> None:
    """The page asks for the overview, and shows the next answer."""
    shown = page.locator("header option").last.text_content() or ""
    page.clock.run_for(30_500)
    page.locator("header option", has_text=re.compile(f"{shown}$")).wait_for(state="detached")


def polled(**more: Answer) -> dict[str, Answer]:
    return {**more, "getOverview": overviews()}


def state_of_calendar(name: str) -> State:
    state = next(each for each in calendar.STATES if each.name == name)
    return replace(state, answers=polled(**state.answers))


def test_a_chosen_slot_stays_chosen_while_the_page_asks_what_is_new(stage: Stage) -> None:
    page = stage.show(replace(TIME, answers=polled(**library.answers())))
    page.get_by_role("radio").nth(1).check()
    look_again(page)
    assert page.get_by_role("radio").nth(1).is_checked()


def test_a_day_stays_chosen_while_the_page_asks_what_is_new(stage: Stage) -> None:
    page = stage.show(State("grid", "day", "aside", polled(**grid.ANSWERS), acts=grid.choose))
    day = page.locator("aside input[type=date]")
    day.fill("2026-03-20")
    look_again(page)
    assert day.input_value() == "2026-03-20"


def test_the_day_of_a_move_stays_while_the_page_asks_what_is_new(stage: Stage) -> None:
    page = stage.show(state_of_calendar("planned-entry"))
    day = page.get_by_label("Move to")
    day.fill("2026-04-20")
    look_again(page)
    assert day.input_value() == "2026-04-20"


def test_the_time_of_a_shared_day_stays_while_the_page_asks_what_is_new(stage: Stage) -> None:
    page = stage.show(state_of_calendar("taken"))
    time = page.get_by_label("Or share the day, at")
    time.fill("20:15")
    look_again(page)
    assert time.input_value() == "20:15"


def test_a_refused_slot_keeps_the_choice(stage: Stage) -> None:
    refused = library.answers(createPost=refusal(409, "slot-taken", "The slot has a post."))
    page = stage.show(replace(TIME, answers=refused))
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Schedule").click()
    page.locator("dialog .failure").wait_for()
    assert page.get_by_role("radio").nth(1).is_checked()


def test_a_written_time_is_the_time_of_the_post(stage: Stage) -> None:
    page = stage.show(TIME)
    page.get_by_label("Time", exact=True).fill("2026-03-05T07:15")
    page.get_by_role("button", name="Schedule").click()
    page.get_by_text("Scheduled for").wait_for()
    [created] = saves(stage, "createPost")
    assert ("slot" in created.values, created.body["at"]) == (False, "2026-03-05T07:15")


def test_a_refused_persona_keeps_what_was_written(stage: Stage) -> None:
    refused = {"getOverview": NOBODY, "createPersona": refusal(422, "zone-unknown", "There is no such zone.")}
    page = stage.show(State("today", "refused", "#start", refused))
    written = {"name": "Me", "zone": "Europe/Atlantis", "at": "09:00"}
    for name, value in written.items():
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name="Create").click()
    page.get_by_text("There is no such zone.").wait_for()
    assert {name: page.locator(f"input[name={name}]").input_value() for name in written} == written


def test_a_post_that_is_picked_up_is_put_back_by_a_look_elsewhere(stage: Stage) -> None:
    page = stage.show(next(state for state in calendar.STATES if state.name == "carried"))
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    page.go_back()
    page.locator("[data-tile]").first.wait_for()
    assert page.locator(".day.over, .held").count() == 0


@pytest.mark.parametrize(("name", "late"), [("taken", "movePost"), ("changed-elsewhere", "getPost")])
def test_a_question_that_comes_after_its_view_was_left_is_a_notice(stage: Stage, name: str, late: str) -> None:
    state, released = next(each for each in calendar.STATES if each.name == name), threading.Event()
    answer = state.answers[late]
    assert isinstance(answer, Reply)
    answers = {**state.answers, late: held(lambda _: answer, released)}
    page = stage.show(replace(state, shows="[data-tile]", answers=answers))
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    released.set()
    page.locator(".notice.bad").wait_for()
    page.go_back()
    page.locator("[data-tile]").first.wait_for()
    assert page.get_by_role("dialog").count() == 0


def test_an_undo_that_failed_can_be_tried_again(stage: Stage) -> None:
    page = stage.show(replace(TIME, answers=library.answers(cancelPost=OFFLINE)))
    page.get_by_role("button", name="Schedule").click()
    page.get_by_role("button", name="Undo").click()
    page.locator(".notice.bad").wait_for()
    stage.api.answers["cancelPost"] = Reply(example("cancelPost"))
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone").wait_for()


def test_a_failure_stays_until_it_is_dismissed(stage: Stage) -> None:
    page = stage.show(replace(TIME, answers=library.answers(cancelPost=OFFLINE)))
    page.get_by_role("button", name="Schedule").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").wait_for()
    # Under the pointer none of them ends.
    page.mouse.move(0, 0)
    page.clock.run_for(10_500)
    page.get_by_role("button", name="Undo").wait_for(state="detached")
    page.locator(".notice.bad").get_by_role("button", name="Dismiss").click()
    page.locator(".notice").wait_for(state="detached")


def test_what_was_kept_out_before_a_failure_can_be_taken_back(stage: Stage) -> None:
    photos = PhotoAnswers(300)
    answer = photos.answers["changePhotos"]
    assert callable(answer)

    def fail_later(request: Request) -> Reply:
        return refusal(500, "internal", "It failed.") if stage.count_calls("changePhotos") > 1 else answer(request)

    page = stage.show(
        State("library", "many", ".cell", {**library.answers(), **photos.answers, "changePhotos": fail_later})
    )
    page.get_by_text("293 of 300").wait_for()
    page.locator(".cell a[tabindex='0']").press("Control+Shift+End")
    page.get_by_role("button", name="Keep out").click()
    page.get_by_label("Reason").fill("Blurred.")
    page.keyboard.press("Enter")
    page.locator(".chosen .failure").wait_for()
    page.get_by_text("194 chosen").wait_for()
    stage.api.answers["changePhotos"] = answer
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("293 of 300").wait_for()
    assert photos.kept_out == {}
