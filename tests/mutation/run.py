"""Changes the deciding modules in every way that mutmut knows, and counts what their tests do not notice.

python -m tests.mutation.run            every group of modules; `--only curation` or `--only curation/choice` for some
mutmut is installed beside the copy that it changes, in `.build/mutation`: it is no dependency of the project.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".build" / "mutation"
MUTMUT = "mutmut==3.8.1"
# mutmut's exit codes of a mutant's tests.
SURVIVED, WITHOUT_TESTS = 0, 33
RUN = "import sys; sys.path.append(sys.argv.pop(1)); from mutmut.__main__ import cli; cli()"


@dataclass(frozen=True)
class Group:
    """Modules of the package, the tests that hold their rules, and those of them that take too long."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def _curation(module: str, *tests: str) -> Group:
    return Group((f"curation/{module}.py",), tuple(f"unit/test_curation_{name}.py" for name in (module, *tests)))


GROUPS = {
    "decisions": Group(
        ("flows/publishing/decision.py", "flows/posting/failure_policy.py", "flows/notifying/decide.py"),
        ("unit/test_decision.py", "unit/test_failure_policy.py", "unit/test_notices.py"),
        ("unit/test_decision.py::test_every_state_with_every_evidence_has_an_action",),
    ),
    "scheduling": Group(
        tuple(f"scheduling/{name}.py" for name in ("circuit_breaker", "derived", "ids", "lanes", "lateness", "states")),
        ("unit/test_scheduling.py", "unit/test_scheduling_lanes.py"),
    ),
    "curation/captions": _curation("captions"),
    "curation/choice": _curation("choice", "likeness", "scoring"),
    "curation/likeness": _curation("likeness"),
    "curation/runway": _curation("runway"),
    "curation/scoring": _curation("scoring"),
    "curation/strategies": _curation("strategies"),
    "curation/values": _curation("values"),
    "picking/arm_slots": Group(("flows/picking/arm_slots.py",), ("workflow/test_arming.py",)),
    "picking/choose_photo": Group(
        ("flows/picking/choose_photo.py",), ("unit/test_picking_choice.py", "workflow/test_picking_library.py")
    ),
    "picking/repost": Group(
        ("flows/picking/repost.py",), ("unit/test_picking_repost.py", "workflow/test_publication_history.py")
    ),
}


def copy(group: Group) -> Path:
    """The project laid out as mutmut expects it, with its settings for the group."""
    folder = FOLDER / "project"
    shutil.rmtree(folder, ignore_errors=True)
    for source, target in (
        ("layers/core/python/shutterpost", "src/shutterpost"),
        *((name, name) for name in ("functions", "infra", "tests")),
    ):
        shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
    settings: dict[str, object] = {
        "source_paths": ["src"],
        "also_copy": ["functions", "infra"],
        "only_mutate": [f"src/shutterpost/{module}" for module in group.modules],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in group.tests],
        "pytest_add_cli_args": [f"--deselect=tests/{name}" for name in group.left_out],
        "use_git_change_detection": False,
    }
    tests: dict[str, object] = {
        "pythonpath": ["src", "functions", "."],
        "addopts": "--import-mode=importlib -p no:randomly -p no:xdist --hypothesis-profile=mutation",
        "markers": ["slow: left out of quick runs"],
    }
    tables = {"mutmut": settings, "pytest.ini_options": tests}
    (folder / "pyproject.toml").write_text("\n".join(_toml(tables)), "utf-8")
    return folder


def _toml(tables: dict[str, dict[str, object]]) -> Iterator[str]:
    for name, values in tables.items():
        yield f"[tool.{name}]"
        yield from (f"{key} = {json.dumps(value)}" for key, value in values.items())


def mutate(group: Group, children: int) -> Counter[str]:
    """Run mutmut on the group; prints the survivors, and returns how many mutants came to which end."""
    folder, site = copy(group), FOLDER / "site"
    if not site.exists():
        install = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--python", sys.executable]
        subprocess.run([*install, "--target", str(site), MUTMUT], check=True, cwd=ROOT)
    log = FOLDER / "mutmut.log"
    with log.open("wb") as output:
        command = [sys.executable, "-c", RUN, str(site), "run", "--max-children", str(children)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run(command, check=False, cwd=folder, env=environment, stdout=output, stderr=output)
    ends = Counter[str]()
    for meta in sorted((folder / "mutants").rglob("*.meta")):
        for mutant, code in json.loads(meta.read_text("utf-8"))["exit_code_by_key"].items():
            end = {None: "unfinished", SURVIVED: "survived", WITHOUT_TESTS: "survived"}.get(code, "killed")
            ends[end] += 1
            if end != "killed":
                print(f"{end}: {mutant}")  # noqa: T201
    return ends


def main(arguments: list[str] | None = None) -> int:
    """Mutate the groups, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.run", description="Mutate the deciding modules.")
    parser.add_argument("--only", default="", help="the groups whose names start so: " + ", ".join(GROUPS))
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    wanted = [name for name in GROUPS if name.startswith(options.only)]
    if not wanted:
        parser.error(f"--only {options.only}: no group's name starts so")
    for name in wanted:
        ends = mutate(GROUPS[name], options.children)
        counts = " ".join(f"{end}={ends[end]}" for end in ("killed", "survived", "unfinished"))
        print(f"mutation: {name} mutants={ends.total()} {counts}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
