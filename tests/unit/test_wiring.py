"""The flows' wiring reads a function's settings and binds the tables that they name."""

from collections.abc import Iterator

import pytest
from pynamodb.models import Model

from shutterpost.authoring.store.items import AuthoringItem, TemplateItem
from shutterpost.channels.store import ConnectionItem
from shutterpost.flows.wiring import configure
from shutterpost.personas.store import PersonaItem
from shutterpost.photos.storage.items import PhotoItem, PhotosTable
from shutterpost.runtime.settings import AuthoringSettings, ChainSettings
from shutterpost.scheduling.store.items import Item, PostItem

ROOTS: tuple[type[Model], ...] = (PersonaItem, ConnectionItem, PhotosTable, Item, AuthoringItem)
SETTINGS = ChainSettings(
    stage="test",
    personas_table="its-personas",
    photos_table="its-photos",
    library_bucket="its-library",
    channels_table="its-channels",
    token_prefix="/its/tokens",
    posts_table="its-posts",
    cdn_host="cdn.example.test",
    import_queue_url="https://sqs.example.test/import",
)


@pytest.fixture(autouse=True)
def restored_names() -> Iterator[None]:
    names = [model.Meta.table_name for model in ROOTS]
    yield
    for model, name in zip(ROOTS, names, strict=True):
        model.Meta.table_name = name


def test_configure_binds_every_table_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.environment().items():
        monkeypatch.setenv(name, value)
    assert configure(ChainSettings) == SETTINGS
    assert [model.Meta.table_name for model in ROOTS[:4]] == ["its-personas", "its-channels", "its-photos", "its-posts"]
    assert (PhotoItem.Meta.table_name, PostItem.Meta.table_name) == ("its-photos", "its-posts")


def test_configure_binds_the_table_of_authoring(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = AuthoringSettings(stage="test", authoring_table="its-authoring")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert configure(AuthoringSettings) == settings
    assert TemplateItem.Meta.table_name == "its-authoring"
