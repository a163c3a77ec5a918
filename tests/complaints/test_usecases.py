"""What a complainant can do, over a real database: each step in a turn of its own, as the actions run them."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from anze.audit.chain import digest, verify
from anze.clock import Clock
from anze.complaints import usecases as complaints
from anze.complaints.models import Complaint, ComplaintKind, ComplaintStatus, Evidence, StatementKind
from anze.complaints.store import next_serial
from anze.conversations.models import Message
from anze.errors import DomainError
from anze.policies.models import Insured
from anze.serve.sweep import sweep
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW, Ticks
from tests.helpers.complainant import STORY, Talk
from tests.helpers.gateway import Gateway
from tests.helpers.rows import difference, snapshot

CLAIM = "理赔报案三个月了，赔款到现在没到账"


@pytest.fixture
async def talk(gateway: Gateway) -> Talk:
    return Talk(await gateway.visitor())


async def test_the_first_words_set_the_moment_of_receipt(talk: Talk, ticks: Ticks) -> None:
    opened = await talk.open()
    assert (opened["missing"], opened["resumed"]) == (["firm", "contact"], False)
    row = talk.row()
    assert (row.status, row.received_at, row.number) == (ComplaintStatus.DRAFT, NOW, None)
    ticks.advance(3600)
    await talk.answer("firm", "南京红星化工厂")
    await talk.answer("contact", "王强 13912345678")
    filed = await talk.submit()
    row = talk.row()
    assert (row.status, row.received_at) == (ComplaintStatus.FILED, NOW)
    assert row.filed_at == NOW + timedelta(seconds=3600)
    assert (row.due_on.isoformat(), row.second_due_on.isoformat()) == ("2026-12-14", "2026-12-08")  # type: ignore[union-attr]
    assert filed["data"]["due_on"] == "2026-12-14"
    assert filed["data"]["kind"] == "complaint"
    assert (row.contact_name, row.contact_phone, row.firm) == ("王强", "13912345678", "南京红星化工厂")
    assert filed["fields"]["number"] == "TS20261123001"


async def test_words_are_kept_as_said_and_corrections_are_added(talk: Talk) -> None:
    await talk.open()
    await talk.answer("story", "更正：是上周三，来了两个人但没带仪器")
    await talk.do(complaints.add_to_story, text="而且迟到了三小时")
    await talk.answer("wish", "要求重新派人")
    await talk.answer("firm", "南京红星化工厂")
    await talk.answer("contact", "13912345678")
    number = (await talk.submit())["fields"]["number"]
    await talk.do(complaints.supplement, talk.services.dates, number, text="昨天又爽约一次")
    assert talk.said() == [
        (StatementKind.STORY, STORY),
        (StatementKind.CORRECTION, "更正：是上周三，来了两个人但没带仪器"),
        (StatementKind.STORY, "而且迟到了三小时"),
        (StatementKind.WISH, "要求重新派人"),
        (StatementKind.SUPPLEMENT, "昨天又爽约一次"),
    ]
    assert talk.row().due_on is not None
    assert talk.row().due_on.isoformat() == "2026-12-14", "a supplement moves no date"  # type: ignore[union-attr]


async def test_new_facts_restart_the_second_clock_only_and_it_is_told(talk: Talk, clock: Clock) -> None:
    number = await talk.file()
    clock.move_to(NOW + timedelta(days=3))
    added = await talk.do(complaints.supplement, talk.services.dates, number, text="昨天又爽约一次")
    assert added["moved"] is True
    assert "2026-12-11" in added["fields"]["second"], "15 days from 26 November"
    row = talk.row()
    assert (str(row.due_on), str(row.second_due_on)) == ("2026-12-14", "2026-12-11")
    clock.move_to(NOW + timedelta(days=30))
    late = await talk.do(complaints.supplement, talk.services.dates, number, text="还有一件")
    assert late["moved"] is False, "after the term nothing is restarted"
    assert str(talk.row().second_due_on) == "2026-12-11"


async def test_every_step_is_in_the_chain_and_no_word_or_number_of_a_person(talk: Talk) -> None:
    file_id = await talk.caller.file()
    await talk.open(files=[file_id])
    await talk.answer("firm", "南京红星化工厂")
    await talk.answer("contact", "王强 13912345678")
    number = (await talk.submit())["fields"]["number"]
    await talk.do(complaints.supplement, talk.services.dates, number, text="又爽约")
    await talk.do(complaints.withdraw, number, text="确认撤回")
    events = talk.events()
    assert [event.kind for event in events] == [
        "complaint.received",
        "complaint.stated",
        "complaint.evidence_added",
        "complaint.filed",
        "complaint.stated",
        "complaint.withdrawn",
    ]
    stated = json.loads(events[1].body)
    assert stated == {"kind": "story", "text_sha256": digest(STORY)}
    filed = json.loads(events[3].body)
    assert (filed["number"], filed["due_on"], filed["second_due_on"]) == (number, "2026-12-14", "2026-12-08")
    everything = " ".join(event.body + event.actor + event.subject for event in events)
    for secret in (STORY, "13912345678", "王强", "红星", "又爽约", "现场"):
        assert secret not in everything
    assert {event.actor for event in events} == {f"visitor:{talk.caller.conversation_id}"}
    with talk.services.db.read() as session:
        assert verify(session) == []


async def test_a_replayed_turn_writes_once(talk: Talk) -> None:
    desk = await talk.turn(STORY)
    edition = talk.services.dates
    first = await desk.write(complaints.open_draft, edition)
    before = snapshot(talk.services.db)
    assert await desk.write(complaints.open_draft, edition) == first
    changes = difference(before, snapshot(talk.services.db))
    assert (changes.added, changes.changed) == ({}, {})

    await talk.answer("firm", "南京红星化工厂")
    desk = await talk.turn("提交")
    filed = await asyncio.gather(
        *(desk.write(complaints.submit, talk.services.dates) for _ in range(4)), return_exceptions=True
    )
    done = [f for f in filed if isinstance(f, dict)]
    assert done
    assert all(f == done[0] for f in done)
    assert [event.kind for event in talk.events()].count("complaint.filed") == 1


async def test_the_same_form_twice_is_one_complaint(talk: Talk) -> None:
    await talk.file()
    with pytest.raises(DomainError) as refused:
        await talk.submit()
    assert refused.value.code == "complaint_no_draft"
    again = await talk.open("我要投诉，另一件事：培训老师没来")
    assert again["resumed"] is False
    with talk.services.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 2


async def test_fifty_at_once_get_fifty_numbers(gateway: Gateway) -> None:
    now = gateway.services.clock.today()
    serials = await asyncio.gather(*(gateway.db.in_write(lambda s: next_serial(s, now)) for _ in range(50)))
    assert sorted(serials) == list(range(1, 51))
    talks = [Talk(await gateway.visitor()) for _ in range(10)]
    numbers = await asyncio.gather(*(one.file() for one in talks))
    assert len(set(numbers)) == 10
    assert all(number.startswith("TS20261123") for number in numbers)


async def test_claims_premium_and_selling_get_the_second_clock_only(talk: Talk) -> None:
    await talk.open(CLAIM)
    await talk.answer("firm", "南京红星化工厂")
    filed = await talk.answer("contact", "13912345678")
    assert filed["kind"] == ComplaintKind.OTHER
    result = await talk.submit()
    assert result["way"] == "_other"
    row = talk.row()
    assert (row.kind, row.due_on) == (ComplaintKind.OTHER, None)
    assert row.second_due_on is not None
    assert row.second_due_on.isoformat() == "2026-12-08"
    assert (result["data"]["due_on"], result["data"]["working_to"]) == (None, "2026-12-08")
    assert result["clauses"] == []


async def test_not_known_is_an_answer(talk: Talk) -> None:
    await talk.open()
    assert (await talk.answer("firm", "不知道", unknown=True))["missing"] == ["contact"]
    assert (await talk.answer("contact", "不想留", unknown=True))["missing"] == []
    assert (await talk.submit())["reachable"] is False
    assert (talk.row().firm, talk.row().contact_phone) == ("", "")


BESIDE = [
    ("南京红星化工厂 13912345678", "南京红星化工厂", "13912345678", None),
    ("南京红星化工厂，电话13912345678", "南京红星化工厂", "13912345678", None),
    ("我们是南京红星化工厂，联系电话：139 1234 5678", "南京红星化工厂", "13912345678", None),
    ("南京红星化工厂，座机025-83456789", "南京红星化工厂", "02583456789", None),
    ("南京红星化工厂", "南京红星化工厂", None, None),
]


async def test_a_number_beside_the_firm_is_taken_too(gateway: Gateway) -> None:
    for text, firm, phone, name in BESIDE:
        talk = Talk(await gateway.visitor())
        await talk.open()
        answered = await talk.answer("firm", text)
        row = talk.row()
        assert (row.firm, row.contact_phone, row.contact_name) == (firm, phone, name)
        assert answered["missing"] == ([] if phone else ["contact"])


async def test_the_own_number_in_the_story_is_not_asked_for_again(talk: Talk) -> None:
    opened = await talk.open(STORY + "，我的电话13912345678")
    assert opened["missing"] == ["firm"]
    other = Talk(await talk.caller.gateway.visitor())
    opened = await other.open("你们的老师13912345678上课玩手机，整整一下午没讲东西")
    assert opened["missing"] == ["firm", "contact"], "somebody else's number"


async def test_a_bound_person_is_asked_for_nothing_that_is_known(demo_gateway: Gateway) -> None:
    talk = Talk(await demo_gateway.bound())
    opened = await talk.open()
    assert opened["missing"] == []
    row = talk.row()
    with demo_gateway.db.read() as session:
        insured = session.scalars(select(Insured).where(Insured.contact_phone == "13800000001")).one()
    assert (row.insured_id, row.contact_phone) == (insured.id, "13800000001")
    assert row.policy_id is not None


async def test_a_firm_with_full_width_signs_in_its_name_can_be_chosen(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.bound()
    with demo_gateway.db.write() as session:
        first = session.scalars(select(Insured).where(Insured.contact_phone == "13800000001")).one()
        second = session.scalars(select(Insured).where(Insured.contact_phone == "13800000002")).one()
        first.name = "南京紅星（集團）有限公司"
        second.contact_phone = "13800000001"
        second_id = second.id
    await caller.bind("AZ2026000002", "13800000001")
    from anze.conversations.models import Conversation

    with demo_gateway.db.write() as session:
        session.get_one(Conversation, caller.conversation_id).acting_for_id = None
    talk = Talk(caller)
    assert "firm" in (await talk.open())["missing"]
    assert (await talk.answer("firm", "别家公司"))["taken"] is False
    assert (await talk.answer("firm", "南京紅星（集團）有限公司"))["taken"] is True
    assert talk.row().insured_id not in {None, second_id}


async def test_withdrawing_and_adding_need_ones_own_open_complaint(talk: Talk) -> None:
    number = await talk.file()
    stranger = Talk(await talk.caller.gateway.visitor())
    assert (await stranger.do(complaints.withdraw, number))["withdrawn"] is False
    assert (await stranger.do(complaints.supplement, stranger.services.dates, number, text="添一句"))["added"] is False
    assert (await talk.do(complaints.withdraw, number, text="确认撤回"))["withdrawn"] is True
    row = talk.row()
    assert (row.status, row.closed_at) == (ComplaintStatus.WITHDRAWN, NOW)
    assert (await talk.do(complaints.withdraw, number))["withdrawn"] is False
    assert (await talk.do(complaints.supplement, talk.services.dates, number, text="添一句"))["added"] is False
    assert len(talk.said()) == 1


async def test_staff_change_no_complaint_through_their_chat(demo_gateway: Gateway) -> None:
    from anze.conversations.models import Conversation
    from anze.identity.models import Staff

    with demo_gateway.db.read() as session:
        number = session.scalars(
            select(Complaint.number).where(Complaint.status == ComplaintStatus.FILED).limit(1)
        ).one()
    for username in ("supervisor", "auditor", "provider"):
        caller = await demo_gateway.staff(username)
        with demo_gateway.db.read() as session:
            caller.conversation_id = session.scalars(
                select(Conversation.id)
                .join(Staff, Staff.id == Conversation.staff_id)
                .where(Staff.username == username)
                .order_by(Conversation.created_at.desc())
                .limit(1)
            ).one()
        talk = Talk(caller)
        before = snapshot(demo_gateway.db)
        for use_case, args in (
            (complaints.withdraw, (number,)),
            (complaints.supplement, (talk.services.dates, number)),
            (complaints.open_draft, ("x",)),
        ):
            with pytest.raises(DomainError) as refused:
                await talk.do(use_case, *args, text=STORY)
            assert refused.value.code == "complaint_by_staff"
        changes = difference(before, snapshot(demo_gateway.db))
        assert set(changes.added) == {"messages"}
        assert changes.changed == {}


async def test_files_belong_to_the_draft_or_the_only_open_complaint(talk: Talk) -> None:
    one, two, three = [await talk.caller.file(f"{n}.png") for n in range(3)]
    assert (await talk.do(complaints.add_files, text="", files=[one]))["attached"] is False
    await talk.open(files=[one])
    assert (await talk.do(complaints.add_files, text="", files=[two, one]))["attached"] is True
    await talk.answer("firm", "不知道", unknown=True)
    await talk.answer("contact", "不留", unknown=True)
    number = (await talk.submit())["fields"]["number"]
    added = await talk.do(complaints.add_files, text="", files=[three])
    assert added["target"] == number
    with talk.services.db.read() as session:
        assert set(session.scalars(select(Evidence.file_id))) == {one, two, three}


async def test_an_expressly_dropped_draft_is_dropped(talk: Talk) -> None:
    await talk.open()
    assert (await talk.do(complaints.drop, text="不投诉了")) == {"dropped": True, "number": None}
    assert (talk.row().status, talk.row().number) == (ComplaintStatus.DROPPED, None)
    assert (await talk.do(complaints.drop, text="不投诉了"))["dropped"] is False
    assert talk.events()[-1].kind == "complaint.dropped"


async def test_an_unfinished_complaint_goes_to_the_staff_after_two_hours_once(talk: Talk, ticks: Ticks) -> None:
    await talk.open()
    ticks.advance(2 * 3600 - 1)
    await sweep(talk.services)
    assert talk.row().status == ComplaintStatus.DRAFT
    ticks.advance(1)
    async with talk.caller.events() as events:
        await events.next("state")
        await asyncio.gather(*(sweep(talk.services) for _ in range(4)))
        told = await events.next("message")
    row = talk.row()
    assert (row.status, row.received_at, row.number) == (ComplaintStatus.INTAKE, NOW, "TS20261123001")
    assert (str(row.due_on), str(row.second_due_on)) == ("2026-12-14", "2026-12-08"), "the clock runs all the same"
    assert row.number in told["data"]["text"]
    with talk.services.db.read() as session:
        (task,) = session.scalars(select(Task).where(Task.kind != TaskKind.DUTY_ROUND)).all()
        pushed = session.scalars(select(Message).where(Message.pushed.is_(True))).all()
    assert (task.kind, task.subject, task.done_at) == (TaskKind.INTAKE, f"complaint:{row.id}", None)
    assert len(pushed) == 1
    assert [event.kind for event in talk.events()] == [
        "complaint.received",
        "complaint.stated",
        "complaint.handed_to_intake",
    ]


async def test_two_sweepers_on_many_drafts(gateway: Gateway, ticks: Ticks) -> None:
    talks = [Talk(await gateway.visitor()) for _ in range(6)]
    for one in talks:
        await one.open()
    ticks.advance(3 * 3600)
    now = gateway.services.clock.now()

    def hand_over() -> list[str]:
        with gateway.db.write() as session:
            return complaints.hand_over_stale(session, now, gateway.services.dates)

    told = await asyncio.gather(*(asyncio.to_thread(hand_over) for _ in range(3)))
    assert sorted(id_ for ids in told for id_ in ids) == sorted(one.caller.conversation_id for one in talks)
    assert len({one.row().number for one in talks}) == 6


async def test_an_intake_can_still_be_finished_or_dropped_by_the_person(gateway: Gateway, ticks: Ticks) -> None:
    finishing, dropping = Talk(await gateway.visitor()), Talk(await gateway.visitor())
    await finishing.open()
    await dropping.open()
    ticks.advance(3 * 3600)
    await sweep(gateway.services)
    number = finishing.row().number
    await finishing.answer("firm", "南京红星化工厂")
    await finishing.answer("contact", "13912345678")
    assert (await finishing.submit())["fields"]["number"] == number
    row = finishing.row()
    assert (row.status, row.received_at, row.number) == (ComplaintStatus.FILED, NOW, number)
    dropped = await dropping.do(complaints.drop, text="不投诉了")
    assert dropped["number"] == dropping.row().number
    assert dropping.row().status == ComplaintStatus.WITHDRAWN
    with gateway.db.read() as session:
        assert session.scalar(select(func.count()).where(Task.done_at.is_(None), Task.kind != TaskKind.DUTY_ROUND)) == 0


async def test_more_of_the_story_told_to_an_open_draft_is_kept(talk: Talk) -> None:
    await talk.open()
    again = await talk.open("我要投诉，今天他们又没来，还说是我们记错了时间")
    assert again["resumed"] is True
    assert [text for _, text in talk.said()] == [STORY, "我要投诉，今天他们又没来，还说是我们记错了时间"]


async def test_the_queue_is_in_the_order_of_the_dates(demo_gateway: Gateway, clock: Clock) -> None:
    officer = await demo_gateway.staff("supervisor")
    first = (await officer.get("/api/staff/complaints", size=5)).json()
    rest = (await officer.get("/api/staff/complaints", size=200)).json()["items"]
    dates = [item["queue_on"] for item in rest]
    assert dates == sorted(dates, key=lambda day: (day is None, day))
    assert first["items"] == rest[:5]
    assert first["total"] == len(rest)
    one = (await officer.get(f"/api/staff/complaints/{rest[0]['number']}")).json()
    assert one["explanation"]
    assert one["working_to"] <= (one["due_on"] or "9999")
