"""Conditions of a persona's connections: tokens that end, and connections in error. One query for each persona."""

import shlex
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from shutterpost.channels import Catalogue, Connection, ConnectionStatus, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.ports import Observed
from shutterpost.flows.planning.budgets import Budgets
from shutterpost.flows.refusals import budget_command
from shutterpost.personas import Persona

# A token's end is mailed when it is this many days away. A token that is refreshed automatically is mailed of from the
# second threshold on: it is due for its refresh from ten days before its end, so it was tried for days.
THRESHOLDS: Final = (14, 7, 3, 1)
# A person signs in at the server, which says whose account it is.
_NAMED_BY_SERVER: Final = frozenset({"mastodon", "pixelfed"})


@flow
class AccountObserver:
    connections: ConnectionStore
    catalogue: Catalogue
    budgets: Budgets

    def observe(self, persona: Persona, now: datetime, _: Collection[str]) -> Observed:
        connections = self.connections.list(persona.persona_id)
        conditions = [item for connection in connections for item in self._of(persona, connection, now)]
        kinds = frozenset({NoticeKind.CONNECTION_ENDS, NoticeKind.CONNECTION_ERROR, NoticeKind.BUDGET_LOW})
        return Observed(conditions, Scope(persona_id=persona.persona_id, kinds=kinds))

    def _of(self, persona: Persona, connection: Connection, now: datetime) -> Iterator[Condition]:
        if connection.status is ConnectionStatus.ERROR:
            yield _condition(
                persona,
                connection,
                NoticeKind.CONNECTION_ERROR,
                what=connection.status_reason or "The platform refuses its token.",
            )
        if connection.status is not ConnectionStatus.REVOKED:
            yield from self._token(persona, connection, now)
            yield from self._budget(persona, connection)

    def _token(self, persona: Persona, connection: Connection, now: datetime) -> Iterator[Condition]:
        policy = self.catalogue.row(connection.channel).token_policy(connection)
        ends_at = policy.ends_at(connection)
        first = THRESHOLDS[0] if policy.refresh_after_days is None else THRESHOLDS[1]
        if ends_at is None or ends_at - now > timedelta(days=first):
            return
        reached = min(days for days in THRESHOLDS if days <= first and ends_at - now <= timedelta(days=days))
        later = [days for days in THRESHOLDS if days < reached]
        refreshes = "" if policy.refresh_after_days is None else " Its automatic refresh did not succeed so far."
        yield _condition(
            persona,
            connection,
            NoticeKind.CONNECTION_ENDS,
            what=f"The token {_when(ends_at, now, reached)}.{refreshes}",
            level=str(reached),
            deadline=ends_at,
            remind_at=ends_at - timedelta(days=later[0]) if later else None,
        )

    def _budget(self, persona: Persona, connection: Connection) -> Iterator[Condition]:
        use = self.budgets.use(connection)
        why = use.why(connection) if use else None
        if use is not None and why is not None:
            # Mailed when it is nearly used, and again when it is used up, in each month.
            level = f"{use.month} used up" if use.share_of(connection) >= 1 else use.month if connection.budget else ""
            what = f"{why[0].upper()}{why[1:]}."
            command = budget_command(connection)
            yield _condition(persona, connection, NoticeKind.BUDGET_LOW, what=what, level=level, command=command)


def reconnect_command(connection: Connection) -> str:
    """The command that connects the account again, with the connection's present name and options."""
    named_by_server = connection.channel in _NAMED_BY_SERVER
    account = connection.host if named_by_server and connection.host else connection.account_id
    options = {
        "--login": connection.login,
        "--organization": connection.organization_id,
        "--server": None if named_by_server else connection.host,
        "--visibility": connection.visibility,
    }
    parts = ["shutterpost", "connections", "add", connection.channel, account]
    parts += ["--persona", connection.persona_id, "--name", connection.display_name]
    parts += [part for option, value in options.items() if value for part in (option, value)]
    return shlex.join([*parts, *(["--sensitive"] if connection.sensitive else [])])


def _condition(
    persona: Persona,
    connection: Connection,
    kind: NoticeKind,
    *,
    what: str,
    level: str = "",
    deadline: datetime | None = None,
    remind_at: datetime | None = None,
    command: str | None = None,
) -> Condition:
    return Condition(
        kind=kind,
        subject=connection.connection_id,
        persona_id=persona.persona_id,
        label=f"{persona.name}, {connection.channel} {connection.display_name}",
        what=what,
        level=level,
        commands=(command or reconnect_command(connection),),
        deadline=deadline,
        remind_at=remind_at,
        zone=persona.zone,
    )


def _when(ends_at: datetime, now: datetime, days: int) -> str:
    if ends_at <= now:
        return "has ended"
    return "ends within a day" if days == 1 else f"ends within {days} days"
