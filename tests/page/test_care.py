"""What a person does in Care, by mouse and by keyboard."""

from collections.abc import Callable
from dataclasses import replace

from tests.api.world import rejected_file
from tests.page.conftest import Shown, library
from tests.page.fake_api import PERSONA, Answer, Reply, example, refusal
from tests.page.stage import Stage, State
from tests.page.states.care import BEST, DUPLICATES, OTHER, REJECTED, STATES, alike
from tests.page.states.today import STATES as TODAYS
from tests.support.folders import Deployed

Show = Callable[..., Shown]
BY_NAME = {str(state): state for state in STATES}
FILES, GROUP = BY_NAME["care-question"], BY_NAME["care-alike-group"]


def with_answers(state: State, **answers: Answer) -> State:
    return replace(state, answers={**state.answers, **answers}, acts=None, shows="section")


def changes(stage: Stage) -> list[object]:
    """What was asked of photos."""
    return [call.body for call in stage.api.calls if call.operation == "changePhotos"]


def test_a_file_is_forgotten_only_after_a_question(world: Deployed, shown: Show) -> None:
    key = rejected_file(world.world, world.persona_id, "dune.tif")
    opened = shown()
    page = opened.go("care/files")
    page.get_by_role("button", name="Forget dune.tif").focus()
    page.keyboard.press("Enter")
    assert "no other copy" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert world.caller.get(f"/personas/{world.persona_id}/rejected").body["rejected"][0]["rejected_key"] == key
    page.get_by_role("button", name="Forget dune.tif").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("Every file could be imported.").wait_for()
    assert world.caller.get(f"/personas/{world.persona_id}/rejected").body["rejected"] == []
    assert opened.trouble == []


def test_a_retried_file_is_looked_for_until_the_import_has_answered(stage: Stage) -> None:
    files = [REJECTED]
    answers = {"listRejected": lambda _: Reply({"rejected": list(files), "cursor": None})}
    page = stage.show(with_answers(FILES, retryRejected=Reply({"files": [REJECTED]}, 202), **answers))
    page.get_by_role("button", name="Retry dune.tif").click()
    page.get_by_text("Is being imported again").wait_for()
    files[:] = [REJECTED | {"at": "2026-03-01T12:00:09Z", "detail": "It is too small."}]
    page.clock.run_for(4_000)
    page.get_by_text("It is too small.").wait_for()
    page.get_by_role("button", name="Retry dune.tif").wait_for()


def test_a_refused_retry_says_so_beside_the_file(stage: Stage) -> None:
    refused = refusal(404, "rejected-not-found", "There is no such file any more.")
    page = stage.show(with_answers(FILES, retryRejected=refused))
    page.get_by_role("button", name="Retry dune.tif").click()
    page.locator(".cards li").get_by_text("There is no such file any more.").wait_for()


def test_look_alikes_show_only_what_differs_and_the_best_is_chosen(stage: Stage) -> None:
    page = stage.show(GROUP)
    text = page.locator(".alike").inner_text()
    assert page.get_by_role("radio", name="a.jpg").is_checked()
    assert "6000 × 4000" in text
    assert "4000 × 2667" in text
    assert "Fog 5" not in text
    assert "10:01:22" not in text
    assert "11:01:22" in text
    assert page.locator(".chosen").inner_text().strip().startswith("a.jpg (best)")


def test_the_others_are_kept_out_and_undo_takes_them_back(stage: Stage) -> None:
    changed = Reply({"results": [{"photo": OTHER, "photo_id": OTHER, "kind": None, "detail": None}]})
    page = stage.show(with_answers(GROUP, changePhotos=changed))
    page.locator(".alike").wait_for()
    page.locator("main").focus()
    page.keyboard.press("k")
    page.get_by_text("No photos look alike.").wait_for()
    assert changes(stage) == [{"photos": [OTHER], "change": {"kept_out": "Looks like a.jpg."}}]
    page.keyboard.press("u")
    page.locator(".alike").wait_for()
    assert changes(stage)[1:] == [{"photos": [OTHER], "change": {"kept_out": None}}]
    page.get_by_role("radio", name="b.jpg").check()
    page.get_by_role("button", name="Keep b.jpg").click()
    page.get_by_text("No photos look alike.").wait_for()
    assert changes(stage)[2:] == [{"photos": [BEST], "change": {"kept_out": "Looks like b.jpg."}}]


