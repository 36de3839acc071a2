"""A photo and a post: why it was chosen, its words, and what happens to them when they are saved."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.fake_api import LOGGED_OUT, PERSONA, THROTTLED, Reply, Request
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import Stage
from tests.page.states import library
from tests.page.states.photo import (
    CHANGED,
    KEPT_OUT,
    PHOTO,
    POST,
    STATES,
    answers,
    change_post,
    composed,
    waiting,
    write,
)

BY_NAME = {f"{state.view.partition('/')[0]}-{state.name}": state for state in STATES}
SCHEDULED, PLANNED = BY_NAME["post-scheduled"], BY_NAME["photo-planned"]


def sent(stage: Stage, operation: str) -> list[Request]:
    return [call for call in stage.api.calls if call.operation == operation]


def saved(stage: Stage) -> list[Request]:
    return [call for call in sent(stage, "changePost") if "dry_run" not in call.values]


def test_the_bars_add_up_to_the_total(stage: Stage) -> None:
    page = stage.show(PLANNED)
    parts = [Decimal(row.inner_text()) for row in page.locator(".bars tbody td:last-child").all()]
    assert sum(parts) == Decimal(page.locator(".bars tfoot td:last-child").inner_text()) == Decimal("7.4197")
    widths = page.locator(".bar span").evaluate_all("bars => bars.map(bar => bar.style.width)")
    assert [round(float(width.rstrip("%")), 1) for width in widths] == [100, 5.1, 6.2, 0, 2.2]
    assert page.locator(".bar .minus").count() == 1


def test_a_photo_is_looked_at_and_its_neighbours_with_the_keyboard(stage: Stage) -> None:
    photos = PhotoAnswers(60)
    page = stage.show(replace(library.STATES[0], shows=".cell", answers={**answers(), **photos.answers}))
    page.locator(".cell a[tabindex='0']").focus()
    page.keyboard.press("Enter")
    page.locator(".bars").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator(f".viewer img[src*='{photos.id_of(1)}']").wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator(f".viewer img[src*='{photos.id_of(0)}']").wait_for()
    assert page.url.endswith(f"#/photo/{PERSONA}/{photos.id_of(0)}")
    page.locator(".bars").wait_for()
    page.get_by_label("Caption").wait_for()
    page.keyboard.press("w")
    assert page.evaluate("document.activeElement.id") == "why"
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "caption"
    page.keyboard.type("we")
    assert "we" in page.get_by_label("Caption").input_value()


@pytest.mark.parametrize("back", [lambda page: page.keyboard.press("Escape"), Page.go_back])
def test_the_way_back_from_leafing_leads_to_the_library(stage: Stage, back: Callable[[Page], Any]) -> None:
    photos = PhotoAnswers(60)
    page = stage.show(replace(library.STATES[0], shows=".cell", answers={**answers(), **photos.answers}))
    page.locator(".cell a[tabindex='0']").press("Enter")
    for number in (1, 2):
        page.locator(".bars").wait_for()
        press_on_page(page, "ArrowRight")
        page.locator(f".viewer img[src*='{photos.id_of(number)}']").wait_for()
    back(page)
    page.locator(".sheet").wait_for()
    assert page.url.endswith(f"#/{library.ALL}")


def test_the_part_that_a_link_names_has_the_focus(stage: Stage) -> None:
    page = stage.show(replace(PLANNED, view=f"{PLANNED.view}?part=words"))
    page.locator("textarea[name=caption]:focus").wait_for()


def test_only_the_facts_that_changed_are_sent(stage: Stage) -> None:
    def change(request: Request) -> Reply:
        return Reply({**PHOTO, "caption": "Fog.", "keywords": ["fog", "lake"], "rating": 4})

    page = stage.show(replace(PLANNED, answers=answers(changePhoto=change)))
    save = page.get_by_role("button", name="Save")
    assert save.is_disabled()
    page.get_by_label("Caption").fill("Fog.")
    page.get_by_label("Keywords").fill("fog, lake,")
    page.get_by_label("Rating").select_option("4")
    page.get_by_label("Caption").press("Control+Enter")
    page.get_by_role("status").get_by_text("Saved").wait_for()
    (request,) = sent(stage, "changePhoto")
    assert request.body == {"caption": "Fog.", "keywords": ["fog", "lake"], "rating": 4}
    assert page.get_by_label("Keywords").input_value() == "fog, lake"
    assert save.is_disabled()


def test_a_photo_is_let_back_in_and_the_change_is_taken_back(stage: Stage) -> None:
    shown = {"photo": KEPT_OUT}

    def change(request: Request) -> Reply:
        reason = request.body["change"]["kept_out"]
        before = shown["photo"].body["kept_out"]
        shown["photo"] = Reply({**PHOTO, "kept_out": reason})
        state = "unposted" if reason is None else "kept_out"
        result = {"photo": PHOTO["photo_id"], "photo_id": PHOTO["photo_id"], "state": state, "kept_out_before": before}
        return Reply({"results": [result]})

    page = stage.show(replace(PLANNED, answers=answers(getPhoto=lambda _: shown["photo"], changePhotos=change)))
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Keep out").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("It is kept out: Blurred.").wait_for()


def test_words_are_composed_and_counted_by_the_api_while_one_writes(stage: Stage) -> None:
    page = stage.show(SCHEDULED)
    write(page, "Fog at dawn.")
    page.locator("blockquote", has_text="Fog at dawn.").wait_for()
    assert "length 21/60" in page.locator(".counts").inner_text()
    (request,) = sent(stage, "changePost")
    assert (request.values["dry_run"], request.body) == ("true", {"caption": "Fog at dawn."})
    assert saved(stage) == []


def test_words_are_saved_for_the_version_that_was_read(stage: Stage) -> None:
    page = stage.show(SCHEDULED)
    page.locator("main").focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type("Fog at dawn.")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("#fog #dawn")
    page.keyboard.press("Control+Enter")
    page.get_by_role("status").get_by_text("Saved").wait_for()
    (request,) = saved(stage)
    assert request.headers["if-match"] == '"1"'
    assert request.body == {"caption": "Fog at dawn.", "hashtags": ["fog", "dawn"]}
    page.get_by_label("Alt text").fill("Fog.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => document.querySelectorAll('.notice').length > 1")
    assert saved(stage)[1].headers["if-match"] == '"2"'


def test_a_text_over_a_limit_is_marked_and_named_and_never_lost(stage: Stage) -> None:
    page = stage.show(BY_NAME["post-too-long"])
    assert page.locator(".surplus").inner_text() == "length 70/60"
    assert "instagram refuses it: The text has 70" in page.locator(".texts").inner_text()
    assert "Instagram: The text has 70" in page.locator(".editor > .failure").inner_text()
    page.get_by_role("link", name="Today").click()
    page.locator("#needs").wait_for()
    page.go_back()
    page.locator(".surplus").wait_for()
    assert "and then over the next one" in page.get_by_label("Caption").input_value()


def test_what_is_over_a_limit_is_marked_from_there_on(stage: Stage) -> None:
    page = stage.show(SCHEDULED)
    field = page.get_by_label("Caption")
    write(page, f"  🦋{'x' * 59}{'fog ' * 40}at 🦋 dawn.")
    surplus = f"{'fog ' * 40}at 🦋 dawn."
    page.locator(".editor .bad p").wait_for()
    assert page.locator(".copy mark").text_content() == surplus
    assert page.locator(".copy").text_content() == field.input_value()
    # The marks lie behind the characters: both wrap alike.
    sizes = "(element) => [element.clientWidth, element.scrollHeight, getComputedStyle(element).font]"
    assert page.locator(".copy").evaluate(sizes) == field.evaluate(sizes)
    notes = field.get_attribute("aria-describedby")
    note = page.locator(f"[id='{notes}'][aria-live=polite]").inner_text()
    assert note == f"The last 170 characters are over the limit of instagram: “{surplus}”"
    assert field.get_attribute("aria-invalid") == "true"
    write(page, "Fog at dawn.")
    page.locator(".editor .bad p").wait_for(state="detached")
    assert page.locator(".copy mark").text_content() == ""


def test_both_versions_are_shown_when_the_post_changed_elsewhere(stage: Stage) -> None:
    other = {**POST, "base_caption": "Noon.", "texts": composed("Noon.", POST["hashtags"], "")}
    stored: dict[str, Any] = {"post": Reply({**other, "base_caption": "Dawn."}, etag='"1"')}

    def change(request: Request) -> Reply:
        if "dry_run" in request.values or request.headers.get("if-match") == '"7"':
            return change_post(request)
        stored["post"] = Reply(other, etag='"7"')
        return CHANGED

    page = stage.show(replace(SCHEDULED, answers=answers(getPost=lambda _: stored["post"], changePost=change)))
    write(page, "Fog at dawn.")
    page.get_by_role("button", name="Save").click()
    page.locator(".versions").wait_for()
    assert page.locator(".versions blockquote").all_inner_texts() == ["Fog at dawn.", "Noon."]
    assert page.get_by_label("Caption").input_value() == "Fog at dawn."
    page.get_by_role("button", name="Save yours").click()
    page.get_by_role("status").get_by_text("Saved").wait_for()
    assert saved(stage)[-1].headers["if-match"] == '"7"'
    page.locator(".versions").wait_for(state="detached")


def test_the_other_version_can_be_taken(stage: Stage) -> None:
    page = stage.show(BY_NAME["post-changed-elsewhere"])
    page.get_by_role("button", name="Take the other").click()
    page.locator(".versions").wait_for(state="detached")
    assert page.get_by_label("Caption").input_value() == POST["base_caption"]
    assert page.get_by_role("button", name="Save").is_disabled()


def test_unsaved_words_outlast_an_ended_login(stage: Stage) -> None:
    page = stage.show(replace(SCHEDULED, answers=answers(changePost=LOGGED_OUT)))
    write(page, "Fog at dawn.")
    page.get_by_role("button", name="Save").click()
    page.locator(".editor > .failure").first.wait_for()
    # A tab that closes asks first.
    asks = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert page.evaluate(asks) is True
    stage.api.answers["changePost"] = change_post
    page.clock.run_for(60_500)
    assert len(saved(stage)) == 1
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").get_by_text("Saved").wait_for()
    assert [save.body for save in saved(stage)] == 2 * [{"caption": "Fog at dawn."}]
    assert page.evaluate(asks) is False


def press_on_page(page: Page, key: str) -> None:
    page.locator("main").focus()
    page.keyboard.press(key)


def test_a_post_that_waits_is_approved_with_a_key(stage: Stage) -> None:
    page = stage.show(BY_NAME["post-waiting"])
    stage.api.answers["getPost"] = SCHEDULED.answers["getPost"]
    press_on_page(page, "a")
    page.locator("#approve").wait_for(state="detached")
    (request,) = sent(stage, "approvePost")
    assert "idempotency-key" in request.headers


def test_a_post_stays_while_it_cannot_be_read_again(stage: Stage) -> None:
    page = stage.show(BY_NAME["post-waiting"])
    stage.api.answers["getPost"] = THROTTLED
    write(page, "Fog at dawn.")
    press_on_page(page, "a")
    page.locator("main > .failure").wait_for()
    assert page.get_by_label("Caption").input_value() == "Fog at dawn."
    stage.api.answers["getPost"] = SCHEDULED.answers["getPost"]
    page.clock.run_for(60_500)
    page.locator("#approve").wait_for(state="detached")
    page.locator("main > .failure").wait_for(state="detached")
    assert page.get_by_label("Caption").input_value() == "Fog at dawn."


def test_another_photo_is_chosen_with_a_key(stage: Stage) -> None:
    page = stage.show(replace(BY_NAME["post-waiting"], answers=answers(getPost=waiting())))
    press_on_page(page, "r")
    page.get_by_role("status").get_by_text("Done").wait_for()
    assert stage.count_calls("rejectPost") == 1


def test_the_pictures_of_a_carousel_are_leafed_through(stage: Stage) -> None:
    page = stage.show(SCHEDULED)
    press_on_page(page, "ArrowRight")
    page.locator("figcaption", has_text="b.jpg").wait_for()
    assert page.get_by_role("button", name="Photo after").is_disabled()
    press_on_page(page, "ArrowLeft")
    page.locator("figcaption", has_text="a.jpg").wait_for()
