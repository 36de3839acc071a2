"""The first steps on the page: a persona, the command that connects an account, and photos that arrive."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.page.conftest import Shown
from tests.page.fake_api import PERSONA, Reply, example, refusal
from tests.page.fake_api import Request as ApiRequest
from tests.page.stage import Stage, State
from tests.page.states.care import REJECTED
from tests.page.states.start import NO_ACCOUNT, NOBODY
from tests.support.consoles import commands
from tests.support.folders import Deployed, paint_folder

Show = Callable[..., Shown]
PIECE = 4_000_000
UNNAMED = {"facebook_page", "linkedin", "x"}


def upload(page: Page, *files: Path) -> None:
    """Choose files on the page."""
    page.get_by_label("Choose photos").set_input_files([*files])


def wait_for_states(page: Page, state: str, count: int) -> None:
    expect(page.locator(f".uploads li.{state}")).to_have_count(count, timeout=30_000)


def test_a_persona_is_created_with_the_keyboard(stage: Stage) -> None:
    page = stage.show(State("today", "first", "#start", {"getOverview": NOBODY}))
    page.get_by_label("Name, as you call the account").focus()
    page.keyboard.type("Nature Explorer")
    page.keyboard.press("Tab")
    page.keyboard.type("Europe/Paris")
    stage.api.answers["createPersona"] = Reply(example("createPersona", 201), 201)
    stage.api.answers["getOverview"] = Reply(example("getOverview"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Needs you").wait_for()
    [created] = [call for call in stage.api.calls if call.operation == "createPersona"]
    assert created.body == {"name": "Nature Explorer", "zone": "Europe/Paris", "slots": [{"at": "18:30"}]}
    assert created.headers["idempotency-key"]


def test_each_channel_has_a_command_that_the_console_takes(stage: Stage) -> None:
    *active, last = example("listChannels")["channels"]
    disabled = {**last, "key": "disabled", "status": "disabled"}
    channels = Reply(example("listChannels", channels=[*active, disabled, last]))
    page = stage.show(State("start", "channels", ".command", {**NO_ACCOUNT, "listChannels": channels}))
    offered = page.get_by_label("Where to post")
    add = commands("connections", "add")["connections add"]
    keys = [option.get_attribute("value") for option in offered.locator("option").all()]
    assert keys == [channel["key"] for channel in (*active, last)]
    for key in keys:
        offered.select_option(key)
        name, group, command, *given = shlex.split(page.locator(".command code").inner_text())
        assert (name, group, command, given[0]) == ("shutterpost", "connections", "add", key)
        context = add.make_context("add", given)
        assert context.params["persona_name"] == "nature-explorer-f8cb5d"
        assert context.params["account_id"] == (None if key in UNNAMED else "ACCOUNT")


def test_an_account_is_quoted_for_the_terminal_and_no_token_is_asked_for(stage: Stage) -> None:
    page = stage.show(State("start", "quotes", ".command", NO_ACCOUNT))
    page.get_by_label("Where to post").select_option("bluesky")
    page.get_by_label("Handle").fill("it's $(me)")
    assert shlex.split(page.locator(".command code").inner_text())[4] == "it's $(me)"
    assert page.locator("input[type=password]").count() == 0


def test_photos_arrive_and_what_is_unusable_says_why(world: Deployed, shown: Show, tmp_path: Path) -> None:
    paint_folder(tmp_path, 4, rejects=1)
    opened = shown()
    page = opened.go("start")
    upload(page, *sorted(tmp_path.rglob("*.jpg")))
    wait_for_states(page, "arrived", 3)
    wait_for_states(page, "rejected", 1)
    assert "the file is a text" in page.locator(".uploads .rejected .why").inner_text()
    assert page.get_by_text("4 of 4 files are through").is_visible()
    assert len(list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))) == 3
    assert opened.broken_rules() == []
    assert opened.trouble == []


def test_files_are_dropped_with_the_mouse(world: Deployed, shown: Show, tmp_path: Path) -> None:
    paint_folder(tmp_path, 1)
    [painted] = tmp_path.rglob("*.jpg")
    page = shown().go("start")
    dropped = page.evaluate_handle(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {lastModified: 1}));
            return transfer;
        }""",
        list(painted.read_bytes()),
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    wait_for_states(page, "arrived", 1)
    assert world.puts == [f"photos/{world.persona_id}/dropped.jpg"]


