"""Rows that are never changed, removed or replaced, in the words of each engine (7.4). For migrations from 0012 on."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op


def guard(table: str, *keys: Iterable[str]) -> None:
    """Triggers that refuse UPDATE and DELETE of a table, and SQLite's OR REPLACE by any of its unique `keys`."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"""
            CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION anze_refuse();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION anze_refuse();
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_guard;
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
        """)
        return
    # INSERT OR REPLACE removes whoever holds the key without firing a DELETE trigger.
    same = " OR ".join("(" + " AND ".join(f"{name} = NEW.{name}" for name in key) + ")" for key in keys)
    for what, event in (
        ("changed", f"{table}_no_update BEFORE UPDATE ON {table}"),
        ("removed", f"{table}_no_delete BEFORE DELETE ON {table}"),
        (
            "replaced",
            f"{table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})",  # noqa: S608
        ),
    ):
        op.execute(sa.text(f"CREATE TRIGGER {event} BEGIN SELECT RAISE(ABORT, '{table}: rows are never {what}'); END"))
