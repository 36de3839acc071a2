"""Tables: PynamoDB models that share one DynamoDB client, and get their table's name at wiring."""

from functools import lru_cache

from pynamodb.connection import Connection, TableConnection
from pynamodb.models import Model


@lru_cache
def connection() -> Connection:
    """The process's one DynamoDB connection; region, credentials and endpoint come from the environment."""
    return Connection()


class Table(Model):
    """The base of every item.

    PynamoDB gives each model a client of its own, which costs a cold start tens of milliseconds per model.
    """

    @classmethod
    def _get_connection(cls) -> TableConnection:
        own, shared = super()._get_connection(), connection()
        if own.connection is not shared:
            if own.table_name not in shared._tables:  # noqa: SLF001 - there is no other way to ask
                shared.add_meta_table(own.get_meta_table())
            own.connection = shared
        return own


def bind(model: type[Model], table_name: str) -> None:
    """Point `model` (and what derives from it) at `table_name`; the only place a table name meets a model."""
    model.Meta.table_name = table_name
