"""Not satisfied: a review within its term, a new complaint for new facts; the closed case is never touched."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from anze.clock import Clock
from anze.complaints import decision as decisions
from anze.complaints import usecases as complaints
from anze.complaints.models import Complaint, ComplaintForm, ComplaintKind, ComplaintStatus
from anze.complaints.reopening import Again, which
from anze.identity.models import Branch
from tests.complaints.test_decision import case, decide, newest, read
from tests.conftest import NOW
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot

TOLD = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("status", "form", "told", "today", "new", "expected"),
    [
        ("told", "complaint", TOLD, TOLD, False, Again.REVIEW),
        ("told", "complaint", TOLD, TOLD + timedelta(days=30), False, Again.REVIEW),
        ("told", "complaint", TOLD, TOLD + timedelta(days=31), False, Again.LATE),
        ("told", "complaint", TOLD, TOLD + timedelta(days=31), True, Again.NEW),
        ("told", "objection", TOLD, TOLD, True, Again.NEW),
        ("told", "review", TOLD, TOLD, False, Again.REVIEWED),
        ("told", "review", TOLD, TOLD, True, Again.NEW),
        ("withdrawn", "complaint", None, TOLD, False, Again.WITHDRAWN),
        ("withdrawn", "complaint", None, TOLD, True, Again.WITHDRAWN),
        ("decided", "complaint", None, TOLD, False, Again.UNREAD),
        ("filed", "complaint", None, TOLD, False, Again.OPEN),
        ("handling", "complaint", None, TOLD, True, Again.OPEN),
    ],
)
def test_which_way_is_right(status: str, form: str, told: date | None, today: date, new: bool, expected: Again) -> None:
    assert which(status, form, told, today, 30, new_facts=new) == expected


@pytest.fixture
async def number(talk: Talk, officer: Caller) -> str:
    """A case that was decided and read on 23 November."""
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    await decide(officer, number)
    await read(talk.caller, await newest(talk.caller))
    return number


async def again(talk: Talk, text: str, number: str | None = None) -> dict[str, Any]:
    return await talk.do(decisions.start_again, talk.services.dates, number, text=text)


async def test_the_same_facts_within_the_term_are_a_review_by_the_body_above(
    talk: Talk, number: str, clock: Clock
) -> None:
    before = case(talk.caller.gateway, number)
    clock.move_to(NOW + timedelta(days=30))
    found = await again(talk, "我不认可这个结果")
    assert (found["kind"], found["opened"], found["missing"]) == ("again_review", True, ["story"])
    assert found["fields"]["number"] == number
    assert found["fields"]["reviewer"] == "江苏省分公司"
    draft = talk.row()
    assert (draft.form, draft.follows_id, draft.received_at) == (ComplaintForm.REVIEW, before.id, clock.now())
    assert (draft.insured_id, draft.contact_phone) == (before.insured_id, before.contact_phone)
    assert {"label": "类型", "value": "申请核查"} in found["rows"]
    assert {"label": "针对", "value": number} in found["rows"]
    with talk.services.db.read() as session:
        assert session.get_one(Branch, draft.branch_id).name == "江苏省分公司"
    await talk.answer("story", "监控拍到没有人进罐区，你们说进了，但评估结论我有异议")
    await talk.submit()
    filed = talk.row()
    assert (filed.status, filed.form) == (ComplaintStatus.FILED, ComplaintForm.REVIEW)
    assert (filed.due_on, filed.second_due_on) == (None, date(2027, 1, 22)), "one clock of its own: 30 days"
    old = case(talk.caller.gateway, number)
    assert (old.status, old.closed_at, old.version) == (before.status, before.closed_at, before.version)


async def test_the_reason_that_is_said_at_once_is_kept(talk: Talk, number: str) -> None:
    found = await again(talk, "不认可，监控明明拍到没人进罐区", number)
    assert (found["kind"], found["missing"]) == ("again_review", [])
    assert talk.said() == [("story", "不认可，监控明明拍到没人进罐区")]


async def test_new_facts_are_a_new_complaint_at_the_same_branch(talk: Talk, number: str, clock: Clock) -> None:
    clock.move_to(NOW + timedelta(days=60))
    found = await again(talk, "答应重做的排查，今天又没来人")
    assert (found["kind"], found["opened"]) == ("again_new", True)
    draft, old = talk.row(), case(talk.caller.gateway, number)
    assert (draft.form, draft.follows_id, draft.branch_id) == (ComplaintForm.COMPLAINT, old.id, old.branch_id)
    assert draft.received_at == clock.now()


async def test_after_the_term_the_other_ways_are_named(talk: Talk, number: str, clock: Clock) -> None:
    clock.move_to(NOW + timedelta(days=31))
    before = snapshot(talk.services.db)
    found = await again(talk, "我不认可这个结果")
    assert (found["kind"], found["opened"]) == ("again_late", False)
    assert "2026-12-23" in found["fields"]["until"]
    assert "complaints" not in difference(before, snapshot(talk.services.db)).added


async def test_one_review_of_a_case_at_a_time(demo_gateway: Gateway, talk: Talk, number: str, officer: Caller) -> None:
    await again(talk, "不认可，监控明明拍到没人进罐区", number)
    resumed = await again(talk, "我不认可这个结果", number)
    assert (resumed["kind"], resumed["opened"]) == ("resumed", True)
    review = str((await talk.submit())["fields"]["number"])
    found = await again(talk, "我不认可这个结果", number)
    assert (found["kind"], found["opened"], found["fields"]["review"]) == ("again_under_review", False, review)
    own = await decide(officer, review)
    assert (own.status_code, own.json()["code"]) == (409, "complaint_interest"), "nobody reviews what they decided"
    assert (await decide(await demo_gateway.staff("supervisor"), review)).status_code == 200
    assert (await again(talk, "我不认可这个结果", review))["kind"] == "again_unread"
    await read(talk.caller, await newest(talk.caller))
    assert (await again(talk, "我不认可这个结果", review))["kind"] == "again_reviewed"


async def test_a_withdrawn_one_can_be_complained_of_again(talk: Talk) -> None:
    await talk.open("理赔报案三个月了，赔款到现在没到账")
    number = str((await talk.submit())["fields"]["number"])
    await talk.do(complaints.withdraw, number)
    found = await again(talk, "事情没解决，人还是没来", number)
    assert (found["kind"], found["opened"]) == ("again_withdrawn", True)
    assert talk.row().kind == ComplaintKind.OTHER, "the matter is what it was"


async def test_an_open_one_is_added_to_and_a_visitor_without_any_starts_nothing(
    talk: Talk, demo_gateway: Gateway
) -> None:
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    assert (await again(talk, "我不认可", number))["kind"] == "again_open"
    stranger = Talk(await demo_gateway.visitor())
    assert (await again(stranger, "我不认可"))["kind"] == "again_none"
    assert (await again(stranger, "我不认可", number))["kind"] == "not_found"


async def test_without_a_number_the_one_decided_last_is_meant(talk: Talk, number: str) -> None:
    assert (await again(talk, "我不认可这个结果"))["fields"]["number"] == number


async def test_a_replay_opens_one_draft(talk: Talk, number: str) -> None:
    desk = await talk.turn("我不认可这个结果")
    first = await desk.write(decisions.start_again, talk.services.dates, number)
    assert await desk.write(decisions.start_again, talk.services.dates, number) == first
    with talk.services.db.read() as session:
        follow = select(Complaint).where(Complaint.follows_id == case(talk.caller.gateway, number).id)
        assert len(session.scalars(follow).all()) == 1


async def test_a_colleague_does_not_get_the_first_ones_phone(talk: Talk, number: str, demo_gateway: Gateway) -> None:
    with demo_gateway.db.write() as session:
        row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        row.contact_phone, row.contact_name = "13999999999", "老金"
    colleague = await demo_gateway.visitor()
    await colleague.join(await talk.caller.invite())
    other = Talk(colleague)
    found = await again(other, "我不认可这个结果", number)
    assert found["kind"] == "again_review"
    assert "13999999999" not in str(found["rows"])
    assert other.row().contact_phone == "13900000009"


async def test_remedies_name_each_way_with_its_day(talk: Talk, number: str) -> None:
    found = await talk.do(decisions.remedies, None, text="怎么申请核查")
    assert (found["kind"], found["fields"]["number"]) == ("remedies", number)
    review = next(way for way in found["ways"] if way["way"] == "review")
    assert "2026-12-23" in review["until"]
    assert all(way[name] for way in found["ways"] for name in ("name", "where", "phone", "until", "bring"))
    assert found["table"]["columns"] == ["途径", "找谁", "电话", "什么时候之前", "带什么"]
    assert (await talk.do(decisions.remedies, "TS20991231999"))["kind"] == "not_found"
