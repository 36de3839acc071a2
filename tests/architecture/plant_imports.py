"""Plant forbidden imports, each alone, in a copy of the sources, and print which contracts then fail, as JSON.

`python plant_imports.py COPY` runs in a process of its own: the linter must read the copy, not the imported packages.
"""

import json
import re
import sys
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from importlinter.api import read_configuration
from importlinter.application import use_cases

HEADING = re.escape("[[tool.importlinter.contracts]]")
SOURCES = ("layers/core/python", "functions", ".")


def forbidden_imports(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Imports (importer, imported) that the contract has to refuse."""
    match contract["type"]:
        case "layers":
            layers = [
                [name.strip(" ()") for name in layer.replace(":", "|").split("|")] for layer in contract["layers"]
            ]
            yield from ((lower[0], upper[0]) for upper, lower in pairwise(layers))
        case "forbidden":
            yield from ((source, contract["forbidden_modules"][0]) for source in contract["source_modules"])
        case "independence":
            yield from pairwise(contract["modules"])
        case other:
            raise ValueError(f"{contract['name']}: say here which imports a contract of type {other} refuses")


def file_of(module: str) -> Path:
    """The module's file in the copy."""
    stem = module.replace(".", "/")
    candidates = [Path(root) / f"{stem}{end}" for root in SOURCES for end in ("/__init__.py", ".py")]
    return next(path for path in candidates if path.exists())


def keeps(number: int) -> bool:
    """Whether the copy as it is keeps the contract of that number. Raises what the linter raises."""
    return use_cases.lint_imports("pyproject.toml", (str(number),), is_debug_mode=True, no_logo=True)


def main() -> None:
    """Print `[[contract, importer, imported, refused], ...]`; the first of a contract plants nothing."""
    sys.path[:0] = [str(Path(root).resolve()) for root in SOURCES]
    configuration = Path("pyproject.toml")
    numbers = count()
    numbered = re.sub(HEADING, lambda heading: f'{heading[0]}\nid = "{next(numbers)}"', configuration.read_text())
    configuration.write_text(numbered, encoding="utf-8")
    results: list[tuple[str, str, str, bool]] = []
    for number, contract in enumerate(read_configuration("pyproject.toml")["contracts_options"]):
        results.append((contract["name"], "", "", not keeps(number)))
        for importer, imported in forbidden_imports(contract):
            path = file_of(importer)
            source = path.read_text(encoding="utf-8")
            path.write_text(f"{source}\nimport {imported}\n", encoding="utf-8")
            results.append((contract["name"], importer, imported, not keeps(number)))
            path.write_text(source, encoding="utf-8")
    sys.stdout.write("\n" + json.dumps(results))


if __name__ == "__main__":
    main()
