"""Routes that know their paths, and what all of them have in common in the documentation."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from schedule_post.http.principal import owner
from schedule_post.http.problems import problem_answer

Owner = Annotated[str, Depends(owner)]
PersonaId = Annotated[str, Path(max_length=100, description="Id of one of the caller's personas.")]

LOCATION: Final = {"Location": {"description": "Where to find it.", "schema": {"type": "string"}}}
ETAG: Final = {"ETag": {"description": "Its version, for `If-Match`.", "schema": {"type": "string"}}}


class Routes(APIGatewayHttpRouter):
    """A router that can say which methods a path has."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
        self._paths: list[tuple[str, re.Pattern[str]]] = []

    def route(self, rule: str, method: Any, *args: Any, **options: Any) -> Callable[..., Any]:
        """Register a route; see `APIGatewayHttpRouter`."""
        pattern = re.compile(re.sub(r"<\w+>", "[^/]+", rule))
        self._paths += [(name, pattern) for name in ([method] if isinstance(method, str) else method)]
        return super().route(rule, method, *args, **options)

    def methods_of(self, path: str) -> set[str]:
        """The methods that `path` has."""
        return {method for method, pattern in self._paths if pattern.fullmatch(path)}


def says(*refusals: int, headers: Mapping[str, Any] | None = None, **successes: str) -> dict[int, Any]:
    """Documentation of a route's answers: successes as `_201="…"` with `headers`, and the statuses of its refusals."""
    told = {"headers": dict(headers)} if headers else {}
    answers: dict[int, Any] = {int(name[1:]): {"description": text, **told} for name, text in successes.items()}
    return answers | {status: problem_answer(status) for status in refusals}
