"""A service is rated in a talk: done with both parts only, in the very words, corrected within the term (6.3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.bookings.models import Service, ServiceStep
from anze.clock import Clock
from anze.reminders.models import Reminder, ReminderState
from anze.surveys import usecases as surveys
from anze.surveys.models import Survey
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.helpers.firm import Firm, events, firm_of, staff, write
from tests.helpers.gateway import Gateway
from tests.helpers.rows import Difference, difference, snapshot
from tests.surveys.conftest import ASKED, OVER, standing, survey_of

Complete = Callable[[date], str]
DUE = date(2026, 11, 23)


async def test_a_bare_mark_asks_for_an_opinion_and_is_not_done(demo_gateway: Gateway, firm: Firm) -> None:
    rated = await firm.do(surveys.rate, text="我打5分")
    assert (rated["need"], rated["low"], rated["fields"]["number"]) == ("opinion", False, ASKED)
    assert standing(demo_gateway, ASKED) == ("marked", 5, None, None)
    assert await firm.do(surveys.give_opinion, ASKED, text="没意见") == {"taken": True}
    assert standing(demo_gateway, ASKED) == ("done", 5, "没意见", NOW)
    assert (await firm.do(surveys.result, ASKED))["need"] == "done"
    row = survey_of(demo_gateway, ASKED)
    assert (row.channel, row.recorded_by) == ("web", None)
    assert row.answered_by == (await firm.turn("x")).turn.speaker.actor
    with demo_gateway.db.read() as session:
        steps = select(ServiceStep.stage).where(ServiceStep.service_id == row.service_id)
        assert list(session.scalars(steps)).count("followed_up") == 1
        assert chain.verify(session) == []
        body = session.scalars(select(AuditEvent.body).where(AuditEvent.subject == f"survey:{row.id}")).all()[-1]
        assert chain.digest("没意见") in body
        assert "没意见" not in body, "words enter the chain by digest only"
    assert events(demo_gateway, f"survey:{row.id}") == ["survey.planned", "survey.answered", "survey.answered"]


async def test_both_parts_at_once_in_the_very_words(demo_gateway: Gateway, firm: Firm) -> None:
    words = "５分，老师讲得很清楚；就是 PPT 字太小！"
    rated = await firm.do(surveys.rate, text=words)
    assert rated["need"] == "done"
    assert standing(demo_gateway, ASKED) == ("done", 5, words, NOW)


async def test_words_first_then_the_mark_of_a_button(demo_gateway: Gateway, firm: Firm) -> None:
    rated = await firm.do(surveys.rate, text="讲得太快，跟不上")
    assert (rated["need"], standing(demo_gateway, ASKED)[:3]) == ("mark", ("asked", None, "讲得太快，跟不上"))
    assert [mark for mark, _ in rated["marks"]] == ["5", "4", "3", "2", "1"]
    rated = await firm.do(surveys.rate, ASKED, 2, text="2 不满意", pressed="survey_rate")
    assert (rated["need"], rated["low"]) == ("done", True)
    assert standing(demo_gateway, ASKED) == ("done", 2, "讲得太快，跟不上", NOW)


@pytest.mark.parametrize(("mark", "low"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
async def test_one_and_two_offer_a_complaint(firm: Firm, mark: int, low: bool) -> None:
    rated = await firm.do(surveys.rate, text=f"{mark}分，来的人不懂我们的工艺")
    assert (rated["need"], rated["low"], rated["fields"]["mark"]) == ("done", low, mark)


async def test_another_bare_mark_is_no_opinion(demo_gateway: Gateway, firm: Firm) -> None:
    await firm.do(surveys.rate, text="5分")
    for words, mark in (("4分", 4), ("给个3分吧", 3), ("满意", 4)):
        assert await firm.do(surveys.give_opinion, ASKED, text=words) == {"taken": False}
        assert standing(demo_gateway, ASKED) == ("marked", mark, None, None), words
    assert await firm.do(surveys.give_opinion, ASKED, text="改成2分，其实迟到了半小时") == {"taken": True}
    assert standing(demo_gateway, ASKED) == ("done", 2, "改成2分，其实迟到了半小时", NOW)


async def test_words_that_contradict_each_other_tell_no_mark(demo_gateway: Gateway, firm: Firm) -> None:
    words = "对老师很满意，对场地不满意"
    assert (await firm.do(surveys.rate, text=words))["need"] == "mark"
    assert standing(demo_gateway, ASKED)[:3] == ("asked", None, words)


@pytest.mark.parametrize("mark", [0, 6, -1, 50])
async def test_a_mark_out_of_range_is_none(demo_gateway: Gateway, firm: Firm, mark: int) -> None:
    assert (await firm.do(surveys.rate, ASKED, mark, text="x", pressed="survey_rate"))["need"] == "mark"
    assert standing(demo_gateway, ASKED)[1] is None


async def test_a_mark_is_corrected_within_the_term_and_stays_after_it(
    demo_gateway: Gateway, firm: Firm, clock: Clock
) -> None:
    await firm.do(surveys.rate, text="5分，没意见")
    clock.move_to(NOW + timedelta(hours=13, minutes=59))  # 23:59 on the last day
    firm = await firm_of(demo_gateway)
    assert (await firm.do(surveys.rate, text="改成3分"))["fields"]["mark"] == 3
    assert standing(demo_gateway, ASKED) == ("done", 3, "5分，没意见", NOW)
    id_ = survey_of(demo_gateway, ASKED).id
    with demo_gateway.db.read() as session:
        body = session.scalars(select(AuditEvent.body).where(AuditEvent.kind == "survey.corrected")).one()
        assert '"new": 3' in body.replace('":3', '": 3')
        assert '"old": 5' in body.replace('":5', '": 5')
    clock.move_to(NOW + timedelta(hours=14))  # 00:00 on the day after
    late = await firm.do(surveys.rate, ASKED, text="改成1分")
    assert (late["need"], late["fields"]["mark"]) == ("done", 3)
    assert events(demo_gateway, f"survey:{id_}").count("survey.corrected") == 1
    assert (await firm.do(surveys.rate, OVER, text="1分"))["fields"]["mark"] == 5, "its term was over long ago"


async def test_after_the_term_an_answer_is_taken_and_stays_late(
    demo_gateway: Gateway, firm: Firm, clock: Clock
) -> None:
    clock.move_to(NOW + timedelta(days=1))
    firm = await firm_of(demo_gateway)
    assert (await firm.do(surveys.rate, text="4分，没意见"))["need"] == "done"
    assert standing(demo_gateway, ASKED)[0] == "done"
    view = (await (await demo_gateway.staff("service")).get(f"/api/staff/surveys/{ASKED}")).json()
    assert (view["status"], view["overdue"]) == ("done", True)


async def test_of_several_it_is_asked_which(demo_gateway: Gateway, firm: Firm, completed: Complete) -> None:
    second = completed(DUE)
    waiting = await (await firm.turn("x")).read(surveys.waiting)
    assert [one["number"] for one in waiting["choices"]] == [ASKED, second], "the one that is due first first"
    before = snapshot(demo_gateway.db)["surveys"]
    rated = await firm.do(surveys.rate, text="5分，没意见")
    assert (rated["need"], [one["number"] for one in rated["choices"]]) == ("which", [ASKED, second])
    assert snapshot(demo_gateway.db)["surveys"] == before
    assert (await firm.do(surveys.rate, second, text="5分，没意见"))["need"] == "done"
    assert standing(demo_gateway, ASKED)[0] == "asked"


async def test_planned_at_completion_and_moved_with_a_corrected_day(
    demo_gateway: Gateway, firm: Firm, completed: Complete
) -> None:
    number = completed(DUE)
    row = survey_of(demo_gateway, number)
    # Ten working days after Monday 23 November; no holiday lies between.
    assert (row.ask_on, row.due_on, row.status) == (date(2026, 11, 24), date(2026, 12, 7), "waiting")

    with demo_gateway.db.read() as session:
        branch_id = session.get_one(Service, row.service_id).policy.branch_id

    def rows() -> dict[tuple[str, str], set[date]]:
        with demo_gateway.db.read() as session:
            found = select(Reminder).where(Reminder.subject == f"survey:{row.id}")
            waiting = [one for one in session.scalars(found) if one.state == ReminderState.WAITING]
            to = {"survey_ask": f"insured:{firm.insured_id}", "survey_call": f"branch:{branch_id}"}
            assert all(one.recipient == to[one.kind] for one in waiting)
            days: dict[tuple[str, str], set[date]] = {}
            for one in waiting:
                days.setdefault((one.kind, one.step), set()).add(one.due_on)
            return days

    planned = {("survey_ask", "T"): {date(2026, 11, 24)}, ("survey_call", "T-3"): {date(2026, 12, 7)}}
    assert rows() == planned

    def again(day: date) -> None:
        def work(session: Session) -> None:
            service = session.get_one(Service, row.service_id)
            service.completed_on = day
            surveys.plan(session, service, demo_gateway.services.calendar, NOW)

        write(demo_gateway, work)

    again(DUE)
    assert rows() == planned
    again(DUE + timedelta(days=1))
    moved = survey_of(demo_gateway, number)
    assert (moved.id, moved.ask_on, moved.due_on) == (row.id, date(2026, 11, 25), date(2026, 12, 8))
    assert rows() == {("survey_ask", "T"): {date(2026, 11, 25)}, ("survey_call", "T-3"): {date(2026, 12, 8)}}
    await firm.do(surveys.rate, number, text="5分，没意见")
    assert rows() == {}, "what was answered is not asked"


async def test_without_a_day_of_completion_there_is_nothing_to_follow_up(demo_gateway: Gateway) -> None:
    with demo_gateway.db.write() as session:
        service = session.scalars(select(Service).where(Service.completed_on.is_(None))).first()
        assert service is not None
        with pytest.raises(ValueError, match="completed"):
            surveys.plan(session, service, demo_gateway.services.calendar, NOW)


async def test_after_a_joint_training_each_insured_is_asked_for_itself(
    demo_gateway: Gateway, firm: Firm, completed: Complete
) -> None:
    number = completed(DUE)

    def join(session: Session) -> str:
        host = session.scalars(select(Service).where(Service.number == number)).one()
        other = session.scalars(select(Service).where(Service.completed_on.is_(None), Service.id != host.id)).first()
        assert other is not None
        assert other.insured_id != host.insured_id
        other.joint_with_id, other.status, other.completed_on = host.id, "completed", DUE
        session.flush()
        surveys.plan(session, other, demo_gateway.services.calendar, NOW)
        return other.number

    theirs = write(demo_gateway, join)
    assert (await firm.do(surveys.rate, theirs, text="1分，差"))["need"] == "none", "not for the other insured"
    assert (await firm.do(surveys.rate, number, text="5分，没意见"))["need"] == "done"
    assert standing(demo_gateway, theirs)[:2] == ("waiting", None)


async def test_the_telephone_task_ends_with_the_answer(demo_gateway: Gateway, firm: Firm) -> None:
    row = survey_of(demo_gateway, ASKED)
    with demo_gateway.db.write() as session:
        task = Task(kind=TaskKind.SURVEY_CALL, subject=f"survey:{row.id}", branch_id=1, body={}, created_at=NOW)
        session.add(task)
        session.flush()
        task_id = task.id
    await firm.do(surveys.rate, text="5分")
    with demo_gateway.db.read() as session:
        assert session.get_one(Task, task_id).done_at is None, "a bare mark is not done"
    await firm.do(surveys.give_opinion, ASKED, text="没意见")
    with demo_gateway.db.read() as session:
        assert session.get_one(Task, task_id).done_at == NOW


async def test_every_follow_up_walked_by_another_firm(demo_gateway: Gateway, firm: Firm) -> None:
    with demo_gateway.db.read() as session:
        rows = session.execute(select(Service.number, Service.insured_id).join(Survey)).all()
    foreign = [number for number, insured_id in rows if insured_id != firm.insured_id]
    assert len(foreign) > 300
    turn = (await firm.turn("1分，很差劲")).turn
    before = snapshot(demo_gateway.db)
    with demo_gateway.db.write() as session:
        for number in foreign:
            assert surveys.rate(session, turn, number)["need"] == "none"
            assert surveys.give_opinion(session, turn, number) == {"taken": False}
            assert surveys.result(session, turn, number)["fields"] == {}
    assert difference(before, snapshot(demo_gateway.db)) == Difference()


async def test_a_visitor_and_staff_rate_nothing(demo_gateway: Gateway, firm: Firm) -> None:
    visitor = Firm(await demo_gateway.visitor())
    assert (await visitor.do(surveys.rate, ASKED, text="1分，差"))["need"] == "none"
    turn = (await firm.turn("1分，差")).turn
    for name in ("service", "provider-2", "supervisor"):
        spoken = replace(turn, speaker=staff(demo_gateway, name))
        with demo_gateway.db.write() as session:
            assert surveys.rate(session, spoken, ASKED)["need"] == "none", name
    assert standing(demo_gateway, ASKED)[:2] == ("asked", None)
