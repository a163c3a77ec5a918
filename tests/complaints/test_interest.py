"""Who must not handle a case (回避), read as somebody who would like to handle it all the same."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from anze.complaints.interest import interest_of
from anze.complaints.models import Complaint, ComplaintForm, Decision, Representative, Source
from anze.db import Database
from anze.identity.models import Role, Staff
from tests.complaints.test_handling import Desk
from tests.conftest import NOW
from tests.helpers.gateway import Caller, Gateway

PATH = "/api/staff/complaints"


@pytest.fixture
def desk(demo_gateway: Gateway, officer: Caller, number: str) -> Desk:
    return Desk(demo_gateway, officer, number)


async def registered(officer: Caller, **body: Any) -> str:
    given = {"source": Source.PHONE, "received_on": "2026-11-23", "story": "培训没来人，白等一天", "contact_name": "甲"}
    answer = await officer.post(PATH, given | body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def why(database: Database, number: str, **staff: Any) -> str | None:
    """What is said against a colleague with this name or telephone."""
    with database.write() as session:
        row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        member = Staff(username="x", role=Role.INTAKE, branch_id=1, password_hash="", **{"name": "甲"} | staff)
        session.add(member)
        session.flush()
        found = interest_of(session, row, member)
        session.rollback()
        return found


@pytest.mark.parametrize(
    ("name", "story", "named"),
    [
        ("王强", "王强来了十分钟就走，什么都没看", True),
        ("王强", "王 强来了十分钟就走，什么都没看", True),
        ("王强", "王\u200b强来了十分钟就走，什么都没看", True),
        ("王強", "王强来了十分钟就走，什么都没看", True),
        ("王 强", "王强来了十分钟就走，什么都没看", True),
        ("阿依古丽·买买提", "阿依古丽•买买提来了十分钟就走", True),
        ("Wang Qiang", "wang qiang来了十分钟就走，什么都没看", True),
        ("王", "王府井的门店来了十分钟就走，什么都没看", False),
        ("·", "阿依古丽·买买提来了十分钟就走", False),
        ("王刚", "王强来了十分钟就走，什么都没看", False),
    ],
)
async def test_a_name_is_found_however_it_is_written(
    demo_gateway: Gateway, officer: Caller, name: str, story: str, named: bool
) -> None:
    number = await registered(officer, story=story)
    assert (why(demo_gateway.db, number, name=name) is not None) is named


async def test_who_speaks_for_a_group_is_a_complainant(demo_gateway: Gateway, officer: Caller) -> None:
    number = await registered(officer)
    with demo_gateway.db.write() as session:
        row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        session.add(Representative(complaint_id=row.id, no=1, name="乙", phone="13911118888"))
    assert why(demo_gateway.db, number, phone="13911118888")
    assert why(demo_gateway.db, number, phone="8613911118888")
    assert not why(demo_gateway.db, number, phone="13911118889")


async def test_what_was_merged_in_counts_too(desk: Desk, officer: Caller) -> None:
    """Standing aside from one record of a grievance is standing aside from the whole of it."""
    phone = desk.row.contact_phone
    other = Desk(desk.gateway, officer, await registered(officer, contact_phone=phone, story="李建国来了就走，没检查"))
    colleague = await desk.gateway.staff("supervisor")
    await other.ok("stand-aside", by=colleague, reason="投诉人是亲属")
    await other.ok("merge", into=desk.number)
    assert await desk.refused("accept", by=colleague) == "complaint_interest"
    assert why(desk.gateway.db, desk.number, name="李建国")


async def test_nobody_merges_into_a_case_that_is_their_own(desk: Desk, officer: Caller) -> None:
    other = Desk(desk.gateway, officer, await registered(officer, contact_phone=desk.row.contact_phone))
    colleague = await desk.gateway.staff("supervisor")
    await desk.ok("stand-aside", by=colleague, reason="投诉人是亲属")
    assert await other.refused("merge", by=colleague, into=desk.number) == "complaint_interest"


async def test_records_of_which_nothing_is_known_are_not_one_grievance(demo_gateway: Gateway, officer: Caller) -> None:
    one = await registered(officer, contact_name="张三", firm="甲厂")
    other = Desk(demo_gateway, officer, await registered(officer, contact_name="李四", firm="乙厂"))
    assert await other.refused("merge", into=one) == "merge_other"
    same = Desk(demo_gateway, officer, await registered(officer, contact_name="李四", firm="甲厂"))
    await same.ok("merge", into=one)


async def test_who_decided_does_not_decide_the_review_of_the_review(demo_gateway: Gateway, officer: Caller) -> None:
    numbers = [await registered(officer) for _ in range(3)]
    with demo_gateway.db.write() as session:
        decider = session.scalars(select(Staff).where(Staff.username == "supervisor")).one()
        rows = list(session.scalars(select(Complaint).where(Complaint.number.in_(numbers)).order_by(Complaint.id)))
        for before, row in pairwise(rows):
            row.follows_id, row.form = before.id, ComplaintForm.REVIEW
        session.add(
            Decision(complaint_id=rows[0].id, findings="a", basis="a", reasons="a", outcome="a", remedies=[],
                     decided_at=NOW, decided_by=f"staff:{decider.id}")
        )  # fmt: skip
    for number in numbers[1:]:
        reviewed = Desk(demo_gateway, officer, number)
        assert await reviewed.refused("accept", by=await demo_gateway.staff("supervisor")) == "complaint_interest"


async def test_nobody_issues_or_scans_a_letter_in_their_own_cause(desk: Desk) -> None:
    colleague = await desk.gateway.staff("supervisor")
    letter = f"{PATH}/{desk.number}/letters/acknowledgement"
    assert (await desk.officer.post(letter)).status_code == 201
    await desk.ok("stand-aside", by=colleague, reason="投诉人是亲属")
    for answer in (
        await colleague.post(letter),
        await colleague.post(f"{letter}/scan", {"file_id": await colleague.file()}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "complaint_interest")


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("stand-aside", {"reason": "亲" * 301}),
        ("notices", {"about": "classification", "channel": "call", "recipient": "本人", "evidence": "听" * 301}),
    ],
)
async def test_words_that_no_column_can_keep_are_refused(desk: Desk, step: str, body: dict[str, str]) -> None:
    await desk.ok("accept")
    await desk.ok("classify", reason="要核对")
    answer = await desk.do(step, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    short = {name: value[:300] if len(value) > 300 else value for name, value in body.items()}
    await desk.ok(step, **short)
