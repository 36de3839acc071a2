"""Console speed: the time of common commands as processes, beside other command lines on the same machine.

The API answers from this process, with moto's tables, so a command's wall time contains the handler's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.figures import Figure, reached
from tests.support.aws import as_nobody
from tests.support.folders import Deployed, deployed
from tests.support.local_server import serving

NAME = "console_speed"
RUNS = 7
ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# Seconds of wall time.
LIMITS = {"--version": 0.3, "--help": 0.3, "status": 0.8, "post list": 0.7, "photos list": 0.7, "personas list": 0.7}
OTHERS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "pip --version": (sys.executable, "-m", "pip", "--version"),
    "cfn-lint --version": (str(BIN / "cfn-lint"), "--version"),
    "ruff --version": (str(BIN / "ruff"), "--version"),
}


def measure() -> list[Figure]:
    """Medians of wall and CPU time."""
    with tempfile.TemporaryDirectory() as home, as_nobody(), deployed() as world, serving(world) as deployment:
        _fill(world)
        file = Path(home) / "deployment.json"
        file.write_text(json.dumps(asdict(deployment)))
        environment = {
            **os.environ,
            "SHUTTERPOST_DEPLOYMENT": str(file),
            "XDG_STATE_HOME": home,
            "PYTHONPATH": str(ROOT / "layers" / "core" / "python"),
        }
        console = (sys.executable, "-m", "shutterpost.console")
        figures = []
        for words, limit in LIMITS.items():
            wall, cpu = _times((*console, *words.split()), environment)
            against = f"{reached(wall, limit)}; median of {RUNS}"
            figures += [
                Figure(f"shutterpost {words}", round(wall, 3), "s", against),
                Figure(f"shutterpost {words}, CPU", round(cpu, 3), "s", "without waiting for the API"),
            ]
        for name, command in OTHERS.items():
            wall, _ = _times(command, environment)
            figures.append(Figure(name, round(wall, 3), "s", "for comparison, in the same run"))
    return figures


def _fill(world: Deployed) -> None:
    for channel in ("instagram", "buffer"):
        world.world.connection(world.caller, world.persona_id, channel)
    for number in range(20):
        world.world.photo(world.persona_id, f"{number}.jpg")
    for number in range(5):
        body = {"photo": f"{number}.jpg", "at": f"2026-04-0{number + 1}T18:30:00"}
        world.caller.post(f"/personas/{world.persona_id}/posts", body)


def _times(command: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float]:
    """Medians of wall and CPU time in seconds."""
    walls, cpus = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        walls.append(time.perf_counter() - began)
        cpus.append(usage.ru_utime + usage.ru_stime)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")
    return statistics.median(walls), statistics.median(cpus)
