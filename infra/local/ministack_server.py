"""The embedded AWS as a child process: `python -m infra.local.ministack_server LAMBDA_PYTHON HOME`.

Adds to ministack's own `main` what our templates need on a laptop and its environment variables cannot say:
functions run on LAMBDA_PYTHON instead of this interpreter; due schedules are looked for every second instead of every
ten; the loopback counts as TLS, so that buckets and queues may insist on it as they do on AWS; and the whole process
group ends, and HOME with it, when whoever holds our standard input is gone, however it went.
"""

import os
import shutil
import signal
import sys
import threading
from typing import Final

SWEEP_SECONDS: Final = 1


def main() -> None:
    """Serve until terminated or orphaned."""
    lambda_python, home = sys.argv[1:]
    threading.Thread(target=_end_with_parent, args=(home,), daemon=True).start()

    from ministack import app  # type: ignore[import-untyped] # ships no types
    from ministack.core import iam_evaluator  # type: ignore[import-untyped] # ships no types
    from ministack.services import scheduler  # type: ignore[import-untyped] # ships no types

    def over_tls(source_ip: str, _secure: object) -> None:
        iam_evaluator.pin_request_origin(source_ip, secure_transport=True)

    sys.executable = lambda_python  # what ministack starts its Lambda workers with
    app.pin_request_origin = over_tls
    scheduler._SCHEDULE_TICK_INTERVAL = SWEEP_SECONDS  # noqa: SLF001 - no variable sets it
    sys.argv = ["ministack"]
    app.main()


def _end_with_parent(home: str) -> None:
    while os.read(0, 1024):  # not sys.stdin, whose lock a blocked reader would hold when the interpreter ends
        pass
    shutil.rmtree(home, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
