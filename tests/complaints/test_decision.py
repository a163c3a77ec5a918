"""The decision: made by staff whole or not at all, told once when it is read, and the clocks stop only then."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from anze.audit.chain import digest, verify
from anze.audit.models import AuditEvent
from anze.clock import Clock
from anze.complaints import decision as decisions
from anze.complaints import usecases as complaints
from anze.complaints.models import Complaint, ComplaintStatus, Decision
from anze.conversations.models import Conversation, Message
from anze.identity.models import Branch, DeniedRead, Staff
from anze.texts import text as say
from tests.conftest import NOW
from tests.helpers.complainant import STORY, Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot

PARTS = {
    "findings": "查了派单记录和门岗登记，约定当天没有人到场。",
    "basis": "AQ 9010.1（征求意见稿）6.2、6.4 e)，服务合同第三条。",
    "reasons": "服务机构漏排了人员，没有通知您。",
    "outcome": "十个工作日内重新安排排查，费用由我方承担，并向您书面道歉。",
}


async def decide(officer: Caller, number: str, **parts: Any) -> httpx.Response:
    seen = (await officer.get(f"/api/staff/complaints/{number}")).json()
    body = {"version": seen.get("version", 1)} | PARTS | parts
    return await officer.post(f"/api/staff/complaints/{number}/decide", body)


def case(gateway: Gateway, number: str) -> Complaint:
    with gateway.db.read() as session:
        return session.scalars(select(Complaint).where(Complaint.number == number)).one()


def made(gateway: Gateway, number: str) -> Decision:
    with gateway.db.read() as session:
        query = select(Decision).join(Complaint, Complaint.id == Decision.complaint_id)
        return session.scalars(query.where(Complaint.number == number)).one()


def events(gateway: Gateway, number: str, kind: str) -> list[AuditEvent]:
    with gateway.db.read() as session:
        subject = f"complaint:{case(gateway, number).id}"
        return list(session.scalars(select(AuditEvent).where(AuditEvent.subject == subject, AuditEvent.kind == kind)))


async def read(caller: Caller, message_id: int) -> int:
    return (await caller.post("/api/sessions/read", {"message_id": message_id})).status_code


async def newest(caller: Caller) -> int:
    return int((await caller.get("/api/messages")).json()["last"])


async def test_a_decision_is_said_live_in_the_talk_and_told_when_it_is_read(
    talk: Talk, number: str, officer: Caller, clock: Clock
) -> None:
    gateway = talk.caller.gateway
    clock.move_to(NOW + timedelta(days=2))
    async with talk.caller.events() as stream:
        await stream.next("state")
        answer = await decide(officer, number)
        pushed = (await stream.next("message"))["data"]
    assert answer.status_code == 200
    assert answer.json()["decision"]["told_at"] is None
    assert number in pushed["text"]
    assert "重新安排排查" in pushed["text"]
    assert [button["title"] for button in pushed["buttons"]] == ["看完整答复", "怎么申请核查等"]
    row = case(gateway, number)
    assert (row.status, row.closed_at) == (ComplaintStatus.DECIDED, None)
    assert made(gateway, number).message_id == pushed["id"]
    clock.move_to(NOW + timedelta(days=3))
    before = max(message["id"] for message in await talk.caller.history() if message["id"] < pushed["id"])
    assert await read(talk.caller, before) == 204
    assert case(gateway, number).status == ComplaintStatus.DECIDED, "everything before it was read, and not it"
    assert await read(talk.caller, pushed["id"]) == 204
    row = case(gateway, number)
    assert (row.status, row.closed_at) == (ComplaintStatus.TOLD, NOW + timedelta(days=3))
    assert made(gateway, number).told_at == NOW + timedelta(days=3)
    (told,) = events(gateway, number, "complaint.told")
    assert json.loads(told.body)["how"] == "read"
    assert told.actor.startswith("person:")


async def test_told_exactly_once_however_often_it_is_read(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    last = await newest(talk.caller)
    codes = await asyncio.gather(*(read(talk.caller, last) for _ in range(6)))
    assert set(codes) == {204}
    await talk.do(decisions.decision_of, talk.services.dates, number, text="看完整答复")
    assert len(events(gateway, number, "complaint.told")) == 1
    version = case(gateway, number).version
    await read(talk.caller, last)
    assert case(gateway, number).version == version
    with gateway.db.read() as session:
        assert verify(session) == []


async def test_the_mark_moves_forward_only_and_over_ones_own_messages(talk: Talk, number: str) -> None:
    gateway = talk.caller.gateway
    stranger = await gateway.visitor()
    mine, other = await newest(talk.caller), await newest(stranger)

    def mark() -> int:
        with gateway.db.read() as session:
            return session.get_one(Conversation, talk.caller.conversation_id).read_up_to

    assert await read(talk.caller, other) == 404
    assert await read(talk.caller, 2**31 - 1) == 404
    assert await read(talk.caller, 2**31) == 422
    assert await read(talk.caller, 0) == 422
    assert mark() == 0
    assert await read(talk.caller, mine) == 204
    first = (await talk.caller.history())[0]["id"]
    assert first < mine
    assert await read(talk.caller, first) == 204
    assert mark() == mine
    nobody = await gateway.client.post("/api/sessions/read", json={"message_id": mine})
    assert nobody.status_code == 401


async def test_another_talk_that_read_its_own_messages_tells_nothing(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    other = await gateway.bound("AZ2026000002", "13800000002")
    assert await read(other, await newest(other)) == 204
    assert case(gateway, number).status == ComplaintStatus.DECIDED


async def test_the_persons_later_talk_gets_it_too_and_counts(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    later = await gateway.bound()
    await decide(officer, number)
    shown = [message for message in await later.history() if number in message["text"]]
    assert len(shown) == 1
    assert await read(later, shown[0]["id"]) == 204
    assert case(gateway, number).status == ComplaintStatus.TOLD


async def test_a_decision_has_five_parts_or_it_is_none(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    before = snapshot(gateway.db)
    refused = await decide(officer, number, findings="", basis=" 。 ", reasons="", outcome="", remedies=[])
    assert (refused.status_code, refused.json()["code"]) == (422, "decision_incomplete")
    for name in ("核实情况", "依据", "理由", "处理决定", "救济途径"):
        assert name in refused.json()["detail"]
    one = await decide(officer, number, basis="无")
    assert "依据" in one.json()["detail"]
    assert "核实情况" not in one.json()["detail"]
    changes = difference(before, snapshot(gateway.db))
    assert (changes.added, changes.changed) == ({}, {})


async def test_what_is_left_out_of_a_way_comes_from_the_data(talk: Talk, number: str, officer: Caller) -> None:
    given = [{"way": "review", "phone": "025-1234567"}, {"way": "litigation", "until": "三年内"}]
    assert (await decide(officer, number, remedies=given)).status_code == 200
    review, court = made(talk.caller.gateway, number).remedies
    assert (review["phone"], review["days"]) == ("025-1234567", 30)
    assert "江苏省分公司" in review["where"], "the body above Nanjing"
    assert court["until"] == "三年内"
    assert court["bring"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([{"way": "arbitration"}], "decision_arbitration"),
        ([{"way": "petition"}], "decision_way"),
        ([{"way": "review"}, {"way": "review"}], "decision_way"),
    ],
)
async def test_ways_that_are_none(number: str, officer: Caller, given: list[dict[str, str]], code: str) -> None:
    refused = await decide(officer, number, remedies=given)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_arbitration_only_with_the_contracts_clause(talk: Talk, number: str, officer: Caller) -> None:
    assert (await decide(officer, number, remedies=[{"way": "arbitration", "clause": "合同第九条"}])).status_code == 200
    (way,) = made(talk.caller.gateway, number).remedies
    assert way["clause"] == "合同第九条"


async def test_usual_ways_leave_arbitration_out(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    assert [way["way"] for way in made(talk.caller.gateway, number).remedies] == ["review", "mediation", "litigation"]


async def test_a_stale_version_a_second_decision_and_a_closed_case_are_refused(
    talk: Talk, number: str, officer: Caller
) -> None:
    gateway = talk.caller.gateway
    seen = (await officer.get(f"/api/staff/complaints/{number}")).json()["version"]
    await talk.do(complaints.supplement, talk.services.dates, number, text="昨天又爽约一次")
    path = f"/api/staff/complaints/{number}/decide"
    stale = await officer.post(path, {"version": seen} | PARTS)
    assert (stale.status_code, stale.json()["code"]) == (409, "complaint_changed")
    assert "刷新" in stale.json()["detail"]
    assert (await decide(officer, number)).status_code == 200
    again = await decide(officer, number)
    assert (again.status_code, again.json()["code"]) == (409, "complaint_decided")
    assert len(events(gateway, number, "complaint.decided")) == 1


async def test_two_officers_at_once_decide_once(talk: Talk, number: str, officer: Caller) -> None:
    answers = await asyncio.gather(*(decide(officer, number) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    pushed = [m for m in await talk.caller.history() if "已作出处理决定" in m["text"]]
    assert len(pushed) == 1


async def test_a_withdrawn_case_is_not_decided(talk: Talk, number: str, officer: Caller) -> None:
    await talk.do(complaints.withdraw, number, text="确认撤回")
    refused = await decide(officer, number)
    assert (refused.status_code, refused.json()["code"]) == (409, "complaint_closed")


async def test_withdrawn_before_it_was_read_stays_withdrawn(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    assert (await talk.do(complaints.withdraw, number, text="确认撤回"))["withdrawn"] is True
    await read(talk.caller, await newest(talk.caller))
    found = await talk.do(decisions.decision_of, talk.services.dates, number)
    row = case(talk.caller.gateway, number)
    assert (row.status, found["kind"]) == (ComplaintStatus.WITHDRAWN, "decision")
    assert events(talk.caller.gateway, number, "complaint.told") == []


async def test_only_intake_and_supervisors_of_the_branch_decide(demo_gateway: Gateway) -> None:
    with demo_gateway.db.read() as session:
        rows = session.execute(
            select(Complaint.number, Branch.path).join(Branch, Branch.id == Complaint.branch_id)
            .where(Complaint.status.in_([ComplaintStatus.FILED, ComplaintStatus.HANDLING]))
        ).all()  # fmt: skip
        mine = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == "intake")
        ).one()
    foreign = [number for number, path in rows if not path.startswith(mine)]
    assert len(foreign) >= 3
    before = snapshot(demo_gateway.db)
    officer = await demo_gateway.staff("intake")
    for number in foreign:
        refused, missing = await decide(officer, number), await decide(officer, "TS20991231999")
        assert (refused.status_code, refused.json()) == (missing.status_code, missing.json())
        assert refused.status_code == 404
    with demo_gateway.db.read() as session:
        tried = set(session.scalars(select(DeniedRead.subject)))
    assert tried == {f"complaint:{number}" for number in foreign}
    for username in ("service", "auditor", "admin", "provider"):
        caller = await demo_gateway.staff(username)
        answer = await caller.post(f"/api/staff/complaints/{foreign[0]}/decide", {"version": 1} | PARTS)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), username
    visitor = await demo_gateway.bound()
    answer = await visitor.post(f"/api/staff/complaints/{foreign[0]}/decide", {"version": 1} | PARTS)
    assert answer.status_code == 403
    changes = difference(before, snapshot(demo_gateway.db))
    assert {"decisions", "complaints"} & {*changes.added, *changes.changed} == set()


async def test_the_chain_holds_digests_and_no_word(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    (event,) = events(gateway, number, "complaint.decided")
    body = json.loads(event.body)
    assert body["outcome_sha256"] == digest(PARTS["outcome"])
    assert body["ways"] == ["review", "mediation", "litigation"]
    assert body["due_on"]
    assert event.actor.startswith("staff:")
    for words in PARTS.values():
        assert words not in event.body


async def test_the_clock_runs_until_it_is_told_and_then_stands(
    talk: Talk, number: str, officer: Caller, clock: Clock
) -> None:
    dates = talk.services.dates

    async def left() -> tuple[str, Any]:
        (one,) = (await talk.do(complaints.status, dates, number))["cases"]
        return one["state"], one["fields"]["remaining"]

    assert await left() == ("open", 15)
    clock.move_to(NOW + timedelta(days=1))
    await decide(officer, number)
    clock.move_to(NOW + timedelta(days=2))
    assert await left() == ("decided", 13), "said, and not told"
    await read(talk.caller, await newest(talk.caller))
    clock.move_to(NOW + timedelta(days=60))
    assert await left() == ("closed", 13)
    view = (await officer.get(f"/api/staff/complaints/{number}")).json()
    assert (view["remaining"], view["overdue"]) == (13, False)


def test_every_status_has_its_words() -> None:
    words = {status: say(f"complaint.status.{status}") for status in ComplaintStatus}
    assert len(set(words.values())) == len(ComplaintStatus)
    assert words[ComplaintStatus.DECIDED] == "已作出决定，等您查看"


CLOSED = {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN, ComplaintStatus.MERGED}


async def test_every_status_is_told_with_who_handles_it_and_the_phone(demo_gateway: Gateway) -> None:
    with demo_gateway.db.read() as session:
        cases = session.scalars(select(Complaint).where(Complaint.number.is_not(None))).all()
    by_status = {one.status: one for one in cases}
    assert set(by_status) == set(ComplaintStatus) - {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED}
    for status, one in by_status.items():
        caller = await demo_gateway.visitor()
        caller.conversation_id = one.conversation_id
        talk = Talk(caller)
        (shown,) = (await talk.do(complaints.status, talk.services.dates, one.number))["cases"]
        assert shown["fields"]["status_text"] == say(f"complaint.status.{status}")
        assert shown["fields"]["branch"]
        assert shown["fields"]["hotline"]
        assert bool(shown["fields"]["closed"]) == (status in CLOSED)
        assert (shown["state"] == "decided") == (status == ComplaintStatus.DECIDED)


async def test_a_message_from_just_before_the_decision_tells_no_earlier_than_it(
    talk: Talk, number: str, officer: Caller, clock: Clock
) -> None:
    desk = await talk.turn("处理结果是什么")
    clock.move_to(NOW + timedelta(minutes=1))
    await decide(officer, number)
    await desk.write(decisions.decision_of, talk.services.dates, number)
    assert made(talk.caller.gateway, number).told_at == NOW + timedelta(minutes=1)


async def test_told_too_late_is_late_for_good(talk: Talk, number: str, officer: Caller, clock: Clock) -> None:
    clock.move_to(NOW + timedelta(days=20))
    await decide(officer, number)
    clock.move_to(NOW + timedelta(days=24))
    await read(talk.caller, await newest(talk.caller))
    clock.move_to(NOW + timedelta(days=90))
    view = (await officer.get(f"/api/staff/complaints/{number}")).json()
    assert view["overdue"] is True
    assert view["remaining"] < 0


async def test_whoever_asks_for_it_is_told_in_that_turn(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    dates = talk.services.dates
    desk = await talk.turn("处理结果是什么")
    found = await desk.write(decisions.decision_of, dates, None)
    assert found["kind"] == "decision"
    assert found["fields"]["outcome"] == PARTS["outcome"]
    assert [row["label"] for row in found["rows"]] == ["核实情况", "依据", "理由", "处理决定", "救济途径"]
    assert all(row["value"] for row in found["rows"])
    assert found["clauses"] == ["6.2", "6.4 e)"]
    assert "2026-12-23" in found["rows"][-1]["value"], "30 days from today"
    row = case(talk.caller.gateway, number)
    assert (row.status, row.closed_at) == (ComplaintStatus.TOLD, NOW)
    assert json.loads(events(talk.caller.gateway, number, "complaint.told")[0].body)["how"] == "asked"
    before = snapshot(talk.services.db)
    assert await desk.write(decisions.decision_of, dates, None) == found
    changes = difference(before, snapshot(talk.services.db))
    assert (changes.added, changes.changed) == ({}, {})


async def test_a_visitor_who_looks_it_up_by_number_and_code_is_told(talk: Talk, number: str, officer: Caller) -> None:
    gateway = talk.caller.gateway
    await decide(officer, number)
    stranger = Talk(await gateway.visitor())
    dates = talk.services.dates
    refused = await stranger.do(decisions.decision_of, dates, number, text=number)
    assert (refused["kind"], refused["fields"]) == ("not_found", {"number": number})
    assert case(gateway, number).status == ComplaintStatus.DECIDED
    from anze.identity import usecases as identity

    sent = await stranger.do(identity.challenge_complaint, talk.services.codes, number, text=number)
    await stranger.do(identity.confirm_complaint, talk.services.codes, sent["demo_code"], text=sent["demo_code"])
    found = await stranger.do(decisions.decision_of, dates, number, text="看完整答复")
    assert found["kind"] == "decision"
    assert case(gateway, number).status == ComplaintStatus.TOLD
    (told,) = events(gateway, number, "complaint.told")
    assert told.actor == f"visitor:{stranger.caller.conversation_id}"


async def test_nobody_of_another_firm_reads_or_tells_any_decision(demo_gateway: Gateway) -> None:
    other = Talk(await demo_gateway.bound("AZ2026000002", "13800000002"))
    with demo_gateway.db.read() as session:
        rows = session.execute(
            select(Complaint.number, Complaint.status)
            .join(Decision, Decision.complaint_id == Complaint.id)
            .where(Complaint.insured_id.not_in(await _firms(other)) | Complaint.insured_id.is_(None))
        ).all()
    assert len(rows) > 10
    assert ComplaintStatus.DECIDED in {status for _, status in rows}
    before = snapshot(demo_gateway.db)
    for number, _ in rows:
        for use_case, args in (
            (decisions.decision_of, (other.services.dates, number)),
            (decisions.remedies, (number,)),
            (decisions.start_again, (other.services.dates, number)),
        ):
            assert (await other.do(use_case, *args))["kind"] == "not_found"
    changes = difference(before, snapshot(demo_gateway.db))
    assert set(changes.added) <= {"messages", "turn_effects"}
    assert changes.changed == {}


async def _firms(talk: Talk) -> list[int]:
    return [(await talk.caller.me())["acting_for"]["id"]]


async def test_staff_who_read_it_in_their_chat_tell_nobody(
    talk: Talk, number: str, officer: Caller, demo_gateway: Gateway
) -> None:
    await decide(officer, number)
    with demo_gateway.db.read() as session:
        officer.conversation_id = session.scalars(
            select(Conversation.id).join(Staff, Staff.id == Conversation.staff_id)
            .where(Staff.username == "intake").order_by(Conversation.created_at.desc()).limit(1)
        ).one()  # fmt: skip
    found = await Talk(officer).do(decisions.decision_of, talk.services.dates, number, text=number)
    assert found["kind"] == "decision"
    assert case(demo_gateway, number).status == ComplaintStatus.DECIDED


async def test_what_is_asked_when_there_is_no_decision(talk: Talk, number: str, clock: Clock) -> None:
    dates = talk.services.dates
    waiting = await talk.do(decisions.decision_of, dates, number)
    assert (waiting["kind"], waiting["fields"]["remaining"]) == ("decision_waiting", 15)
    assert waiting["fields"]["hotline"]
    await talk.do(complaints.withdraw, number)
    assert (await talk.do(decisions.decision_of, dates, number))["kind"] == "decision_withdrawn"
    stranger = Talk(await talk.caller.gateway.visitor())
    assert (await stranger.do(decisions.decision_of, dates, None))["kind"] == "decision_none"
    general = await stranger.do(decisions.remedies, None)
    assert general["kind"] == "remedies_general"
    assert len(general["table"]["rows"]) == 3


async def test_of_several_the_unread_one_is_meant_and_else_it_is_asked(
    talk: Talk, number: str, officer: Caller
) -> None:
    dates = talk.services.dates
    await decide(officer, number)
    assert (await talk.do(decisions.decision_of, dates, None))["fields"]["number"] == number
    asked = await talk.do(decisions.decision_of, dates, None)
    assert asked["kind"] == "which"
    assert number in asked["numbers"]
    assert len(asked["numbers"]) == 2, "the demo's one and this one"


async def test_a_short_yes_after_the_push_is_about_it(talk: Talk, number: str, officer: Caller) -> None:
    await decide(officer, number)
    with talk.services.db.read() as session:
        pending = session.get_one(Conversation, talk.caller.conversation_id).state["slots"]["pending"]
        said = session.scalars(select(Message).where(Message.response == "utter_complaint_decided")).all()
    assert (pending["intent"], pending["entities"]) == ("complaint_decision", {"complaint_no": number})
    assert said[-1].topic == "complaint"


async def test_an_unfinished_complaint_that_staff_decide_is_not_filled_in_any_more(
    talk: Talk, officer: Caller, clock: Clock
) -> None:
    from anze.serve.sweep import sweep

    await talk.open(STORY)
    clock.move_to(NOW + timedelta(hours=3))
    await sweep(talk.services)
    row = talk.row()
    assert row.status == ComplaintStatus.INTAKE
    assert (await decide(officer, str(row.number))).status_code == 200
    assert await talk.do(complaints.draft_view) == {}
    from anze.tasks.models import Task

    with talk.services.db.read() as session:
        task = session.scalars(select(Task).where(Task.subject == f"complaint:{row.id}")).one()
    assert task.done_at == NOW + timedelta(hours=3)
