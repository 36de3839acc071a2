"""The token vault: SSM SecureStrings under the deployment's prefix. Tokens appear in no text that leaves this pack."""

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
_LOST = {"ParameterNotFound", "AccessDeniedException", "InvalidKeyId", "ParameterVersionNotFound"}


class Tokens:
    """One token per connection at `{prefix}/{persona_id}/{connection_id}`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.rstrip("/")

    def put(self, persona_id: str, connection_id: str, token: SecretStr) -> None:
        """Store `token`, over an older one; blanks around it are dropped. Raises `TokenInvalid`."""
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
        """The token; a missing, denied or unusable one is a permanent `Failure` that blames the token."""
        try:
            answer = _ssm().get_parameter(Name=self._name(persona_id, connection_id), WithDecryption=True)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            return _lost(code) if code in _LOST else _unreachable(code)
        except BotoCoreError as error:
            return _unreachable(type(error).__name__)
        text = str(answer["Parameter"]["Value"]).strip()
        return SecretStr(text) if _PRINTABLE.fullmatch(text) else _lost("unusable")

    def account(self, connection: Connection) -> Account | Failure:
        """The connection with its token, for a call; else as `read`."""
        token = self.read(connection.persona_id, connection.connection_id)
        return token if isinstance(token, Failure) else Account(connection=connection, token=token)

    def delete(self, persona_id: str, connection_id: str) -> None:
        """Remove the token; repeating it is harmless."""
        try:
            _ssm().delete_parameter(Name=self._name(persona_id, connection_id))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise

    def _name(self, persona_id: str, connection_id: str) -> str:
        return f"{self._prefix}/{persona_id}/{connection_id}"


def _ssm() -> Any:
    return client("ssm")


def _lost(code: str) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.TOKEN,
        code=f"token-{code}",
        message="The connection's token cannot be read. Connect the account again.",
    )


def _unreachable(code: str) -> Failure:
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"token-{code}",
        message="The token vault did not answer; it is tried again.",
    )
