"""One-off reminders in people's own words, and what people want of the others."""

from datetime import date
from typing import Any

import pytest

from anze.errors import DomainError
from anze.hazards.models import Hazard, HazardStatus
from anze.reminders import usecases, words
from anze.reminders.ahead import ahead
from anze.reminders.models import Reminder
from tests.helpers.reminding import CALENDAR, Firm, World, shanghai


def wish(world: World, firm: Firm, text: str, *more: Any) -> dict[str, Any]:
    return world.use(usecases.wish, firm.conversation_id, text, CALENDAR, *more)


def only(world: World) -> Reminder:
    (row,) = [row for row in world.rows("custom") if row.state == "waiting"]
    return row


@pytest.mark.parametrize(
    ("text", "when", "what"),
    [
        ("明天下午三点提醒我交整改报告", "2026-11-24（周二）15:00", "交整改报告"),
        ("下周一提醒我给安全员打电话", "2026-11-30（周一）09:00", "给安全员打电话"),
        ("请在12月8号上午十点提醒我开班前会", "2026-12-08（周二）10:00", "开班前会"),
        ("今晚八点提醒我看一下报告", "2026-11-23（周一）20:00", "看一下报告"),
    ],
)
async def test_at_a_time(world: World, text: str, when: str, what: str) -> None:
    firm = world.firm()
    done = wish(world, firm, text)
    assert done["kind"] == "set", done
    assert done["fields"] == {"when": when, "what": what}
    row = only(world)
    assert row.recipient == f"person:{firm.person_id}"
    world.clock.move_to(row.send_at)
    await world.sweep()
    assert world.said(firm.conversation_id) == [f"您让我提醒：{what}。"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("到期前三天提醒我", "2026-12-08 09:00"),
        ("提前一周提醒我", "2026-12-04 09:00"),
        ("整改前两个工作日提醒我一下", "2026-12-09 09:00"),
        ("隐患到期当天提醒我", "2026-12-11 09:00"),
    ],
)
async def test_so_many_days_before_what_was_spoken_of(world: World, text: str, at: str) -> None:
    firm = world.firm()
    hazard = world.hazard(firm, date(2026, 12, 11))
    world.service(firm, shanghai("2026-12-01 09:00"))
    done = wish(world, firm, text, f"hazard:{hazard}")
    assert done["kind"] == "set", done
    assert only(world).send_at == shanghai(at)
    world.to(at)
    await world.sweep()
    assert "隐患 YH" in world.said(firm.conversation_id)[0]


async def test_it_moves_with_its_date_and_ends_with_its_matter(world: World) -> None:
    firm = world.firm()
    hazard = world.hazard(firm, date(2026, 12, 11))
    key = f"hazard:{hazard}"
    wish(world, firm, "到期前三天提醒我", key)
    world.change(Hazard, hazard, agreed_on=date(2026, 12, 18))
    world.plan("hazard_date", key, date(2026, 12, 18), firm.insured)
    assert only(world).send_at == shanghai("2026-12-15 09:00")
    world.change(Hazard, hazard, status=HazardStatus.CLOSED)
    world.to("2026-12-15 09:00")
    await world.sweep()
    assert world.said(firm.conversation_id) == []


def test_of_several_matters_it_is_asked_which(world: World) -> None:
    firm = world.firm()
    world.hazard(firm, date(2026, 12, 11))
    world.service(firm, shanghai("2026-12-01 09:00"))
    done = wish(world, firm, "到期前三天提醒我")
    assert done["kind"] == "need_subject"
    assert world.rows("custom") == []
    chosen = next(one["title"] for one in done["choices"] if "FW" in one["title"])
    assert wish(world, firm, chosen)["kind"] == "set"
    assert only(world).send_at == shanghai("2026-11-28 09:00"), "a choice says all that is needed"


def test_the_words_say_which_when_only_one_fits(world: World) -> None:
    firm = world.firm()
    world.hazard(firm, date(2026, 12, 11))
    world.service(firm, shanghai("2026-12-01 09:00"))
    assert wish(world, firm, "隐患到期前三天提醒我")["kind"] == "set"
    assert only(world).subject.startswith("hazard:")


def test_another_firms_matter_is_not_found(world: World) -> None:
    mine, theirs = world.firm(), world.firm()
    hazard = world.hazard(theirs, date(2026, 12, 11))
    number = f"YH2026112{world.count:04d}"
    for done in (
        wish(world, mine, f"{number} 到期前三天提醒我"),
        wish(world, mine, "隐患到期前三天提醒我", f"hazard:{hazard}"),
    ):
        assert done["kind"] == "need_subject"
        assert number not in str(done)
    assert world.rows("custom") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("提醒我交整改报告", "need_time"),
        ("今天上午九点提醒我开会", "past"),
        ("明天下午三点提醒我", "need_subject"),
    ],
)
def test_what_is_missing_is_asked(world: World, text: str, kind: str) -> None:
    firm = world.firm()
    assert wish(world, firm, text)["kind"] == kind
    assert world.rows("custom") == []


