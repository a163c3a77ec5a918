"""Fixtures for every test: fresh databases on both engines, and a clock that stands still until told."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anze.clock import Clock
from anze.db import Database
from anze.migrate import upgrade
from anze.standard.editions import read_editions, use
from anze.standard.load import KNOWLEDGE
from tests.helpers import demo, postgres
from tests.helpers import gateway as gateways
from tests.helpers.databases import ENGINES, Factory, PostgreSQLFactory, SQLiteFactory, Templates, chosen, opened
from tests.helpers.stack import Stack, running

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on Monday, 23 November 2026 in Shanghai."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Said at the end of every run that leaves an engine out, however quiet it is."""
    if left_out := [name for name in ENGINES if name not in chosen()]:
        terminalreporter.write_line(f"NOT TESTED ON {', '.join(left_out)} (ANZE_TEST_DATABASES)", yellow=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For several workers: the tests of the one running stack stay together and in order, all others by their file."""
    for item in items:
        group = "stack" if "stack" in getattr(item, "fixturenames", ()) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


class Ticks:
    """Monotonic seconds that move only when a test moves them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture(autouse=True)
def _shipped_editions() -> Iterator[None]:
    """What a test laid into its data folder is no edition of the next one."""
    yield
    use(read_editions(KNOWLEDGE, None, Clock().today))


@pytest.fixture
def ticks() -> Ticks:
    """What drives `clock`: `ticks.advance(seconds)`."""
    return Ticks()


@pytest.fixture
def clock(ticks: Ticks) -> Clock:
    """The application's clock at NOW; it stands until `ticks` moves or `move_to` is called."""
    return Clock(NOW, ticks)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of this run's own PostgreSQL server."""
    try:
        postgres.binaries()
    except FileNotFoundError as error:
        pytest.exit(str(error), returncode=3)
    with postgres.server() as address:
        yield address


@pytest.fixture(scope="session", params=chosen())
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Both engines, one after the other; whatever uses it runs on each."""
    factory: Factory = (
        SQLiteFactory(tmp_path_factory.mktemp("sqlite"))
        if request.param == "sqlite"
        else PostgreSQLFactory(request.getfixturevalue("postgresql_server"))
    )
    return Templates(factory)


@contextmanager
def _for_one_test(factory: Factory, url: str) -> Iterator[Database]:
    with opened(url) as database:
        yield database
    factory.drop(url)


def _migrated(database: Database) -> None:
    upgrade(database.engine)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo data around NOW, to be copied."""
    folder = tmp_path_factory.getbasetemp()
    return demo.made_once((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "demo.db", NOW)


@pytest.fixture(scope="module")
def demo_copy(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of one copy for a whole file of tests, where one engine is enough."""
    return SQLiteFactory(tmp_path_factory.mktemp("demo")).copy(f"sqlite:///{demo_file}")


@pytest.fixture(scope="session")
def demo_template(templates: Templates, request: pytest.FixtureRequest) -> str:
    """The URL of a database with the demo data around NOW, to be copied."""
    if isinstance(templates.factory, SQLiteFactory):
        return f"sqlite:///{request.getfixturevalue('demo_file')}"
    return templates.ready("demo", lambda database: demo.fill(database, NOW))


@pytest.fixture
def empty_database(templates: Templates) -> Iterator[Database]:
    """A database without any table."""
    with _for_one_test(templates.factory, templates.factory.empty()) as database:
        yield database


@pytest.fixture
def database(templates: Templates) -> Iterator[Database]:
    """A migrated database without data, on SQLite and on PostgreSQL."""
    with _for_one_test(templates.factory, templates.factory.copy(templates.ready("migrated", _migrated))) as database:
        yield database


@pytest.fixture
def demo_database(templates: Templates, demo_template: str) -> Iterator[Database]:
    """A database with the demo data around NOW, on SQLite and on PostgreSQL."""
    with _for_one_test(templates.factory, templates.factory.copy(demo_template)) as database:
        yield database


@pytest.fixture
async def gateway(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[gateways.Gateway]:
    """The gateway over a database that holds the head office and nothing else; Rasa is a fake."""
    gateways.head_office(database)
    async with gateways.opened(database, clock, tmp_path) as opened:
        yield opened


@pytest.fixture
async def demo_gateway(demo_database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[gateways.Gateway]:
    """The gateway over the demo data; Rasa is a fake."""
    async with gateways.opened(demo_database, clock, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`anze serve` with the demo data at NOW and its own Rasa, one for the whole run; its clock runs on."""
    with running(tmp_path_factory.mktemp("stack"), NOW.isoformat()) as started:
        yield started
