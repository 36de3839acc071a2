"""Labels: a line that names a photo's theme and says nothing else of it."""

from typing import Annotated, Any

from pydantic import StringConstraints, ValidationError

from shutterpost.photos.analyses.analysis import explained
from shutterpost.runtime.values import Value


class Label(Value):
    """The theme of the photo whose bytes have this `sha256` (hex); what else is known of it stays."""

    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")]
    theme: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


def is_label(fields: Any) -> bool:
    """Whether decoded JSON is a label: a SHA-256 and a theme alone."""
    return isinstance(fields, dict) and fields.keys() == Label.model_fields.keys()


def label_of(fields: Any) -> Label:
    """The label in decoded JSON. Raises `BrokenAnalysis`, which names the field."""
    try:
        return Label.model_validate(fields)
    except ValidationError as error:
        raise explained(error, Label) from error