def test_an_upload_that_stopped_goes_on_where_it_was(world: Deployed, shown: Show, tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(b"x" * (PIECE + 10))
    opened = shown()
    page, offsets = opened.go("start"), list[str]()

    def note(request: Request) -> None:
        if request.method == "PUT":
            offsets.append(request.url.rpartition("offset=")[2])

    page.on("request", note)
    page.route(f"**/*offset={PIECE}", lambda route: route.abort())
    upload(page, file)
    wait_for_states(page, "failed", 1)
    page.unroute_all()
    page.get_by_role("button", name="Continue with 1").click()
    wait_for_states(page, "rejected", 1)
    assert offsets == ["0", str(PIECE), str(PIECE)]
    assert world.puts == [f"photos/{world.persona_id}/large.jpg"]


@pytest.mark.parametrize("view", ["start"])
def test_a_reading_page_takes_no_files(shown: Show, view: str) -> None:
    page = shown(read_only=True).go(view)
    assert page.locator("input[type=file]").count() == 0


def test_a_file_that_was_mended_is_no_longer_the_rejected_one(world: Deployed, shown: Show, tmp_path: Path) -> None:
    paint_folder(tmp_path, 1)
    [painted] = tmp_path.rglob("*.jpg")
    file = tmp_path / "mended.jpg"
    file.write_bytes(b"no picture")
    page = shown().go("start")
    upload(page, file)
    wait_for_states(page, "rejected", 1)
    file.write_bytes(painted.read_bytes())
    # The first look comes before the import is done.
    missing = {"type": "urn:shutterpost:problem:photo-not-found", "detail": "There is no such photo."}
    page.route("**/photos/*", lambda route: route.fulfill(status=404, json=missing), times=1)
    upload(page, file)
    wait_for_states(page, "arrived", 1)
    wait_for_states(page, "rejected", 1)


def test_a_rejection_is_read_behind_a_hundred_others(stage: Stage, tmp_path: Path) -> None:
    late = f"photos/{PERSONA}/late.jpg"

    def list_rejected(request: ApiRequest) -> Reply:
        if "cursor" in request.values:
            return Reply({"rejected": [{**REJECTED, "key": late}], "cursor": None})
        # Before the upload the late one is not among them.
        return Reply({"rejected": [REJECTED] * 100, "cursor": "bGF0ZQ" if stage.count_calls("getPhoto") else None})

    missing = refusal(404, "photo-not-found", "There is no such photo.")
    page = stage.show(State("start", "many", ".drop", {"listRejected": list_rejected, "getPhoto": missing}))
    begun, sent = {"offset": 0}, {"offset": 1, "key": late, "photo_id": "a" * 64, "sent": True}
    page.route("**/uploads/**", lambda route: route.fulfill(json=sent if route.request.method == "PUT" else begun))
    file = tmp_path / "late.jpg"
    file.write_bytes(b"x")
    upload(page, file)
    wait_for_states(page, "rejected", 1)
    page.unroute_all()


def test_a_page_that_closes_while_files_are_sent_asks_first(shown: Show, tmp_path: Path) -> None:
    file = tmp_path / "slow.jpg"
    file.write_bytes(b"x")
    page = shown().go("start")
    page.route("**/uploads/**", lambda _: None)
    upload(page, file)
    wait_for_states(page, "sending", 1)
    # The browser asks nobody who did nothing on the page.
    page.locator("#start").click()
    with page.expect_event("dialog") as event:
        page.close(run_before_unload=True)
    assert event.value.type == "beforeunload"
    event.value.dismiss()
    assert page.locator(".uploads .sending").is_visible()
