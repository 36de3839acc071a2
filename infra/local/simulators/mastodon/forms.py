"""Request bodies as Rails reads them: multipart, URL-encoded or JSON, with repeated fields as lists."""

import email.parser
import email.policy
import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

Form = dict[str, Any]


async def read_form(request: Request) -> Form:
    """The fields of the body; files as bytes, `name[]` always as a list."""
    body, kind = await request.body(), request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _gathered(_parts(kind, body))
    if kind.startswith("application/json"):
        document = json.loads(body or b"{}")
        return {f"{name}[]" if isinstance(value, list) else name: value for name, value in document.items()}
    return _gathered(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _parts(kind: str, body: bytes) -> list[tuple[str, Any]]:
    header = email.parser.HeaderParser(policy=email.policy.HTTP).parsestr(f"Content-Type: {kind}\n\n")
    boundary = str(header.get_param("boundary", "")).encode()
    parts: list[tuple[str, Any]] = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = email.parser.HeaderParser(policy=email.policy.HTTP).parsestr(head.decode(errors="replace") + "\n\n")
        name = str(fields.get_param("name", "", "Content-Disposition"))
        is_file = fields.get_param("filename", None, "Content-Disposition") is not None
        parts.append((name, content if is_file else content.decode(errors="replace")))
    return parts


def _gathered(pairs: list[tuple[str, Any]]) -> Form:
    form: Form = {}
    for name, value in pairs:
        if name.endswith("[]"):
            form.setdefault(name, []).append(value)
        else:
            form[name] = value
    return form
