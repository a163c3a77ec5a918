"""A fresh database for each test, copied from one that was migrated (and filled) once."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from anze.db import Database, make_engine

ENGINES = ("sqlite", "postgresql")


def chosen() -> list[str]:
    """The engines to test on: all, unless ANZE_TEST_DATABASES names fewer."""
    names = os.environ.get("ANZE_TEST_DATABASES", ",".join(ENGINES)).split(",")
    if unknown := set(names) - set(ENGINES):
        raise ValueError(f"ANZE_TEST_DATABASES: unknown {', '.join(sorted(unknown))}")
    return names


class SQLiteFactory:
    """Databases as files; a template is a file that is copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def empty(self) -> str:
        """The URL of a new, empty database."""
        self._count += 1
        return f"sqlite:///{self._folder / f'{self._count}.db'}"

    def copy(self, template: str) -> str:
        """The URL of a new database that equals the template (which nobody has open)."""
        url = self.empty()
        shutil.copyfile(Path(make_url(template).database or ""), Path(make_url(url).database or ""))
        return url

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{make_url(url).database}{ending}").unlink(missing_ok=True)


class PostgreSQLFactory:
    """Databases of one server; a template is a database that is cloned."""

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self._count = 0

    def _run(self, statement: str) -> None:
        admin = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)
        admin.dispose()

    def _create(self, clause: str) -> str:
        self._count += 1
        name = f"test_{self._count}"
        self._run(f"CREATE DATABASE {name} {clause}")
        return self._server.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        """The URL of a new, empty database."""
        return self._create("")

    def copy(self, template: str) -> str:
        """The URL of a new database that equals the template (which nobody has open).

        By its files: twice as quick here as through the log, which nobody reads.
        """
        return self._create(f"TEMPLATE {make_url(template).database} STRATEGY FILE_COPY")

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


type Factory = SQLiteFactory | PostgreSQLFactory


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at `url`, all its connections closed afterwards."""
    database = Database(make_engine(url))
    try:
        yield database
    finally:
        database.dispose()


class Templates:
    """Templates by name for one engine, each prepared on first use."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self._ready: dict[str, str] = {}

    def ready(self, name: str, prepare: Callable[[Database], None]) -> str:
        """The URL of the template `name`, which `prepare` fills on an empty database once."""
        if name not in self._ready:
            url = self.factory.empty()
            with opened(url) as database:
                prepare(database)
            self._ready[name] = url
        return self._ready[name]
