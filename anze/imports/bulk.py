"""Many rows in few statements, on both engines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from anze.db import Base

_PIECE = 500
"""Values named in one IN: below every engine's limit of parameters"""


def pieces[T](values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that one IN can name, each once."""
    yield from batched(dict.fromkeys(values), _PIECE)


def add(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), rows)


def add_with_ids(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> list[int]:
    """Insert, and give the new ids in the order of the rows."""
    if not rows:
        return []
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def change(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """Set the columns of rows that are named by `id`; rows with the same columns go together."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_columns.setdefault(tuple(sorted(row.keys() - {"id"})), []).append(row)
    table = model.__table__
    for columns, same in by_columns.items():
        if columns:
            statement = update(table).where(table.c.id == bindparam("_id"))
            statement = statement.values({name: bindparam(f"_{name}") for name in columns})
            session.connection().execute(
                statement, [{f"_{name}": value for name, value in row.items()} for row in same]
            )


def remove(session: Session, model: type[Any], keys: Iterable[dict[str, Any]], *by: InstrumentedAttribute[Any]) -> None:
    """Remove the rows that are named by the columns `by`."""
    table = model.__table__
    rows = [{f"_{column.key}": key[column.key] for column in by} for key in keys]
    if rows:
        statement = table.delete()
        for column in by:
            statement = statement.where(table.c[column.key] == bindparam(f"_{column.key}"))
        session.connection().execute(statement, rows)
