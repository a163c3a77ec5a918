"""The database: engine, base class, column types, unit of work. Models live with their nouns."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant on every engine (SQLite keeps no zone). Refuses a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Instant,
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own advice: we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def make_engine(url: str) -> Engine:
    """An engine with what each database needs; SQLite: WAL, foreign keys, one immediate writer at a time."""
    if not url.startswith("sqlite"):
        # Of a prepared statement PostgreSQL soon keeps one plan for every scope: a province's queue was read like the
        # whole country's (bench/complaint_queue.py).
        plain = {"prepare_threshold": None}
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args=plain)
    engine = create_engine(url)
    event.listen(engine, "connect", _sqlite_pragmas)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once with "database is locked"
        # when another one wrote between; an immediate one waits its turn.
        immediate = not connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def insert_of(session: Session) -> Callable[[Any], sqlite.Insert | postgresql.Insert]:
    """The INSERT of the session's engine that knows ON CONFLICT."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def insert_missing(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is there; whether it was inserted.

    Of two that try at once the second waits for the first and does nothing.
    """
    insert = insert_of(session)
    # Not by rowcount: psycopg gives none for a statement of the ORM.
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(*model.__mapper__.primary_key)
    return session.execute(statement).first() is not None


class Database:
    """Hands out units of work. Use cases receive the open session and never commit; the edge does, here."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite has one writer; waiting here is fair and quick, its own busy handler polls.
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._readers = sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction, committed at the end, rolled back on any error."""
        with self._writer, self._sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for reading; what it changes is undone. What was read can still be looked at afterwards."""
        # Closing lets the objects go before it rolls back; a rollback first would leave them without their values.
        with self._readers() as session:
            yield session

    async def in_write[T](self, work: Callable[[Session], T]) -> T:
        """Run `work` in one writing unit, off the event loop."""

        def run() -> T:
            with self.write() as session:
                return work(session)

        return await anyio.to_thread.run_sync(run)

    async def in_read[T](self, work: Callable[[Session], T]) -> T:
        """Run `work` in one reading unit, off the event loop."""

        def run() -> T:
            with self.read() as session:
                return work(session)

        return await anyio.to_thread.run_sync(run)

    def dispose(self) -> None:
        self.engine.dispose()
