"""Calls of an account's server by XRPC, and the failures of their answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from shutterpost.channels import http
from shutterpost.channels.answers.book import UNREADABLE, AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError
from shutterpost.channels.answers.reading import Json, as_object, as_text
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import Account, Failure

_ON_THIS_MACHINE = frozenset({"local", "test"})


class Xrpc:
    def __init__(self, book: AnswerBook, *, stage: str) -> None:
        self._book, self._stage = book, stage

    def get(
        self, account: Account, name: str, params: Mapping[str, str], *, token: SecretStr | None = None
    ) -> Answer | NoAnswer:
        return http.send("GET", self._address(account, name), token=token, params=params)

    def post(
        self,
        account: Account,
        name: str,
        *,
        token: SecretStr | None = None,
        document: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Answer | NoAnswer:
        media_type = None if content is None else "image/jpeg"
        return http.send(
            "POST", self._address(account, name), token=token, document=document, content=content, media_type=media_type
        )

    def blob_address(self, account: Account) -> str:
        """Where the server gives a blob's bytes to everybody, but for the blob's id at the end."""
        query = urlencode({"did": account.connection.account_id, "cid": ""})
        return f"{self._address(account, 'com.atproto.sync.getBlob')}?{query}"

    def body(self, answer: Answer | NoAnswer, operation: Operation, account: Account) -> Json | Failure:
        if isinstance(answer, NoAnswer):
            return self._book.no_answer(answer, operation)
        error = error_of(answer)
        if error is None and answer.status == HTTPStatus.OK and isinstance(answer.body, dict):
            return answer.body
        if error is not None:
            failure = self._book.of_error(error, operation, answer, account.token)
        else:
            failure = self._book.foreign(operation, answer, account.token)
        # An answer to a refresh may hold the new tokens under any name, so none of it is kept.
        return failure.model_copy(update={"raw": ""}) if operation is Operation.REFRESH else failure

    def incomplete(self, operation: Operation, *, missing: str) -> Failure:
        """The failure of an answer that lacks `missing`, without its text."""
        self._book.report("bluesky", operation, PlatformError(HTTPStatus.OK, "unreadable", None, f"no {missing}"))
        return self._book.failure(UNREADABLE, operation, code="unreadable", detail=f"no {missing}")

    def _address(self, account: Account, name: str) -> str:
        host = (account.connection.host or "").rstrip("/")
        # In a deployment, an address of the function's own machine is nobody's server.
        reachable = host.startswith("https://") or self._stage in _ON_THIS_MACHINE
        return f"{host}/xrpc/{name}" if reachable else ""


def error_of(answer: Answer | NoAnswer) -> PlatformError | None:
    """The error in the server's own envelope; `None` for a success or an answer of something else."""
    body = as_object(None if isinstance(answer, NoAnswer) else answer.body)
    name = as_text(body.get("error"))
    if isinstance(answer, NoAnswer) or answer.status < HTTPStatus.BAD_REQUEST or not name:
        return None
    return PlatformError(answer.status, name, None, as_text(body.get("message")) or "")
