"""Many rows in few statements, on both engines: PostgreSQL's COPY and arrays, SQLite's prepared statements."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any, cast

from sqlalchemy import ColumnElement, any_, bindparam, insert, literal, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

_PIECE = 500
"""Values named in one condition"""


def pieces[T](values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that one condition can name, each once."""
    yield from batched(dict.fromkeys(values), _PIECE)


def among(session: Session, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column has one of the values: for PostgreSQL one array, as five hundred parameters cost more to send
    and to plan than what they find."""
    if _is_postgresql(session):
        return cast("ColumnElement[bool]", column == any_(literal(list(values), ARRAY(column.type))))
    return cast("ColumnElement[bool]", column.in_(values))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def add(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    if _is_postgresql(session):
        _copy(session, model, rows)
    else:
        session.execute(insert(model), rows)


def add_with_ids(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> list[int]:
    """Insert, and give the new ids in the order of the rows."""
    if not rows:
        return []
    if not _is_postgresql(session):
        statement = insert(model).returning(model.id, sort_by_parameter_order=True)
        return list(session.scalars(statement, rows))
    taken = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    ids = [int(id_) for id_ in session.scalars(taken, {"name": model.__tablename__, "count": len(rows)})]
    _copy(session, model, [{"id": id_} | row for id_, row in zip(ids, rows, strict=True)])
    return ids


def _copy(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """In the session's own transaction. What a column has by default outside the database is filled in here."""
    table = model.__table__
    given = rows[0].keys()
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if column.default is not None and column.default.is_scalar and column.name not in given
    }
    names = [*given, *defaults]
    quoted = session.get_bind().dialect.identifier_preparer.quote
    columns = ", ".join(quoted(name) for name in names)
    session.flush()
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([*(_plain(row[name]) for name in given), *defaults.values()])
    cursor.close()


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


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
