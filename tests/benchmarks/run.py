"""Runs the benchmarks: `python -m tests.benchmarks.run [--only NAME]`.

A benchmark is a module of this folder with its own name in `NAME` and `measure() -> list[Figure]`. Each figure is a
line on standard output, and all of a benchmark's go to `.bench/NAME.json`.
"""

import argparse
import importlib
import json
from pathlib import Path

from tests.benchmarks.figures import Figure

HERE = Path(__file__).parent
OUT = HERE.parents[1] / ".bench"
NOT_BENCHMARKS = {"run", "figures", "robust_answers", "robust_pictures", "import_embedded"}


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)


def measure(name: str) -> list[Figure]:
    """The figures of one benchmark."""
    benchmark = importlib.import_module(f"tests.benchmarks.{name}")
    figures: list[Figure] = benchmark.measure()
    return figures


def keep(name: str, figures: list[Figure], out: Path = OUT) -> Path:
    """Write the figures where they are looked for; returns the file."""
    out.mkdir(exist_ok=True)
    file = out / f"{name}.json"
    file.write_text(json.dumps([figure._asdict() for figure in figures], ensure_ascii=False, indent=2) + "\n")
    return file


def main() -> None:
    """Run what was asked for; ends with 2 for a name that is no benchmark's."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure, print and keep the figures.")
    parser.add_argument("--only", metavar="NAME", choices=names(), help=f"one of {', '.join(names())}")
    only = parser.parse_args().only
    for name in [only] if only else names():
        print(f"== {name}", flush=True)  # noqa: T201 - its output
        figures = measure(name)
        for figure in figures:
            print(figure.line(), flush=True)  # noqa: T201 - its output
        keep(name, figures)


if __name__ == "__main__":
    main()
