"""Analysis: precomputed scores and vectors of one photo, parsed from a line of a file."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError, model_validator

from shutterpost.photos.framing import Focus
from shutterpost.photos.ranking import HIGHEST_SCORE, LOWEST_SCORE
from shutterpost.runtime.refusals import Invalid
from shutterpost.runtime.values import Value

MAX_LINE_BYTES = 1_000_000
MAX_DIMENSIONS = 8192
MAX_COMPONENT = 1e6
MAX_NAME_BYTES = 1000
_LABEL_KEYS = ("label", "name", "class")


class BrokenAnalysis(Invalid):
    """An invalid analysis; `members["field"]` and `members["line"]` name the place, where known."""

    kind = "broken-analysis"


def file_name(path: str) -> str:
    """The last part of `path` in NFC, so that names from all systems compare equal."""
    return unicodedata.normalize("NFC", PurePosixPath(path.replace("\\", "/")).name)


def _short_name(path: str) -> str:
    name = file_name(path)
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError("is no file name")
    return name


def _labels(objects: Any) -> Any:
    if not isinstance(objects, Sequence) or isinstance(objects, str):
        return objects
    return tuple(
        next((item[key] for key in _LABEL_KEYS if key in item), None) if isinstance(item, Mapping) else item
        for item in objects
    )


def _not_all_zero(vector: tuple[float, ...]) -> tuple[float, ...]:
    if not any(vector):
        raise ValueError("has only zeros, so it points nowhere")
    return vector


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Component = Annotated[Number, Field(ge=-MAX_COMPONENT, le=MAX_COMPONENT)]
Vector = Annotated[tuple[Component, ...], Field(min_length=2, max_length=MAX_DIMENSIONS), AfterValidator(_not_all_zero)]
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Analysis(Value):
    """Precomputed facts of one photo, joined by `sha256` (hex) or else by the file name `photo`.

    `aesthetic_score` is 1-10; `sharpness_score` >= 0 (variance of the Laplacian); `exposure_score` 0-255 (mean
    brightness); `embedding` 2-8192 finite components of `embedding_model`; `theme` a label of the photo's group;
    `focus` what a crop keeps, x and y from 0 to 1 from the top left of the upright picture.
    """

    photo: Annotated[str, AfterValidator(_short_name)] | None = None
    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    aesthetic_score: Annotated[Number, Field(ge=LOWEST_SCORE, le=HIGHEST_SCORE)]
    sharpness_score: Annotated[Number, Field(ge=0)] | None = None
    exposure_score: Annotated[Number, Field(ge=0, le=255)] | None = None
    detected_objects: Annotated[tuple[Label, ...], BeforeValidator(_labels), Field(max_length=100)] = ()
    caption: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    focus: Focus | None = None
    embedding: Vector | None = None
    embedding_model: ModelName | None = None
    theme: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.photo is None and self.sha256 is None:
            raise ValueError("sha256: name the picture by 'sha256' or by its file name in 'photo'")
        if self.embedding is not None and self.embedding_model is None:
            raise ValueError("embedding_model: say which model made the embedding")
        return self


def parse_analysis(line: bytes | str, *, photo: str | None = None) -> Analysis:
    """Parse the JSON object on `line`; `photo` names the photo where the line does not. Raises `BrokenAnalysis`."""
    return analysis_of(decode_json(line), photo=photo)


def decode_json(line: bytes | str) -> Any:
    """Decode the JSON on `line`. Raises `BrokenAnalysis`."""
    if len(line) > MAX_LINE_BYTES:
        raise BrokenAnalysis(f"The line has {len(line)} bytes; at most {MAX_LINE_BYTES} are read.", field="")
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BrokenAnalysis(f"This is no JSON: {error}.", field="") from error


def analysis_of(fields: Any, *, photo: str | None = None) -> Analysis:
    """The analysis in decoded JSON; otherwise as `parse_analysis`."""
    if not isinstance(fields, dict):
        raise BrokenAnalysis("An analysis is a JSON object with named fields.", field="")
    if photo is not None and not fields.get("photo") and not fields.get("sha256"):
        fields = {**fields, "photo": photo}
    try:
        return Analysis.model_validate(fields)
    except ValidationError as error:
        raise broken_analysis(error, Analysis) from error


def broken_analysis(error: ValidationError, model: type[Value]) -> BrokenAnalysis:
    """The first validation error of a `model` as `BrokenAnalysis`."""
    first = error.errors(include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part in model.model_fields)
    if not place:
        place, _, message = message.partition(": ")
    return BrokenAnalysis(f"{place}: {message}.", field=place)
