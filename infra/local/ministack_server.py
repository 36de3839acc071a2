"""The embedded AWS as a child process: `python -m infra.local.ministack_server LAMBDA_PYTHON HOME`.

Extends ministack's `main`: functions run on LAMBDA_PYTHON, allowed IAM calls are written to a file, deploys can import
buckets and create alarms on formulas, schedules are examined every second, and loopback counts as TLS, so that policies
can require TLS. The process group ends, and HOME is removed, when standard input closes.
"""

import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Final

SWEEP_SECONDS: Final = 1
ALLOWED: Final = "allowed.jsonl"
"""In HOME: principal and action of each kind of call that IAM allowed, as JSON lines."""


def main() -> None:
    lambda_python, home = sys.argv[1:]
    threading.Thread(target=_end_with_parent, args=(home,), daemon=True).start()

    from ministack import app  # type: ignore[import-untyped] # ships no types
    from ministack.core import iam_evaluator  # type: ignore[import-untyped] # ships no types
    from ministack.services import scheduler  # type: ignore[import-untyped] # ships no types
    from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped] # ships no types

    def over_tls(source_ip: str, _secure: object) -> None:
        iam_evaluator.pin_request_origin(source_ip, secure_transport=True)

    decide = iam_evaluator.evaluate
    seen: set[tuple[str, ...]] = set()

    def decided(context: Any, *policies: Any) -> Any:
        result = decide(context, *policies)
        call = (context.principal_arn, context.action)
        if result.decision == "Allow" and call not in seen:
            seen.add(call)
            with Path(home, ALLOWED).open("a") as file:
                file.write(json.dumps(call) + "\n")
        return result

    iam_evaluator.evaluate = decided
    record_alarm = provisioners._cw_metric_alarm_record  # noqa: SLF001 - no variable sets it
    provisioners._cw_metric_alarm_record = lambda name, alarm: record_alarm(name, _without_math(alarm))  # noqa: SLF001
    # This check before a deploy does not know of buckets that are to be imported; a bucket that is made has its own.
    provisioners.s3_bucket_name_conflict = lambda _name: None
    sys.executable = lambda_python  # what ministack starts its Lambda workers with
    app.pin_request_origin = over_tls
    scheduler._SCHEDULE_TICK_INTERVAL = SWEEP_SECONDS  # noqa: SLF001 - no variable sets it
    sys.argv = ["ministack"]
    app.main()


def _without_math(alarm: dict[str, Any]) -> dict[str, Any]:
    """An alarm on a formula as an alarm on its metric, because ministack provisions and evaluates no formulas."""
    stats = [query["MetricStat"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    if len(stats) != 1:
        return alarm
    plain = {name: value for name, value in alarm.items() if name != "Metrics"}
    return {**plain, **stats[0]["Metric"], "Period": stats[0]["Period"], "Statistic": stats[0]["Stat"]}


def _end_with_parent(home: str) -> None:
    while os.read(0, 1024):  # not sys.stdin, whose lock a blocked reader would hold when the interpreter ends
        pass
    shutil.rmtree(home, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
