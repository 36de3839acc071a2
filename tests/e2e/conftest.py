"""One deployment for all modules that need it; the journey runs first, because it counts its calls."""

from collections.abc import Iterator

import pytest

from tests.e2e.journey import Travelled, travelling


@pytest.fixture(scope="session")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    with travelling(tmp_path_factory.mktemp("library") / "photos") as ended:
        yield ended
