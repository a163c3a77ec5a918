import pytest

from anze.clock import Clock
from anze.db import Database
from tests.helpers.reminding import World


@pytest.fixture
def world(database: Database, clock: Clock) -> World:
    """10:00 on Monday, 23 November 2026; one branch, nobody else."""
    return World(database, clock)
