"""How each database gives a copy of itself while it is in use, and takes one back in one step."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from sqlalchemy import URL, make_url


class EngineFailedError(Exception):
    """A database program failed; the message is its last line."""


class ProgramMissingError(Exception):
    """A database program is not installed; the message is its name."""


class Engine(Protocol):
    """One database. `name` stands in the manifest: a dump goes back into the engine that it came from."""

    @property
    def name(self) -> str: ...

    def dump(self, folder: Path) -> Path:
        """Write a consistent copy into the folder; its path."""

    def load(self, dump: Path) -> None:
        """Replace the whole content by the copy's, or change nothing."""


def engine_of(url: str) -> Engine:
    """The engine of a SQLAlchemy URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SQLite(Path(parsed.database or ""))
    return PostgreSQL(parsed)


@dataclass(frozen=True)
class SQLite:
    """By SQLite's online backup: whoever else has the database open sees the old content or the new one."""

    file: Path
    name: ClassVar[str] = "sqlite"

    def dump(self, folder: Path) -> Path:
        copy = folder / "anze.db"
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        return copy

    def load(self, dump: Path) -> None:
        with closing(sqlite3.connect(dump)) as source, closing(sqlite3.connect(self.file, timeout=30)) as target:
            source.backup(target)


@dataclass(frozen=True)
class PostgreSQL:
    """By pg_dump and pg_restore, in one transaction."""

    url: URL
    name: ClassVar[str] = "postgresql"

    def dump(self, folder: Path) -> Path:
        copy = folder / "anze.dump"
        self._run("pg_dump", "--format=custom", "--no-owner", f"--file={copy}")
        return copy

    def load(self, dump: Path) -> None:
        self._run(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(dump)
        )

    def _run(self, program: str, *options: str) -> None:
        found = shutil.which(program)
        if found is None:
            raise ProgramMissingError(program)
        # The password goes by the environment: other users of the machine can read a command line.
        address = self.url.set(drivername="postgresql", password=None).render_as_string()
        environment = os.environ | ({"PGPASSWORD": str(self.url.password)} if self.url.password else {})
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [found, f"--dbname={address}", *options], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise EngineFailedError((done.stderr.strip() or program).rsplit("\n", 1)[-1])
