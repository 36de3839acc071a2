"""Labels: lines that set a photo's theme and nothing else."""

from typing import Annotated, Any

from pydantic import StringConstraints, ValidationError

from shutterpost.photos.analyses.analysis import broken_analysis
from shutterpost.runtime.values import Value


class Label(Value):
    """The theme of the photo with this `sha256` (hex)."""

    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")]
    theme: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


def is_label(fields: Any) -> bool:
    """Whether decoded JSON is a label: a SHA-256 and a theme only."""
    return isinstance(fields, dict) and fields.keys() == Label.model_fields.keys()


def label_of(fields: Any) -> Label:
    """The label in decoded JSON. Raises `BrokenAnalysis`."""
    try:
        return Label.model_validate(fields)
    except ValidationError as error:
        raise broken_analysis(error, Label) from error
