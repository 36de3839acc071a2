"""A run says which tests it leaves out, and why."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_run_without_java_names_the_tests_that_need_it(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "java", "tests/contract/test_lanes_store.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": str(tmp_path), "PYTHONPATH": "layers/core/python:functions"},
        check=False,
    )
    left_out = [line for line in run.stdout.splitlines() if line.startswith("SKIPPED")]
    assert left_out, run.stdout
    assert all("tests/contract/test_lanes_store.py:" in line for line in left_out)
    assert all("DynamoDB Local needs java" in line for line in left_out)
