"""Pages and their cursors: texts that mean something to us alone."""

import base64
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from shutterpost.photos import CursorInvalid
from shutterpost.runtime.refusals import NotFound

Limit = Annotated[int, Query(ge=1, le=100, description="Items a page may hold.")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="`cursor` of the page before; absent for the first page.")
]


def encode_cursor(cursor: str | None) -> str | None:
    """A store's `cursor` as it goes out, safe in a query."""
    return None if cursor is None else base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """The store's cursor that was `encode_cursor`. Raises `CursorInvalid`."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise _invalid() from None
    # No store gives a control character, and S3 cannot take one.
    if not text or any(unicodedata.category(character) == "Cc" for character in text):
        raise _invalid()
    return text


@contextmanager
def cursor_leads_somewhere(cursor: str | None) -> Iterator[None]:
    """Turn what a store says of a strange `cursor` into `CursorInvalid`."""
    try:
        yield
    except (NotFound, ValueError) as error:
        if cursor is None:
            raise
        raise _invalid() from error


def _invalid() -> CursorInvalid:
    return CursorInvalid("This cursor leads nowhere; take it from the page before.", field="cursor")