def test_a_date_that_is_too_near_is_said_to_be_past(world: World) -> None:
    firm = world.firm()
    world.hazard(firm, date(2026, 11, 25))
    assert wish(world, firm, "隐患到期前三天提醒我")["kind"] == "past"


def test_an_unfinished_wish_goes_on_with_the_next_words(world: World) -> None:
    firm = world.firm()
    assert wish(world, firm, "提醒我交整改报告")["kind"] == "need_time"
    done = wish(world, firm, "明天下午三点", None, "提醒我交整改报告")
    assert done["fields"] == {"when": "2026-11-24（周二）15:00", "what": "交整改报告"}


async def test_a_visitor_is_reminded_in_its_talk(world: World) -> None:
    firm = Firm(0, 0, 0, world.talk(None))
    assert wish(world, firm, "明天下午三点提醒我交整改报告")["kind"] == "set"
    world.to("2026-11-24 15:00")
    assert await world.sweep() == {firm.conversation_id}
    assert world.said(firm.conversation_id) == ["您让我提醒：交整改报告。"]


async def test_a_wish_is_taken_back_by_its_owner_only(world: World) -> None:
    firm, other = world.firm(), world.firm()
    wish(world, firm, "明天下午三点提醒我交整改报告")
    found = world.use(usecases.settings, firm.conversation_id, "")
    (one,) = found["wishes"]
    id_ = int(one["id"])
    assert not world.use(usecases.cancel_wish, other.conversation_id, "", id_)["cancelled"]
    assert world.use(usecases.cancel_wish, firm.conversation_id, "", id_)["cancelled"]
    assert not world.use(usecases.cancel_wish, firm.conversation_id, "", id_)["cancelled"]
    world.to("2026-11-24 15:00")
    assert await world.sweep() == set()


def test_kinds_are_switched_by_their_words(world: World) -> None:
    firm = world.firm()

    def switch(text: str, kind: str | None, wanted: bool) -> dict[str, Any]:
        return world.use(usecases.switch, firm.conversation_id, text, kind, wanted)

    asked = switch("别老发提醒了", None, False)
    assert asked["kind"] == "which"
    assert {one["kind"] for one in asked["choices"]} == {"booking_visit", "survey_ask", "policy_end", "custom", "all"}
    assert switch("评价的不用再问了", None, False) == {
        "kind": "switched",
        "fields": {"what": "服务评价邀请"},
        "choices": [],
    }
    assert switch("隐患的别提醒了", None, False)["kind"] == "legal"
    assert switch("", "hazard_date", False)["kind"] == "legal"
    assert switch("", "all", False)["fields"] == {"what": "各种提醒"}
    shown = world.use(usecases.settings, firm.conversation_id, "")
    assert {one["kind"]: one["wanted"] for one in shown["kinds"]} == {
        "booking_visit": False, "booking_confirm": True, "hazard_date": True, "survey_ask": False, "policy_end": False,
        "duty": True, "custom": False,
    }  # fmt: skip
    assert switch("", "survey_ask", True)["kind"] == "switched"
    shown = world.use(usecases.settings, firm.conversation_id, "")
    assert next(one["wanted"] for one in shown["kinds"] if one["kind"] == "survey_ask")
    assert shown["table"]["columns"] == ["提醒", "现在", "提前几个工作日"]


