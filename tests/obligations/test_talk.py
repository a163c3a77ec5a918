"""The staff's talk about duties, its actions run as Rasa runs them: answers, files, reminders, subscriptions."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select

from anze.audit import chain
from anze.clock import Clock
from anze.conversations.models import Conversation, Message
from anze.identity.models import Staff
from anze.obligations.models import Subscription
from anze.reminders.models import Reminder
from anze.serve.sweep import sweep
from anze.tasks.models import Task, TaskKind
from tests.helpers.gateway import Caller, Gateway

ANSWER = "action_obligation_answer"


@pytest.fixture(autouse=True)
def plays(demo_gateway: Gateway) -> None:
    """What Rasa's rules do with each intent."""
    for name in ("ask", "refine", "act"):
        demo_gateway.rasa.plays[f"obligation_{name}"] = [ANSWER]
    for name in ("confirm", "decline", "stop"):
        demo_gateway.rasa.plays[f"obligation_{name}"] = [f"action_obligation_{name}"]


async def ask(caller: Caller, words: str) -> dict[str, Any]:
    """Say it by a button, as the rules would have it said by words."""
    answer = await caller.press("obligation_ask", obligation_words=words)
    assert len(answer["messages"]) == 1, answer
    message: dict[str, Any] = answer["messages"][0]
    return message


async def test_an_answer_has_its_sums_table_and_clause(demo_gateway: Gateway) -> None:
    service = await demo_gateway.staff("service")
    message = await ask(service, "今年哪些保单还没做隐患排查")
    data = message["data"]
    assert (data["kind"], data["rule"]) == ("query", "yearly_check")
    assert sum(data["parts"].values()) == data["of"]
    assert len(message["table"]["rows"]) == min(data["total"], 10)
    assert message["citations"][0]["clause"] == "4"


async def test_the_next_question_changes_the_last(demo_gateway: Gateway) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    await ask(supervisor, "归档超期的有哪些")
    narrowed = (await ask(supervisor, "只看南京的"))["data"]
    assert (narrowed["rule"], len(narrowed["filters"]["filters"]["branch_ids"])) == ("archived", 1)


async def test_a_table_and_a_picture_are_files_of_this_talk(demo_gateway: Gateway) -> None:
    supervisor, other = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    answer = await ask(supervisor, "没归档的按分公司汇总")
    for words, mime in (("导出", "spreadsheetml"), ("画个图", "image/svg+xml")):
        (file,) = (await ask(supervisor, words))["files"]
        assert mime in file["mime"]
        content = await supervisor.get(f"/api/files/{file['file_id']}")
        assert content.status_code == 200
        assert (await other.get(f"/api/files/{file['file_id']}")).status_code == 404
    picture = ElementTree.fromstring(content.content)  # noqa: S314 - our own file
    texts = [element.text or "" for element in picture.iter() if element.tag.endswith("text")]
    assert all(any(group["name"] == text for text in texts) for group in answer["data"]["groups"][:20])
    assert not [element for element in picture.iter() if element.tag.endswith(("script", "foreignObject"))]


async def test_without_a_question_there_is_nothing_to_export(demo_gateway: Gateway) -> None:
    message = await ask(await demo_gateway.staff("supervisor"), "导出")
    assert "还没有查过" in message["text"]


async def test_insureds_are_reminded_after_a_preview_once_a_day(demo_gateway: Gateway) -> None:
    service = await demo_gateway.staff("service")
    answer = await ask(service, "今年哪些保单还没做隐患排查")
    firms = {item[0] for item in answer["table"]["rows"]}
    shown = await ask(service, "提醒这几家")
    assert all(name in shown["text"] for name in list(firms)[:3])
    with demo_gateway.db.read() as session:
        assert not session.scalars(select(Reminder).where(Reminder.kind == "duty")).all()
    for _ in range(2):
        done = await service.say(next(b["payload"] for b in shown["buttons"] if b["title"] == "发"))
        if "已经安排提醒" not in done["messages"][0]["text"]:
            break
        shown = await ask(service, "提醒这几家")
    with demo_gateway.db.read() as session:
        rows = session.scalars(select(Reminder).where(Reminder.kind == "duty")).all()
        assert len({row.recipient for row in rows}) == len(rows) > 0
        assert chain.verify(session) == []


async def test_declined_nobody_is_told(demo_gateway: Gateway) -> None:
    service = await demo_gateway.staff("service")
    await ask(service, "今年哪些保单还没做隐患排查")
    shown = await ask(service, "提醒这几家")
    await service.say(next(b["payload"] for b in shown["buttons"] if b["title"] == "不发"))
    with demo_gateway.db.read() as session:
        assert not session.scalars(select(Reminder).where(Reminder.kind == "duty")).all()


