"""The pages of the documentation, and the paths, links and make targets that they name."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "core" / "python" / "shutterpost"
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(ROOT / "docs").rglob("*.md"),
        *PACKAGE.rglob("README.md"),
    ]
)
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
# A part to fill in, as in `photos/PERSONA_ID/`.
_BLANK = re.compile(r"/[A-Z_]+(?:/|$)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MAKE = re.compile(r"(?:^|&& |^- )make ([a-z-]+)", re.MULTILINE)
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def name_of(page: Path) -> str:
    """The page's path below the checkout."""
    return str(page.relative_to(ROOT))


def tracked_files() -> list[Path]:
    """Every file of the repository, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def find_path(text: str, page: Path) -> Path | None:
    """The file or folder that `text` names: below the checkout, below the package, or beside the page."""
    return next((base / text for base in (ROOT, PACKAGE, page.parent) if (base / text).exists()), None)


def paths_in(page: Path) -> list[str]:
    """Each path in backticks whose first folder exists, and each Python or Markdown file with a folder."""
    prose = FENCE.sub("", page.read_text("utf-8"))
    named = [text for text in _CODE.findall(prose) if "/" in text and _PATH.fullmatch(text) and not _BLANK.search(text)]
    return [text for text in named if text.endswith((".py", ".md")) or find_path(text.partition("/")[0], page)]


def links_in(page: Path) -> list[str]:
    """Each link to a file of the repository or to a heading."""
    prose = FENCE.sub("", page.read_text("utf-8"))
    return [link for link in _LINK.findall(prose) if not re.match(r"[a-z]+:", link)]


def headings_in(page: Path) -> set[str]:
    """The anchors of the page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def make_targets_in(command: str) -> set[str]:
    """Each target that `command` runs with make."""
    return set(_MAKE.findall(command))


def commands_in(page: Path) -> str:
    """All code of the page: its blocks and what stands in backticks."""
    text = page.read_text("utf-8")
    return "\n".join([*FENCE.findall(text), *_CODE.findall(FENCE.sub("", text))])


def make_targets() -> set[str]:
    """Each target of the Makefile."""
    return set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


def table_rows(text: str) -> list[list[str]]:
    """The cells of each table row of `text`, without header and rule."""
    rows = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("|-: ")]
