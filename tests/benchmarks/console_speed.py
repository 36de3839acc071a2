"""Console speed: the time of common commands as processes, beside other command lines on the same machine.

The API answers from this process, with moto's tables, so a command's wall time contains the handler's. Python keeps its
byte code, as on an operator's machine. `BEFORE=FOLDER` measures the console of another checkout beside this one.
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
CONSOLE = (sys.executable, "-m", "shutterpost.console")
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
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": str(Path(home) / "byte-code"),
            "SHUTTERPOST_DEPLOYMENT": str(file),
            "XDG_STATE_HOME": home,
        }
        here, before = {**environment, **_path(ROOT)}, os.environ.get("BEFORE")
        figures = []
        for words, limit in LIMITS.items():
            wall, cpu = _times((*CONSOLE, *words.split()), here)
            against = f"{reached(wall, limit)}; median of {RUNS}"
            figures += [
                Figure(f"shutterpost {words}", round(wall, 3), "s", against),
                Figure(f"shutterpost {words}, CPU", round(cpu, 3), "s", "without waiting for the API"),
            ]
            if before is not None and words != "--version":
                wall, cpu = _times((*CONSOLE, *words.split()), {**environment, **_path(Path(before))})
                figures.append(Figure(f"before: shutterpost {words}", round(wall, 3), "s", f"CPU {cpu:.3f} s"))
        for name, command in OTHERS.items():
            wall, cpu = _times(command, environment)
            figures.append(Figure(name, round(wall, 3), "s", f"CPU {cpu:.3f} s; for comparison, in the same run"))
    return figures


def _path(checkout: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(checkout / "layers" / "core" / "python")}


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
    # The first run, which writes byte code, does not count.
    for number in range(RUNS + 1):
        began = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if number:
            walls.append(time.perf_counter() - began)
            cpus.append(usage.ru_utime + usage.ru_stime)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")
    return statistics.median(walls), statistics.median(cpus)
