"""The pack's table."""

from shutterpost.channels.answers.store import UnknownAnswerItem
from shutterpost.channels.store import ConnectionItem
from shutterpost.runtime.tables import bind


def use_table(name: str) -> None:
    """Keep connections and unknown answers in the DynamoDB table `name`; called once, at wiring."""
    bind(ConnectionItem, name)
    bind(UnknownAnswerItem, name)
