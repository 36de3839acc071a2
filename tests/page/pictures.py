"""Writes the documentation's pictures of the page: `make page-pictures`. Photos are the demo's own."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from infra.local.sample_photos import create_sample_photos
from shutterpost.photos import Analysis
from shutterpost.scheduling import ScheduleStatus
from tests.api.test_operator import moved
from tests.page.conftest import Shown
from tests.page.stage import PHONE
from tests.support.aws import BUCKET
from tests.support.folders import Deployed

FOLDER = Path(__file__).parents[2] / "docs" / "page"
QUALITY = 70
LOADED = """() => [...document.images]
  .filter(image => image.getBoundingClientRect().top < innerHeight)
  .every(image => image.complete && image.naturalWidth > 0)"""
THEMES = {"mountain": "mountains", "lake": "lakes", "forest": "forests", "dune": "dunes", "sea": "sea"}


@pytest.fixture
def furnished(world: Deployed, tmp_path: Path) -> list[str]:
    """A library of the demo's photos, with posts of a week and one whose outcome is unknown; the posts' ids."""
    me, given, path = world.caller, world.world, f"/personas/{world.persona_id}"
    analyses = create_sample_photos(tmp_path / "photos")
    me.patch(path, {"slots": [{"at": "18:30"}]})
    given.connection(me, world.persona_id)
    given.connection(me, world.persona_id, "threads")
    for file in sorted((tmp_path / "photos").iterdir()):
        key = f"photos/{world.persona_id}/{file.name}"
        given.s3.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
        world.importing(key)
    owner = me.get(f"{path}/photos").body["photos"][0]["owner"]
    for line in analyses.read_text().splitlines():
        analysis = Analysis.model_validate_json(line)
        theme = next((theme for thing, theme in THEMES.items() if thing in analysis.detected_objects), "sea")
        given.services.photos.record_analysis(world.persona_id, owner, analysis, stated_at=given.clock.now())
        me.patch(f"{path}/photos/{analysis.photo}", {"theme": theme})
    posts = []
    for slot in me.get(f"{path}/slots").body["slots"][:6]:
        pick = given.services.reviewer.picker.pick(world.persona_id, datetime.fromisoformat(slot["run_at"]))
        assert pick.post_id is not None
        posts.append(pick.post_id)
    schedule_id = me.get(f"/posts/{posts[0]}").body["schedules"][0]["schedule_id"]
    error = {"error_code": "needs-a-person", "error_message": "Instagram did not answer."}
    moved(given, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN, **error)
    return posts


def test_the_views_are_drawn(world: Deployed, shown: Callable[..., Shown], furnished: list[str]) -> None:
    opened = shown(reduced_motion="reduce")
    page = opened.page
    for view in ("today", "calendar", "library"):
        keep(opened.go(view), view)
    page.goto(f"{opened.server.address}#/post/{furnished[1]}")
    page.locator(".texts").wait_for()
    keep(page, "post")
    page.set_viewport_size(PHONE)
    keep(opened.go("library"), "phone")
    assert opened.trouble == []


def keep(page: Page, name: str) -> None:
    """Write the page as a WebP, once its pictures are loaded."""
    page.wait_for_function(LOADED)
    FOLDER.mkdir(exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)