def test_a_photo_that_cannot_be_kept_out_leaves_the_group(stage: Stage) -> None:
    result = {"photo": OTHER, "photo_id": OTHER, "kind": "photo-not-found", "detail": "There is no photo b."}
    page = stage.show(with_answers(GROUP, changePhotos=Reply({"results": [result]})))
    page.get_by_role("button", name="Keep a.jpg").click()
    page.locator(".failure").get_by_text("There is no photo b.").wait_for()
    assert page.locator(".alike").is_visible()


def test_a_later_group_comes_last(stage: Stage) -> None:
    groups = [alike(BEST, OTHER), alike("c" * 64, "d" * 64)]
    page = stage.show(with_answers(GROUP, listDuplicates=Reply(DUPLICATES | {"groups": groups})))
    page.get_by_role("button", name="Later").click()
    page.get_by_role("radio", name="c.jpg").wait_for()
    page.get_by_role("button", name="Later").click()
    page.get_by_role("radio", name="a.jpg").wait_for()


def test_photos_that_all_stay_are_no_look_alikes_any_more_and_undo_takes_it_back(world: Deployed, shown: Show) -> None:
    path, given = f"/personas/{world.persona_id}/photos", world.world
    ids = [given.photo(world.persona_id, f"{name}.jpg", dhash="0123456789abcdef").photo_id for name in "abc"]
    world.caller.patch(f"{path}/c.jpg", {"kept_out": "Blurred.", "kept_with": ["f" * 64]})
    world.caller.patch(f"{path}/a.jpg", {"kept_with": ["f" * 64]})
    opened = shown()
    page = opened.go("care/alike")
    page.locator(".alike").wait_for()
    page.locator("main").focus()
    page.keyboard.press("b")
    page.get_by_text("No photos look alike.").wait_for()
    page.get_by_text("Picks still avoid a photo that looks like one of the latest posts.").wait_for()
    kept = [world.caller.get(f"{path}/{name}").body["kept_with"] for name in ids]
    assert kept == [sorted([ids[1], "f" * 64]), [ids[0]], ["f" * 64]]
    assert world.caller.get(f"{path}/duplicates").body["groups"] == []
    page.keyboard.press("u")
    page.locator(".alike").wait_for()
    assert [world.caller.get(f"{path}/{name}").body["kept_with"] for name in ids[:2]] == [["f" * 64], []]
    page.get_by_role("button", name="Both").click()
    page.get_by_text("No photos look alike.").wait_for()
    assert opened.trouble == []


def test_a_check_tells_what_the_platform_said(stage: Stage) -> None:
    page = stage.show(BY_NAME["care-accounts-two"])
    page.get_by_text("3 of 50 posts used").wait_for()
    checked = example("checkConnection", detail="The platform refuses its token.")
    stage.api.answers["checkConnection"] = Reply(checked)
    page.get_by_role("button", name="Check instagram-1").click()
    page.get_by_role("status").get_by_text("The platform refuses its token.").wait_for()


def test_care_speaks_german(world: Deployed, shown: Show) -> None:
    rejected_file(world.world, world.persona_id, "dune.tif")
    library(world, 1)
    page = shown(locale="de").go("care/files")
    page.get_by_role("button", name="dune.tif vergessen").wait_for()
    page.get_by_role("link", name="Vorrat").click()
    page.locator(".stocks").get_by_text("Alle Fotos").wait_for()


def test_a_photo_that_is_kept_out_looks_like_no_other_any_more(world: Deployed) -> None:
    path = f"/personas/{world.persona_id}/photos"
    for name in ("one.jpg", "two.jpg"):
        world.world.photo(world.persona_id, name, dhash="0123456789abcdef")
    assert len(world.caller.get(f"{path}/duplicates").body["groups"]) == 1
    world.caller.patch(f"{path}/two.jpg", {"kept_out": "Looks like one.jpg."})
    assert world.caller.get(f"{path}/duplicates").body["groups"] == []


def test_what_needs_a_person_leads_to_its_part_of_care(stage: Stage) -> None:
    page = stage.show(TODAYS[0])
    with page.expect_response(f"**/overview?persona={PERSONA}"):
        page.locator(".need").get_by_role("link", name="Runway").click()
    page.locator("#runway").wait_for()
