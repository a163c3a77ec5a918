"""What was put right too late stays red until it is verified; once closed nothing is left to be done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from anze.clock import Clock
from anze.hazards import desk
from anze.hazards import usecases as hazards
from anze.hazards.models import Hazard
from anze.reports.models import Candidate
from anze.serve.sweep import sweep
from anze.tasks.models import Task, TaskKind
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


async def test_a_closed_hazard_leaves_no_task_behind(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    """The working day after a missed date the branch gets a task (T+1); it ends when the hazard is closed."""
    firm, service = await firm_of(demo_gateway), staff(demo_gateway, "service")
    number = find()["number"]
    await firm.do(hazards.propose, firm.calendar, number, "2026-11-25")
    write(demo_gateway, lambda s: desk.accept(s, service, number, 1, NOW, firm.calendar))

    def open_tasks() -> int:
        with demo_gateway.db.read() as session:
            id_ = session.scalars(select(Hazard.id).where(Hazard.number == number)).one()
            about = Task.subject.startswith(f"hazard:{id_}:")
            waiting = select(Task).where(Task.kind == TaskKind.HAZARD_DATE, about, Task.done_at.is_(None))
            return len(session.scalars(waiting).all())

    def candidates() -> list[str]:
        with demo_gateway.db.read() as session:
            id_ = session.scalars(select(Hazard.id).where(Hazard.number == number)).one()
            return list(session.scalars(select(Candidate.kind).where(Candidate.subject == f"hazard:{id_}")))

    assert open_tasks() == 0, "the date was agreed"
    assert candidates() == []
    clock.move_to(NOW + timedelta(days=3))
    for _ in range(2):
        await sweep(demo_gateway.services)
    assert open_tasks() == 1
    assert candidates() == ["a"], "the sweep noted the missed date, once (9.2 a)"
    write(demo_gateway, lambda s: desk.close(s, service, number, "现场看过，改好了", clock.now()))
    assert open_tasks() == 0
    assert candidates() == ["a"], "closing it late cures nothing"
