"""Measures of the product's sources: unique class names, folder and file sizes, docstrings, and plain identifiers."""

import ast
import re
import tokenize
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE, FUNCTIONS, INFRA = ROOT / "layers" / "core" / "python" / "shutterpost", ROOT / "functions", ROOT / "infra"
# PynamoDB reads the settings of a table or an index from an inner class of this name.
INNER = {"Meta"}
MAX_MODULES, MAX_LINES = 12, 400
MAX_DOCSTRINGS = 0.07
# Names that say nothing of what they hold; the docs' glossary has the terms to use instead.
VAGUE = frozenset(
    {"asked", "asking", "found", "hands", "heard", "one", "outing", "said", "says", "told", "wish", "word"}
)
ANY_VAGUE = re.compile(rf"\b({'|'.join(VAGUE)})\b".encode())
# Public fields keep their names: `told` in the API's schedules, `found` in the console's findings.
FIELDS = {
    ("http/responses.py", "told"),
    *((path, "found") for path in ("console/checks/", "console/commands/doctor.py", "console/test_trials.py")),
}


def sources() -> list[Path]:
    """All modules of the product."""
    return [path for root in (PACKAGE, FUNCTIONS, INFRA) for path in sorted(root.rglob("*.py"))]


@lru_cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """The path as messages show it."""
    return str(path.relative_to(ROOT))


# Exceptions that remain to be removed.
DUPLICATES: set[str] = set()
CROWDED: set[str] = set()


def test_no_class_name_is_used_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name not in INNER:
                places[node.name].append(shown(path))
    assert {name for name, paths in places.items() if len(paths) > 1} <= DUPLICATES


def test_no_folder_has_more_modules_than_a_reader_can_take_in() -> None:
    counts = Counter(path.parent for path in sources() if path.name != "__init__.py")
    crowded = {f"{folder.parent.name}/{folder.name}" for folder, count in counts.items() if count > MAX_MODULES}
    assert crowded <= CROWDED


def test_no_module_is_longer_than_the_limit() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {shown(path): length for path, length in lengths.items() if length > MAX_LINES} == {}


def docstring_lines(path: Path) -> int:
    """The number of lines that the docstrings of a module take."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree_of(path)) if isinstance(node, documented)]
    texts = [node.body[0] for node in nodes if ast.get_docstring(node, clean=False) is not None]
    return sum((text.end_lineno or text.lineno) - text.lineno + 1 for text in texts)


@pytest.mark.parametrize("root", [PACKAGE, FUNCTIONS, INFRA], ids=lambda root: root.name)
def test_docstrings_take_a_small_share_of_the_lines(root: Path) -> None:
    paths = sorted(root.rglob("*.py"))
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)
    assert sum(map(docstring_lines, paths)) / lines <= MAX_DOCSTRINGS


@pytest.mark.parametrize("root", [PACKAGE, FUNCTIONS, INFRA, ROOT / "tests"], ids=lambda root: root.name)
def test_identifiers_say_what_they_hold(root: Path) -> None:
    vague: set[tuple[str, int, str]] = set()
    for path in sorted(root.rglob("*.py")):
        if path.name == "test_names.py":
            continue
        if not ANY_VAGUE.search(path.read_bytes()):
            continue
        with path.open("rb") as source:
            for token in tokenize.tokenize(source.readline):
                field = any(part in str(path) and token.string == name for part, name in FIELDS)
                if token.type == tokenize.NAME and token.string in VAGUE and not field:
                    vague.add((shown(path), token.start[0], token.string))
    assert vague == set()
