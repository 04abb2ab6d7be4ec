"""Run the steps on the connection that `config.migrating` hands over; there is no other way in."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.schema import SchemaItem

from app.models import metadata

# Any two that migrate at the same time take turns; the number is arbitrary, and the same for ever.
_ONE_AT_A_TIME = 7_364_128_501


def ours(
    _item: SchemaItem,
    name: str | None,
    _kind: Literal["schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint"],
    _reflected: bool,  # noqa: FBT001 - Alembic calls with positions
    _compared_to: SchemaItem | None,
) -> bool:
    """Leave the job queue's own tables out of comparisons: its package defines them."""
    return not (name or "").startswith("procrastinate_")


def migrate(connection: Connection) -> None:
    """Take the turn, then take the steps, each in a transaction of its own."""
    connection.execute(text("SELECT pg_advisory_lock(:turn)"), {"turn": _ONE_AT_A_TIME})
    # A step that has to wait for a table longer than this gives way, so that teachers don't wait behind it.
    connection.execute(text("SET lock_timeout = '4s'"))
    # The owner is held by the wall between alliances too; a step sees to the rows of all.
    connection.execute(text("SET backrow.alliance = '*'"))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=ours,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": _ONE_AT_A_TIME})
        connection.commit()


migrate(context.config.attributes["connection"])
