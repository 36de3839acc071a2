"""Connecting a persona's accounts to channels, and revoking connections; tokens are written and never returned."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints

from shutterpost.channels import (
    Budget,
    Catalogue,
    Connection,
    ConnectionStore,
    Login,
    ServerLimits,
    Tokens,
    Visibility,
    connection_id_of,
)
from shutterpost.flows.flow import flow
from shutterpost.flows.refusals import BudgetUnused, ConnectionHasPosts
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Schedule, Schedules, ScheduleStatus

# Posts outside this range of the present are not with a platform.
_WINDOW = timedelta(days=30)
_BEGUN = frozenset({ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN})

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AccountRequest(Value):
    """An account to connect.

    `account_id` is the platform's id (Instagram or Threads user, Buffer channel, LinkedIn's member or organization),
    `login` the login that issued an Instagram token, or what posts on LinkedIn, `organization_id` Buffer's, `host` the
    account's server. `display_name` defaults to `account_id`. Without `visibility` the account's own default applies;
    `sensitive` hides pictures behind a warning.
    """

    channel: Text
    account_id: Text
    display_name: Text | None = None
    login: Login | None = None
    organization_id: Text | None = None
    host: Text | None = None
    visibility: Visibility | None = None
    sensitive: bool = False
    token: SecretStr = Field(min_length=1, max_length=4096)
    token_expires_at: AwareDatetime | None = None


@flow
class Connector:
    """Connects accounts and revokes connections; never calls a platform itself.

    `allow_loopback`, for servers of accounts, is for a stage on this machine.
    """

    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    tokens: Tokens
    schedules: Schedules
    allow_loopback: bool

    def candidate(self, persona: Persona, account: AccountRequest) -> Connection:
        """Store the token apart, for a trial, and return the connection that reads it; end with `forget`.

        Raises `ChannelUnknown`, `ChannelDisabled`, `ConnectionIncomplete` and `TokenInvalid`.
        """
        connection = self._connection(persona, account)
        candidate = connection.model_copy(update={"connection_id": f"{connection.connection_id}-candidate"})
        self.tokens.put(persona.persona_id, candidate.connection_id, account.token)
        return candidate

    def forget(self, candidate: Connection) -> None:
        """Delete the token of a trial. Idempotent."""
        self.tokens.delete(candidate.persona_id, candidate.connection_id)

    def connect(
        self,
        persona: Persona,
        account: AccountRequest,
        limits: ServerLimits | None = None,
        scopes: Sequence[str] | None = None,
    ) -> Connection:
        """Store the token, then the connection; an account that was connected before is connected again.

        Raises `ChannelUnknown`, `ChannelDisabled`, `ConnectionIncomplete` and `TokenInvalid`.
        """
        wanted = self._connection(persona, account)
        self.tokens.put(persona.persona_id, wanted.connection_id, account.token)
        connection = self.connections.connect(
            persona_id=persona.persona_id,
            owner=persona.owner,
            channel=account.channel,
            account_id=account.account_id,
            display_name=wanted.display_name,
            login=account.login,
            organization_id=account.organization_id,
            host=account.host,
            visibility=account.visibility,
            sensitive=account.sensitive,
            limits=limits,
            token_expires_at=account.token_expires_at,
            scopes=scopes,
            now=wanted.updated_at,
        )
        logger.info("account connected", persona_id=persona.persona_id, connection_id=connection.connection_id)
        return connection

    def _connection(self, persona: Persona, account: AccountRequest) -> Connection:
        row = self.catalogue.active(account.channel)
        row.check_account(
            account.account_id,
            login=account.login,
            organization_id=account.organization_id,
            host=account.host,
            allow_loopback=self.allow_loopback,
        )
        connection_id = connection_id_of(persona.persona_id, account.channel, account.account_id)
        known = {item.connection_id: item for item in self.connections.list(persona.persona_id)}.get(connection_id)
        now = self.clock.now()
        return Connection(
            connection_id=connection_id,
            persona_id=persona.persona_id,
            owner=persona.owner,
            channel=account.channel,
            account_id=account.account_id,
            display_name=account.display_name or (known.display_name if known else account.account_id),
            login=account.login,
            organization_id=account.organization_id,
            host=account.host,
            visibility=account.visibility,
            sensitive=account.sensitive,
            token_updated_at=now,
            token_expires_at=account.token_expires_at,
            created_at=known.created_at if known else now,
            updated_at=now,
        )

    def set_budget(self, persona: Persona, connection_id: str, budget: Budget | None) -> Connection:
        """Set or remove the monthly budget. Raises `ConnectionUnknown`, and `BudgetUnused` where posts are free."""
        connection = self.connections.get(persona.persona_id, connection_id)
        row = self.catalogue.row(connection.channel)
        if budget is not None and row.prices is None:
            detail = f"{row.name} charges nothing for posts, so that {connection.display_name} needs no budget."
            raise BudgetUnused(detail, channel=row.key)
        changed = self.connections.set_budget(persona.persona_id, connection_id, budget)
        logger.info("budget set", connection_id=connection_id, budget=budget.model_dump() if budget else None)
        return changed

    def revoke(self, persona: Persona, connection_id: str) -> Connection:
        """Revoke the connection, then delete its token; repeating it is harmless.

        Raises `ConnectionUnknown`, and `ConnectionHasPosts` while posts are being published or their outcome is
        unknown, because reading and withdrawing them needs the token.
        """
        schedule_ids = [schedule.schedule_id for schedule in self._begun(persona, connection_id)]
        if schedule_ids:
            detail = (
                f"{len(schedule_ids)} posts of this connection are being published ({', '.join(schedule_ids[:3])}); "
                "cancel them or wait until they have ended, then revoke it."
            )
            raise ConnectionHasPosts(detail, schedule_ids=schedule_ids)
        connection = self.connections.revoke(persona.persona_id, connection_id, self.clock.now())
        self.tokens.delete(persona.persona_id, connection_id)
        logger.info("connection revoked", persona_id=persona.persona_id, connection_id=connection_id)
        return connection

    def _begun(self, persona: Persona, connection_id: str) -> list[Schedule]:
        now = self.clock.now()
        schedules = self.schedules.between(persona.persona_id, now - _WINDOW, now + _WINDOW)
        return [item for item in schedules if item.connection_id == connection_id and item.status in _BEGUN]
