"""The gateway with a second edition in its data folder, in force a week after NOW."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from anze.clock import Clock
from anze.db import Database
from tests.helpers import gateway as gateways
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.second_edition import second_edition

FROM = date(2026, 11, 30)
"""A Monday; NOW is the Monday before."""
AFTER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
async def demo_gateway(demo_database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[Gateway]:
    """The gateway over the demo data, with two editions; Rasa is a fake."""
    second_edition(tmp_path, FROM)
    async with gateways.opened(demo_database, clock, tmp_path) as opened:
        yield opened


@pytest.fixture
async def talk(demo_gateway: Gateway) -> Talk:
    return Talk(await demo_gateway.bound())


@pytest.fixture
async def officer(demo_gateway: Gateway) -> Caller:
    """江苏省分公司, whose tree holds Nanjing."""
    return await demo_gateway.staff("intake")
