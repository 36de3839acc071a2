"""The caller's IAM identity, from API Gateway's authorizer, as an owner."""

import re
from typing import Any

from aws_lambda_powertools.event_handler import Request

from shutterpost.runtime.refusals import Refusal

# The session name at the end of an assumed role's ARN changes from one sign-in to the next, and a user may have a path
# (AWS, IAM User Guide, "IAM identifiers").
_ARN = re.compile(
    r"arn:aws[\w-]*:(?:iam|sts)::(?P<account>\d{12}):"
    r"(?:(?P<root>root)|user/(?:[^/]+/)*(?P<user>[\w+=,.@-]+)|assumed-role/(?P<role>[\w+=,.@-]+)/[\w+=,.@-]+)",
    re.ASCII,
)


class Forbidden(Refusal):
    kind = "forbidden"


def owner_of(event: dict[str, Any]) -> str:
    """The owner of an event (payload 2.0): account id and `role/NAME`, `user/NAME` or `root`. Raises `Forbidden`."""
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    arn = (authorizer.get("iam") or {}).get("userArn") or ""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise Forbidden("Sign the request (SigV4, service execute-api) as an IAM user or role of the account.")
    account, root, user, role = match["account"], match["root"], match["user"], match["role"]
    return f"{account}/{root}" if root else f"{account}/user/{user}" if user else f"{account}/role/{role}"


def owner(request: Request) -> str:
    return owner_of(request.resolved_event.raw_event)
