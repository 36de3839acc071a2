"""What the documentation states about the code is true."""

import ast
import re

import pytest

from shutterpost.scheduling.states import ALLOWED
from tests.docs.pages import (
    PACKAGE,
    ROOT,
    find_path,
    make_targets,
    make_targets_in,
    name_of,
    table_rows,
    tracked_files,
)

DOCS = ROOT / "docs"
ROWS = 108
CODE = re.compile(r"`([^`]+)`")
# Documents that were the sources of the project and are not in the repository.
ELSEWHERE = re.compile(
    r"DESIGN(?:\.md)? §|DESIGN\.md|platform-apis|requirements §|\bS[0-4] §|\bpain \d|requirements C\d"
)


def requirements() -> list[list[str]]:
    text = (DOCS / "requirements.md").read_text("utf-8")
    return [row for row in table_rows(text) if row[0].isdigit()]


def test_every_requirement_has_a_row() -> None:
    assert [int(row[0]) for row in requirements()] == list(range(1, ROWS + 1))


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row[0])
def test_a_requirement_names_its_code_and_its_test_or_is_not_built(row: list[str]) -> None:
    _, _, code, test = row
    unbuilt = re.match(r"Not built yet|Nothing to build", code)
    named = [text for text in CODE.findall(f"{code} {test}") if "/" in text]
    assert [text for text in named if find_path(text, DOCS / "requirements.md") is None] == []
    assert unbuilt or CODE.search(code)
    tests = [text for text in CODE.findall(test) if text.startswith("tests/") or text == "make lint"]
    assert tests or (unbuilt and test == "None")


def test_the_state_table_is_that_of_the_code() -> None:
    _, _, rest = (DOCS / "architecture.md").read_text("utf-8").partition("<!-- states -->")
    rows = table_rows(rest.partition("<!-- end -->")[0])[1:]
    written = {status.strip("`"): set(then.split(", ")) - {"–"} for status, _, then in rows}
    assert written == {str(status): {str(then) for then in allowed} for status, allowed in ALLOWED.items()}


def defined_names() -> set[str]:
    """Classes, functions, their attributes and module constants of the package, as `Name` and `Class.attribute`."""
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.ClassDef):
                names |= {node.name, *(f"{node.name}.{name}" for name in _attributes(node))}
    return names


def _attributes(node: ast.ClassDef) -> set[str]:
    fields = {
        item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    members = {
        name.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for name in item.targets
        if isinstance(name, ast.Name)
    }
    return fields | members


def test_every_term_of_the_glossary_is_in_the_code() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8").partition("| Do not write |")[0]
    rows = [row for row in table_rows(text) if row[0] != "Term"]
    known = defined_names()
    missing = []
    for term, _, named in rows:
        [name] = CODE.findall(named)
        if (
            name not in known
            and find_path(name, DOCS) is None
            and not (PACKAGE.parent / name.replace(".", "/")).exists()
        ):
            missing.append((term, name))
    assert missing == []
    assert [term for term, *_ in rows] == sorted(term for term, *_ in rows)


def test_nothing_cites_a_document_that_is_not_here() -> None:
    cited = []
    for path in tracked_files():
        if path.suffix in {".py", ".md", ".json", ".toml", ".yml", ".yaml"} or path.name == "Makefile":
            lines = path.read_text("utf-8").splitlines()
            cited += [f"{name_of(path)}:{at}" for at, line in enumerate(lines, 1) if ELSEWHERE.search(line)]
    assert [place for place in cited if not place.startswith("tests/docs/test_content.py")] == []


def test_ci_and_hooks_run_targets_of_the_makefile() -> None:
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (.+)", hooks) == ["local"]
    commands = re.findall(r"(?:run|entry): (.+)", ci + hooks)
    targets = set().union(*map(make_targets_in, commands))
    assert {"test", "lint", "quick"} <= targets <= make_targets()


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (DOCS / "decisions").iterdir())
    assert [name[:5] for name in names] == [f"{number:04}-" for number in range(1, len(names) + 1)]


def test_the_readme_names_constants_in_their_files() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"`([\w/.]+\.py)` \(`(\w+)`\)", text)
    assert len(named) >= 5
    missing = []
    for path, name in named:
        source = find_path(path, ROOT / "README.md")
        assert source is not None, path
        if not re.search(rf"^\s*{name}\b", source.read_text("utf-8"), re.MULTILINE):
            missing.append((path, name))
    assert missing == []
