"""The page in a browser, on the API's own handler and simulated tables.

Playwright runs an event loop in its thread, so a browser ends with its module.
"""

import asyncio
import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.deployment import Deployment
from shutterpost.console.commands.watching.web import PAGE
from shutterpost.console.web.account_pictures import AccountPictures
from shutterpost.console.web.forwarding import Forwarder, Operations
from shutterpost.console.web.pictures import Pictures
from shutterpost.console.web.server import WebServer, listen
from shutterpost.console.web.session import WebSession
from shutterpost.console.web.uploads import PageUploads
from tests.api.documented import documented
from tests.page.browsers import AXE, VARIABLE, find_browser, running_browser
from tests.page.fake_api import NOW, FakeApi
from tests.page.stage import DESKTOP, PHONE, Stage
from tests.support.aws import BUCKET
from tests.support.consoles import in_process_client
from tests.support.folders import Deployed, deployed

NO_BROWSER = f"There is no browser for the page's tests; name one with {VARIABLE}."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with running_browser(path) as browser:
        yield browser


# Only what breaks a rule is worked out and sent here: on 300 elements that takes a quarter of the time of all results.
_BROKEN = """async options => {
  const report = await axe.run({ ...options, resultTypes: ['violations'] });
  return report.violations.map(rule => `${rule.id}: ${rule.nodes[0].html}`);
}"""
_ALL_RULES = {"rules": {"target-size": {"enabled": True}}}


def broken_rules(page: Page, options: Any = None) -> list[str]:
    """The accessibility rules (axe) that the page breaks, with an element of each; `options` of axe choose rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    broken: list[str] = page.evaluate(_BROKEN, options or _ALL_RULES)
    return broken


def check_appearances(stage: Stage) -> None:
    """No rule is broken and nothing is wider than its window, on the desktop and the phone, in light and dark."""
    page = stage.page
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        assert broken_rules(page) == [], size
        # The schemes differ in colours alone.
        page.emulate_media(color_scheme="dark")
        assert broken_rules(page, {"runOnly": ["cat.color"]}) == [], (size, "dark")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, size
    page.set_viewport_size(DESKTOP)
    assert stage.trouble == []


@dataclass
class Shown:
    """A deployment, and its page in a browser."""

    world: Deployed
    server: WebServer
    context: BrowserContext
    page: Page
    trouble: list[str]

    def go(self, view: str) -> Page:
        """The page at a view, once it is loaded."""
        self.page.goto(f"{self.server.address}#/{view}")
        self.page.wait_for_selector("[aria-busy=true]", state="detached")
        return self.page

    def broken_rules(self) -> list[str]:
        return broken_rules(self.page)


def serve_page(api: ApiClient, folder: Path, *, read_only: bool = False) -> tuple[WebServer, Callable[[], None]]:
    """The page's server in a thread, and what ends it."""
    operations = Operations(json.loads((PAGE / "operations.json").read_text()), read_only=read_only)
    listening = listen(None)
    account_pictures = AccountPictures(folder.with_name(f"{folder.name}-accounts"), allow_loopback=True)
    server = WebServer(
        page=PAGE,
        port=listening.getsockname()[1],
        forwarder=Forwarder(api, operations, account_pictures),
        pictures=Pictures(api, folder),
        session=WebSession(datetime.now(UTC)),
        uploads=PageUploads(api, folder.with_name(f"{folder.name}-uploads"), read_only=read_only),
        facts={"read_only": read_only},
    )
    running = uvicorn.Server(uvicorn.Config(server.app(), log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening])), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)

    def end() -> None:
        running.should_exit = True
        thread.join()

    return server, end


@pytest.fixture
def world() -> Iterator[Deployed]:
    with deployed() as world:
        yield world


@pytest.fixture
def shown(world: Deployed, browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """Opens the page as `shutterpost web` does; `options` are those of a browser's context."""
    closing: list[Callable[[], None]] = []

    def show(*, read_only: bool = False, **options: Any) -> Shown:
        api = in_process_client(world)
        server, end = serve_page(api, tmp_path / "pictures", read_only=read_only)
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en", **options})
        page, trouble = context.new_page(), list[str]()
        page.clock.set_fixed_time(world.world.clock.now())
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: _judge(request.url, server.address, trouble))
        page.goto(f"{server.address}#once={server.session.once}")
        page.wait_for_selector("main section, main .empty")

        def close() -> None:
            context.close()
            end()

        closing.append(close)
        return Shown(world, server, context, page, trouble)

    yield show
    for close in closing:
        close()


@contextmanager
def opened_stage(
    browser: Browser, folder: Path, viewport: ViewportSize = DESKTOP, locale: str = "en"
) -> Iterator[Stage]:
    """A page of the fake API's, whose pictures are kept in `folder`."""
    # Built before the page's first calls, which come at once, in threads.
    documented()
    api = FakeApi(Deployment(api_url="https://api.example", bucket=BUCKET))
    server, end = serve_page(api, folder)
    context = browser.new_context(viewport=viewport, locale=locale, reduced_motion="reduce")
    page, trouble = context.new_page(), list[str]()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: _judge(request.url, server.address, trouble))
    yield Stage(api, server, page, trouble)
    context.close()
    end()


@pytest.fixture(scope="module")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One page for all states of a module, with answers that each of them chooses, and a clock that tests move."""
    with opened_stage(browser, tmp_path_factory.mktemp("pictures")) as stage:
        stage.page.clock.install(time=NOW)
        yield stage


def _judge(url: str, address: str, trouble: list[str]) -> None:
    if not url.startswith((address, "data:")):
        trouble.append(f"a request to {url}")


def library(world: Deployed, photos: int) -> list[str]:
    """Photos with pictures, best first; their ids."""
    made = []
    for number in range(photos):
        photo = world.world.photo(world.persona_id, f"lake-{number}.jpg", score=9 - number / 100)
        content = io.BytesIO()
        Image.new("RGB", (60, 40), (number * 37 % 256, number * 71 % 256, 120)).save(content, "JPEG")
        for key in photo.renditions.values():
            world.world.s3.put_object(Bucket=BUCKET, Key=key, Body=content.getvalue())
        made.append(photo.photo_id)
    return made
