"""What is red stays red on the list when it was put right too late and nobody has verified it yet."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from anze.clock import Clock
from anze.hazards import desk
from anze.hazards import usecases as hazards
from tests.conftest import NOW
from tests.helpers.firm import firm_of, staff, write
from tests.helpers.gateway import Gateway

Find = Callable[..., dict[str, Any]]


async def test_reported_after_its_date_it_is_red_and_not_overdue(
    demo_gateway: Gateway, find: Find, clock: Clock
) -> None:
    firm, service = await firm_of(demo_gateway), staff(demo_gateway, "service")
    late, in_time = find()["number"], find()["number"]
    for number in (late, in_time):
        await firm.do(hazards.propose, firm.calendar, number, "2026-11-24")
        write(demo_gateway, lambda s, no=number: desk.accept(s, service, no, 1, NOW, firm.calendar))
    clock.move_to(NOW.replace(hour=15, minute=59, second=59) + timedelta(days=1))
    await firm.do(hazards.report_done, in_time, text="改好了")
    clock.move_to(NOW.replace(hour=16) + timedelta(days=1))
    await firm.do(hazards.report_done, late, text="改好了")
    officer = await demo_gateway.staff("service")

    async def listed(which: str) -> dict[str, str]:
        answer = (await officer.get("/api/staff/hazards", which=which, size=200)).json()
        return {one["number"]: one["state"] for one in answer["items"]}

    assert (await listed("red")).get(late) == "reported_late"
    assert in_time not in await listed("red")
    assert {late: "reported_late", in_time: "reported"}.items() <= (await listed("reported")).items()
    assert late not in await listed("overdue"), "overdue: nothing was put right"
