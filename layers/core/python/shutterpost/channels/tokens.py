"""Tokens as SSM SecureStrings under the deployment's prefix."""

import re
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from shutterpost.channels.connection import Connection
from shutterpost.channels.ports import Account, Cause, Failure, FailureClass
from shutterpost.channels.refusals import TokenInvalid
from shutterpost.runtime.clients import client

# A standard parameter's value (AWS, Systems Manager quotas).
_MAX_LENGTH = 4_096
_PRINTABLE = re.compile(r"[!-~]+")
_MISSING = {"ParameterNotFound", "AccessDeniedException", "InvalidKeyId", "ParameterVersionNotFound"}


class Tokens:
    """One token per connection at `{prefix}/{persona_id}/{connection_id}`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.rstrip("/")

    def put(self, persona_id: str, connection_id: str, token: SecretStr) -> None:
        """Store `token` without surrounding blanks, replacing an older one. Raises `TokenInvalid`."""
        text = token.get_secret_value().strip()
        if not _PRINTABLE.fullmatch(text) or len(text) > _MAX_LENGTH:
            raise TokenInvalid(
                f"A token is 1 to {_MAX_LENGTH} printable ASCII characters without blanks; paste it again.",
                field="token",
            )
        _ssm().put_parameter(
            Name=self._name(persona_id, connection_id), Value=text, Type="SecureString", Overwrite=True
        )

    def read(self, persona_id: str, connection_id: str) -> SecretStr | Failure:
        """The token, or a failure: permanent with cause `token` where it is missing, denied or unusable."""
        try:
            answer = _ssm().get_parameter(Name=self._name(persona_id, connection_id), WithDecryption=True)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            return _missing(code) if code in _MISSING else _no_answer(code)
        except BotoCoreError as error:
            return _no_answer(type(error).__name__)
        text = str(answer["Parameter"]["Value"]).strip()
        return SecretStr(text) if _PRINTABLE.fullmatch(text) else _missing("unusable")

    def account(self, connection: Connection) -> Account | Failure:
        """The connection with its token, or the failure of `read`."""
        token = self.read(connection.persona_id, connection.connection_id)
        return token if isinstance(token, Failure) else Account(connection=connection, token=token)

    def delete(self, persona_id: str, connection_id: str) -> None:
        """Delete the token. Idempotent."""
        try:
            _ssm().delete_parameter(Name=self._name(persona_id, connection_id))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise

    def _name(self, persona_id: str, connection_id: str) -> str:
        return f"{self._prefix}/{persona_id}/{connection_id}"


def _ssm() -> Any:
    return client("ssm")


def _missing(code: str) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.TOKEN,
        code=f"token-{code}",
        message="The connection's token cannot be read. Connect the account again.",
    )


def _no_answer(code: str) -> Failure:
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"token-{code}",
        message="Parameter Store did not answer; the call is retried.",
    )
