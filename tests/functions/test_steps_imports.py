"""The steps function loads the adapter of the schedule that it works on, and no other."""

import json
import os
import subprocess
import sys

from shutterpost.channels import Budget, catalogue
from tests.support.channel_kinds import KINDS, TRAITS
from tests.support.schedules import opened
from tests.support.simulated_channels import fresh, running_bench
from tests.support.system import running_deployment

NO_SCHEDULE = "none"


def test_preparing_a_schedule_loads_the_adapter_of_its_channel_alone() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", __name__], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])

    expected: dict[str, list[str]] = {kind: [package_of(TRAITS[kind].channel)] for kind in KINDS}
    assert loaded == expected | {NO_SCHEDULE: []}
    assert {TRAITS[kind].channel for kind in KINDS} == {row.key for row in catalogue().rows if row.status == "active"}


def package_of(channel: str) -> str:
    """The package of a channel's adapter."""
    return catalogue().row(channel).adapter or channel


def loaded_by_kind() -> dict[str, list[str]]:
    """The packages of adapters that a new process has after preparing a schedule of each kind, and before any."""
    import schedule_post.steps  # noqa: F401 - what a cold start imports

    packages = {package_of(row.key) for row in catalogue().rows}

    def adapter_modules() -> list[str]:
        parts = (name.split(".") for name in sys.modules)
        return [".".join(each) for each in parts if each[:2] == ["shutterpost", "channels"] and each[2:3] != []]

    def adapters() -> list[str]:
        return sorted({name.split(".")[2] for name in adapter_modules()} & packages)

    loaded = {NO_SCHEDULE: adapters()}
    with running_bench() as bench, running_deployment(fresh(bench)) as deploy:
        for kind in KINDS:
            system = deploy()
            persona = system.add_persona()
            connection = system.connect(persona, kind)
            if kind == "x":
                budget = Budget(posts=30, dollars=2)
                system.stores.connections.set_budget(persona.persona_id, connection.connection_id, budget)
            schedule = opened(system, persona)
            for step in ("begin", "prepare"):
                system.invoke({"step": step, "schedule_id": schedule.schedule_id, "revision": schedule.revision})
            loaded[kind] = adapters()
            for name in adapter_modules():
                if name.split(".")[2] in packages:
                    del sys.modules[name]
    return loaded


if __name__ == "__main__":
    print(json.dumps(loaded_by_kind()))  # noqa: T201 - its output
