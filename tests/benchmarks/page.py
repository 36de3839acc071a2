"""The page's size, and how quickly a library of 20 000 photos is shown: in a browser, with an API that answers at once.

Other pages' figures are those that they have published: PhotoPrism's scripts after their diet (photoprism/photoprism,
issue 4778), and the one chunk that Immich loaded at every start (immich-app/immich, pull request 17379).
"""

import gzip
import json
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, ViewportSize

from shutterpost.console.commands.watching.web import PAGE
from tests.benchmarks.figures import Figure, reached
from tests.page.browsers import find_browser, running_browser
from tests.page.conftest import opened_stage
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import DESKTOP, PHONE, State

NAME = "page"
PHOTOS, RUNS = 20_000, 5
SIZES: dict[str, ViewportSize] = {"desktop": DESKTOP, "phone": PHONE}
MOST_SCRIPT, MOST_STYLE, MOST_INDEX = 60, 12, 350
MOST_SECONDS, MOST_TILES, MOST_CALLS, MOST_HEAP = 1, 200, 3, 30
# Milliseconds until every visible tile of the window has its picture, from the beginning of the load.
_FIRST_SCREEN = """() => new Promise(resolve => {
  const look = () => {
    const shown = [...document.querySelectorAll('.cell img')].filter(image => {
      const box = image.getBoundingClientRect();
      return box.top < innerHeight && box.bottom > 0;
    });
    const done = shown.length > 0 && shown.every(image => image.complete && image.naturalWidth > 0);
    done ? resolve({seconds: performance.now() / 1000, tiles: shown.length}) : requestAnimationFrame(look);
  };
  look();
})"""
_JUMP = f"""() => {{
  const start = performance.now();
  scrollTo(0, document.documentElement.scrollHeight);
  return new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    .then({_FIRST_SCREEN}).then(() => (performance.now() - start) / 1000);
}}"""


def measure() -> list[Figure]:
    """Sizes, seconds, calls, tiles and memory."""
    path = find_browser()
    if path is None:
        return [Figure("views measured", 0, "", "there is no browser")]
    library = PhotoAnswers(PHOTOS)
    figures = [*_sizes(), _index(library)]
    with running_browser(path) as browser:
        for name, size in SIZES.items():
            figures += _shown(browser, library, name, size)
    return figures


def _sizes() -> list[Figure]:
    compressed = {
        ending: sum(len(gzip.compress(file.read_bytes(), 9)) for file in (PAGE / "assets").glob(f"*.{ending}")) / 1000
        for ending in ("js", "css")
    }
    peers = "PhotoPrism 690 kB, one chunk of Immich 223 kB (brotli)"
    return [
        Figure("scripts", round(compressed["js"], 1), "kB gz", f"{reached(compressed['js'], MOST_SCRIPT)}; {peers}"),
        Figure("styles", round(compressed["css"], 1), "kB gz", reached(compressed["css"], MOST_STYLE)),
    ]


def _index(library: PhotoAnswers) -> Figure:
    size = sum(len(gzip.compress(json.dumps(page).encode(), 6)) for page in library.pages()) / 1000
    return Figure("index of 20,000 photos", round(size), "kB gz", reached(size, MOST_INDEX))


def _shown(browser: Browser, library: PhotoAnswers, name: str, size: ViewportSize) -> list[Figure]:
    state = State("library", name, ".cell", library.answers)
    seconds, jumps, tiles = list[float](), list[float](), 0
    for _ in range(RUNS):
        # A folder and a context of its own: no run has the pictures of another.
        with tempfile.TemporaryDirectory() as folder, opened_stage(browser, Path(folder), size) as stage:
            page = stage.show(state, size)
            first = page.evaluate(_FIRST_SCREEN)
            operations = [call.operation for call in stage.api.calls]
            calls = operations.index("getPhotoIndex")
            page.get_by_text(f"of {PHOTOS} photos").wait_for()
            seconds.append(first["seconds"])
            jumps.append(page.evaluate(_JUMP))
            tiles = max(tiles, page.locator(".cell").count())
            heap = _heap(page)
    first_screen, jump = median(seconds), median(jumps)
    return [
        Figure(
            f"{name}: first screen of thumbnails",
            round(first_screen, 2),
            "s",
            f"{first['tiles']} tiles, median of {RUNS}, most {max(seconds):.2f}; {reached(first_screen, MOST_SECONDS)}",
        ),
        Figure(f"{name}: calls before it", calls, "calls", reached(calls, MOST_CALLS)),
        Figure(f"{name}: jump to the last photo", round(jump, 2), "s", reached(jump, MOST_SECONDS)),
        Figure(f"{name}: tiles in the document", tiles, "tiles", reached(tiles, MOST_TILES)),
        Figure(f"{name}: memory of scripts", round(heap, 1), "MB", reached(heap, MOST_HEAP)),
    ]


def _heap(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 1e6
