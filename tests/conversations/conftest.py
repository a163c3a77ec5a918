"""The stack that all conversations share."""

from collections.abc import Iterator

import httpx
import pytest

from anze.db import Database, make_engine
from tests.conversations.runner import firms
from tests.helpers.rows import Row
from tests.helpers.stack import Stack, running

NOW = "2026-11-23T10:00+08:00"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`anze serve` with the demo data on Monday, 23 November 2026, 10:00; it runs on from there."""
    with running(tmp_path_factory.mktemp("stack"), NOW) as started:
        yield started


@pytest.fixture(scope="session")
def stack_database(stack: Stack) -> Iterator[Database]:
    """The stack's own database, for looking at it."""
    database = Database(make_engine(stack.settings.database))
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def client(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def unused_firms(stack_database: Database) -> list[Row]:
    return firms(stack_database)
