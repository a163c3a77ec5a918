"""What people are told, when, where, once, and what they are not told any more."""

import logging
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from anze.bookings.models import Service, ServiceStatus
from anze.clock import legal_date
from anze.conversations.models import Button, Conversation, Message
from anze.conversations.turns import real_now
from anze.hazards.models import Hazard, HazardStatus
from anze.identity.models import Right, RightKind
from anze.reminders import deliver, usecases
from anze.reminders.deliver import Voice
from anze.surveys.models import Survey, SurveyStatus
from anze.tasks.models import TaskKind
from tests.helpers.reminding import CALENDAR, URL, Firm, World, shanghai

VISIT = date(2026, 12, 1)
"""A Tuesday: T-3 is Thursday 26, T-1 Monday 30 November."""


def visit(world: World, firm: Firm, at: str = "2026-12-01 09:00", **more: object) -> str:
    """A visit that is planned and reminded of; gives its key."""
    key = f"service:{world.service(firm, shanghai(at), **more)}"
    world.plan("booking_visit", key, legal_date(shanghai(at)), firm.insured)
    return key


def pending(world: World, conversation_id: str) -> dict[str, object]:
    with world.db.read() as session:
        found: dict[str, object] = session.get_one(Conversation, conversation_id).state["slots"].get("pending")
        return found


def buttons(world: World, conversation_id: str) -> list[tuple[str, str, dict[str, str]]]:
    with world.db.read() as session:
        rows = session.scalars(
            select(Button).where(Button.conversation_id == conversation_id).order_by(Button.message_id, Button.position)
        )
        return [(row.title, row.intent, row.entities) for row in rows]


