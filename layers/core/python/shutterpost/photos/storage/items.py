"""DynamoDB models of photos, analyses, statements and names."""

from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from shutterpost.runtime.tables import InstantAttribute, Table, bind

PHOTO, ANALYSIS, NAMED_ANALYSIS, NAME, MODEL = "PHOTO#", "ANALYSIS#", "ANALYSIS-NAME#", "NAME#", "MODEL#"
STATED = "STATED#"
# The attributes of a photo that a pick reads.
PICKED_BY = ["names", "score", "provisional", "captured_at", "imported_at", "dhash", "sharpness", "exposure", "theme"]
# Those that the photo index reads.
SHOWN_BY = ["names", "score", "theme", "captured_at", "width", "height", "tint", "unposted", "excluded", "withheld"]
SHOWN_BY.append("kept_out")


class Unposted(GlobalSecondaryIndex["PhotoItem"]):
    """Index of a persona's unposted photos, best first; sparse."""

    class Meta:
        index_name = "unposted"
        projection = IncludeProjection(PICKED_BY)

    unposted = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class UnpostedOfTheme(GlobalSecondaryIndex["PhotoItem"]):
    class Meta:
        index_name = "unposted_of_theme"
        projection = IncludeProjection(PICKED_BY)

    unposted_theme = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class ByPhoto(GlobalSecondaryIndex["PhotoItem"]):
    """Index of a persona's photos by id, with what a contact sheet shows; other items have no photo id."""

    class Meta:
        index_name = "by_photo"
        projection = IncludeProjection(SHOWN_BY)

    persona_id = UnicodeAttribute(hash_key=True)
    photo_id = UnicodeAttribute(range_key=True)


class PhotosTable(Table):
    class Meta:
        table_name = "photos"

    persona_id = UnicodeAttribute(hash_key=True)
    item_key = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute()

    by_rank = Unposted()
    by_theme = UnpostedOfTheme()
    by_photo = ByPhoto()


class PhotoItem(PhotosTable):
    """`PHOTO#{photo id}`; `unposted` has the persona id, and `unposted_theme` the `theme_key`, while it may be picked.

    `analysis_order` and the order of each entry in `statements` keep the latest values. `caption` and `focus` are the
    analysis's.
    """

    photo_id = UnicodeAttribute()
    names = UnicodeSetAttribute()
    keys = UnicodeSetAttribute()
    format = UnicodeAttribute()
    width = NumberAttribute()
    height = NumberAttribute()
    byte_size = NumberAttribute()
    captured_at = InstantAttribute(null=True)
    imported_at = InstantAttribute()
    score = NumberAttribute(null=True)
    provisional = BooleanAttribute()
    sharpness = NumberAttribute(null=True)
    exposure = NumberAttribute(null=True)
    objects = JSONAttribute()
    caption = UnicodeAttribute()
    alt_text = UnicodeAttribute()
    focus = JSONAttribute(null=True)
    dhash = UnicodeAttribute()
    camera = UnicodeAttribute()
    notes = JSONAttribute()
    renditions = JSONAttribute()
    made_for = JSONAttribute()
    windows = JSONAttribute(null=True)
    thumb = UnicodeAttribute(null=True)
    tint = UnicodeAttribute(null=True)
    withheld = UnicodeAttribute(null=True)
    failures = NumberAttribute(null=True)
    excluded = UnicodeAttribute(null=True)
    kept_out = UnicodeAttribute(null=True)
    kept_with = UnicodeSetAttribute(null=True)
    taken_by = UnicodeSetAttribute(null=True)
    unposted = UnicodeAttribute(null=True)
    theme = UnicodeAttribute()
    theme_by_person = BooleanAttribute(null=True)
    theme_key = UnicodeAttribute()
    unposted_theme = UnicodeAttribute(null=True)
    rank = UnicodeAttribute()
    analysis_order = UnicodeAttribute(null=True)
    statements: MapAttribute[str, Any] = MapAttribute()


class AnalysisItem(PhotosTable):
    """`ANALYSIS#{sha}` or `ANALYSIS-NAME#{file name}`; `embedding` is packed (see `vectors`)."""

    order = UnicodeAttribute()
    score = NumberAttribute()
    sharpness = NumberAttribute(null=True)
    exposure = NumberAttribute(null=True)
    objects = JSONAttribute()
    caption = UnicodeAttribute()
    focus = JSONAttribute(null=True)
    embedding = BinaryAttribute(null=True, legacy_encoding=False)
    embedding_model = UnicodeAttribute(null=True)
    theme = UnicodeAttribute(null=True)


class StatementItem(PhotosTable):
    """`STATED#{source}#{path, file name or SHA-256}`: a statement about a photo."""

    order = UnicodeAttribute()
    source = UnicodeAttribute()
    statement = UnicodeAttribute()


class NameItem(PhotosTable):
    """`NAME#{file name}`: the photos with a name."""

    photo_ids = UnicodeSetAttribute()


class ModelItem(PhotosTable):
    """`MODEL#{embedding model}`: the length of its vectors in this library."""

    dimensions = NumberAttribute()


# What takes a photo out of the indexes of unposted ones.
LEAVE: tuple[Action, ...] = (PhotoItem.unposted.remove(), PhotoItem.unposted_theme.remove())


def returning(persona_id: str) -> list[Action]:
    """What puts a photo into the indexes of unposted ones."""
    return [PhotoItem.unposted.set(persona_id), PhotoItem.unposted_theme.set(PhotoItem.theme_key)]


def use_table(name: str) -> None:
    """Keep photos and analyses in the DynamoDB table `name`; called once, at wiring."""
    bind(PhotosTable, name)
