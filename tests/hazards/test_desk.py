"""Hazards for staff over HTTP: lists, both sides of a date, supervision, closing, sending back, and 9.2 a)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from anze.audit import chain
from anze.clock import Clock
from anze.hazards import desk
from anze.hazards import usecases as hazards
from anze.hazards.models import Hazard
from anze.identity.models import Branch, DeniedRead, Staff
from anze.reminders.models import Reminder, ReminderState
from anze.reports.models import Candidate
from anze.serve.sweep import sweep
from anze.tasks.models import Task
from tests.conftest import NOW
from tests.helpers.firm import Firm, firm_of, staff, write
from tests.helpers.gateway import Caller, Gateway

Find = Callable[..., dict[str, Any]]
OFFICE = ("intake", "service", "supervisor", "auditor", "admin")


async def post(caller: Caller, number: str, what: str, **body: Any) -> dict[str, Any]:
    answer = await caller.post(f"/api/staff/hazards/{number}/{what}", body)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def refused(caller: Caller, number: str, what: str, **body: Any) -> str:
    answer = await caller.post(f"/api/staff/hazards/{number}/{what}", body)
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


async def propose(firm: Firm, number: str, day: str = "2026-12-15", **more: Any) -> None:
    await firm.do(hazards.propose, firm.calendar, number, day, **({"reason": "缺件", "measures": "停用"} | more))


async def agreed(firm: Firm, officer: Caller, number: str, day: str = "2026-12-15") -> dict[str, Any]:
    """Both sides agree on a day, the firm first."""
    await propose(firm, number, day)
    no = len((await officer.get(f"/api/staff/hazards/{number}")).json()["dates"])
    return await post(officer, number, "accept", no=no)


def candidates(gateway: Gateway, number: str) -> list[Candidate]:
    with gateway.db.read() as session:
        id_ = session.scalars(select(Hazard.id).where(Hazard.number == number)).one()
        return list(session.scalars(select(Candidate).where(Candidate.subject == f"hazard:{id_}")))


async def test_every_date_stays_with_who_agreed(demo_gateway: Gateway, find: Find) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    boss = await demo_gateway.staff("supervisor")
    number = find()["number"]
    red = (await officer.get(f"/api/staff/hazards/{number}")).json()
    assert (red["state"], red["red"], red["due_on"], red["dates"]) == ("to_agree", True, None, [])
    view = await agreed(firm, officer, number)
    assert (view["state"], view["red"], view["due_on"], view["days_left"]) == ("agreed", False, "2026-12-15", 16)
    view = await agreed(firm, officer, number, "2026-12-20")
    assert (view["state"], view["due_on"]) == ("re_agreed", "2026-12-20")
    view = await agreed(firm, officer, number, "2026-12-30")
    assert (view["due_on"], view["waits_for"]) == ("2026-12-20", "supervisor")
    view = await post(boss, number, "supervise", no=3, agree=True, reason="已看过管控措施")
    assert (view["due_on"], view["waits_for"]) == ("2026-12-30", None)
    assert [d["bearing"] for d in view["dates"]] == ["replaced", "replaced", "counts"]
    assert all(d["proposed_by"] and d["agreed_by"] and d["agreed_at"] for d in view["dates"])
    assert [bool(d["supervised_by"]) for d in view["dates"]] == [False, False, True]
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        open_tasks = select(Task).where(Task.subject.startswith(f"hazard:{_id(demo_gateway, number)}:date"))
        assert all(task.done_at for task in session.scalars(open_tasks))


def _id(gateway: Gateway, number: str) -> int:
    with gateway.db.read() as session:
        return session.scalars(select(Hazard.id).where(Hazard.number == number)).one()


async def test_a_supervisor_only_and_never_who_agreed_before(demo_gateway: Gateway, find: Find) -> None:
    firm = await firm_of(demo_gateway)
    officer, boss = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    number = find()["number"]
    await agreed(firm, officer, number)
    await agreed(firm, officer, number, "2026-12-20")
    await agreed(firm, boss, number, "2026-12-30")
    assert await refused(officer, number, "supervise", no=3, agree=True, reason="行") == "forbidden"
    assert await refused(boss, number, "supervise", no=3, agree=True, reason="行") == "four_eyes"
    other = staff(demo_gateway, "supervisor", "supervisor")
    write(demo_gateway, lambda s: desk.supervise(
        s, other, number, 3, agree=False, reason="措施不够", now=NOW, calendar=firm.calendar))  # fmt: skip
    view = (await officer.get(f"/api/staff/hazards/{number}")).json()
    assert (view["due_on"], view["dates"][2]["state"], view["dates"][2]["end_reason"]) == (
        "2026-12-20", "refused", "措施不够"
    )  # fmt: skip
    assert "上级没有同意：措施不够" in (await firm.caller.history())[-1]["text"]


async def test_supervised_after_the_old_date_it_cures_nothing(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm = await firm_of(demo_gateway)
    officer, boss = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    number = find()["number"]
    await agreed(firm, officer, number, "2026-11-24")
    await agreed(firm, officer, number, "2026-11-25")
    await agreed(firm, officer, number, "2026-12-30")
    clock.move_to(NOW + timedelta(days=3))
    view = await post(boss, number, "supervise", no=3, agree=True, reason="同意")
    assert (view["due_on"], view["state"], view["red"]) == ("2026-11-25", "overdue", True)
    assert view["dates"][2]["bearing"] == "too_late"


@pytest.mark.parametrize("username", ["intake", "admin", "auditor"])
async def test_others_read_and_decide_nothing(demo_gateway: Gateway, find: Find, username: str) -> None:
    firm, caller = await firm_of(demo_gateway), await demo_gateway.staff(username)
    number = find()["number"]
    await propose(firm, number)
    assert (await caller.get(f"/api/staff/hazards/{number}")).status_code == 200
    bodies: dict[str, dict[str, Any]] = {
        "propose": {"due_on": "2026-12-20"}, "accept": {"no": 1}, "refuse": {"no": 1, "reason": "晚"},
        "supervise": {"no": 1, "agree": True, "reason": "行"}, "close": {"result": "好"},
        "send-back": {"reason": "没好"},
    }  # fmt: skip
    for what, body in bodies.items():
        assert await refused(caller, number, what, **body) == "forbidden", what


async def test_proposing_accepting_and_refusing_by_the_insurer(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    general, number = find("general")["number"], find()["number"]
    assert await refused(officer, general, "propose", due_on="2026-12-20") == "hazard_general"
    assert await refused(officer, number, "propose", due_on="2026-11-22") == "hazard_day_past"
    assert await refused(officer, number, "accept", no=1) == "hazard_no_date"
    async with firm.caller.events() as stream:
        await post(officer, number, "propose", due_on="2026-12-20")
        shown = (await stream.next("message"))["data"]
    assert "2026-12-20" in shown["text"]
    assert [b["title"] for b in shown["buttons"]] == ["同意这个日期", "不同意"]
    await propose(firm, number, "2026-12-24")
    view = await post(officer, number, "refuse", no=2, reason="太晚，设备在用")
    assert [d["state"] for d in view["dates"]] == ["refused", "refused"]
    assert "太晚，设备在用" in (await firm.caller.history())[-1]["text"]
    await propose(firm, number, "2026-11-24")
    clock.move_to(NOW + timedelta(days=2))
    assert await refused(officer, number, "accept", no=3) == "hazard_day_past"
    assert (await officer.get(f"/api/staff/hazards/{number}")).json()["due_on"] is None


async def test_closed_with_photos_by_its_date(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number = find()["number"]
    await agreed(firm, officer, number)
    photo = await firm.caller.file("整改.png")
    await firm.do(hazards.report_done, number, text="箱门装好了", files=[photo])
    clock.move_to(NOW + timedelta(days=40))
    await sweep(demo_gateway.services)
    assert candidates(demo_gateway, number) == []
    view = await post(officer, number, "close", result="到现场看过，箱门已装")
    assert (view["state"], view["overdue"], view["missing_evidence"]) == ("closed", False, False)
    assert [(f["kind"], f["file_id"]) for f in view["files"]] == [("rectified", photo)]
    assert (await officer.get(f"/api/files/{photo}")).status_code == 200
    assert "已核实销号" in (await firm.caller.history())[-1]["text"]
    assert await refused(officer, number, "close", result="再来") == "hazard_closed"
    assert await refused(officer, number, "propose", due_on="2027-12-20", reason="a", interim_measures="b") == (
        "hazard_not_open"
    )  # fmt: skip
    assert candidates(demo_gateway, number) == []
    with demo_gateway.db.read() as session:
        rows = session.scalars(select(Reminder).where(Reminder.subject == f"hazard:{_id(demo_gateway, number)}"))
        assert {row.state for row in rows} <= {ReminderState.VOID, ReminderState.SENT}


async def test_closed_without_a_report_or_photo_lacks_evidence(demo_gateway: Gateway, find: Find) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number, told = find()["number"], find()["number"]
    await propose(firm, number)
    view = await post(officer, number, "close", result="路过看到已修好")
    assert (view["state"], view["missing_evidence"]) == ("no_evidence", True)
    assert view["dates"][0]["state"] == "withdrawn"
    await firm.do(hazards.report_done, told, text="修好了")
    view = await post(officer, told, "close", result="电话里确认")
    assert (view["state"], view["missing_evidence"]) == ("no_evidence", True)


async def test_sent_back_after_the_date_is_a_breach_noted_once(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number = find()["number"]
    assert await refused(officer, number, "send-back", reason="没报") == "hazard_not_reported"
    await agreed(firm, officer, number, "2026-11-25")
    photo = await firm.caller.file()
    await firm.do(hazards.report_done, number, text="好了", files=[photo])
    clock.move_to(NOW + timedelta(days=5))
    view = await post(officer, number, "send-back", reason="箱门没锁")
    assert (view["state"], view["status"], view["rectified_at"], view["verdict"]) == (
        "overdue", "open", None, "箱门没锁"
    )  # fmt: skip
    (one,) = candidates(demo_gateway, number)
    assert (one.kind, one.state, one.found_by) == ("a", "open", "system")
    assert number in one.words
    await sweep(demo_gateway.services)
    assert len(candidates(demo_gateway, number)) == 1
    await firm.do(hazards.report_done, number, text="锁好了")
    view = await post(officer, number, "close", result="已锁")
    # The photo shows what was not accepted: it is no evidence of what was put right since.
    assert (view["state"], view["overdue"], view["missing_evidence"]) == ("no_evidence", True, True)
    assert view["rectification"] == "好了\n锁好了"


async def test_sent_back_in_time_is_reminded_of_again(demo_gateway: Gateway, find: Find) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number = find()["number"]
    await agreed(firm, officer, number)
    await firm.do(hazards.report_done, number, text="好了")
    view = await post(officer, number, "send-back", reason="箱门没锁")
    assert (view["state"], view["overdue"]) == ("agreed", False)
    assert "箱门没锁" in (await firm.caller.history())[-1]["text"]
    assert candidates(demo_gateway, number) == []
    with demo_gateway.db.read() as session:
        rows = session.scalars(select(Reminder).where(Reminder.subject == f"hazard:{_id(demo_gateway, number)}"))
        assert any(row.state == ReminderState.WAITING for row in rows)


@pytest.mark.parametrize(("days", "noted"), [(2, 0), (3, 1), (30, 1)])
async def test_the_sweep_notes_a_missed_date_once(
    demo_gateway: Gateway, find: Find, clock: Clock, days: int, noted: int
) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number, never = find()["number"], find()["number"]
    await agreed(firm, officer, number, "2026-11-25")
    clock.move_to(NOW + timedelta(days=days))
    for _ in range(2):
        await sweep(demo_gateway.services)
    assert len(candidates(demo_gateway, number)) == noted
    assert candidates(demo_gateway, never) == []


async def test_reported_late_stays_red_until_it_is_closed(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number = find()["number"]
    await agreed(firm, officer, number, "2026-11-25")
    clock.move_to(NOW + timedelta(days=9))
    await sweep(demo_gateway.services)
    await firm.do(hazards.report_done, number, text="好了")
    red = (await officer.get("/api/staff/hazards", which="red", size=200)).json()["items"]
    (one,) = [item for item in red if item["number"] == number]
    assert (one["state"], one["red"], one["overdue"]) == ("reported_late", True, True)
    assert (await post(officer, number, "close", result="已改"))["red"] is False


async def test_closing_late_notes_it_even_when_no_sweep_ran(demo_gateway: Gateway, find: Find, clock: Clock) -> None:
    firm, officer = await firm_of(demo_gateway), await demo_gateway.staff("service")
    number = find()["number"]
    await agreed(firm, officer, number, "2026-11-25")
    clock.move_to(NOW + timedelta(days=9))
    assert (await post(officer, number, "close", result="已改"))["overdue"] is True
    assert len(candidates(demo_gateway, number)) == 1


@pytest.mark.parametrize("username", OFFICE)
async def test_staff_see_the_hazards_of_their_branches_and_no_other(demo_gateway: Gateway, username: str) -> None:
    officer = await demo_gateway.staff(username)
    with demo_gateway.db.read() as session:
        path = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == username)
        ).one()
        scope = {id_ for id_, other in session.execute(select(Branch.id, Branch.path)) if other.startswith(path)}
        rows = session.scalars(select(Hazard).order_by(Hazard.id)).all()
    allowed = {row.number for row in rows if row.branch_id in scope}
    seen = {row.number for row in rows if (await officer.get(f"/api/staff/hazards/{row.number}")).status_code == 200}
    assert seen == allowed
    listed = (await officer.get("/api/staff/hazards", size=200)).json()
    assert {item["number"] for item in listed["items"]} == allowed
    assert listed["total"] == len(allowed)
    with demo_gateway.db.read() as session:
        denied = set(session.scalars(select(DeniedRead.subject)))
    assert denied == {f"hazard:{row.number}" for row in rows} - {f"hazard:{number}" for number in allowed}


async def test_nobody_but_the_office_comes_in(demo_gateway: Gateway, find: Find) -> None:
    number = find()["number"]
    callers = [await demo_gateway.visitor(), await demo_gateway.bound(), await demo_gateway.staff("provider-2")]
    for caller in callers:
        for path in ("", f"/{number}"):
            assert (await caller.get(f"/api/staff/hazards{path}")).status_code == 403
        for what in ("propose", "accept", "refuse", "supervise", "close", "send-back"):
            assert (await caller.post(f"/api/staff/hazards/{number}/{what}", {})).status_code == 403


async def test_filters_say_what_the_rules_say(demo_gateway: Gateway, find: Find) -> None:
    officer = await demo_gateway.staff("supervisor")
    firm = await firm_of(demo_gateway)
    number = find()["number"]
    await propose(firm, number)

    async def listed(**query: Any) -> list[dict[str, Any]]:
        answer = (await officer.get("/api/staff/hazards", size=200, **query)).json()
        assert answer["total"] == len(answer["items"])
        items: list[dict[str, Any]] = answer["items"]
        return items

    everything = await listed()
    checks: dict[str, Callable[[dict[str, Any]], bool]] = {
        "red": lambda one: one["red"],
        "to_agree": lambda one: one["level"] == "major" and one["due_on"] is None and one["status"] != "closed",
        "overdue": lambda one: one["state"] == "overdue",
        "reported": lambda one: one["status"] == "reported",
        "open": lambda one: one["status"] != "closed",
        "closed": lambda one: one["status"] == "closed",
        "supervisor": lambda one: one["waits_for"] == "supervisor",
        "answer": lambda one: one["waits_for"] == "insurer",
        "not_told": lambda one: one["notified_at"] is None,
    }
    for which, holds in checks.items():
        found = {one["number"] for one in await listed(which=which)}
        assert found == {one["number"] for one in everything if holds(one)}, which
        if which != "not_told":
            assert found, which
    assert number in {one["number"] for one in await listed(which="answer")}
    assert {one["level"] for one in await listed(level="general")} == {"general"}
    assert [one["number"] for one in await listed(q=number.lower())] == [number]
    firms = {one["firm"] for one in await listed(q=everything[0]["firm"][:6])}
    assert everything[0]["firm"] in firms
    order = [(one["status"] == "closed", one["level"] == "general") for one in everything]
    assert order == sorted(order)
    assert (await listed(q="%")) == []
