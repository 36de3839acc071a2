"""Errors of Mastodon and Pixelfed: status, text in the account's language, and Laravel's forms."""

from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from infra.local.simulators.faults import Fault


class RefusedAnswer(NamedTuple):
    status: int
    text: str
    description: str | None = None


TOKEN_UNKNOWN = RefusedAnswer(401, "The access token is invalid")
TOKEN_REVOKED = RefusedAnswer(401, "The access token was revoked")
NO_USER = RefusedAnswer(401, "This method requires an authenticated user")
WRONG_SCOPE = RefusedAnswer(403, "This action is outside the authorized scopes")
LOGIN_DISABLED = RefusedAnswer(403, "Your login is currently disabled")
RECORD_MISSING = RefusedAnswer(404, "Record not found")
IN_USE = RefusedAnswer(422, "Media attachment is currently used by a status")
PROCESSING_FAILED = RefusedAnswer(422, "Error processing thumbnail for uploaded media")
TOO_MANY_REQUESTS = RefusedAnswer(429, "Too many requests")
REPEAT_FAILED = RefusedAnswer(500, "There was an error on the server")
LOCK_HELD = RefusedAnswer(503, "There was a temporary problem serving your request, please try again")
UNKNOWN_CLIENT = RefusedAnswer(
    401,
    "invalid_client",
    "Client authentication failed due to unknown client, no client authentication included, or unsupported "
    "authentication method.",
)
BAD_GRANT = RefusedAnswer(
    400,
    "invalid_grant",
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client.",
)
BAD_SCOPE = RefusedAnswer(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
BAD_REDIRECT = RefusedAnswer(400, "invalid_redirect_uri", "The redirect URI included is not valid.")
NOT_YOUR_TOKEN = RefusedAnswer(403, "unauthorized_client", "You are not authorized to revoke this token")

# Validation texts by the account's language, and Doorkeeper's on tokens.
GERMAN: dict[str, str] = {
    "The access token is invalid": "Das Zugriffstoken ist ungültig",
    "Validation failed: Text can't be blank": "Gültigkeitsprüfung gescheitert: Text darf nicht leer sein",
    "Validation failed: Text character limit of {0} exceeded": "Gültigkeitsprüfung gescheitert: Text hat mehr als {0} "
    "Zeichen",
    "Cannot attach more than {0} files": "Es können nicht mehr als {0} Dateien angehängt werden",
    "Cannot attach files that have not finished processing. Try again in a moment!": "Dateien, die noch verarbeitet "
    "werden, können nicht angehängt werden. Versuche es gleich noch einmal!",
    "Media {0} not found or already attached to another post": "Medien {0} nicht gefunden oder bereits an einen "
    "anderen Beitrag angehängt",
    "Validation failed: File content type is invalid, File is invalid": "Gültigkeitsprüfung gescheitert: Datei ist "
    "ungültig",
}


class MastodonRefusal(Exception):
    """A refused call; `violation` notes what a correct client never does."""

    def __init__(
        self, refused: RefusedAnswer, *values: object, window: Any = None, violation: str = "", fields: Any = None
    ) -> None:
        super().__init__(refused.text)
        self.refused, self.values, self.window = refused, values, window
        self.violation, self.fields = violation, fields

    def text(self, locale: str) -> str:
        """The sentence in the account's language."""
        known = GERMAN.get(self.refused.text, self.refused.text) if locale == "de" else self.refused.text
        return known.format(*self.values)


def invalid(text: str, *values: object, violation: str = "") -> MastodonRefusal:
    """A 422 of Mastodon."""
    return MastodonRefusal(RefusedAnswer(422, text), *values, violation=violation)


def aborted(status: int, text: str = "", *, violation: str = "") -> MastodonRefusal:
    """A refusal of Pixelfed's code."""
    return MastodonRefusal(RefusedAnswer(status, text), violation=violation)


def unvalidated(name: str, text: str) -> MastodonRefusal:
    """A failed validation of Pixelfed, whose handler makes it a 500."""
    return MastodonRefusal(RefusedAnswer(500, text), fields={name: [text]})


def not_in_table(model: str, record_id: str) -> MastodonRefusal:
    """A missing row of Pixelfed, whose handler makes it a 500."""
    return aborted(500, f"No query results for model [App\\{model}] {record_id}")


def answer_of(refusal: MastodonRefusal, request: Request, *, pixelfed: bool, locale: str) -> Response:
    """The refusal as the software shows it; Laravel needs `Accept: application/json` to answer with JSON."""
    status, text = refusal.refused.status, refusal.text(locale)
    if pixelfed and "json" not in request.headers.get("accept", ""):
        if refusal.fields or status == TOKEN_UNKNOWN.status:
            return RedirectResponse("/login" if status == TOKEN_UNKNOWN.status else "/", status_code=302)
        return HTMLResponse(f"<!DOCTYPE html><title>{status}</title>", status_code=status)
    if refusal.fields:
        return JSONResponse({"message": text, "errors": refusal.fields}, status_code=status)
    body: dict[str, Any] = {"error": text}
    if refusal.refused.description:
        body["error_description"] = refusal.refused.description
    return JSONResponse(body, status_code=status)


def refusal_from(fault: Fault) -> MastodonRefusal:
    """The injected refusal: 503 by default, or the fault's status with its text."""
    status = fault.status or LOCK_HELD.status
    return MastodonRefusal(
        RefusedAnswer(status, (fault.message or LOCK_HELD.text).replace("{", "{{").replace("}", "}}"))
    )
