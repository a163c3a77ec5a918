"""Hazards in a talk: the list, a date proposed and answered, that it was put right. Another firm's is not there."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from anze.clock import Clock
from anze.errors import DomainError
from anze.hazards import desk
from anze.hazards import usecases as hazards
from anze.hazards.models import Hazard, HazardFile
from anze.reminders.models import Reminder, ReminderState
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.helpers.firm import Firm, check_of, events, firm_of, staff, write
from tests.helpers.gateway import Gateway
from tests.helpers.rows import Difference, difference, snapshot

Find = Callable[..., dict[str, Any]]


@pytest.fixture
async def firm(demo_gateway: Gateway) -> Firm:
    return await firm_of(demo_gateway)


def row(firm: Firm, number: str) -> Hazard:
    with firm.services.db.read() as session:
        found = select(Hazard).where(Hazard.number == number).options(selectinload(Hazard.dates))
        return session.scalars(found).one()


async def propose(firm: Firm, number: str, day: str | None = "2026-12-15", **more: Any) -> dict[str, Any]:
    return await firm.do(hazards.propose, firm.calendar, number, day, **more)


async def agree(firm: Firm, number: str, no: int, who: str = "service") -> None:
    speaker, now = staff(firm.caller.gateway, who), firm.services.clock.now()
    write(firm.caller.gateway, lambda s: desk.accept(s, speaker, number, no, now, firm.calendar))


async def test_a_firm_without_hazards(firm: Firm) -> None:
    found = await firm.do(hazards.mine, firm.calendar)
    assert (found["count"], found["fields"]["open"], found["table"]["rows"]) == (0, 0, [])
    assert await firm.do(hazards.open_ones, firm.calendar, None) == {"one": None, "choices": []}


async def test_the_list_says_level_state_date_what_is_left_and_who_agreed(firm: Firm, find: Find) -> None:
    general, major = find("general")["number"], find("major")["number"]
    await propose(firm, major)
    await agree(firm, major, 1)
    found = await firm.do(hazards.mine, firm.calendar)
    assert found["fields"] == {"count": 2, "major": 1, "open": 2}
    first, second = found["table"]["rows"]
    assert first[0] == major
    assert first[3:6] == ["已约定，整改中", "2026-12-15（周二）", "16 个工作日"]
    assert len(first[6].split("、")) == 2
    assert second[:1] + second[3:] == [general, "待整改", "—", "—", "—"]
    data = found["data"]["items"][0]
    assert (data["due_on"], data["days_left"], data["red"], data["overdue"]) == ("2026-12-15", 16, False, False)


async def test_which_one_is_meant(firm: Firm, find: Find) -> None:
    east = find("major", place="二号车间东门", description="配电箱门缺失")["number"]
    tank = find("major", place="储罐区", description="报警器停用")["number"]
    general = find("general", place="二号车间通道", description="堆放托盘")["number"]

    async def meant(text: str, named: str | None = None, **more: Any) -> Any:
        found = await firm.do(hazards.open_ones, firm.calendar, named, text=text, **more)
        return found["one"]["number"] if found["one"] else [one["number"] for one in found["choices"]]

    assert await meant("随便说说", named=tank.lower()) == tank
    assert await meant(f"{east}改好了") == east
    assert await meant("储罐区那个改好了") == tank
    assert await meant("报警器修好了") == tank
    assert await meant("东门的配电箱弄好了") == east
    assert set(await meant("车间的改好了")) == {east, tank, general}
    assert set(await meant("改好了")) == {east, tank, general}
    assert set(await meant("定个日子", major_only=True)) == {east, tank}
    assert await meant("随便", named=general, major_only=True) == general
    assert await meant("随便", named="YH20991231001") == []
    await firm.do(hazards.report_done, tank, text="改好了")
    assert await meant("改好了", major_only=True) == east


async def test_the_day_in_the_words(firm: Firm) -> None:
    async def day(text: str) -> Any:
        return await firm.do(hazards.day_in, firm.calendar, text=text)

    assert await day("12月15号前改好") == {"day": "2026-12-15", "past": False}
    assert await day("下周三") == {"day": "2026-12-02", "past": False}
    assert await day("月底前") == {"day": "2026-11-30", "past": False}
    assert await day("今天") == {"day": "2026-11-23", "past": False}
    assert await day("2026年11月1日") == {"day": None, "past": True}
    for unclear in ("尽快", "十天", "周三或周四", "不知道"):
        assert (await day(unclear))["day"] is None, unclear


async def test_a_first_date_is_proposed_and_is_none_until_both_agreed(firm: Firm, find: Find) -> None:
    number = find()["number"]
    done = await propose(firm, number, None, text="12月15号前")
    assert (done["kind"], done["fields"]["due"]) == ("proposed_first", "2026-12-15（周二）")
    assert done["fields"]["hotline"]
    hazard = row(firm, number)
    assert (hazard.agreed_on, hazard.dates[0].state, hazard.dates[0].proposed_side) == (None, "proposed", "insured")
    with firm.services.db.read() as session:
        task = session.scalars(select(Task).where(Task.subject.startswith(f"hazard:{hazard.id}:"))).one()
        assert (task.kind, task.done_at, task.body["no"]) == (TaskKind.HAZARD_DATE, None, 1)
    await agree(firm, number, 1)
    hazard = row(firm, number)
    assert (str(hazard.agreed_on), hazard.dates[0].state) == ("2026-12-15", "agreed")
    with firm.services.db.read() as session:
        assert session.get_one(Task, task.id).done_at == NOW
        planned = session.scalars(select(Reminder).where(Reminder.subject == f"hazard:{hazard.id}")).all()
        assert planned
        assert {str(one.due_on) for one in planned} == {"2026-12-15"}
    said = [m["text"] for m in await firm.caller.history() if m.get("pushed")]
    assert any("约定好了" in text and "2026-12-15" in text for text in said)


@pytest.mark.parametrize(("text", "kind"), [("尽快吧", "explain_day"), ("2026年11月1日", "past_day")])
async def test_words_without_a_good_day(firm: Firm, find: Find, text: str, kind: str) -> None:
    number = find()["number"]
    assert (await propose(firm, number, None, text=text))["kind"] == kind
    assert row(firm, number).dates == []


async def test_refusals(firm: Firm, find: Find) -> None:
    general, major = find("general")["number"], find()["number"]
    assert (await propose(firm, general))["kind"] == "general"
    assert (await propose(firm, "YH20991231001"))["kind"] == "not_found"
    assert (await propose(firm, major, "2026-11-22"))["kind"] == "past_day"
    await firm.do(hazards.report_done, major, text="改好了")
    assert (await propose(firm, major))["kind"] == "none_open"


async def test_a_new_date_needs_reason_and_measures_and_moves_the_reminders(firm: Firm, find: Find) -> None:
    number = find()["number"]
    await propose(firm, number)
    await agree(firm, number, 1)
    for more in ({}, {"reason": "缺件"}, {"measures": "停用"}, {"reason": " ", "measures": "停用"}):
        asked = await propose(firm, number, "2026-12-25", **more)
        assert (asked["kind"], asked["fields"]["agreed"]) == ("ask_reason", "2026-12-15（周二）")
    again = await propose(firm, number, "2026-12-25", reason="缺件", measures="停用该设备")
    assert (again["kind"], again["fields"]["agreed"]) == ("proposed", "2026-12-15（周二）")
    assert str(row(firm, number).agreed_on) == "2026-12-15"
    await agree(firm, number, 2)
    hazard = row(firm, number)
    assert str(hazard.agreed_on) == "2026-12-25"
    with firm.services.db.read() as session:
        rows = session.scalars(select(Reminder).where(Reminder.subject == f"hazard:{hazard.id}")).all()
        waiting = {str(one.due_on) for one in rows if one.state == ReminderState.WAITING}
        assert waiting == {"2026-12-25"}
        assert any(one.state == ReminderState.VOID for one in rows)


async def test_a_date_after_the_old_one_passed_is_recorded_and_cures_nothing(
    firm: Firm, find: Find, clock: Clock
) -> None:
    number = find()["number"]
    await propose(firm, number, "2026-11-25")
    await agree(firm, number, 1)
    clock.move_to(NOW + timedelta(days=3))
    late = await propose(firm, number, "2026-12-25", reason="缺件", measures="停用")
    assert late["kind"] == "proposed_late"
    await agree(firm, number, 2)
    hazard = row(firm, number)
    assert (str(hazard.agreed_on), hazard.dates[1].state) == ("2026-11-25", "agreed")
    listed = (await firm.do(hazards.mine, firm.calendar))["data"]["items"][0]
    assert (listed["state"], listed["red"], listed["due_on"]) == ("overdue", True, "2026-11-25")
    said = [m["text"] for m in await firm.caller.history() if m.get("pushed")]
    assert any("不会因此取消" in text for text in said)


async def test_a_new_proposal_takes_back_ones_own_and_answers_the_others(firm: Firm, find: Find) -> None:
    number = find()["number"]
    await propose(firm, number, "2026-12-15")
    await propose(firm, number, "2026-12-16")
    speaker = staff(firm.caller.gateway, "service")
    write(
        firm.caller.gateway,
        lambda s: desk.propose(s, speaker, number, row(firm, number).dates[1].due_on, None, None, NOW),
    )
    assert [d.state for d in row(firm, number).dates] == ["withdrawn", "refused", "proposed"]
    with pytest.raises(DomainError, match="hazard_no_date"):
        await agree(firm, number, 2)
    with pytest.raises(DomainError, match="hazard_own_date"):
        await agree(firm, number, 3)


async def our_date(firm: Firm, number: str, day: str = "2026-12-15") -> None:
    speaker, now = staff(firm.caller.gateway, "service"), firm.services.clock.now()
    write(firm.caller.gateway, lambda s: desk.propose(s, speaker, number, date.fromisoformat(day), "缺件", "停用", now))


async def test_our_date_is_accepted_once_and_told_the_same_again(firm: Firm, find: Find) -> None:
    number = find()["number"]
    await our_date(firm, number)
    pushed = (await firm.caller.history())[-1]
    assert [b["title"] for b in pushed["buttons"]] == ["同意这个日期", "不同意"]
    done = await firm.do(hazards.answer_date, firm.calendar, "", True)
    assert (done["kind"], done["fields"]["number"]) == ("agreed", number)
    hazard = row(firm, number)
    assert (str(hazard.agreed_on), hazard.dates[0].agreed_by) == (
        "2026-12-15", (await firm.turn("x")).turn.speaker.actor
    )  # fmt: skip
    version = hazard.version
    assert (await firm.do(hazards.answer_date, firm.calendar, number, True))["kind"] == "agreed"
    assert (await firm.do(hazards.answer_date, firm.calendar, number, False))["kind"] == "agreed"
    assert row(firm, number).version == version


async def test_our_date_is_refused_or_over(firm: Firm, find: Find, clock: Clock) -> None:
    number = find()["number"]
    assert (await firm.do(hazards.answer_date, firm.calendar, number, True))["kind"] == "not_found"
    await our_date(firm, number)
    assert (await firm.do(hazards.answer_date, firm.calendar, number, False))["kind"] == "refused"
    assert row(firm, number).agreed_on is None
    await our_date(firm, number, "2026-11-24")
    clock.move_to(NOW + timedelta(days=2))
    assert (await firm.do(hazards.answer_date, firm.calendar, number, True))["kind"] == "past_day"
    assert row(firm, number).agreed_on is None


async def test_the_second_new_date_waits_for_a_supervisor(firm: Firm, find: Find) -> None:
    number = find()["number"]
    for no, day in enumerate(("2026-12-10", "2026-12-20"), 1):
        await our_date(firm, number, day)
        assert (await firm.do(hazards.answer_date, firm.calendar, number, True))["kind"] == "agreed"
        assert row(firm, number).dates[no - 1].state == "agreed"
    await our_date(firm, number, "2026-12-30")
    assert (await firm.do(hazards.answer_date, firm.calendar, number, True))["kind"] == "agreed_supervisor"
    hazard = row(firm, number)
    assert (str(hazard.agreed_on), hazard.dates[2].state) == ("2026-12-20", "supervisor")


async def test_put_right_with_words_and_photos(firm: Firm, find: Find, clock: Clock) -> None:
    number = find()["number"]
    photo = await firm.caller.file("整改后.png")
    done = await firm.do(hazards.report_done, number, text="箱门装好了", files=[photo])
    assert done["fields"] == {"number": number, "files": 1}
    hazard = row(firm, number)
    assert (hazard.status, hazard.rectified_at, hazard.rectification) == ("reported", NOW, "箱门装好了")
    clock.move_to(NOW + timedelta(days=1))
    more = await firm.caller.file("再一张.png")
    added = await firm.do(hazards.add_files, text="", files=[more])
    assert (added["attached"], added["target"]) == (True, number)
    hazard = row(firm, number)
    assert (hazard.rectified_at, hazard.rectification) == (NOW, "箱门装好了")
    with firm.services.db.read() as session:
        kinds = session.scalars(select(HazardFile.kind).where(HazardFile.hazard_id == hazard.id)).all()
    assert kinds == ["rectified", "rectified"]
    assert events(firm.caller.gateway, f"hazard:{hazard.id}") == [
        "hazard.found",
        "hazard.reported",
        "hazard.report_added",
    ]
    assert (await firm.do(hazards.report_done, number, text="报整改完成", pressed="hazard_done"))["fields"][
        "files"
    ] == 2
    assert row(firm, number).rectification == "箱门装好了"


async def test_files_alone_go_nowhere_without_a_report(firm: Firm, find: Find) -> None:
    find()
    photo = await firm.caller.file()
    assert (await firm.do(hazards.add_files, text="", files=[photo]))["attached"] is False


async def test_every_number_walked_by_another_firm_gives_nothing(demo_gateway: Gateway, firm: Firm, find: Find) -> None:
    find()
    other = await firm_of(demo_gateway, "AZ2026000001", "13800000001")
    with demo_gateway.db.read() as session:
        rows = session.scalars(select(Hazard).order_by(Hazard.id)).all()
    foreign = [one for one in rows if one.insured_id != firm.insured_id]
    assert len(foreign) > 60
    turn = (await firm.turn("x")).turn
    turn = (await firm.turn("x")).turn
    before = snapshot(demo_gateway.db)
    with demo_gateway.db.write() as session:
        for one in foreign:
            assert hazards.open_ones(session, turn, firm.calendar, one.number)["one"] is None
            assert hazards.propose(session, turn, firm.calendar, one.number, "2026-12-15")["kind"] == "not_found"
            assert hazards.answer_date(session, turn, firm.calendar, one.number, True)["kind"] == "not_found"
            with pytest.raises(DomainError, match="not_found"):
                hazards.report_done(session, turn, one.number)
    assert difference(before, snapshot(demo_gateway.db)) == Difference()
    mine = (await firm.do(hazards.mine, firm.calendar))["data"]["items"]
    assert {one["number"] for one in mine} == {one.number for one in rows} - {one.number for one in foreign}
    theirs = (await other.do(hazards.mine, firm.calendar))["data"]["items"]
    assert theirs
    assert not {one["number"] for one in theirs} & {one["number"] for one in mine}


async def test_a_visitor_sees_none(demo_gateway: Gateway, find: Find) -> None:
    number = find()["number"]
    visitor = Firm(await demo_gateway.visitor())
    assert (await visitor.do(hazards.mine, visitor.calendar))["count"] == 0
    assert (await visitor.do(hazards.open_ones, visitor.calendar, number))["one"] is None
    assert check_of(demo_gateway).number
