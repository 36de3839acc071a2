"""How photos, analyses and names lie in DynamoDB: one table, one sparse index."""

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
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from shutterpost.runtime.attributes import InstantAttribute
from shutterpost.runtime.tables import Table, bind

PHOTO, ANALYSIS, NAMED_ANALYSIS, NAME, MODEL = "PHOTO#", "ANALYSIS#", "ANALYSIS-NAME#", "NAME#", "MODEL#"
STATED = "STATED#"
# What a pick looks at of a photo.
PICKED_BY = ["names", "score", "provisional", "captured_at", "imported_at", "dhash", "sharpness", "exposure", "theme"]


class Unposted(GlobalSecondaryIndex["PhotoItem"]):
    """A persona's photos that no post has taken, best first; sparse, with only what a pick looks at."""

    class Meta:
        """Index settings."""

        index_name = "unposted"
        projection = IncludeProjection(PICKED_BY)

    unposted = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class UnpostedOfTheme(GlobalSecondaryIndex["PhotoItem"]):
    """The same photos, theme by theme: so a pick for one theme reads no photo of another."""

    class Meta:
        """Index settings."""

        index_name = "unposted_of_theme"
        projection = IncludeProjection(PICKED_BY)

    unposted_theme = UnicodeAttribute(hash_key=True)
    rank = UnicodeAttribute(range_key=True)


class PhotosTable(Table):
    """What every item of the table has, and the table's schema."""

    class Meta:
        """Table settings; the name is bound at wiring."""

        table_name = "photos"

    persona_id = UnicodeAttribute(hash_key=True)
    item_key = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute()

    by_rank = Unposted()
    by_theme = UnpostedOfTheme()


class PhotoItem(PhotosTable):
    """`PHOTO#{photo id}`; `unposted` holds the persona id while a pick may choose the photo, `unposted_theme` its
    `theme_key` as well.

    `analysis_order` orders the analyses that were joined, so that the last word stays the last word; `statements` holds
    by its source what people say, each with an order to the same end. `caption` is the analysis's.
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
    dhash = UnicodeAttribute()
    camera = UnicodeAttribute()
    notes = JSONAttribute()
    renditions = JSONAttribute()
    made_for = JSONAttribute()
    withheld = UnicodeAttribute(null=True)
    taken_by = UnicodeSetAttribute(null=True)
    unposted = UnicodeAttribute(null=True)
    theme = UnicodeAttribute()
    theme_key = UnicodeAttribute()
    unposted_theme = UnicodeAttribute(null=True)
    rank = UnicodeAttribute()
    analysis_order = UnicodeAttribute(null=True)
    statements: MapAttribute[str, Any] = MapAttribute()


class AnalysisItem(PhotosTable):
    """`ANALYSIS#{sha}` or `ANALYSIS-NAME#{file name}`; `embedding` in the layout of `vectors`."""

    order = UnicodeAttribute()
    score = NumberAttribute()
    sharpness = NumberAttribute(null=True)
    exposure = NumberAttribute(null=True)
    objects = JSONAttribute()
    caption = UnicodeAttribute()
    embedding = BinaryAttribute(null=True, legacy_encoding=False)
    embedding_model = UnicodeAttribute(null=True)
    theme = UnicodeAttribute(null=True)


class StatementItem(PhotosTable):
    """`STATED#{source}#{where}`: what a source says of the photo there: a path, a file name or a SHA-256."""

    order = UnicodeAttribute()
    source = UnicodeAttribute()
    statement = UnicodeAttribute()


class NameItem(PhotosTable):
    """`NAME#{file name}`: the photos that bear a name."""

    photo_ids = UnicodeSetAttribute()


class ModelItem(PhotosTable):
    """`MODEL#{embedding model}`: how long its vectors are in this library."""

    dimensions = NumberAttribute()


def use_table(name: str) -> None:
    """Keep photos and analyses in the DynamoDB table `name`; called once, at wiring."""
    bind(PhotosTable, name)
