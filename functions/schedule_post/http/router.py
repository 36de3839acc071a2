"""The router, parameters that routes share, and the documentation of their responses."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from schedule_post.http.principal import owner
from schedule_post.http.problems import documented_problem

Owner = Annotated[str, Depends(owner)]
PersonaId = Annotated[str, Path(max_length=100, description="Id of a persona on which the caller has a role.")]

LOCATION: Final = {"Location": {"description": "Path of the resource.", "schema": {"type": "string"}}}
ETAG: Final = {"ETag": {"description": "Version of the resource, for `If-Match`.", "schema": {"type": "string"}}}


class Routes(APIGatewayHttpRouter):
    """A router that can list the methods of a path."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
        self._paths: list[tuple[str, re.Pattern[str]]] = []

    def route(self, rule: str, method: Any, *args: Any, **options: Any) -> Callable[..., Any]:
        """Register a route; see `APIGatewayHttpRouter`."""
        pattern = re.compile(re.sub(r"<\w+>", "[^/]+", rule))
        self._paths += [(name, pattern) for name in ([method] if isinstance(method, str) else method)]
        return super().route(rule, method, *args, **options)

    def methods_of(self, path: str) -> set[str]:
        return {method for method, pattern in self._paths if pattern.fullmatch(path)}


def documented(*problems: int, headers: Mapping[str, Any] | None = None, **successes: str) -> dict[int, Any]:
    """OpenAPI responses of a route: successes as `_201="description"` with `headers`, and the statuses of problems."""
    extra = {"headers": dict(headers)} if headers else {}
    responses: dict[int, Any] = {int(name[1:]): {"description": text, **extra} for name, text in successes.items()}
    return responses | {status: documented_problem(status) for status in problems}
