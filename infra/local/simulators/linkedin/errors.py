"""Errors of LinkedIn: status, code and message in one envelope."""

from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response

from infra.local.simulators.faults import Fault


class RefusedCall(NamedTuple):
    status: int
    code: str
    message: str


BAD_REQUEST = RefusedCall(400, "ILLEGAL_ARGUMENT", "The request is not valid: {0}")
TOKEN_UNKNOWN = RefusedCall(401, "INVALID_ACCESS_TOKEN", "Invalid access token")
TOKEN_REVOKED = RefusedCall(401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user")
TOKEN_EXPIRED = RefusedCall(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
DENIED = RefusedCall(403, "ACCESS_DENIED", "Not enough permissions to access: {0}")
MISSING = RefusedCall(404, "NOT_FOUND", "The requested resource {0} does not exist")
CONFLICT = RefusedCall(409, "CONFLICT", "Another request changes the same resource")
DUPLICATE = RefusedCall(422, "DUPLICATE_POST", "Content is a duplicate of {0}")
NOT_TAKEN = RefusedCall(422, "UNPROCESSABLE_ENTITY", "The content is not valid: {0}")
NO_VERSION = RefusedCall(426, "NONEXISTENT_VERSION", "Requested version {0} is not active")
THROTTLED = RefusedCall(
    429, "TOO_MANY_REQUESTS", "Resource level throttle DAY limit for calls to this resource is reached."
)
INTERNAL = RefusedCall(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")


class LinkedInRefusal(Exception):
    """A refused call; `violation` notes what a correct client never does."""

    def __init__(self, refused: RefusedCall, *values: object, violation: str = "") -> None:
        super().__init__(refused.code)
        self.refused, self.violation = refused, violation
        self.message = refused.message.format(*values) if values else refused.message

    @property
    def body(self) -> dict[str, Any]:
        """The envelope; a duplicate names its code among the errors of the input."""
        status, code = self.refused.status, self.refused.code
        if self.refused is DUPLICATE:
            return {"errorDetails": {"inputErrors": [{"code": code}]}, "message": self.message, "status": status}
        return {"message": self.message, "status": status, "code": code}

    def answer(self) -> Response:
        return JSONResponse(self.body, status_code=self.refused.status)


class SignInRefusal(Exception):
    """An error of OAuth: its code and description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code, self.description = code, description

    def answer(self) -> Response:
        return JSONResponse({"error": self.code, "error_description": self.description}, status_code=400)


def injected(fault: Fault) -> LinkedInRefusal:
    """The fault's refusal, by default an error of LinkedIn itself."""
    if fault.kind == "throttle":
        return LinkedInRefusal(THROTTLED)
    status = fault.status or INTERNAL.status
    code = str(fault.code or INTERNAL.code)
    return LinkedInRefusal(RefusedCall(status, code, (fault.message or INTERNAL.message)))
