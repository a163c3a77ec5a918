"""The database's schema: bring it up to date, say where it stands. The steps are in anze/migrations/versions."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 9010_1
"""PostgreSQL's advisory lock: of two processes that start at once, one migrates and the other waits."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


@cache
def head() -> str:
    """The revision that this program needs."""
    revision = ScriptDirectory(str(_FOLDER)).get_current_head()
    if revision is None:
        raise LookupError(f"no migrations in {_FOLDER}")
    return revision


def current(engine: Engine) -> str | None:
    """The revision of the database; None for an empty one."""
    with engine.connect().execution_options(read_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema that this program needs."""
    return current(engine) == head()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`, in one transaction: it succeeds or changes nothing."""
    with engine.begin() as connection:
        _lock(connection)
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision` ("base": no tables at all), in one transaction."""
    with engine.begin() as connection:
        _lock(connection)
        command.downgrade(_config(connection), revision)
