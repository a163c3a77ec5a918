"""Nobody sees what is another's: every number and id is walked over HTTP, and what was tried is on record."""

from typing import Any

import pytest
from sqlalchemy import func, select

from anze.complaints.models import Complaint
from anze.conversations.models import Conversation, Handoff
from anze.db import Database
from anze.identity.models import Branch, DeniedRead, Right, Staff
from tests.helpers.gateway import Caller, Gateway

OFFICE = ("intake", "service", "supervisor", "auditor", "admin")


def _all(database: Database, statement: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(statement))


def _in_scope(database: Database, username: str) -> set[int]:
    with database.read() as session:
        path = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == username)
        ).one()
        return {id_ for id_, other in session.execute(select(Branch.id, Branch.path)) if other.startswith(path)}


@pytest.mark.parametrize("username", OFFICE)
async def test_staff_see_the_complaints_of_their_branches_and_no_other(demo_gateway: Gateway, username: str) -> None:
    officer = await demo_gateway.staff(username)
    scope = _in_scope(demo_gateway.db, username)
    rows = _all(demo_gateway.db, select(Complaint).where(Complaint.number.is_not(None)).order_by(Complaint.id))
    allowed = {row.number for row in rows if row.branch_id in scope}
    seen = {row.number for row in rows if (await officer.get(f"/api/staff/complaints/{row.number}")).status_code == 200}
    assert seen == allowed
    listed: set[str] = set()
    for status in {row.status for row in rows}:
        answer = await officer.get("/api/staff/complaints", status=status, size=200)
        listed |= {item["number"] for item in answer.json()["items"]}
        assert answer.json()["total"] == len(answer.json()["items"])
    assert listed == allowed
    denied = _all(demo_gateway.db, select(DeniedRead))
    assert {row.subject for row in denied} == {f"complaint:{row.number}" for row in rows} - {
        f"complaint:{number}" for number in allowed
    }
    assert len({row.actor for row in denied}) <= 1


async def test_a_denied_case_looks_like_one_that_is_not_there(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("service")
    scope = _in_scope(demo_gateway.db, "service")
    foreign = next(
        row.number
        for row in _all(demo_gateway.db, select(Complaint).where(Complaint.number.is_not(None)))
        if row.branch_id not in scope
    )
    denied, missing = [await officer.get(f"/api/staff/complaints/{n}") for n in (foreign, "TS20991231999")]
    assert (denied.status_code, denied.json()) == (missing.status_code, missing.json())
    (row,) = _all(demo_gateway.db, select(DeniedRead))
    assert row.subject == f"complaint:{foreign}"
    assert row.actor.startswith("staff:")


async def test_talks_are_shown_within_the_branch_and_only_when_handed_over(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("service")
    scope = _in_scope(demo_gateway.db, "service")
    for row in _all(demo_gateway.db, select(Conversation)):
        answer = await officer.get(f"/api/staff/conversations/{row.id}/messages")
        may = row.branch_id in scope and row.handoff != Handoff.BOT and row.staff_id is None
        assert (answer.status_code == 200) is may, row.id


async def test_nobody_but_the_office_reaches_the_office(demo_gateway: Gateway) -> None:
    number = _all(demo_gateway.db, select(Complaint.number).where(Complaint.number.is_not(None)).limit(1))[0]
    talk = _all(demo_gateway.db, select(Conversation.id).where(Conversation.handoff != Handoff.BOT).limit(1))[0]
    callers = [await demo_gateway.visitor(), await demo_gateway.bound(), await demo_gateway.staff("provider")]
    for caller in callers:
        for path in ("complaints", f"complaints/{number}", "conversations", f"conversations/{talk}/messages",
                     "right-requests", "right-requests/1/photo"):  # fmt: skip
            answer = await caller.get(f"/api/staff/{path}")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        for path in (f"conversations/{talk}/reply", f"conversations/{talk}/give-back", "right-requests/1/decide"):
            answer = await caller.post(f"/api/staff/{path}", {"text": "a", "accept": True, "reason": "a"})
            assert answer.status_code == 403


async def _asked(caller: Caller, number: str) -> str:
    """What the bot is given to say about a number."""
    caller.gateway.rasa.plays["complaint_status"] = ["action_complaint_status"]
    answer = await caller.press("complaint_status", complaint_no=number)
    return str(answer["messages"])


async def test_the_insureds_side_sees_only_its_own_complaints(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    rows = _all(gateway.db, select(Complaint).where(Complaint.number.is_not(None)).order_by(Complaint.id))
    with gateway.db.read() as session:
        counted = session.execute(
            select(Complaint.insured_id, func.count())
            .where(Complaint.number.is_not(None))
            .group_by(Complaint.insured_id)
        ).all()
    assert len(counted) > 3
    main = await gateway.bound()
    own_firm = (await main.me())["acting_for"]["id"]
    colleague, gone = await gateway.visitor(), await gateway.visitor()
    await colleague.join(await main.invite())
    await gone.join(await main.invite(), "13900000019")
    with gateway.db.write() as session:
        right = session.scalars(select(Right).order_by(Right.id.desc()).limit(1)).one()
        right.ended_at = gateway.services.clock.now()
    callers = {"main": main, "colleague": colleague, "gone": gone, "visitor": await gateway.visitor(),
               "provider": await gateway.staff("provider")}  # fmt: skip
    mine = [row for row in rows if row.insured_id == own_firm]
    others = [row for row in rows if row.insured_id != own_firm][:12]
    for name, caller in callers.items():
        for row in [*mine, *others]:
            told = await _asked(caller, row.number)
            shown = "utter_complaint_status" in told or '"summary"' in told
            may = row in mine and name in {"main", "colleague"}
            assert shown is may, (name, row.number, told)


async def test_files_and_talks_of_others_over_every_door(demo_gateway: Gateway) -> None:
    main = await demo_gateway.bound()
    file_id = await main.file()
    await main.say("我们厂的事", files=[file_id])
    others = [await demo_gateway.visitor(), await demo_gateway.bound("AZ2026000002", "13800000002"),
              await demo_gateway.staff("provider"), await demo_gateway.staff("supervisor")]  # fmt: skip
    colleague = await demo_gateway.visitor()
    await colleague.join(await main.invite())
    for other in [*others, colleague]:
        assert (await other.get(f"/api/files/{file_id}")).status_code == 404
        assert (await other.post_message("看", files=[file_id])).status_code == 422
        assert "我们厂的事" not in str(await other.history())
    assert len(_all(demo_gateway.db, select(DeniedRead))) == 5
