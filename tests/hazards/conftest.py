"""A hazard of the second fixed customer, found by its own provider."""

from collections.abc import Callable
from typing import Any

import pytest

from anze.hazards import usecases as hazards
from anze.hazards.models import HazardLevel
from tests.helpers.firm import check_of, staff, write
from tests.helpers.gateway import Gateway

WORDS = {
    "place": "二号车间东门",
    "description": "配电箱门缺失，带电部位外露",
    "basis": "GB 50054 第 5.1.1 条；重大事故隐患判定标准第 3 条",
    "advice": "加装箱门并上锁",
}


@pytest.fixture
def find(demo_gateway: Gateway) -> Callable[..., dict[str, Any]]:
    """Note a hazard as the provider's people do; what `found` gives."""
    count = iter(range(1, 100))
    service = check_of(demo_gateway)

    def note(level: str = "major", **more: Any) -> dict[str, Any]:
        provider = staff(demo_gateway, "provider-2")
        fields = WORDS | {"client_id": f"c-{next(count)}", "file_ids": []} | more
        now = demo_gateway.services.clock.now()
        return write(
            demo_gateway,
            lambda s: hazards.found(s, provider, service.number, level=HazardLevel(level), now=now, **fields),
        )

    return note
