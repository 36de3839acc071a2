"""Connections in DynamoDB, one item per persona and account."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import Attribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shutterpost.channels.connection import Budget, Connection, ConnectionStatus, Login, QuotaUse, Visibility
from shutterpost.channels.refusals import ConnectionUnknown
from shutterpost.channels.server import ServerLimits
from shutterpost.runtime.tables import InstantAttribute, Table


class ConnectionItem(Table):
    class Meta:
        table_name = "channels"

    persona_id = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute()
    channel = UnicodeAttribute()
    display_name = UnicodeAttribute()
    account_id = UnicodeAttribute()
    login = UnicodeAttribute(null=True)
    organization_id = UnicodeAttribute(null=True)
    host = UnicodeAttribute(null=True)
    visibility = UnicodeAttribute(null=True)
    sensitive = BooleanAttribute(null=True)
    limits = JSONAttribute(null=True)
    budget = JSONAttribute(null=True)
    status = UnicodeAttribute()
    status_reason = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    last_used_at = InstantAttribute(null=True)
    checked_at = InstantAttribute(null=True)
    quota_used = NumberAttribute(null=True)
    quota_total = NumberAttribute(null=True)
    token_updated_at = InstantAttribute(null=True)
    token_expires_at = InstantAttribute(null=True)
    scopes = JSONAttribute(null=True)
    # The session that is renewed, named by its end, and how long that is claimed.
    renews_session_of = InstantAttribute(null=True)
    renews_until = InstantAttribute(null=True)


def connection_id_of(persona_id: str, channel: str, account_id: str) -> str:
    """The id of an account of a persona; the same arguments give the same id."""
    return "c" + hashlib.sha256("\n".join((persona_id, channel, account_id)).encode()).hexdigest()[:12]


class ConnectionStore:
    """The connections of all personas; instants are aware and passed in."""

    def connect(
        self,
        *,
        persona_id: str,
        owner: str,
        channel: str,
        account_id: str,
        display_name: str,
        now: datetime,
        login: Login | None = None,
        organization_id: str | None = None,
        host: str | None = None,
        visibility: Visibility | None = None,
        sensitive: bool = False,
        limits: ServerLimits | None = None,
        token_expires_at: datetime | None = None,
        scopes: Sequence[str] | None = None,
    ) -> Connection:
        """Create or reconnect the connection. Raises `ConnectionUnknown` where it exists for another owner."""
        connection = Connection(
            connection_id=connection_id_of(persona_id, channel, account_id),
            persona_id=persona_id,
            owner=owner,
            channel=channel,
            display_name=display_name,
            account_id=account_id,
            login=login,
            organization_id=organization_id,
            host=host,
            visibility=visibility,
            sensitive=sensitive,
            limits=limits,
            created_at=now,
            updated_at=now,
            token_updated_at=now,
            token_expires_at=token_expires_at,
            scopes=None if scopes is None else tuple(scopes),
        )
        facts: tuple[tuple[Attribute[Any], Any], ...] = (
            (ConnectionItem.owner, owner),
            (ConnectionItem.channel, channel),
            (ConnectionItem.display_name, display_name),
            (ConnectionItem.account_id, account_id),
            (ConnectionItem.login, login),
            (ConnectionItem.organization_id, organization_id),
            (ConnectionItem.host, host),
            (ConnectionItem.visibility, visibility),
            (ConnectionItem.sensitive, sensitive or None),
            (ConnectionItem.limits, limits.model_dump(mode="json") if limits else None),
            (ConnectionItem.status, ConnectionStatus.CONNECTED.value),
            (ConnectionItem.status_reason, None),
            (ConnectionItem.updated_at, now),
            (ConnectionItem.token_updated_at, now),
            (ConnectionItem.token_expires_at, token_expires_at),
            (ConnectionItem.scopes, None if scopes is None else list(scopes)),
        )
        actions = [name.remove() if value is None else name.set(value) for name, value in facts]
        actions.append(ConnectionItem.created_at.set(ConnectionItem.created_at | now))
        mine = ConnectionItem.owner.does_not_exist() | (ConnectionItem.owner == owner)
        written = _update(persona_id, connection.connection_id, actions, mine)
        if written is None:
            raise _unknown(persona_id, connection.connection_id)
        return written

    def get(self, persona_id: str, connection_id: str) -> Connection:
        """The connection, read consistently; raises `ConnectionUnknown`."""
        try:
            return _value(ConnectionItem.get(persona_id, connection_id, consistent_read=True))
        except ConnectionItem.DoesNotExist:
            raise _unknown(persona_id, connection_id) from None

    def list(self, persona_id: str) -> tuple[Connection, ...]:
        """All connections of a persona, of every status, ordered by id."""
        return tuple(_value(item) for item in ConnectionItem.query(persona_id, consistent_read=True))

    def mark_error(self, seen: Connection, reason: str, now: datetime) -> Connection:
        """Set status `error`, unless it was revoked or got another token since it was `seen`."""
        return self._change(
            seen,
            [ConnectionItem.status.set(ConnectionStatus.ERROR.value), ConnectionItem.status_reason.set(reason)],
            now,
            ConnectionItem.status != ConnectionStatus.REVOKED.value,
        )

    def mark_connected(self, seen: Connection, now: datetime) -> Connection:
        """End the status `error`, and return the connection as stored."""
        return self._change(
            seen,
            [ConnectionItem.status.set(ConnectionStatus.CONNECTED.value), ConnectionItem.status_reason.remove()],
            now,
            ConnectionItem.status == ConnectionStatus.ERROR.value,
        )

    def token_replaced(self, seen: Connection, now: datetime, expires_at: datetime | None) -> Connection:
        """Record a token stored at `now`, and return the connection as stored."""
        expiry = ConnectionItem.token_expires_at
        return self._change(
            seen,
            [
                ConnectionItem.token_updated_at.set(now),
                expiry.remove() if expires_at is None else expiry.set(expires_at),
            ],
            now,
            ConnectionItem.status != ConnectionStatus.REVOKED.value,
        )

    def revoke(self, persona_id: str, connection_id: str, now: datetime) -> Connection:
        """Revoke the connection. Idempotent. Raises `ConnectionUnknown`."""
        actions = [
            ConnectionItem.status.set(ConnectionStatus.REVOKED.value),
            ConnectionItem.status_reason.remove(),
            ConnectionItem.token_expires_at.remove(),
            ConnectionItem.updated_at.set(now),
        ]
        written = _update(persona_id, connection_id, actions, ConnectionItem.connection_id.exists())
        if written is None:
            raise _unknown(persona_id, connection_id)
        return written

    def touch(self, persona_id: str, connection_id: str, now: datetime) -> None:
        """Record that the connection was used at `now`."""
        last = ConnectionItem.last_used_at
        newer = ConnectionItem.connection_id.exists() & (last.does_not_exist() | (last < now))
        _update(persona_id, connection_id, [last.set(now)], newer)

    def note_check(self, persona_id: str, connection_id: str, now: datetime) -> None:
        """Record that a check of the connection's token begins at `now`."""
        exists = ConnectionItem.connection_id.exists()
        _update(persona_id, connection_id, [ConnectionItem.checked_at.set(now)], exists)

    def note_quota(self, persona_id: str, connection_id: str, quota: QuotaUse, now: datetime) -> None:
        """Store how much of the quota was used at `now`."""
        used, total = ConnectionItem.quota_used.set(quota.used), ConnectionItem.quota_total.set(quota.total)
        actions = [used, total, ConnectionItem.checked_at.set(now)]
        _update(persona_id, connection_id, actions, ConnectionItem.connection_id.exists())

    def note_limits(self, persona_id: str, connection_id: str, limits: ServerLimits) -> None:
        exists = ConnectionItem.connection_id.exists()
        _update(persona_id, connection_id, [ConnectionItem.limits.set(limits.model_dump(mode="json"))], exists)

    def set_budget(self, persona_id: str, connection_id: str, budget: Budget | None) -> Connection:
        """Set or remove the monthly budget. Idempotent. Raises `ConnectionUnknown`."""
        action = ConnectionItem.budget.set(budget.model_dump(mode="json")) if budget else ConnectionItem.budget.remove()
        written = _update(persona_id, connection_id, [action], ConnectionItem.connection_id.exists())
        if written is None:
            raise _unknown(persona_id, connection_id)
        return written

    def _change(self, seen: Connection, actions: Sequence[Action], now: datetime, condition: Condition) -> Connection:
        token_age = ConnectionItem.token_updated_at
        same = token_age.does_not_exist() if seen.token_updated_at is None else token_age == seen.token_updated_at
        written = _update(
            seen.persona_id,
            seen.connection_id,
            [*actions, ConnectionItem.updated_at.set(now)],
            ConnectionItem.connection_id.exists() & same & condition,
        )
        return written or self.get(seen.persona_id, seen.connection_id)


def claim_renewal(persona_id: str, connection_id: str, *, ends_at: datetime, now: datetime, until: datetime) -> bool:
    """Claim the renewal of the connection's session that ends at `ends_at`; one at a time is claimed."""
    session, claimed = ConnectionItem.renews_session_of, ConnectionItem.renews_until
    free = claimed.does_not_exist() | (claimed < now) | (session != ends_at)
    actions = [session.set(ends_at), claimed.set(until)]
    return _update(persona_id, connection_id, actions, ConnectionItem.connection_id.exists() & free) is not None


def _update(persona_id: str, connection_id: str, actions: Sequence[Action], condition: Condition) -> Connection | None:
    item = ConnectionItem(persona_id, connection_id)
    try:
        item.update(actions=list(actions), condition=condition)
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return None
    return _value(item)


def _value(item: ConnectionItem) -> Connection:
    return Connection.model_validate(item.attribute_values)


def _unknown(persona_id: str, connection_id: str) -> ConnectionUnknown:
    return ConnectionUnknown(
        f"Persona {persona_id} has no connection {connection_id}; list its connections to see which it has.",
        connection_id=connection_id,
    )
