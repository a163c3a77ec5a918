"""One complainant with a filed complaint, and the officer who sees it."""

import pytest

from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway


@pytest.fixture
async def talk(demo_gateway: Gateway) -> Talk:
    """The first fixed customer (Nanjing)."""
    return Talk(await demo_gateway.bound())


@pytest.fixture
async def number(talk: Talk) -> str:
    """Of the complaint that was filed in the talk."""
    await talk.open()
    return str((await talk.submit())["fields"]["number"])


@pytest.fixture
async def officer(demo_gateway: Gateway) -> Caller:
    """江苏省分公司, whose tree holds Nanjing."""
    return await demo_gateway.staff("intake")
