"""Connecting a persona's account to a channel, and ending a connection. Tokens go into the vault, never back out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints

from shutterpost.channels import Catalogue, Connection, ConnectionStore, Tokens, connection_id_of
from shutterpost.flows.refusals import ConnectionHasPosts
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Schedule, Schedules, ScheduleStatus

# What may lie at a platform was to go out lately, or soon.
_BACK, _AHEAD = timedelta(days=30), timedelta(days=30)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AccountRequest(Value):
    """An account to connect.

    `account_id` is the platform's id (Instagram user id, Buffer channel id), `login` how an Instagram token was made,
    `organization_id` Buffer's. `display_name` defaults to the account's id.
    """

    channel: Text
    account_id: Text
    display_name: Text | None = None
    login: Literal["facebook", "instagram"] | None = None
    organization_id: Text | None = None
    token: SecretStr = Field(min_length=1, max_length=4096)
    token_expires_at: AwareDatetime | None = None


@dataclass(frozen=True, kw_only=True)
class Connector:
    """Connects accounts and ends connections; never calls a platform."""

    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    tokens: Tokens
    schedules: Schedules

    def connect(self, persona: Persona, account: AccountRequest) -> Connection:
        """Store the token, then the connection; an account that was connected before is connected anew.

        Raises `ChannelUnknown`, `ChannelDisabled`, `ConnectionIncomplete` and `TokenInvalid`.
        """
        row = self.catalogue.enabled(account.channel)
        row.check_account(account.account_id, login=account.login, organization_id=account.organization_id)
        connection_id = connection_id_of(persona.persona_id, account.channel, account.account_id)
        self.tokens.put(persona.persona_id, connection_id, account.token)
        connection = self.connections.connect(
            persona_id=persona.persona_id,
            owner=persona.owner,
            channel=account.channel,
            account_id=account.account_id,
            display_name=account.display_name or account.account_id,
            login=account.login,
            organization_id=account.organization_id,
            token_expires_at=account.token_expires_at,
            now=self.clock.now(),
        )
        logger.info("account connected", persona_id=persona.persona_id, connection_id=connection_id)
        return connection

    def revoke(self, persona: Persona, connection_id: str) -> Connection:
        """End the connection, then forget its token; repeating it is harmless.

        Raises `ConnectionUnknown`, and `ConnectionHasPosts` while something of it lies at the platform, or may: without
        its token nobody could learn what becomes of that, nor take it back.
        """
        there = [one.schedule_id for one in self._at_platform(persona, connection_id)]
        if there:
            detail = (
                f"{len(there)} posts of this connection are at the platform or on their way ({', '.join(there[:3])}); "
                "cancel them or wait until they are out, then revoke it."
            )
            raise ConnectionHasPosts(detail, schedule_ids=there)
        connection = self.connections.revoke(persona.persona_id, connection_id, self.clock.now())
        self.tokens.delete(persona.persona_id, connection_id)
        logger.info("connection revoked", persona_id=persona.persona_id, connection_id=connection_id)
        return connection

    def _at_platform(self, persona: Persona, connection_id: str) -> list[Schedule]:
        now = self.clock.now()
        around = self.schedules.between(persona.persona_id, now - _BACK, now + _AHEAD)
        begun = {ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN}
        return [one for one in around if one.connection_id == connection_id and one.status in begun]
