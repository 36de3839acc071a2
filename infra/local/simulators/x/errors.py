"""Errors of X: problems with a title, a detail and a type, and those of its OAuth."""

from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response

from infra.local.simulators.faults import Fault

PROBLEMS = "https://api.x.com/2/problems/"
OLD_PROBLEMS = "https://api.twitter.com/2/problems/"


class XProblem(NamedTuple):
    status: int
    title: str
    detail: str
    type: str = "about:blank"


UNAUTHORIZED = XProblem(401, "Unauthorized", "Unauthorized")
FORBIDDEN = XProblem(403, "Forbidden", "You are not permitted to perform this action.")
DUPLICATE = XProblem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
CLIENT_FORBIDDEN = XProblem(
    403, "Client Forbidden", "This application is not enrolled for this action.", f"{PROBLEMS}client-forbidden"
)
MISSING = XProblem(404, "Not Found Error", "Could not find what was asked for.", f"{PROBLEMS}resource-not-found")
TOO_MANY = XProblem(429, "Too Many Requests", "Too Many Requests")
CAPPED = XProblem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", f"{OLD_PROBLEMS}usage-capped")
FAILED = XProblem(500, "Internal Server Error", "Something is broken.")
BUSY = XProblem(503, "Service Unavailable", "Service Unavailable")


class XRefusal(Exception):
    """A refused call; `violation` notes what a correct client never does, `oauth` answers in OAuth's form."""

    def __init__(self, problem: XProblem, *, violation: str = "", oauth: str = "", wait: float = 0) -> None:
        super().__init__(problem.detail)
        self.problem, self.violation, self.oauth, self.wait = problem, violation, oauth, wait


def invalid(detail: str, *, violation: str = "") -> XRefusal:
    """A request that X does not take."""
    return XRefusal(XProblem(400, "Invalid Request", detail, f"{PROBLEMS}invalid-request"), violation=violation)


def bad_grant(detail: str) -> XRefusal:
    """A refusal of the token endpoint."""
    return XRefusal(XProblem(400, "", detail), oauth="invalid_request")


def answer_of(refusal: XRefusal) -> Response:
    """The refusal as X shows it."""
    problem = refusal.problem
    if refusal.oauth:
        body: dict[str, Any] = {"error": refusal.oauth, "error_description": problem.detail}
    else:
        body = {"title": problem.title, "detail": problem.detail, "type": problem.type, "status": problem.status}
        if problem == TOO_MANY:
            body["errors"] = [{"code": 88, "message": "Rate limit exceeded"}]
    return JSONResponse(body, status_code=problem.status)


def injected(fault: Fault, *, oauth: bool) -> XRefusal:
    """The fault's refusal: 503 by default, or its status with the problem of type `code` and its message."""
    if fault.kind == "throttle":
        return XRefusal(TOO_MANY, wait=fault.seconds)
    status, name = fault.status or BUSY.status, str(fault.code or "")
    detail = fault.message or BUSY.detail
    if oauth:
        return XRefusal(XProblem(status, "", detail), oauth=name or "server_error")
    return XRefusal(XProblem(status, detail, detail, f"{PROBLEMS}{name}" if name else "about:blank"))
