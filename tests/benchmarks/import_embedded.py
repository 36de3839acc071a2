"""The part of `import` on the embedded AWS: a folder through the console, S3, SQS and the deployed function.

Files are small paintings, so that the figures are of the way and not of decoding. Counted are the files a second of the
wall clock, the peak memory of console and function, and whose CPU time it was.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infra.local.emulator import ROOT
from infra.local.stack import Stack, running_stack
from tests.benchmarks.figures import Figure
from tests.support.folders import paint_folder
from tests.support.process_memory import peak_of

FUNCTION: Final = b"importphotos"
TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE: Final = 3600


@dataclass
class Workers:
    """The function's processes as they were seen: CPU seconds and peak MiB by process id."""

    seconds: dict[int, float] = field(default_factory=dict)
    peaks: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Read the counters of every process of the function that runs now."""
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and FUNCTION in _function_name(process).lower():
                    self.seconds[int(process.name)] = _cpu(process)
                    self.peaks[int(process.name)] = peak_of(int(process.name)) / 1024
            except (OSError, ValueError, StopIteration):
                continue


def figures(count: int) -> list[Figure]:
    """What the import of `count` files took."""
    with tempfile.TemporaryDirectory(prefix="import-") as home, running_stack(say=lambda _: None) as stack:
        folder = Path(home, "photos")
        paint_folder(folder, count)
        server = Path("/proc", str(_server(stack)))
        with _watched() as workers:
            served, began = _cpu(server), time.monotonic()
            report, console_seconds, console_peak = _import(stack, folder, Path(home))
            wall, served = time.monotonic() - began, _cpu(server) - served
        if report["imported"] != count:
            raise RuntimeError(f"not all imported: {report}")
        words = f"{count} painted files of 320 x 200 on the embedded AWS"
        busy = {"console": console_seconds, "function": sum(workers.seconds.values()), "embedded AWS": served}
        return [
            Figure("embedded, rate", round(count / wall, 2), "files/s", f"wall clock; {words}"),
            Figure("embedded, console's peak", round(console_peak), "MiB", words),
            Figure("embedded, function's peak", round(max(workers.peaks.values())), "MiB", f"of 1 769; {words}"),
            *(
                Figure(f"embedded, CPU of {who}", round(1000 * seconds / count, 1), "ms per file", words)
                for who, seconds in busy.items()
            ),
        ]


def _server(stack: Stack) -> int:
    assert stack.aws._process is not None
    return stack.aws._process.pid


def _import(stack: Stack, folder: Path, home: Path) -> tuple[dict[str, Any], float, float]:
    """The console's report, its CPU seconds and its peak in MiB."""
    persona = stack.api("POST", "/personas", {"name": "Painter", "zone": "Europe/Berlin"})
    running = home / "running.json"
    running.write_text(json.dumps(stack.description(persona_id=persona["persona_id"])))
    paths = os.pathsep.join((str(ROOT / "layers" / "core" / "python"), str(ROOT)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"SHUTTERPOST_DEPLOYMENT": str(running), "SHUTTERPOST_PERSONA": "Painter"}
    environment |= {"PYTHONPATH": paths, "XDG_STATE_HOME": str(home)}
    command = [
        sys.executable,
        "-m",
        "shutterpost.console",
        "photos",
        "import",
        str(folder),
        "--patience",
        str(PATIENCE),
    ]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([*command, "--json"], stdout=output, env=environment)
        peak = ended = status = 0
        while not ended:
            peak = max(peak, peak_of(process.pid))
            time.sleep(0.2)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise RuntimeError(f"the console ended with {process.returncode}: {printed[-500:]!r}")
    return json.loads(printed), usage.ru_utime + usage.ru_stime, peak / 1024


@contextmanager
def _watched() -> Iterator[Workers]:
    workers, ended = Workers(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            workers.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield workers
    finally:
        ended.set()
        thread.join()


def _function_name(process: Path) -> bytes:
    variables = (process / "environ").read_bytes().split(b"\0")
    return next((value for value in variables if value.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")), b"")


def _cpu(process: Path) -> float:
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
