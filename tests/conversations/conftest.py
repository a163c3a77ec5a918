"""The database and the client of the shared stack."""

from collections.abc import Iterator

import httpx
import pytest

from anze.db import Database, make_engine
from tests.conversations.firms import Firms
from tests.helpers.stack import Stack


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
def unused_firms(stack_database: Database) -> Firms:
    return Firms(stack_database)