async def test_other_days_before(world: World) -> None:
    firm = world.firm()
    service = world.service(firm, shanghai("2026-12-15 09:00"))
    world.plan("booking_visit", f"service:{service}", date(2026, 12, 15), firm.insured)
    done = world.use(usecases.choose_days, firm.conversation_id, "", CALENDAR, "booking_visit", [7])
    assert done == {"kind": "set", "fields": {"what": "上门服务提醒", "days": "7、当天"}, "choices": []}
    world.to("2026-12-04 09:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1
    world.to("2026-12-14 17:00")
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1, "the usual days are not said"
    later = world.service(firm, shanghai("2027-01-15 09:00"))
    world.plan("booking_visit", f"service:{later}", date(2027, 1, 15), firm.insured)
    assert "T-7" in {row.step for row in world.rows() if row.subject == f"service:{later}"}


@pytest.mark.parametrize(
    ("kind", "days"),
    [("booking_visit", [0]), ("booking_visit", [31]), ("booking_visit", [1, 2, 3, 4, 5, 6]), ("policy_end", [])],
)
def test_days_that_cannot_be(world: World, kind: str, days: list[int]) -> None:
    firm = world.firm()
    done = world.use(usecases.choose_days, firm.conversation_id, "", CALENDAR, kind, days)
    assert done["kind"] == "bad_days"


async def test_what_must_be_told_is_told_as_ever_and_earlier_too(world: World) -> None:
    firm = world.firm()
    hazard = world.hazard(firm, date(2026, 12, 18))
    world.plan("hazard_date", f"hazard:{hazard}", date(2026, 12, 18), firm.insured)
    done = world.use(usecases.choose_ahead, firm.conversation_id, "整改的提醒再早点，提前十天也说一声", CALENDAR)
    assert done["kind"] == "added"
    assert done["fields"]["days"].startswith("10、5、3、1、当天")
    for at in ("2026-12-04 09:00", "2026-12-11 09:00"):
        world.to(at)
        await world.sweep()
    assert len(world.said(firm.conversation_id)) == 2


def test_the_days_in_words(world: World) -> None:
    firm = world.firm()

    def choose(text: str, earlier: str = "") -> dict[str, Any]:
        return world.use(usecases.choose_ahead, firm.conversation_id, text, CALENDAR, earlier)

    def days(kind: str) -> str:
        shown = world.use(usecases.settings, firm.conversation_id, "")
        return next(one["days"] for one in shown["kinds"] if one["kind"] == kind)

    asked = choose("提醒早点发，提前三天和一天")
    assert asked["kind"] == "which"
    title = next(one["title"] for one in asked["choices"] if "保单" in one["title"])
    done = choose(title)
    assert done == {"kind": "set", "fields": {"what": "保单到期提醒", "days": "3、1"}, "choices": []}
    assert days("policy_end") == "3、1"
    asked = choose("上门的提醒能不能早一点")
    assert asked == {"kind": "which_days", "fields": {}, "choices": []}
    done = choose("五天", earlier="上门的提醒能不能早一点")
    assert done["kind"] == "set"
    assert days("booking_visit") == "5、当天"
    done = choose("上门提醒当天说就行")
    assert days("booking_visit") == "当天"
    done = choose("上门提醒改回默认")
    assert days("booking_visit") == "3、1、当天"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("上门提醒提前五天发", (5,)),
        ("上门提醒提前5天、3天和1天", (5, 3, 1)),
        ("保单提醒提前3、5、7天", (7, 5, 3)),
        ("每次来之前提前两天通知我", (2,)),
        ("隐患的提醒从提前三天改成提前一周", (5,)),
        ("以后保单到期都提前一个月告诉我", (20,)),
        ("预约的提醒只要当天", ()),
        ("上门提醒恢复原来的", None),
    ],
)
def test_how_far_ahead_in_words(text: str, days: tuple[int, ...] | None) -> None:
    found = ahead(text)
    assert found is not None
    assert found.days == days


@pytest.mark.parametrize(
    "text",
    [
        "到期前三天提醒我",
        "到期前三天提醒",
        "设个到期提醒，提前三天",
        "FW20261118002提醒提前两天",
        "提醒我提前三天去体检",
        "不用提醒我了",
        "隐患到期当天提醒",
        "打开提醒",
    ],
)
def test_what_says_nothing_of_how_far_ahead(text: str) -> None:
    assert ahead(text) is None


def test_settings_need_a_person(world: World) -> None:
    talk = world.talk(None)
    for work in (usecases.settings, lambda s, t: usecases.switch(s, t, None, False)):
        with pytest.raises(DomainError, match="reminder_not_bound"):
            world.use(work, talk, "")


@pytest.mark.parametrize(
    ("text", "days", "working"),
    [
        ("到期前三天提醒我", 3, False),
        ("提前10天", 10, False),
        ("上门前一天叫我", 1, False),
        ("到期三天前提醒我", 3, False),
        ("提前十五天", 15, False),
        ("整改日前2个工作日", 2, True),
        ("提前半个月提醒", 15, False),
        ("到期当天提醒", 0, False),
    ],
)
def test_days_in_words(text: str, days: int, working: bool) -> None:
    found = words.days_before(text)
    assert found is not None
    assert (found.days, found.working, found.named) == (days, working, True)


@pytest.mark.parametrize("text", ["明天下午三点提醒我", "三天后提醒我", "提醒我交报告"])
def test_what_is_no_distance_from_a_date(text: str) -> None:
    assert words.days_before(text) is None
