"""The demo data at the tests' moment, made once for all workers of a run; every test begins with a copy."""

import fcntl
import os
from datetime import datetime
from pathlib import Path

from anze.db import Database
from anze.demo.load import load
from anze.demo.sources import sources
from anze.migrate import upgrade
from anze.settings import Settings
from tests.helpers.databases import opened
from tests.helpers.staffing import quicken


def fill(database: Database, now: datetime) -> None:
    """Tables and demo data on an empty database; everybody's password is quick to check."""
    upgrade(database.engine)
    with database.write() as session:
        load(session, now, sources(Settings()))
        quicken(session)


def made_once(path: Path, now: datetime) -> Path:
    """A SQLite file with the demo data at `path`, made by whoever comes first; nobody has it open."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            building = path.with_suffix(f".{os.getpid()}")
            with opened(f"sqlite:///{building}") as database:
                fill(database, now)
            building.rename(path)
    return path
