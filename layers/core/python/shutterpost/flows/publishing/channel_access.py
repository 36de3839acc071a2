"""Access to the accounts that posts go to: connections with their tokens, and the adapters of their channels."""

from shutterpost.channels import (
    Account,
    Catalogue,
    Cause,
    Channel,
    ChannelFactory,
    ChannelRow,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    ConnectionUnknown,
    Failure,
    FailureClass,
    Tokens,
)
from shutterpost.flows.flow import flow
from shutterpost.scheduling import Schedule

UNUSABLE = "connection-unusable"


@flow
class ChannelAccess:
    """Resolves a schedule to its channel's catalogue row and adapter, and to its account."""

    connections: ConnectionStore
    tokens: Tokens
    channels: ChannelFactory
    catalogue: Catalogue

    def row(self, schedule: Schedule) -> ChannelRow:
        return self.catalogue.row(schedule.channel)

    def submits_visibly(self, schedule: Schedule) -> bool:
        """Whether a submission is visible or is published without a further call, so that a lost answer is unclear."""
        return self.row(schedule).ambiguous_from == "submitting"

    def adapter(self, schedule: Schedule) -> Channel:
        return self.channels(schedule.channel)

    def connection(self, schedule: Schedule) -> Connection:
        """The schedule's connection; raises `ConnectionUnknown`."""
        return self.connections.get(schedule.persona_id, schedule.connection_id)

    def account(self, schedule: Schedule) -> Account | Failure:
        """The connection with its token, or why it cannot be used."""
        try:
            connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        except ConnectionUnknown as refusal:
            return _unusable(refusal.detail)
        if connection.status is not ConnectionStatus.CONNECTED:
            return _unusable(f"The connection is {connection.state}; connect the account again, then retry this post.")
        return self.tokens.account(connection)


def _unusable(message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.TOKEN, code=UNUSABLE, message=message)
