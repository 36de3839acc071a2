"""Platform texts without secrets, short enough to store."""

import re

from pydantic import SecretStr

MAX_LENGTH = 1_000
# Longer texts are cut before they are searched: an error page may have megabytes.
_SEARCHED = 4_000

# Each pattern begins with a fixed text: one that began with "any word" would take quadratic time.
_ASSIGNED = re.compile(
    r"(?i)((?:token|secret|api_?key)[\"']?\s*=\s*[\"']?|token\\?[\"']\s*:\s*\\?[\"']?)[^\s\"'\\&,}]+"
)
_BEARER = re.compile(r"(?i)(bearer\s+)(?=[^\s\"'&,}]*[\d_-])[^\s\"'&,}]{8,}")
# Meta's tokens begin with EAA or IG; a JSON Web Token with eyJ.
_TOKEN_LIKE = re.compile(r"\b(?:EAA|IGQ|IGAA)[\w-]{16,}|\beyJ[\w-]{8,}(?:\.[\w-]+)*")


def scrub(text: str, token: SecretStr | None = None) -> str:
    """`text` with at most 1 000 characters; `token`, and what looks like a token, is replaced by `***`."""
    secret = "" if token is None else token.get_secret_value()
    limit = _SEARCHED + len(secret)
    kept = text[:limit]
    if secret:
        kept = kept.replace(secret, "***")
        # The cut may have left the beginning of the token at the end.
        kept = kept[: -len(secret)] if len(text) > limit else kept
    for pattern, replacement in ((_ASSIGNED, r"\1***"), (_BEARER, r"\1***"), (_TOKEN_LIKE, "***")):
        kept = pattern.sub(replacement, kept)
    # JSON may hold halves of surrogate pairs, which no store and no log takes.
    return kept[:MAX_LENGTH].encode(errors="replace").decode()
