"""The browser of the page's tests: the one that is named, the locked package's, or an installed one."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
UNPACKED = ROOT / ".build" / "browser" / "unpacked"
AXE = ROOT / ".build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
VARIABLE = "SHUTTERPOST_BROWSER"
_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_OF_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""
# Root has no sandbox in a container; the pages are the project's own.
_ARGUMENTS = ["--no-sandbox", "--headless=shell", "--disable-gpu"]


def find_browser() -> str | None:
    """The path of the browser; `None` if there is none."""
    named = os.environ.get(VARIABLE)
    candidates = [named, str(UNPACKED / "chromium"), *map(shutil.which, _INSTALLED), str(_OF_MACOS)]
    return next((path for path in candidates if path and Path(path).is_file()), None)


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    environment: dict[str, str | float | bool] = {**os.environ}
    if Path(path).parent == UNPACKED and sys.platform == "linux":
        fonts = UNPACKED / "fonts.xml"
        fonts.write_text(_FONTS.format(folder=UNPACKED))
        environment |= {"LD_LIBRARY_PATH": str(UNPACKED / "lib"), "FONTCONFIG_FILE": str(fonts)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS, env=environment)
        try:
            yield browser
        finally:
            browser.close()
