"""The daily look at all connections: tokens refreshed in time, countdowns told, errors that passed ended.

Of a token that needs its owner the log warns in time; what does not work is paused, with its schedules kept queued.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shutterpost.channels import Cause, Connection, ConnectionStatus, Failure, Healthy, NewToken
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.refusals import ConnectionNotConnected
from shutterpost.personas import Persona, PersonaStatus
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

# From so many days on, a token that ends is warned of every day.
WARN_DAYS = 14
# A run stops here and tomorrow's goes on: refreshing begins ten days before a token ends, so a day does no harm.
BUDGET = timedelta(minutes=4)


class HealthFinding(StrEnum):
    """What a look at a connection led to."""

    REFRESHED = "refreshed"
    ENDS_SOON = "ends_soon"
    NOT_REFRESHED = "not_refreshed"
    BROKEN = "broken"
    WORKS_AGAIN = "works_again"
    STILL_BROKEN = "still_broken"


class ConnectionReport(Value):
    """One connection about which there is something to tell."""

    persona_id: str
    connection_id: str
    channel: str
    finding: HealthFinding
    days_left: int | None = None
    detail: str | None = None


class ConnectionCheck(Value):
    """What the platform said of one connection: whether its token works, and what was found."""

    persona_id: str
    connection_id: str
    works: bool
    detail: str


class HealthReport(Value):
    """What a run found: connections looked at, those with something to tell, and whether it came to the end."""

    looked_at: int
    checkups: tuple[ConnectionReport, ...]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """Looks after connections; works with the chain's stores and adapters."""

    chain: PublishContext

    def run(self) -> HealthReport:
        """One look at every connection that was not revoked, of active personas first; within `BUDGET`."""
        until = self.chain.clock.now() + BUDGET
        looked_at, checkups = 0, list[ConnectionReport]()
        whole = True
        for connection in self._connections():
            if self.chain.clock.now() >= until:
                whole = False
                break
            looked_at += 1
            found = self.check(connection)
            checkups += [found] if found else []
        logger.info("connections checked", looked_at=looked_at, told=len(checkups), whole=whole)
        return HealthReport(looked_at=looked_at, checkups=tuple(checkups), whole=whole)

    def check(self, connection: Connection) -> ConnectionReport | None:
        """Do for one connection what is due; what there is to tell of it, if anything."""
        if connection.status is ConnectionStatus.ERROR:
            return self._look_again(connection)
        now = self.chain.clock.now()
        policy = self.chain.catalogue.row(connection.channel).token_policy(connection)
        if policy.refresh_due(connection, now):
            return self._refresh(connection)
        days_left = policy.days_left(connection, now)
        if policy.refresh_after_days is not None or days_left is None or days_left > WARN_DAYS:
            return None
        if days_left < 0 and self._broken(connection):
            return self._told(connection, HealthFinding.BROKEN, "The token has ended; connect the account again.")
        return self._told(connection, HealthFinding.ENDS_SOON, "The token ends soon; connect the account again before.")

    def try_now(self, persona_id: str, connection_id: str) -> ConnectionCheck:
        """Ask the platform about one connection, and keep what it says of the token; trouble that may pass by itself
        is told alone. Raises `ConnectionUnknown`, and `ConnectionNotConnected` where it is revoked."""
        connection = self.chain.connections.get(persona_id, connection_id)
        check_triable(connection)
        failure, now = self._failure(connection), self.chain.clock.now()
        if failure is None and connection.status is ConnectionStatus.ERROR:
            self.chain.connections.mark_connected(connection, now)
        if failure is not None and failure.cause is Cause.TOKEN:
            self.chain.connections.mark_error(connection, failure.message, now)
        detail = failure.message if failure else "The platform takes its token."
        logger.info("connection tried", connection_id=connection_id, works=failure is None)
        return ConnectionCheck(persona_id=persona_id, connection_id=connection_id, works=failure is None, detail=detail)

    def _connections(self) -> Iterator[Connection]:
        for persona in self._personas():
            for connection in self.chain.connections.list(persona.persona_id):
                if connection.status is not ConnectionStatus.REVOKED:
                    yield connection

    def _personas(self) -> Iterator[Persona]:
        """Active personas, then the paused ones of their owners: their tokens end just the same."""
        owners: set[str] = set()
        for persona in self.chain.personas.active():
            owners.add(persona.owner)
            yield persona
        for owner in sorted(owners):
            cursor: str | None = None
            while True:
                page = self.chain.personas.list(owner, 100, cursor)
                yield from (one for one in page.personas if one.status is not PersonaStatus.ACTIVE)
                cursor = page.cursor
                if cursor is None:
                    break

    def _refresh(self, connection: Connection) -> ConnectionReport | None:
        account = self.chain.tokens.account(connection)
        adapter = self.chain.channels(connection.channel)
        answer = account if isinstance(account, Failure) else adapter.refresh(account)
        if answer is None:
            return None
        if isinstance(answer, NewToken):
            return self._keep(connection, answer)
        if answer.cause is Cause.TOKEN:
            self.chain.connections.mark_error(connection, answer.message, self.chain.clock.now())
            return self._told(connection, HealthFinding.BROKEN, answer.message)
        return self._told(connection, HealthFinding.NOT_REFRESHED, answer.message)

    def _keep(self, connection: Connection, fresh: NewToken) -> ConnectionReport | None:
        """Store the new token, unless somebody connected the account anew meanwhile."""
        current = self.chain.connections.get(connection.persona_id, connection.connection_id)
        if current.status is ConnectionStatus.REVOKED or current.token_updated_at != connection.token_updated_at:
            return None
        self.chain.tokens.put(connection.persona_id, connection.connection_id, fresh.token)
        kept = self.chain.connections.token_replaced(current, self.chain.clock.now(), fresh.expires_at)
        return self._told(kept, HealthFinding.REFRESHED)

    def _look_again(self, connection: Connection) -> ConnectionReport:
        """A connection in error whose token works again is connected again; sync then starts what it kept queued."""
        reason = self._trouble(connection)
        if reason is not None:
            return self._told(connection, HealthFinding.STILL_BROKEN, reason)
        self.chain.connections.mark_connected(connection, self.chain.clock.now())
        return self._told(connection, HealthFinding.WORKS_AGAIN)

    def _broken(self, connection: Connection) -> bool:
        """Whether a token that should have ended no longer works; if so, the connection is in error."""
        reason = self._trouble(connection)
        if reason is not None:
            self.chain.connections.mark_error(connection, reason, self.chain.clock.now())
        return reason is not None

    def _trouble(self, connection: Connection) -> str | None:
        """Why the account cannot be used, in words."""
        failure = self._failure(connection)
        return failure.message if failure else None

    def _failure(self, connection: Connection) -> Failure | None:
        """Why the account cannot be used; a quota that is used up is no trouble."""
        account = self.chain.tokens.account(connection)
        answer = account if isinstance(account, Failure) else self.chain.channels(connection.channel).health(account)
        return None if isinstance(answer, Healthy) or answer.cause is Cause.QUOTA else answer

    def _told(self, connection: Connection, finding: HealthFinding, detail: str | None = None) -> ConnectionReport:
        policy = self.chain.catalogue.row(connection.channel).token_policy(connection)
        checkup = ConnectionReport(
            persona_id=connection.persona_id,
            connection_id=connection.connection_id,
            channel=connection.channel,
            finding=finding,
            days_left=policy.days_left(connection, self.chain.clock.now()),
            detail=detail,
        )
        level = logger.info if finding in {HealthFinding.REFRESHED, HealthFinding.WORKS_AGAIN} else logger.warning
        level(f"connection {finding}", **checkup.model_dump(mode="json", exclude={"finding"}))
        return checkup


def check_triable(connection: Connection) -> None:
    """Raise `ConnectionNotConnected` for a connection whose token was forgotten."""
    if connection.status is ConnectionStatus.REVOKED:
        detail = f"{connection.display_name} is revoked and has no token; connect the account again."
        raise ConnectionNotConnected(detail, connection_id=connection.connection_id)
