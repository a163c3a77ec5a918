"""Out of a branch's hours: said once in a closed time when somebody is there, and the wish for a person remains."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from anze.clock import SHANGHAI, Clock
from anze.conversations.hours import USUAL, opens, spans
from anze.conversations.models import Message
from anze.demo.sources import sources
from anze.identity.models import Branch
from anze.settings import Settings
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say
from tests.conversations.test_buttons_handoff import _handed_over, _offered
from tests.helpers.gateway import Caller, Gateway

HOURS = "工作日 8:30–12:00，13:30–17:30"
CALENDAR = sources(Settings()).calendar.calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "read"),
    [
        (HOURS, "8:30-12:00 13:30-17:30"), ("工作日 8:30–17:30", "8:30-17:30"),
        ("周一至周五9：00至18：00", "9:00-18:00"),
        ("9:00", ""), ("全天", ""), ("17:30–8:30", ""), ("8:30–17:30，9:00–12:00", ""), ("98:30–17:30", ""),
    ],
)  # fmt: skip
def test_the_hours_of_a_branch_are_read_or_the_usual_ones_hold(hours: str, read: str) -> None:
    found = " ".join(f"{a.hour}:{a:%M}-{b.hour}:{b:%M}" for a, b in spans(hours))
    assert found == read if read else spans(hours) == USUAL


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2026-11-23T08:30", None), ("2026-11-23T11:59", None), ("2026-11-23T17:29", None),
        ("2026-11-23T08:29", "2026-11-23T08:30"), ("2026-11-23T12:00", "2026-11-23T13:30"),
        ("2026-11-23T17:30", "2026-11-24T08:30"), ("2026-11-27T17:30", "2026-11-30T08:30"),
        ("2026-02-14T10:00", None),  # a Saturday that is worked
        ("2026-02-14T18:00", "2026-02-24T08:30"),  # the Spring Festival's rest of nine days
        ("2026-10-10T10:00", None), ("2026-09-30T20:00", "2026-10-08T08:30"),
        ("2026-12-31T18:00", "2027-01-04T08:30"),  # the notice for 2027 is not there; New Year's Day is known
    ],
)  # fmt: skip
def test_when_somebody_is_there_again(now: str, again: str | None) -> None:
    assert opens(at(now), HOURS, CALENDAR) == (at(again) if again else None)


@pytest.mark.parametrize(
    "hours", ["每天 8:00–20:00", "每日8:00-20:00", "周一至周日 8:00–20:00", "星期一到星期日 8:00至20:00"]
)
def test_a_branch_that_says_so_is_there_every_day(hours: str) -> None:
    assert opens(at("2026-10-03T12:00"), hours, CALENDAR) is None
    assert opens(at("2026-11-27T20:00"), hours, CALENDAR) == at("2026-11-28T08:00")
    assert opens(at("2026-11-28T07:00"), hours, CALENDAR) == at("2026-11-28T08:00")


def test_monday_to_friday_is_not_every_day() -> None:
    assert opens(at("2026-11-28T12:00"), "周一至周五 8:00–20:00", CALENDAR) == at("2026-11-30T08:00")


async def _at(gateway: Gateway, clock: Clock, moment: str) -> None:
    clock.move_to(at(moment))
    with gateway.db.write() as session:
        session.execute(update(Branch).values(hours=HOURS))


def _tasks(gateway: Gateway) -> list[Task]:
    with gateway.db.read() as session:
        return list(session.scalars(select(Task).where(Task.kind == TaskKind.HANDOFF).order_by(Task.id)))


async def _ask(gateway: Gateway, caller: Caller) -> tuple[str, str]:
    """Ask for a person by a button; the name of the response and what it was given."""
    gateway.rasa.plays["handoff_request"] = ["action_handoff_open"]
    (token,) = await _offered(gateway, caller, ("转人工", "handoff_request"))
    (said,) = (await caller.say(token))["messages"]
    with gateway.db.read() as session:
        return str(session.get_one(Message, said["id"]).response), said["text"]


async def test_who_asks_for_a_person_at_night_is_told_once_when_somebody_comes(gateway: Gateway, clock: Clock) -> None:
    await _at(gateway, clock, "2026-11-27T19:12")
    caller = await gateway.visitor()
    response, fields = await _ask(gateway, caller)
    assert response == "utter_handoff_opened_closed"
    assert "2026-11-30（周一） 8:30" in fields
    assert (await caller.say("有人吗"))["messages"] == []
    assert (await caller.say("我再说一句"))["messages"] == []
    clock.move_to(at("2026-11-28T09:00"))
    assert (await caller.say("周末也没人？"))["messages"] == [], "the same closed time"
    (task,) = _tasks(gateway)
    assert task.done_at is None


async def test_words_in_a_talk_with_a_person_are_answered_once_in_each_closed_time(
    gateway: Gateway, clock: Clock
) -> None:
    caller = await _handed_over(gateway)
    assert (await caller.say("在吗"))["messages"] == [], "in the hours somebody answers"
    await _at(gateway, clock, "2026-11-23T17:31")
    answer = await caller.say("下班了？")
    (told,) = answer["messages"]
    assert answer["topic"] == "handoff"
    for words in ("2026-11-24（周二） 8:30", "119", "120", "110", "总公司"):
        assert words in told["text"]
    assert [button["title"] for button in told["buttons"]] == ["回到助手"]
    assert (await caller.say("好"))["messages"] == []
    clock.move_to(at("2026-11-24T09:00"))
    assert (await caller.say("早"))["messages"] == []
    clock.move_to(at("2026-11-24T12:10"))
    (noon,) = (await caller.say("还没看到？"))["messages"]
    assert "今天 13:30" in noon["text"]


async def test_the_bot_answers_meanwhile_and_the_wish_for_a_person_remains(demo_gateway: Gateway, clock: Clock) -> None:
    gateway = demo_gateway
    await _at(gateway, clock, "2026-11-23T20:00")
    caller = await gateway.bound()
    before = len(_tasks(gateway))
    await _ask(gateway, caller)
    back = await caller.say("回到助手")
    assert back["messages"][0]["text"] == say("conversation.meanwhile", opens="2026-11-24（周二） 8:30")
    assert (await caller.me())["handoff"] == "bot"
    assert (await caller.say("你好"))["messages"][0]["text"] == "答：你好"
    tasks = _tasks(gateway)
    assert len(tasks) == before + 1
    assert tasks[-1].done_at is None
    assert (await _ask(gateway, caller))[0] == "utter_handoff_opened_again"
    assert len(_tasks(gateway)) == before + 1
    await caller.say("回到助手")

    clock.move_to(at("2026-11-24T08:40"))
    officer = await gateway.staff("service")
    waiting = {one["conversation_id"]: one for one in (await officer.get("/api/staff/conversations")).json()["items"]}
    assert waiting[caller.conversation_id]["since"].startswith("2026-11-23T12:00")
    path = f"/api/staff/conversations/{caller.conversation_id}"
    assert (await officer.post(f"{path}/reply", {"text": "早上好，看到您的留言了"})).status_code == 201
    assert (await caller.me())["handoff"] == "person"
    assert (await officer.post(f"{path}/give-back")).status_code == 204
    assert _tasks(gateway)[-1].done_at is not None


async def test_nobody_is_said_to_be_away_while_a_colleague_answers_late(demo_gateway: Gateway, clock: Clock) -> None:
    gateway = demo_gateway
    caller = await gateway.bound()
    await _ask(gateway, caller)
    await _at(gateway, clock, "2026-11-23T18:00")
    officer = await gateway.staff("service")
    await officer.post(f"/api/staff/conversations/{caller.conversation_id}/reply", {"text": "我还在，您说"})
    assert (await caller.say("谢谢"))["messages"] == []
    answer = await caller.say("车间着火了，有人被困")
    assert "119" in answer["messages"][0]["text"]
    back = await caller.say("回到助手")
    assert back["messages"][0]["text"] == say("conversation.back_to_bot")
    assert _tasks(gateway)[-1].done_by == "user"
