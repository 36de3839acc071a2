"""Values of the photos pack."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field, field_validator

from shutterpost.photos.framing import Focus, RenditionWindow
from shutterpost.photos.metadata.statements import Statement, StatementSource
from shutterpost.runtime.values import Value


class PhotoState(StrEnum):
    """`unposted`: a pick may choose it. `taken`: a post has it. `withheld`: no rendition. `kept_out`: by a person."""

    UNPOSTED = "unposted"
    TAKEN = "taken"
    EXCLUDED = "excluded"
    KEPT_OUT = "kept_out"
    WITHHELD = "withheld"


def state_of(withheld: str | None, excluded: str | None, kept_out: str | None, *, unposted: bool) -> PhotoState:
    if unposted:
        return PhotoState.UNPOSTED
    if kept_out is not None:
        return PhotoState.KEPT_OUT
    if excluded is not None:
        return PhotoState.EXCLUDED
    return PhotoState.TAKEN if withheld is None else PhotoState.WITHHELD


class Photo(Value):
    """One image of a persona's library, identified by the SHA-256 of its bytes.

    `keys` are upload keys; width and height are upright pixels; times are UTC. `score` is an estimate while
    `provisional`. `caption`, `rating`, `keywords`, `credit` and `alt_text` are merged from `statements`.
    `renditions` maps profiles to keys, `made_for` to fingerprints of their rules; a `withheld` photo has none. `thumb`
    is the key of its thumbnail, `tint` its mean colour (RGB, six hex digits).
    `focus` is what a crop keeps; `windows` has what each rendition shows of the picture, where that is known.
    `taken_by` are the posts that have it; `in_unposted` says whether a pick may choose it. `failures` counts its
    failed posts; `excluded` is the reason why no pick may choose it until a person retries its post, `kept_out` a
    person's reason why none may. `kept_with` are look-alikes that a person keeps beside it, by id.
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
    statements: dict[StatementSource, Statement] = Field(default_factory=dict)
    alt_text: str = ""
    focus: Focus | None = None
    dhash: str = ""
    theme: str = ""
    camera: str = ""
    notes: tuple[str, ...] = ()
    renditions: dict[str, str] = Field(default_factory=dict)
    made_for: dict[str, str] = Field(default_factory=dict)
    windows: dict[str, RenditionWindow] = Field(default_factory=dict)
    thumb: str | None = None
    tint: str | None = None
    withheld: str | None = None
    failures: int = 0
    excluded: str | None = None
    kept_out: str | None = None
    kept_with: tuple[str, ...] = ()
    taken_by: tuple[str, ...] = ()
    in_unposted: bool = True

    def can_have(self, profile: str) -> bool:
        """Whether it has the rendition, or the import makes it on request because it was never tried."""
        untried = bool(self.renditions) and profile not in self.made_for
        return self.withheld is None and (profile in self.renditions or untried)

    def focus_in(self, profile: str) -> tuple[float, float] | None:
        """The focal point in the rendition, as `RenditionWindow.focus` has it; `None` where it is not known."""
        window = self.windows.get(profile)
        return None if self.focus is None or window is None else window.focus(self.focus)

    @field_validator("windows", mode="before")
    @classmethod
    def _known(cls, windows: object) -> object:
        return windows or {}

    @field_validator("names", "keys", "taken_by", "kept_with", mode="before")
    @classmethod
    def _sorted(cls, texts: object) -> object:
        return tuple(sorted(texts)) if isinstance(texts, set | frozenset) else (texts or ())

    @property
    def is_barred(self) -> bool:
        """Whether a failed post or a person keeps it out of picks."""
        return self.excluded is not None or self.kept_out is not None

    @property
    def state(self) -> PhotoState:
        return state_of(self.withheld, self.excluded, self.kept_out, unposted=self.in_unposted)


class PhotoPage(Value):
    """A page of photos, and the `cursor` of the next page."""

    photos: tuple[Photo, ...]
    cursor: str | None = None


class UnpostedPhoto(Value):
    """The projection of an unposted photo that a pick reads, in order of `rank`."""

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
    """A photo's difference hash (hex), capture time and posts, to find near duplicates, and whether it is kept out."""

    photo_id: str
    name: str
    dhash: str
    captured_at: datetime | None = None
    taken_by: tuple[str, ...] = ()
    is_kept_out: bool = False
    kept_with: tuple[str, ...] = ()


class Embedding(Value):
    """A photo's vector and its model; vectors of different models are not comparable."""

    model: str
    vector: tuple[float, ...]


class SimilarPhoto(Value):
    """A photo and the cosine similarity (-1 to 1) of its vector to the one that was searched for."""

    photo_id: str
    names: tuple[str, ...]
    similarity: float
    in_unposted: bool


class SimilarPhotos(Value):
    """The most similar photos, best first; `compared` vectors of `model`, not `whole` if the library has more."""

    photos: tuple[SimilarPhoto, ...]
    model: str
    compared: int
    whole: bool


class Recorded(Value):
    """A stored photo; `created` is false if its bytes were known."""

    photo: Photo
    created: bool


class Measured(Value):
    """Sharpness, mean brightness 0-1 and the provisional score of a picture (see `scoring`)."""

    sharpness: float
    exposure: float
    score: float


class Rendered(Value):
    """One rendition as JPEG; `likeness` is its least structural similarity (0-1) to the picture before encoding."""

    width: int
    height: int
    quality: int
    likeness: float
    data: bytes
    window: RenditionWindow


class Normalised(Value):
    """The result of decoding a file: upright pixels, facts, renditions by profile, and the thumbnail as WebP.

    `credit` is written into the renditions; the ratio policy left out the `skipped` profiles.
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
    thumb: bytes
    tint: str
    statements: dict[StatementSource, Statement] = Field(default_factory=dict)
    credit: str = ""
    skipped: tuple[str, ...] = ()
