"""An extension (6.4 c) read as somebody who would like to have one: who approves it, and when asking ends."""

import pytest
from sqlalchemy import func, select

from anze.audit.models import AuditEvent
from anze.clock import Clock
from anze.complaints import escalating, extending
from anze.complaints.handling_models import Extension
from anze.tasks.models import Task, TaskKind
from tests.complaints.test_decision import PARTS
from tests.complaints.test_handling import Desk, shanghai
from tests.complaints.test_interest import registered
from tests.helpers.gateway import Caller, Gateway


@pytest.fixture
def desk(demo_gateway: Gateway, officer: Caller, number: str) -> Desk:
    return Desk(demo_gateway, officer, number)


async def asked(desk: Desk) -> None:
    await desk.ok("accept")
    await desk.ok("classify", reason="要核对三家机构的记录")
    await desk.ok("extend", reason="有一家在外地")


async def escalated(desk: Desk) -> int:
    here = desk.gateway.services
    return await here.db.in_write(lambda session: extending.escalate(session, here.clock.now(), here.calendar))


def open_requests(desk: Desk) -> int:
    with desk.gateway.db.read() as session:
        ids = session.scalars(select(Extension.id).where(Extension.complaint_id == desk.row.id)).all()
        tasks = session.scalars(select(Task).where(Task.kind == TaskKind.EXTENSION, Task.done_at.is_(None))).all()
        return sum(task.subject.startswith(f"extension:{id_}:") for task in tasks for id_ in ids)


@pytest.mark.parametrize("end", ["withdraw", "decide", "merge"])
async def test_a_request_ends_with_its_case(desk: Desk, clock: Clock, end: str) -> None:
    """Otherwise it is asked for again every working day for ever, with an event and a task each time."""
    other = await registered(desk.officer, contact_phone=desk.row.contact_phone)
    await asked(desk)
    assert open_requests(desk) == 1
    body = {"withdraw": {"said": "不投诉了"}, "decide": PARTS, "merge": {"into": other}}[end]
    await desk.ok(end, **body)
    assert open_requests(desk) == 0
    for day in ("2026-11-25", "2026-11-26", "2026-11-27"):
        clock.move_to(shanghai(f"{day}T10:00"))
        before = _extensions_of_others(desk)
        assert await escalated(desk) == before
    assert open_requests(desk) == 0
    with desk.gateway.db.read() as session:
        events = select(func.count()).select_from(AuditEvent)
        events = events.where(AuditEvent.kind == "complaint.extension_escalated")
        assert session.scalar(events.where(AuditEvent.subject == f"complaint:{desk.row.id}")) == 0


def _extensions_of_others(desk: Desk) -> int:
    """Those of the demo that go up now."""
    now = desk.gateway.services.clock.now()
    with desk.gateway.db.read() as session:
        query = select(func.count()).select_from(Extension).where(Extension.complaint_id != desk.row.id)
        return session.scalar(query.where(Extension.state == "asked", Extension.answer_by <= now)) or 0


async def test_the_handler_approves_no_extension_that_a_colleague_asked_for(desk: Desk) -> None:
    boss = await desk.gateway.staff("supervisor")
    await asked(desk)
    await desk.ok("assign", username="supervisor")
    assert await desk.refused("extension", by=boss, approve=True, words="同意") == "extension_own"
    await desk.ok("assign", username="intake")
    await desk.ok("extension", by=boss, approve=True, words="同意")


@pytest.mark.parametrize("due", ["0001-01-01", "0001-01-12", "9999-12-31"])
@pytest.mark.parametrize("received", ["0001-01-01", "2026-11-23"])
async def test_days_at_the_end_of_time_stop_nothing(desk: Desk, clock: Clock, due: str, received: str) -> None:
    """One date that no calendar reaches must not keep every other case from going to its list."""
    answer = await desk.officer.post("/api/staff/complaints", {
        "source": "regulator", "received_on": received, "reason": "补录", "story": "培训没来人，白等一天",
        "contact_name": "甲", "regulator_no": "1号", "regulator_due_on": due,
    })  # fmt: skip
    assert answer.status_code in {201, 422}, answer.text
    here = desk.gateway.services
    clock.move_to(shanghai("2026-11-24T10:00"))
    await here.db.in_write(lambda session: escalating.escalate(session, here.clock.now(), here.calendar))
    assert (await desk.officer.get("/api/staff/complaints")).status_code == 200


@pytest.mark.parametrize("expected", ["9999-12-31", "2026-11-24"])
async def test_a_pause_may_be_expected_to_last_any_time(desk: Desk, clock: Clock, expected: str) -> None:
    await desk.ok("accept")
    answer = await desk.do("pause", body="检测中心", purpose="检测", commissioned_on="2026-11-23", expected_on=expected)
    assert answer.status_code in {200, 422}, answer.text
    assert (await desk.officer.get(f"/api/staff/complaints/{desk.number}")).status_code == 200
