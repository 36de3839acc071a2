"""Parameters of paged routes, and opaque cursors."""

import base64
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from shutterpost.photos import CursorInvalid
from shutterpost.runtime.pages import MAX_PAGE
from shutterpost.runtime.refusals import NotFound

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Maximum number of items per page.")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="`cursor` of the previous page; omit it for the first page.")
]


def encode_cursor(cursor: str | None) -> str | None:
    """Encode a store's `cursor` for a response; the result is safe in a query string."""
    return None if cursor is None else base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """Reverse `encode_cursor`. Raises `CursorInvalid`."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise _invalid() from None
    # No store returns control characters, and S3 refuses them.
    if not text or any(unicodedata.category(character) == "Cc" for character in text):
        raise _invalid()
    return text


@contextmanager
def invalid_cursors_refused(cursor: str | None) -> Iterator[None]:
    """Convert a store's error about an unknown `cursor` into `CursorInvalid`."""
    try:
        yield
    except (NotFound, ValueError) as error:
        if cursor is None:
            raise
        raise _invalid() from error


def _invalid() -> CursorInvalid:
    return CursorInvalid("This cursor is not valid; use the `cursor` of the previous page.", field="cursor")
