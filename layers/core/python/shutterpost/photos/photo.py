"""Photo: one image of a persona's library, and what of it the pick looks at."""

from datetime import datetime

from pydantic import Field, field_validator

from shutterpost.photos.metadata.statements import StatedBy, Statement
from shutterpost.runtime.values import Value


class Photo(Value):
    """One image of a persona's library, known by the SHA-256 of its bytes under every name it arrived with.

    `keys` are the bucket keys it was dropped under; width and height are pixels of the upright picture, `byte_size` of
    the original. `captured_at` and `camera` come from EXIF. `score` is the analysis's aesthetic score, or a stand-in
    while `provisional`; `alt_text` is the analysis's caption. `statements` is what people say, by source; `caption`
    with its source, `rating` (-1 to 5), `keywords` and `credit` are what is believed of it (see `statements.believed`).
    `dhash` is a 64-bit difference hash in hex, `theme` the analysis's or the clustering's label.
    `renditions` maps profile to bucket key, `made_for` to the mark of the
    rules it was made by; `withheld` says why there is none, and such a photo is never offered. `taken_by` are the ids
    of the posts that have it, `in_unposted` whether a pick may choose it now. Instants are UTC.
    """

    persona_id: str
    owner: str
    photo_id: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    format: str
    width: int
    height: int
    byte_size: int
    captured_at: datetime | None = None
    imported_at: datetime
    score: float | None = None
    provisional: bool = False
    sharpness: float | None = None
    exposure: float | None = None
    objects: tuple[str, ...] = ()
    caption: str = ""
    caption_source: str = ""
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    credit: str = ""
    statements: dict[StatedBy, Statement] = Field(default_factory=dict)
    alt_text: str = ""
    dhash: str = ""
    theme: str = ""
    camera: str = ""
    notes: tuple[str, ...] = ()
    renditions: dict[str, str] = Field(default_factory=dict)
    made_for: dict[str, str] = Field(default_factory=dict)
    withheld: str | None = None
    taken_by: tuple[str, ...] = ()
    in_unposted: bool = True

    @field_validator("names", "keys", "taken_by", mode="before")
    @classmethod
    def _sorted(cls, texts: object) -> object:
        return tuple(sorted(texts)) if isinstance(texts, set | frozenset) else (texts or ())


class PhotoPage(Value):
    """Some photos, and the `cursor` of the next page (`None` on the last)."""

    photos: tuple[Photo, ...]
    cursor: str | None = None


class UnpostedPhoto(Value):
    """What a pick sees of an unposted photo, in order of its `rank`; small, so that a window is one cheap read."""

    persona_id: str
    photo_id: str
    names: tuple[str, ...]
    score: float | None = None
    provisional: bool = False
    captured_at: datetime | None = None
    imported_at: datetime | None = None
    sharpness: float | None = None
    exposure: float | None = None
    theme: str = ""
    dhash: str = ""
    rank: str = ""

    @field_validator("names", mode="before")
    @classmethod
    def _sorted(cls, texts: object) -> object:
        return tuple(sorted(texts)) if isinstance(texts, set | frozenset) else texts


class PhotoFingerprint(Value):
    """What of a photo tells whether it looks like another: its hash (hex) and when it was taken."""

    photo_id: str
    name: str
    dhash: str
    captured_at: datetime | None = None


class Embedding(Value):
    """A photo's vector and the model that made it; vectors of different models are not comparable."""

    model: str
    vector: tuple[float, ...]


class Recorded(Value):
    """A photo as it now is; `created` is false where the library knew its bytes."""

    photo: Photo
    created: bool


class Measured(Value):
    """A picture's own measures: sharpness, mean brightness 0-1 and the provisional score (see `scoring`)."""

    sharpness: float
    exposure: float
    score: float


class Rendered(Value):
    """One rendition as a JPEG: pixels, bytes and its coding.

    `quality` is libjpeg's; `likeness` the structural similarity (0-1) to the picture before it was coded.
    """

    width: int
    height: int
    quality: int
    likeness: float
    data: bytes


class Normalised(Value):
    """What was read from a file: upright pixels, facts and renditions by profile name.

    `statements` is what the file says of itself, `credit` what was written into the renditions; `skipped` are the
    profiles the ratio policy left out.
    """

    format: str
    width: int
    height: int
    captured_at: datetime | None
    camera: str
    dhash: str
    measured: Measured
    notes: tuple[str, ...]
    renditions: dict[str, Rendered]
    statements: dict[StatedBy, Statement] = Field(default_factory=dict)
    credit: str = ""
    skipped: tuple[str, ...] = ()
