"""How a channel reads a text: its hashtags, mentions and links, as regular expressions with a group `value`."""

from shutterpost.runtime.values import Value

# Emoji and what joins them, with the symbols around them: a wide class, for a count must not fall short.
EMOJI = (
    "\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
)
_ADDRESS = r"(?<!\w)(?P<value>(?:(?i:https?)://|(?i:www)\.)(?=\w)\S+)"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = r"(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,}(?::\d+)?(?!\w)"
_PATH = r"(?:[/?#][!-;=?-\[\]_a-z~]*[A-Za-z0-9=_#/+-]|/)?"
_HTTP = rf"(?i:https?)://{_HOST}{_PATH}"
_ALONE = r"(?<![\w@./:-])"
_LETTER = r"[^\W\d_]"


class TextRules(Value):
    """What a channel takes for a hashtag of at most `max_hashtag_length` graphemes, a mention, and a link.

    The first `linked_hashtags` become links. `short_mentions` count without their host, `escaped` characters alone.
    """

    hashtag: str = r"(?<!\w)#(?P<value>\w+)"
    not_in_hashtag: str = r"\W"
    max_hashtag_length: int | None = None
    linked_hashtags: int | None = None
    mention: str | None = r"(?<![\w@])@(?P<value>\w+(?:\.\w+)*)"
    short_mentions: bool = False
    link: str = _ADDRESS
    escaped: str = ""


INSTAGRAM_TEXT = TextRules()
BLUESKY_TEXT = TextRules(
    hashtag=rf"(?<![^\s(])[#\uff03](?P<value>(?=[\d_-]*(?:{_LETTER}|[{EMOJI}]))[\w{EMOJI}-]*(?:[^\W_]|[{EMOJI}]))",
    max_hashtag_length=64,
    mention=rf"(?<![^\s(])@(?P<value>(?:{_NAME}\.)+(?![0-9]){_NAME})(?![\w@-])",
    # Without a scheme only what has a path, for the list of all domains is long and changes.
    link=rf"{_ADDRESS}|(?<![^\s(])(?P<bare>[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{{2,}}/\S*)",
)
MASTODON_TEXT = TextRules(
    hashtag=rf"(?<![=/)\w])[#\uff03](?P<value>(?=\w*{_LETTER})\w+)",
    mention=r"(?<![=/\w])@(?P<value>[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*(?:@\w+(?:[.-]+\w+)*)?)",
    short_mentions=True,
    link=rf"(?<!\w)(?P<value>{_HTTP})",
)
PIXELFED_TEXT = MASTODON_TEXT.model_copy(update={"short_mentions": False})
THREADS_TEXT = TextRules(max_hashtag_length=50, linked_hashtags=1)
LINKEDIN_TEXT = TextRules(
    hashtag=r"(?<!\w)#(?P<value>[^\W_]+)(?!\w)",
    not_in_hashtag=r"[\W_]",
    # A mention there needs the account's URN, which a text does not hold.
    mention=None,
    escaped="\\<>#~_|[]*(){}@",
)
X_TEXT = TextRules(
    hashtag=rf"(?<![\w&])[#\uff03](?P<value>(?=\w*{_LETTER})\w+)(?!://)",
    mention=r"(?<![\w@#$%&*!])@(?P<value>[A-Za-z0-9_]{1,15})(?![\w@])",
    link=rf"(?<!\w)(?P<value>{_HTTP})|{_ALONE}(?P<bare>{_HOST}{_PATH})",
)
