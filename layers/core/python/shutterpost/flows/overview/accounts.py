"""What a persona's accounts need of a person. Pure; the time is passed in."""

from collections.abc import Iterator
from datetime import datetime

from shutterpost.channels import Catalogue, Connection, ConnectionStatus
from shutterpost.flows.overview.needs import Need, NeedKind, need_of
from shutterpost.flows.planning.budgets import BudgetUse
from shutterpost.flows.planning.circuits import OpenCircuit
from shutterpost.flows.records.actions import ApiCall
from shutterpost.personas import Persona

TOKEN_WARNING_DAYS = 15


def account_needs(
    persona: Persona, connection: Connection, circuit: OpenCircuit | None, catalogue: Catalogue, now: datetime
) -> Iterator[Need]:
    """What a connection needs that is not revoked; `circuit` is its open circuit breaker."""
    what, ids = f"{connection.display_name} of {persona.name}", {"connection_id": connection.connection_id}
    if circuit is not None:
        reset = ApiCall(operation="resetConnection", parameters={"persona_id": persona.persona_id, **ids})
        yield need_of(
            persona, NeedKind.CIRCUIT_OPEN, what, f"several failed: {circuit.reason}", reset, until=circuit.until, **ids
        )
    again = reconnection(connection)
    if connection.status is ConnectionStatus.ERROR:
        why = connection.status_reason or "its token does not work"
        yield need_of(persona, NeedKind.ACCOUNT_ERROR, what, why, again, **ids)
        return
    left = catalogue.row(connection.channel).token_policy(connection).days_left(connection, now)
    if left is not None and left < TOKEN_WARNING_DAYS:
        yield need_of(persona, NeedKind.TOKEN_EXPIRES, what, f"its token expires in {left} days", again, **ids)


def budget_needs(persona: Persona, connection: Connection, use: BudgetUse | None) -> Iterator[Need]:
    """What the budget of a connection needs, on a channel that charges for posts."""
    why = use.why(connection) if use else None
    if why is not None:
        ids = {"connection_id": connection.connection_id}
        budget = ApiCall(
            operation="setBudget", parameters={"persona_id": persona.persona_id, **ids}, asks=("posts", "dollars")
        )
        what = f"{connection.display_name} of {persona.name}"
        yield need_of(persona, NeedKind.BUDGET_LOW, what, why, budget, **ids)


def missing_account(persona: Persona) -> Need:
    connect = ApiCall(
        operation="connectAccount",
        parameters={"persona_id": persona.persona_id},
        asks=("channel", "account_id", "token"),
    )
    return need_of(persona, NeedKind.NO_ACCOUNT, persona.name, "no account is connected", connect)


def reconnection(connection: Connection) -> ApiCall:
    """Connects an account again as it was connected, with a new token."""
    known = {"channel", "account_id", "display_name", "login", "organization_id", "host", "visibility", "sensitive"}
    return ApiCall(
        operation="connectAccount",
        parameters={"persona_id": connection.persona_id},
        body=connection.model_dump(mode="json", include=known, exclude_defaults=True),
        asks=("token",),
    )
