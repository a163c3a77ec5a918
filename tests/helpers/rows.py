"""Every row of a database before and after: what was added, what was changed, what was removed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from anze.db import Database
from anze.models import Base

Row = dict[str, Any]
Snapshot = dict[str, dict[tuple[Any, ...], Row]]
"""Table → primary key → row."""


def snapshot(database: Database) -> Snapshot:
    """All rows of all tables, read in one transaction."""
    with database.read() as session:
        found: Snapshot = {}
        for table in Base.metadata.sorted_tables:
            key = [column.name for column in table.primary_key.columns]
            rows = session.execute(select(table)).mappings()
            found[table.name] = {tuple(row[name] for name in key): dict(row) for row in rows}
        return found


@dataclass
class Difference:
    """Between two snapshots, by table; tables without a difference are left out. Rows in the order of their keys."""

    added: dict[str, list[Row]] = field(default_factory=dict)
    changed: dict[str, list[Row]] = field(default_factory=dict)
    removed: dict[str, list[Row]] = field(default_factory=dict)


def difference(before: Snapshot, after: Snapshot) -> Difference:
    found = Difference()
    for table, rows in after.items():
        old = before[table]
        _note(found.added, table, rows, lambda key, old=old: key not in old)  # type: ignore[misc]
        _note(found.changed, table, rows, lambda key, old=old, rows=rows: key in old and old[key] != rows[key])  # type: ignore[misc]
        _note(found.removed, table, old, lambda key, rows=rows: key not in rows)  # type: ignore[misc]
    return found


def _note(
    into: dict[str, list[Row]], table: str, rows: dict[tuple[Any, ...], Row], wanted: Callable[[Any], bool]
) -> None:
    if chosen := [rows[key] for key in sorted(key for key in rows if wanted(key))]:
        into[table] = chosen
