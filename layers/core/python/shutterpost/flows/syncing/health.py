"""The daily check of all connections: refreshes tokens, warns of those that expire, and clears errors that passed.

A connection whose token does not work is set to `error`; its schedules stay queued.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from shutterpost.channels import (
    Catalogue,
    Cause,
    ChannelFactory,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    Failure,
    Healthy,
    NewToken,
    QuotaUse,
    ServerLimits,
    TokenFacts,
    Tokens,
)
from shutterpost.flows.flow import flow
from shutterpost.flows.refusals import ConnectionNotConnected
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

# A token that only its owner can renew is warned of daily from this many days before it expires.
WARN_DAYS = 14
# A run stops here and the next continues: tokens are refreshed from ten days before they expire, so a day does no harm.
BUDGET = timedelta(minutes=4)

# A connection is checked again when nothing has shown for so long that it works. Buffer takes 100 calls in 15 minutes.
RECHECK_AFTER = timedelta(hours=1)
# The checks of one run, which comes every quarter of an hour, and the time in which they begin.
MAX_RECHECKS, RECHECK_BUDGET = 20, timedelta(minutes=1)

# A quota that has not changed is stored again after this, so that `checked_at` says how old it is.
NEWS_AFTER = timedelta(minutes=1)


class HealthFinding(StrEnum):
    REFRESHED = "refreshed"
    ENDS_SOON = "ends_soon"
    NOT_REFRESHED = "not_refreshed"
    BROKEN = "broken"
    WORKS_AGAIN = "works_again"
    STILL_BROKEN = "still_broken"


class ConnectionReport(Value):
    persona_id: str
    connection_id: str
    channel: str
    finding: HealthFinding
    days_left: int | None = None
    detail: str | None = None


class ConnectionCheck(Value):
    """Whether a connection's token works, with the platform's reason; `cause` is that of a failure.

    `token_facts` are the facts of a token that is not stored yet, `limits` those of its server.
    """

    persona_id: str
    connection_id: str
    works: bool
    detail: str
    cause: Cause | None = None
    token_facts: TokenFacts | None = None
    limits: ServerLimits | None = None


class HealthReport(Value):
    """The result of a run; `whole` is false if the time budget ended before the last connection."""

    looked_at: int
    checkups: tuple[ConnectionReport, ...]
    whole: bool


@flow
class HealthCheck:
    clock: Clock
    personas: Personas
    connections: ConnectionStore
    tokens: Tokens
    channels: ChannelFactory
    catalogue: Catalogue

    def run(self) -> HealthReport:
        """Check every connection that is not revoked, of active personas first, within `BUDGET`."""
        until = self.clock.now() + BUDGET
        looked_at, checkups = 0, list[ConnectionReport]()
        whole = True
        for connection in self._connections():
            if self.clock.now() >= until:
                whole = False
                break
            looked_at += 1
            report = self.check(connection)
            checkups += [report] if report else []
        logger.info("connections checked", looked_at=looked_at, findings=len(checkups), whole=whole)
        return HealthReport(looked_at=looked_at, checkups=tuple(checkups), whole=whole)

    def check(self, connection: Connection) -> ConnectionReport | None:
        """Do what is due for one connection; returns its finding, if any."""
        if connection.status is ConnectionStatus.ERROR:
            return self._check_error(connection)
        now = self.clock.now()
        policy = self.catalogue.row(connection.channel).token_policy(connection)
        if policy.refresh_due(connection, now):
            return self._refresh(connection)
        days_left = policy.days_left(connection, now)
        if policy.refresh_after_days is not None or days_left is None or days_left > WARN_DAYS:
            return None
        if days_left < 0 and self._broken(connection):
            return self._report(connection, HealthFinding.BROKEN, "The token has expired; connect the account again.")
        return self._report(
            connection, HealthFinding.ENDS_SOON, "The token expires soon; connect the account again before."
        )

    def recheck(self) -> tuple[str, ...]:
        """Ask the platforms about connections that nothing was heard of for `RECHECK_AFTER`, longest first.

        A dead token is so noticed before a post needs it. Returns the personas whose connections could not be checked.
        """
        now = self.clock.now()
        due = [
            item
            for item in self._connections()
            if item.status is ConnectionStatus.CONNECTED and item.worked_at <= now - RECHECK_AFTER
        ]
        failed = list[str]()
        for connection in sorted(due, key=lambda item: item.worked_at)[:MAX_RECHECKS]:
            if self.clock.now() >= now + RECHECK_BUDGET:
                break
            try:
                # Before the check, so that one that cannot end does not keep the others from theirs.
                self.connections.note_check(connection.persona_id, connection.connection_id, now)
                self.try_now(connection.persona_id, connection.connection_id)
            except ConnectionNotConnected:
                logger.info("connection revoked before its check", connection_id=connection.connection_id)
            except Exception:  # noqa: BLE001 - one failure must not stop the others; the run reports it
                logger.exception("connection not checked", connection_id=connection.connection_id)
                failed.append(connection.persona_id)
        return tuple(failed)

    def try_now(self, persona_id: str, connection_id: str) -> ConnectionCheck:
        """Ask the platform about one connection, and store whether its token works.

        Other failures are only returned. Raises `ConnectionUnknown`, and `ConnectionNotConnected` if it is revoked.
        """
        connection = self.connections.get(persona_id, connection_id)
        check_triable(connection)
        failure, now = self._failure(connection), self.clock.now()
        if failure is None and connection.status is ConnectionStatus.ERROR:
            self.connections.mark_connected(connection, now)
        if failure is not None and failure.cause is Cause.TOKEN:
            self.connections.mark_error(connection, failure.message, now)
        return _checked(connection, failure)

    def try_candidate(self, candidate: Connection) -> ConnectionCheck:
        """Ask the platform about a connection that is not stored yet, and about its token; nothing is written."""
        health = self._health(candidate)
        check = _checked(candidate, _failed(health))
        account = self.tokens.account(candidate)
        if not check.works or isinstance(account, Failure):
            return check
        facts = self.channels(candidate.channel).token_facts(account)
        limits = health.limits if isinstance(health, Healthy) else None
        return check.model_copy(update={"token_facts": facts, "limits": limits})

    def _connections(self) -> Iterator[Connection]:
        for persona in self.personas.of_active_owners():
            for connection in self.connections.list(persona.persona_id):
                if connection.status is not ConnectionStatus.REVOKED:
                    yield connection

    def _refresh(self, connection: Connection) -> ConnectionReport | None:
        account = self.tokens.account(connection)
        adapter = self.channels(connection.channel)
        answer = account if isinstance(account, Failure) else adapter.refresh(account)
        if answer is None:
            return None
        if isinstance(answer, NewToken):
            return self._store(connection, answer)
        if answer.cause is Cause.TOKEN:
            self.connections.mark_error(connection, answer.message, self.clock.now())
            return self._report(connection, HealthFinding.BROKEN, answer.message)
        return self._report(connection, HealthFinding.NOT_REFRESHED, answer.message)

    def _store(self, connection: Connection, fresh: NewToken) -> ConnectionReport | None:
        current = self.connections.get(connection.persona_id, connection.connection_id)
        if current.status is ConnectionStatus.REVOKED or current.token_updated_at != connection.token_updated_at:
            return None
        self.tokens.put(connection.persona_id, connection.connection_id, fresh.token)
        updated = self.connections.token_replaced(current, self.clock.now(), fresh.expires_at)
        return self._report(updated, HealthFinding.REFRESHED)

    def _check_error(self, connection: Connection) -> ConnectionReport:
        failure = self._failure(connection)
        if failure is not None:
            return self._report(connection, HealthFinding.STILL_BROKEN, failure.message)
        self.connections.mark_connected(connection, self.clock.now())
        return self._report(connection, HealthFinding.WORKS_AGAIN)

    def _broken(self, connection: Connection) -> bool:
        failure = self._failure(connection)
        if failure is not None:
            self.connections.mark_error(connection, failure.message, self.clock.now())
        return failure is not None

    def _failure(self, connection: Connection) -> Failure | None:
        health = self._health(connection)
        if isinstance(health, Healthy) and health.limits and not health.limits.same_as(connection.limits):
            self.connections.note_limits(connection.persona_id, connection.connection_id, health.limits)
        if health.quota is not None and self._is_news(connection, health.quota):
            self.connections.note_quota(connection.persona_id, connection.connection_id, health.quota, self.clock.now())
        return _failed(health)

    def _is_news(self, connection: Connection, quota: QuotaUse) -> bool:
        known = connection.quota_used, connection.quota_total
        age = None if connection.checked_at is None else self.clock.now() - connection.checked_at
        return known != (quota.used, quota.total) or age is None or age > NEWS_AFTER

    def _health(self, connection: Connection) -> Healthy | Failure:
        account = self.tokens.account(connection)
        return account if isinstance(account, Failure) else self.channels(connection.channel).health(account)

    def _report(self, connection: Connection, finding: HealthFinding, detail: str | None = None) -> ConnectionReport:
        policy = self.catalogue.row(connection.channel).token_policy(connection)
        report = ConnectionReport(
            persona_id=connection.persona_id,
            connection_id=connection.connection_id,
            channel=connection.channel,
            finding=finding,
            days_left=policy.days_left(connection, self.clock.now()),
            detail=detail,
        )
        log = logger.info if finding in {HealthFinding.REFRESHED, HealthFinding.WORKS_AGAIN} else logger.warning
        log(f"connection {finding}", **report.model_dump(mode="json", exclude={"finding"}))
        return report


def _failed(health: Healthy | Failure) -> Failure | None:
    return None if isinstance(health, Healthy) or health.cause is Cause.QUOTA else health


def _checked(connection: Connection, failure: Failure | None) -> ConnectionCheck:
    logger.info("connection checked", connection_id=connection.connection_id, works=failure is None)
    return ConnectionCheck(
        persona_id=connection.persona_id,
        connection_id=connection.connection_id,
        works=failure is None,
        detail=failure.message if failure else "The platform accepts its token.",
        cause=failure.cause if failure else None,
    )


def check_triable(connection: Connection) -> None:
    """Raise `ConnectionNotConnected` for a revoked connection, whose token was deleted."""
    if connection.status is ConnectionStatus.REVOKED:
        detail = f"{connection.display_name} is revoked and has no token; connect the account again."
        raise ConnectionNotConnected(detail, connection_id=connection.connection_id)
