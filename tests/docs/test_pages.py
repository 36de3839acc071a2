"""What the documentation names exists."""

from pathlib import Path

import pytest

from tests.docs.pages import (
    PAGES,
    ROOT,
    commands_in,
    find_path,
    headings_in,
    links_in,
    make_targets,
    make_targets_in,
    name_of,
    paths_in,
)

MOST_BYTES = 150_000


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_exists(page: Path) -> None:
    assert [text for text in paths_in(page) if find_path(text, page) is None] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_its_heading(page: Path) -> None:
    broken = []
    for link in links_in(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in headings_in(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_exists(page: Path) -> None:
    assert make_targets_in(commands_in(page)) <= make_targets()


def test_every_picture_is_small_and_shown() -> None:
    pictures = {path.resolve() for ending in ("png", "webp", "svg") for path in (ROOT / "docs").rglob(f"*.{ending}")}
    shown = {(page.parent / link).resolve() for page in PAGES for link in links_in(page)}
    assert pictures
    assert pictures <= shown
    assert {path.name for path in pictures if path.stat().st_size > MOST_BYTES} == set()


def test_the_pages_name_paths_links_and_targets() -> None:
    readme, architecture = ROOT / "README.md", ROOT / "docs" / "architecture.md"
    assert len(paths_in(readme)) >= 15
    assert len(paths_in(architecture)) >= 20
    assert len(links_in(readme)) >= 8
    assert {"demo", "test", "quick"} <= make_targets_in(commands_in(readme))
