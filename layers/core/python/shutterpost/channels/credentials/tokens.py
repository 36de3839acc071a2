"""Tokens as SSM SecureStrings under the deployment's prefix."""

from pydantic import SecretStr

from shutterpost.channels.connection import Connection
from shutterpost.channels.credentials import parameters
from shutterpost.channels.credentials.parameters import MAX_LENGTH, PRINTABLE, NotRead
from shutterpost.channels.ports import Account, Cause, Failure, FailureClass
from shutterpost.channels.refusals import TokenInvalid


class Tokens:
    """One token per connection at `{prefix}/{persona_id}/{connection_id}`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.rstrip("/")

    def put(self, persona_id: str, connection_id: str, token: SecretStr) -> None:
        """Store `token` without surrounding blanks, replacing an older one. Raises `TokenInvalid`."""
        text = token.get_secret_value().strip()
        if not PRINTABLE.fullmatch(text) or len(text) > MAX_LENGTH:
            raise TokenInvalid(
                f"A token is 1 to {MAX_LENGTH} printable ASCII characters without blanks; paste it again.",
                field="token",
            )
        parameters.write(self._name(persona_id, connection_id), text)

    def read(self, persona_id: str, connection_id: str) -> SecretStr | Failure:
        """The token, or a failure: permanent with cause `token` where it is missing, denied or unusable."""
        text = parameters.read(self._name(persona_id, connection_id))
        return unread_token(text) if isinstance(text, NotRead) else SecretStr(text)

    def account(self, connection: Connection) -> Account | Failure:
        """The connection with its token, or the failure of `read`."""
        token = self.read(connection.persona_id, connection.connection_id)
        return token if isinstance(token, Failure) else Account(connection=connection, token=token)

    def delete(self, persona_id: str, connection_id: str) -> None:
        """Delete the token, and the session made from it. Idempotent."""
        parameters.delete(self._name(persona_id, connection_id))
        parameters.delete(session_name(self._prefix, persona_id, connection_id))

    def _name(self, persona_id: str, connection_id: str) -> str:
        return f"{self._prefix}/{persona_id}/{connection_id}"


def session_name(prefix: str, persona_id: str, connection_id: str) -> str:
    return f"{prefix}/sessions/{persona_id}/{connection_id}"


def unread_token(reason: NotRead) -> Failure:
    if reason.missing:
        return Failure(
            failure_class=FailureClass.PERMANENT,
            cause=Cause.TOKEN,
            code=f"token-{reason.code}",
            message="The connection's token cannot be read. Connect the account again.",
        )
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"token-{reason.code}",
        message="Parameter Store did not answer; the call is retried.",
    )
