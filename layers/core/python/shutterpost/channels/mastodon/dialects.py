"""What Mastodon and Pixelfed do differently, as data."""

from collections.abc import Mapping, Sequence

from shutterpost.channels.answers.known import KnownAnswer, Platform
from shutterpost.channels.mastodon.answers import MASTODON_ROWS, PIXELFED_ROWS
from shutterpost.runtime.values import Value


class Dialect(Value):
    """How one software treats uploads, keys and listings; the answers are in `rows`.

    `reads_media`: a media id reads as free until a status has it. Without, only the listing tells.
    `sends_key`: a repeated `Idempotency-Key` gives the first status. Elsewhere a key is used up by a call that posts
    nothing, which would keep the repeat out for an hour.
    `lists_from_oldest`: `min_id` gives the oldest statuses after it. Elsewhere pages go back from the newest.
    """

    platform: Platform
    reads_media: bool
    sends_key: bool
    lists_from_oldest: bool
    deletes_media: bool


DIALECTS: Mapping[str, Dialect] = {
    "mastodon": Dialect(
        platform="mastodon", reads_media=True, sends_key=True, lists_from_oldest=True, deletes_media=True
    ),
    "pixelfed": Dialect(
        platform="pixelfed", reads_media=False, sends_key=False, lists_from_oldest=False, deletes_media=False
    ),
}
ROWS: Mapping[str, Sequence[KnownAnswer]] = {"mastodon": MASTODON_ROWS, "pixelfed": PIXELFED_ROWS}
