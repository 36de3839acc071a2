"""The template of the last release, from which an upgrade is tested; `python -m tests.infra.last_release` records it.

Recorded are the resources of a `prod` stage, one in a line. A function's code is a stand-in that lets executions wait,
because a deploy replaces it. Record it when a release is published; an upgrade that fails is never mended by that.
"""

import json
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.bill.template import synthesized_template

FILE: Final = Path(__file__).with_suffix(".json")
# Every step asks to be run again in three seconds, which all releases understand.
STAND_IN: Final = """
from datetime import UTC, datetime, timedelta
def handler(event, context):
    return {"outcome": "retry_at", "until": (datetime.now(UTC) + timedelta(seconds=3)).isoformat()}
"""


def last_release(prefix: str = "shutterpost-prod") -> dict[str, Any]:
    """The recorded template, with `prefix` in the place of the stack's name."""
    template: dict[str, Any] = json.loads(FILE.read_text().replace("shutterpost-prod", prefix))
    return template


def record() -> None:
    recorded = {}
    for name, resource in synthesized_template()["Resources"].items():
        kept = {key: value for key, value in resource.items() if key != "Metadata"}
        if kept["Type"] == "AWS::Lambda::LayerVersion":
            continue
        if kept["Type"] == "AWS::Lambda::Function":
            properties = {key: value for key, value in kept["Properties"].items() if key not in {"Layers", "Tags"}}
            kept["Properties"] = {**properties, "Code": {"ZipFile": STAND_IN}, "Handler": "index.handler"}
        recorded[name] = kept
    lines = [f"{json.dumps(name)}: {json.dumps(kept, separators=(',', ':'))}" for name, kept in recorded.items()]
    FILE.write_text('{"Resources": {\n' + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    record()
