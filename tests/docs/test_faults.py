"""The faults of the guide are such as the simulated platforms accept, on operations that they have."""

import json
import re

from infra.local.simulators.buffer import api as buffer_api
from infra.local.simulators.faults import Fault
from infra.local.simulators.instagram import api as instagram_api
from infra.local.simulators.instagram.accounts import AccountSetup
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "break-it-and-mend-it.md").read_text("utf-8")
SOURCES = {module.__name__: ROOT / f"{module.__name__.replace('.', '/')}.py" for module in (instagram_api, buffer_api)}


def test_every_fault_of_the_guide_is_one_of_the_simulators() -> None:
    bodies = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    faults = [Fault.model_validate_json(body) for body in bodies]
    sources = "".join(path.read_text("utf-8") for path in SOURCES.values())

    assert len(faults) >= 4
    assert all(f'"{fault.operation}"' in sources for fault in faults)


def test_every_operation_that_the_guide_lists_exists() -> None:
    listed = re.findall(r"`([a-z]+_[a-z]+|createPost|posts|deletePost)`", PAGE.partition("## 1.")[0])
    sources = "".join(path.read_text("utf-8") for path in SOURCES.values())

    assert {"create_container", "media_publish", "createPost"} <= set(listed)
    assert all(f'"{operation}"' in sources for operation in listed)


def test_account_of_the_guide_is_accepted() -> None:
    [body] = re.findall(r"instagram/accounts -d '(.*?)'", PAGE)
    assert AccountSetup.model_validate(json.loads(body)).username == "second"