async def test_a_visit_is_spoken_of_on_its_three_days_with_what_can_be_done(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    assert await world.sweep() == set()
    world.to("2026-11-26 09:00")
    assert await world.sweep() == {firm.conversation_id}
    (said,) = world.said(firm.conversation_id)
    assert "2026-12-01（周二）09:00" in said
    assert "城北厂区" in said
    named = {"booking_no": "FW20261120002"}
    assert buttons(world, firm.conversation_id) == [
        ("改时间", "booking_move", named),
        ("取消这次服务", "booking_cancel", named),
    ]
    found = pending(world, firm.conversation_id)
    until = shanghai("2026-11-28 09:00").isoformat()
    assert found == {"kind": "booking_visit", "subject": "service:1", "question": None, "intent": None, "until": until,
                     "entities": named}  # fmt: skip
    with world.db.read() as session:
        message = session.scalars(select(Message).where(Message.pushed.is_(True))).one()
        assert message.topic == "reminder"
        assert message.response == "utter_reminder_booking_visit"
        assert message.payload["data"]["kind"] == "reminder"
    assert await world.sweep() == set()
    world.to("2026-11-30 09:00")
    await world.sweep()
    world.to("2026-12-01 08:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 3
    world.to("2026-12-05 09:00")
    assert await world.sweep() == set()


@pytest.mark.parametrize(
    "change",
    [
        {"status": ServiceStatus.CANCELLED},
        {"status": ServiceStatus.ONGOING},
        {"starts_at": shanghai("2026-12-02 09:00")},
        {"starts_at": None},
    ],
)
async def test_nothing_is_said_of_what_is_no_more_so(world: World, change: dict[str, object]) -> None:
    firm = world.firm()
    key = visit(world, firm)
    world.change(Service, int(key.split(":")[1]), **change)
    world.to("2026-11-26 09:00")
    assert await world.sweep() == set()
    assert world.states()[firm.insured, "T-3"] == "void not_wanted"


async def test_a_cancelled_row_is_not_said_even_when_it_was_claimed(world: World) -> None:
    firm = world.firm()
    key = visit(world, firm)
    world.to("2026-11-26 09:00")
    sweeper = world.sweeper()
    ids = await sweeper.claim()
    world.void(key)
    assert await sweeper.say(ids) == set()
    assert world.said(firm.conversation_id) == []
    world.to("2026-12-01 09:00")
    assert await world.sweep() == set()


async def test_a_claim_that_nobody_finished_is_taken_over_after_its_lease(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    world.to("2026-11-26 09:00")
    real = real_now()
    dead, other = world.sweeper(owner="dead", real_now=lambda: real), world.sweeper(owner="b", real_now=lambda: real)
    ids = await dead.claim()
    assert len(ids) == 1
    assert await other.run(lambda _: None) == 0
    late = world.sweeper(owner="c", real_now=lambda: real + timedelta(seconds=61))
    assert await late.run(lambda _: None) == 1
    assert await dead.say(ids) == set(), "whoever was thought dead says nothing any more"
    assert len(world.said(firm.conversation_id)) == 1


async def test_of_missed_steps_the_latest_is_said_once(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    world.to("2026-12-01 08:30")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    world.to("2026-12-01 08:59")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    person = f"person:{firm.person_id}"
    assert world.states()[person, "T"] == "sent"
    world.change(Service, 1, starts_at=shanghai("2026-12-01 13:30"))
    world.to("2026-12-01 09:00")  # the ordinary hours begin: what waited for them is overtaken now
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    states = world.states()
    assert [states[person, step] for step in ("T-3", "T-1", "T")] == ["void overtaken", "void overtaken", "sent"]


async def test_notices_of_a_missed_hazard_date_are_told_all(world: World) -> None:
    firm = world.firm()
    key = f"hazard:{world.hazard(firm, date(2026, 11, 27))}"
    world.plan("hazard_date", key, date(2026, 11, 27), firm.insured, "branch:1")
    world.to("2026-12-02 10:00")
    await world.sweep()
    (said,) = world.said(firm.conversation_id)
    assert said.startswith("有 2 件事提醒您")
    assert "本来应在 2026-11-27（周五） 告诉您" in said
    assert "本来应在 2026-11-30（周一） 告诉您" in said
    assert "已经过了" in said
    (task,) = world.tasks()
    assert (task.kind, task.subject) == (TaskKind.HAZARD_DATE, f"{key}:2026-11-27")


async def test_a_hazard_that_was_reported_as_done_is_not_spoken_of(world: World) -> None:
    firm = world.firm()
    hazard = world.hazard(firm, date(2026, 11, 27))
    world.plan("hazard_date", f"hazard:{hazard}", date(2026, 11, 27), firm.insured, "branch:1")
    world.to("2026-11-24 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    named = {"hazard_no": "YH20261120003"}
    assert [b[1:] for b in buttons(world, firm.conversation_id)] == [("hazard_done", named), ("hazard_propose", named)]
    world.change(Hazard, hazard, status=HazardStatus.REPORTED)
    world.to("2026-12-20 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    assert world.tasks() == []


async def test_the_follow_up_is_asked_with_five_marks_and_then_called(world: World) -> None:
    firm = world.firm()
    survey = world.survey(firm, date(2026, 12, 7))
    world.plan("survey_ask", f"survey:{survey}", date(2026, 11, 24), firm.insured)
    world.plan("survey_call", f"survey:{survey}", date(2026, 12, 7), "branch:1")
    asked: list[str] = []
    world.to("2026-11-24 09:00")
    voice = Voice(URL, {"survey_ask": lambda session, row, now: asked.append(row.subject)})
    await world.sweeper(voice=voice).run(lambda _: None)
    assert asked == [f"survey:{survey}"]
    number = "FW20261120002"
    assert buttons(world, firm.conversation_id) == [
        (title, "survey_rate", {"survey_no": number, "mark": title[0]})
        for title in ("5 很满意", "4 满意", "3 一般", "2 不满意", "1 很不满意")
    ]
    found = pending(world, firm.conversation_id)
    assert (found["question"], found["intent"]) == ("survey_mark", "survey_rate")
    assert found["entities"] == {"survey_no": number}, "a mark is the person's to give"
    world.to("2026-12-02 09:00")
    await world.sweep()
    (task,) = world.tasks()
    assert task.kind == TaskKind.SURVEY_CALL


async def test_an_answered_follow_up_needs_no_call(world: World) -> None:
    firm = world.firm()
    survey = world.survey(firm, date(2026, 12, 7))
    world.plan("survey_call", f"survey:{survey}", date(2026, 12, 7), "branch:1")
    world.change(Survey, survey, status=SurveyStatus.DONE, mark=5)
    world.to("2026-12-02 09:00")
    await world.sweep()
    assert world.tasks() == []


async def test_several_things_of_one_person_are_one_message(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    visit(world, firm, "2026-12-01 13:30")
    world.to("2026-11-26 09:00")
    await world.sweep()
    (said,) = world.said(firm.conversation_id)
    assert said.startswith("有 2 件事提醒您：\n1. ")
    assert [title for title, _, _ in buttons(world, firm.conversation_id)] == [
        "1 · 改时间", "1 · 取消这次服务", "2 · 改时间", "2 · 取消这次服务",
    ]  # fmt: skip
    found = pending(world, firm.conversation_id)
    assert found["until"] == world.now.isoformat(), "改到周五 would fit both: it is asked back"


async def test_who_booked_and_is_main_contact_too_is_told_once(world: World) -> None:
    firm = world.firm()
    other = world.person(firm, "13700000001", RightKind.COLLEAGUE)
    talk = world.talk(other)
    service = world.service(firm, shanghai("2026-12-01 09:00"))
    world.plan(
        "booking_visit", f"service:{service}", VISIT, firm.insured, f"person:{firm.person_id}", f"person:{other}"
    )
    world.to("2026-11-26 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    assert len(world.said(talk)) == 1


async def test_who_does_not_act_for_the_firm_any_more_is_not_told(world: World) -> None:
    firm = world.firm()
    service = world.service(firm, shanghai("2026-12-01 09:00"))
    world.plan("booking_visit", f"service:{service}", VISIT, f"person:{firm.person_id}")
    with world.db.write() as session:
        session.scalars(select(Right).where(Right.person_id == firm.person_id)).one().ended_at = world.now
    world.to("2026-11-26 09:00")
    await world.sweep()
    assert world.said(firm.conversation_id) == []
    assert world.outbox() == []


async def test_nobody_is_spoken_to_outside_the_hours(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    world.to("2026-11-27 22:00")  # T-3 was the day before, nothing ran since; a Friday night
    await world.sweep()
    world.to("2026-11-28 12:00")
    await world.sweep()
    assert world.said(firm.conversation_id) == []
    world.to("2026-11-30 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    world.to("2026-12-01 07:59")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    world.to("2026-12-01 08:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 2


async def test_a_form_that_is_filled_in_is_not_interrupted_unless_it_is_urgent(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    world.to("2026-11-26 09:00")
    world.change(Conversation, firm.conversation_id, state={"slots": {}, "loop": "complaint_form"})
    world.turn(firm.conversation_id, "我们厂")
    await world.sweep()
    assert world.said(firm.conversation_id) == []
    world.to("2026-11-26 09:03")
    world.change(Conversation, firm.conversation_id, state={"slots": {}, "loop": None})
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    world.to("2026-12-01 08:00")
    world.change(Conversation, firm.conversation_id, state={"slots": {}, "loop": "complaint_form"})
    world.turn(firm.conversation_id, "我们厂")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 2, "the visit is today"


async def test_a_form_that_was_left_keeps_no_reminder_waiting(world: World) -> None:
    firm = world.firm()
    visit(world, firm)
    world.change(Conversation, firm.conversation_id, state={"slots": {}, "loop": "complaint_form"})
    world.to("2026-11-26 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1


async def test_who_is_not_in_the_page_gets_a_short_message_too(world: World) -> None:
    absent = world.firm(talk=False)
    long_ago = world.firm(seen=world.now - timedelta(days=20))
    here = world.firm()
    for firm in (absent, long_ago, here):
        visit(world, firm)
    world.to("2026-11-26 09:00")
    assert await world.sweep() == {long_ago.conversation_id, here.conversation_id}
    rows = {row.recipient: row for row in world.outbox()}
    assert set(rows) == {"13900000001", "13900000002"}
    assert URL in rows["13900000001"].text
    assert rows["13900000001"].fallback == [{"channel": "phone_task", "recipient": "branch:1"}]
    assert await world.sweep() == set()
    assert len(world.outbox()) == 2


async def test_a_firm_that_nobody_has_bound_is_told_by_the_phone_on_file_or_called(world: World) -> None:
    unbound, unreachable = world.firm(bound=False), world.firm(bound=False, phone=None)
    visit(world, unbound)
    visit(world, unbound, "2026-12-01 13:30")
    visit(world, unreachable)
    world.to("2026-11-26 09:00")
    await world.sweep()
    (sms,) = world.outbox()
    assert sms.recipient == "13900000001"
    assert "有 2 件事" in sms.text
    (task,) = world.tasks()
    assert task.kind == TaskKind.PHONE_CALL
    assert task.branch_id == 1
    assert "第2化工厂" in task.body["name"]


async def test_a_kind_that_was_switched_off_is_silent_for_that_person_only(world: World) -> None:
    firm = world.firm()
    other = world.person(firm, "13700000001")
    talk = world.talk(other)
    visit(world, firm)
    world.use(usecases.switch, firm.conversation_id, "别再提醒上门服务了", None, False)
    world.to("2026-11-26 09:00")
    await world.sweep()
    assert world.said(firm.conversation_id) == []
    assert len(world.said(talk)) == 1


async def test_one_that_cannot_be_said_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch,
                                                         caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    first, second = world.firm(), world.firm()
    visit(world, first)
    visit(world, second)
    true = deliver.content.said_now

    def broken(session: object, row: object, moment: object) -> object:
        if row.subject == "service:1":  # type: ignore[attr-defined]
            raise ValueError("13800000001 is personal")
        return true(session, row, moment)  # type: ignore[arg-type]

    world.to("2026-11-26 09:00")
    monkeypatch.setattr(deliver.content, "said_now", broken)
    with caplog.at_level(logging.ERROR):
        await world.sweep()
    assert world.said(first.conversation_id) == []
    assert len(world.said(second.conversation_id)) == 1
    assert "booking_visit" in caplog.text
    assert "13800000001" not in caplog.text


async def test_two_workers_say_each_thing_once(world: World) -> None:
    firms = [world.firm() for _ in range(12)]
    for firm in firms:
        visit(world, firm)
    world.to("2026-11-26 09:00")
    sweepers = [world.sweeper(batch=2) for _ in range(3)]
    claims = [await sweeper.claim() for sweeper in sweepers]
    assert len({id_ for ids in claims for id_ in ids}) == 6
    for sweeper, ids in zip(sweepers, claims, strict=True):
        await sweeper.say(ids)
    for sweeper in sweepers:
        await sweeper.run(lambda _: None)
    assert [len(world.said(firm.conversation_id)) for firm in firms] == [1] * 12


async def test_the_end_of_a_policy_is_told_until_it_is_renewed(world: World) -> None:
    from anze.policies.models import Policy
    from anze.reminders.standing import plan_policy_ends

    firm = world.firm(end_on=date(2026, 12, 31))
    renewed = world.firm(end_on=date(2026, 12, 31))
    world.change(Policy, world.firm(end_on=date(2027, 12, 31)).policy_id, renews_id=renewed.policy_id)
    with world.db.write() as session:
        assert plan_policy_ends(session, world.now, CALENDAR.calendar())
    with world.db.write() as session:
        assert not plan_policy_ends(session, world.now, CALENDAR.calendar())
    world.to("2026-12-24 09:00")
    await world.sweep()
    (said,) = world.said(firm.conversation_id)
    assert "2026-12-31" in said
    assert world.said(renewed.conversation_id) == []
