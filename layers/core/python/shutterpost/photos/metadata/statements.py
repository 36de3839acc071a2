"""Captions, ratings, keywords and credits by source: per field, the first source with a value wins."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, field_validator

from shutterpost.photos.analyses.analysis import BrokenAnalysis, broken_analysis
from shutterpost.photos.framing import Focus
from shutterpost.photos.metadata.iptc import read_iptc
from shutterpost.photos.metadata.xmp import BrokenXmp, read_xmp
from shutterpost.photos.unusable import Reason, Unusable
from shutterpost.runtime.values import Value

MAX_TEXT_BYTES, MAX_XMP_BYTES = 64_000, 4_000_000
MAX_KEYWORDS = 100
LOWEST_RATING, HIGHEST_RATING = -1, 5
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class StatementSource(StrEnum):
    """Sources in order of precedence; `person` is what one wrote in the API, `analysis` has captions only."""

    PERSON = "person"
    ANNOTATION = "annotation"
    TEXT_SIDECAR = "text_sidecar"
    XMP_SIDECAR = "xmp_sidecar"
    EMBEDDED_XMP = "embedded_xmp"
    EMBEDDED_IPTC = "embedded_iptc"
    ANALYSIS = "analysis"


Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Statement(Value):
    """Values from one source, empty where absent; `rating` is from -1 (rejected) to 5."""

    caption: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    rating: int | None = Field(default=None, ge=LOWEST_RATING, le=HIGHEST_RATING)
    keywords: tuple[Keyword, ...] = Field(default=(), max_length=MAX_KEYWORDS)
    credit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    alt_text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    focus: Focus | None = None

    @field_validator("caption", "credit", "alt_text")
    @classmethod
    def _printable(cls, text: str) -> str:
        return _CONTROL.sub("", text)

    @field_validator("keywords")
    @classmethod
    def _each_once(cls, keywords: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(keywords))

    @property
    def is_silent(self) -> bool:
        return self == Statement()


class Annotation(Statement):
    """A line that describes a photo by SHA-256, or by its file name or path `photo`."""

    photo: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None
    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")] | None = None


def merge_statements(
    statements: Mapping[StatementSource, Statement],
    analysis_caption: str,
    alt_text: str = "",
    focus: Focus | None = None,
) -> dict[str, Any]:
    """A photo's caption with its source, rating, keywords, credit, alt text and focus by precedence."""
    known = [(source, statements[source]) for source in StatementSource if source in statements]
    captions = [(source, stated.caption) for source, stated in known] + [(StatementSource.ANALYSIS, analysis_caption)]
    source, caption = next(((source, text) for source, text in captions if text), ("", ""))
    return {
        "caption": caption,
        "caption_source": str(source),
        "rating": next((stated.rating for _, stated in known if stated.rating is not None), None),
        "keywords": next((stated.keywords for _, stated in known if stated.keywords), ()),
        "credit": next((stated.credit for _, stated in known if stated.credit), ""),
        "alt_text": next((stated.alt_text for _, stated in known if stated.alt_text), alt_text),
        "focus": next((stated.focus for _, stated in known if stated.focus is not None), focus),
    }


def embedded_statements(xmp: bytes | None, iptc: bytes | None) -> dict[StatementSource, Statement]:
    """Statements from a picture's own XMP and IPTC; malformed ones are ignored."""
    statements = {}
    if xmp:
        with suppress(BrokenXmp):
            statements[StatementSource.EMBEDDED_XMP] = _lenient(read_xmp(xmp))
    if iptc:
        statements[StatementSource.EMBEDDED_IPTC] = _lenient(read_iptc(iptc))
    return {source: stated for source, stated in statements.items() if not stated.is_silent}


def sidecar_source(path: str) -> StatementSource:
    """The source of the sidecar at `path`, by its ending."""
    return StatementSource.XMP_SIDECAR if path.lower().endswith(".xmp") else StatementSource.TEXT_SIDECAR


def read_sidecar(source: StatementSource, data: bytes) -> Statement:
    """Parse a sidecar. Raises `Unusable` with reason `broken-sidecar` or `too-large-file`."""
    limit = MAX_XMP_BYTES if source is StatementSource.XMP_SIDECAR else MAX_TEXT_BYTES
    if len(data) > limit:
        raise Unusable(Reason.TOO_LARGE_FILE, f"The sidecar has {len(data):,} bytes; at most {limit:,} are read.")
    if source is StatementSource.XMP_SIDECAR:
        try:
            return _lenient(read_xmp(data)) if data.strip() else Statement()
        except BrokenXmp as error:
            raise Unusable(Reason.BROKEN_SIDECAR, str(error)) from error
    try:
        return Statement(caption=_text(data))
    except ValidationError as error:
        raise Unusable(Reason.BROKEN_SIDECAR, str(broken_analysis(error, Statement))) from error


def annotation_of(fields: Any) -> Annotation:
    """The annotation in decoded JSON. Raises `BrokenAnalysis`."""
    try:
        annotation = Annotation.model_validate(fields)
    except ValidationError as error:
        raise broken_analysis(error, Annotation) from error
    if annotation.photo is None and annotation.sha256 is None:
        raise BrokenAnalysis("photo: name the picture by its file name, or by 'sha256'.", field="photo")
    return annotation


def is_annotation(fields: Any) -> bool:
    """Whether decoded JSON is an annotation: a rating, keywords, a credit, an alt text or a focus, and no score."""
    return (
        isinstance(fields, dict)
        and "aesthetic_score" not in fields
        and any(name in fields for name in ("rating", "keywords", "credit", "alt_text", "focus"))
    )


def packed(statement: Statement) -> str:
    return json.dumps(statement.model_dump(include=set(Statement.model_fields), exclude_defaults=True))


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:
        raise Unusable(Reason.BROKEN_SIDECAR, "The file is no text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lenient(fields: Mapping[str, Any]) -> Statement:
    rating = fields.get("rating")
    within = isinstance(rating, int) and LOWEST_RATING <= rating <= HIGHEST_RATING
    keywords = (" ".join(str(text).split())[:100] for text in fields.get("keywords", ()))
    return Statement(
        caption=str(fields.get("caption", ""))[:5000],
        rating=rating if within else None,
        keywords=tuple(dict.fromkeys(text for text in keywords if text))[:MAX_KEYWORDS],
        credit=str(fields.get("credit", ""))[:500],
        alt_text=str(fields.get("alt_text", ""))[:5000],
    )