async def test_branches_get_a_task_for_what_is_theirs(demo_gateway: Gateway) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    groups = (await ask(supervisor, "没归档的按分公司汇总"))["data"]["groups"]
    shown = await ask(supervisor, "提醒这些")
    await supervisor.say(next(b["payload"] for b in shown["buttons"] if b["title"] == "发"))
    with demo_gateway.db.read() as session:
        tasks = session.scalars(select(Task).where(Task.kind == TaskKind.DUTY)).all()
        assert sum(task.body["count"] for task in tasks) == sum(group["found"] for group in groups)


async def test_an_auditor_reminds_nobody(demo_gateway: Gateway) -> None:
    auditor = await demo_gateway.staff("auditor")
    await ask(auditor, "没归档的有哪些")
    assert "服务管理员或高管" in (await ask(auditor, "提醒这些"))["text"]


async def test_a_reminder_says_nothing_of_what_was_done_meanwhile(demo_gateway: Gateway, clock: Clock) -> None:
    from anze.obligations.undone import undone_of
    from tests.obligations.question_set import calendar

    service = await demo_gateway.staff("service")
    answer = await ask(service, "今年哪些保单还没做隐患排查")
    insured_id = answer["data"]["filters"] and await _first(service)
    with demo_gateway.db.write() as session:
        assert undone_of(session, "yearly_check", insured_id, clock.now(), calendar()) is not None
        from anze.bookings.models import Service
        from anze.policies.models import Policy, PolicyInsured

        policy = session.scalars(
            select(Policy).join(PolicyInsured).where(PolicyInsured.insured_id == insured_id).order_by(
                Policy.start_on.desc())
        ).first()  # fmt: skip
        assert policy is not None
        session.add(Service(
            number="FW-TEST", policy_id=policy.id, insured_id=insured_id, item="d", status="completed",
            requested_at=clock.now(), completed_on=clock.today(), report_no="R", place="厂区", people=["张工"],
        ))  # fmt: skip
        session.flush()
        assert undone_of(session, "yearly_check", insured_id, clock.now(), calendar()) is None


async def _first(caller: Caller) -> int:
    body = (await caller.get("/api/staff/obligations/yearly_check", part="nothing", order="due")).json()
    return int(next(item["insured_id"] for item in body["items"] if item["phase"] == "current"))


async def test_a_subscription_is_answered_when_it_is_due_and_once(demo_gateway: Gateway, clock: Clock) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    await ask(supervisor, "没归档的有哪些")
    assert "每周一 08:00" in (await ask(supervisor, "每周一早上发给我"))["text"]
    assert "每周一 08:00" in (await ask(supervisor, "每周一早上发给我"))["text"]
    with demo_gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1
    await sweep(demo_gateway.services)
    assert not await _subscribed(supervisor)
    clock.move_to(clock.now() + timedelta(days=14))
    for _ in range(3):
        await sweep(demo_gateway.services)
    (told,) = await _subscribed(supervisor)
    assert told["data"]["rule"] == "archived"
    listed = await ask(supervisor, "我订阅了哪些")
    stop = next(button["payload"] for button in listed["buttons"])
    await supervisor.say(stop)
    clock.move_to(clock.now() + timedelta(days=14))
    await sweep(demo_gateway.services)
    assert len(await _subscribed(supervisor)) == 1


async def _subscribed(caller: Caller) -> list[dict[str, Any]]:
    return [one for one in await caller.history() if one["text"].startswith("您订阅的")]


async def test_who_has_left_is_told_nothing_more(demo_gateway: Gateway, clock: Clock) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    await ask(supervisor, "没归档的有哪些")
    await ask(supervisor, "每天早上发给我")
    with demo_gateway.db.write() as session:
        session.scalars(select(Staff).where(Staff.username == "supervisor")).one().left_at = clock.now()
        before = session.scalar(select(func.count()).select_from(Message))
    clock.move_to(clock.now() + timedelta(days=2))
    await sweep(demo_gateway.services)
    with demo_gateway.db.read() as session:
        told = select(func.count()).select_from(Message).join(
            Conversation, Conversation.id == Message.conversation_id
        ).where(Conversation.staff_id.is_not(None), Message.text.startswith("您订阅的"))  # fmt: skip
        assert session.scalar(told) == 0
        assert before is not None

