"""Buttons are pressed once and in their own talk; while a person answers, the bot is silent."""

import asyncio

import pytest
from sqlalchemy import select

from anze.conversations import running
from anze.conversations.models import Button, Conversation, Message
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say
from tests.helpers.fake_rasa import said
from tests.helpers.gateway import Caller, Gateway


async def _offered(gateway: Gateway, caller: Caller, *buttons: tuple[str, str]) -> list[str]:
    """Make the bot offer buttons; gives their tokens."""
    gateway.rasa.script.append([said("哪个", *buttons)])
    answer = await caller.say("选")
    return [button["payload"] for button in answer["messages"][-1]["buttons"]]


async def test_a_pressed_button_reaches_the_bot_as_its_meaning_not_as_text(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.append([{**said("撤吗", ("确认撤回", "complaint_withdraw_confirm"))}])
    gateway.rasa.script[-1][0]["buttons"][0]["entities"] = {"complaint_no": "TS1"}  # type: ignore[index]
    token = (await caller.say("撤回"))["messages"][0]["buttons"][0]["payload"]
    answer = await caller.say(token)
    turn = gateway.rasa.turns[-1]
    assert turn["intent"] == "complaint_withdraw_confirm"
    assert turn["entities"] == [{"entity": "complaint_no", "value": "TS1"}]
    assert turn["text"] == "确认撤回"
    assert answer["understood"] == {"intent": "complaint_withdraw_confirm", "confidence": 1.0}
    shown = [m for m in await caller.history() if m["direction"] == "in"]
    assert shown[-1]["text"] == "确认撤回"
    assert [b["used"] for m in await caller.history() for b in m["buttons"] if b["payload"] == token] == [True]


async def test_a_used_button_is_refused_in_words(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    (token,) = await _offered(gateway, caller, ("提交", "control_submit"))
    await caller.say(token)
    turns = len(gateway.rasa.turns)
    answer = await caller.say(token)
    assert (answer["topic"], answer["messages"][0]["text"]) == ("fallback", say("conversation.button_used"))
    assert len(gateway.rasa.turns) == turns


async def test_a_button_pressed_twice_at_once_counts_once(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    (token,) = await _offered(gateway, caller, ("提交", "control_submit"))
    answers = await asyncio.gather(*(caller.say(token) for _ in range(6)))
    texts = [answer["messages"][0]["text"] for answer in answers]
    assert texts.count(say("conversation.button_used")) == 5
    assert [turn["intent"] for turn in gateway.rasa.turns].count("control_submit") == 1


async def test_a_token_of_another_conversation_does_nothing_and_stays_unused(gateway: Gateway) -> None:
    caller, thief = await gateway.visitor(), await gateway.visitor()
    (token,) = await _offered(gateway, caller, ("提交", "control_submit"))
    turns = len(gateway.rasa.turns)
    answer = await thief.say(token)
    assert answer["messages"][0]["text"] == say("conversation.button_unknown")
    invented = await thief.say("b." + "A" * 22)
    assert invented["messages"][0]["text"] == say("conversation.button_unknown")
    assert len(gateway.rasa.turns) == turns
    with gateway.db.read() as session:
        assert session.get_one(Button, token).used_at is None
    assert token not in str(await thief.history())
    await caller.say(token)
    assert gateway.rasa.turns[-1]["intent"] == "control_submit"


async def test_typed_words_equal_to_the_latest_offer_press_it(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    await _offered(gateway, caller, ("先这样提交", "control_submit"), ("转人工", "handoff_request"))
    await caller.say("　先這樣提交 ")
    assert gateway.rasa.turns[-1]["intent"] == "control_submit"
    await caller.say("先这样提交")
    assert gateway.rasa.turns[-1]["intent"] is None, "the offer is not the latest any more"


async def test_each_turn_says_who_is_in_front_of_the_bot(demo_gateway: Gateway) -> None:
    """By our own table: a provider's person is no colleague, a client cannot say it."""
    gateway = demo_gateway
    for caller, audience in (
        (await gateway.visitor(), "public"),
        (await gateway.bound(), "public"),
        (await gateway.staff("provider"), "public"),
        (await gateway.staff("intake"), "staff"),
        (await gateway.staff("auditor"), "staff"),
    ):
        claimed = await caller.post("/api/messages", {"text": "你好", "audience": "staff"})
        assert claimed.status_code == 200
        assert gateway.rasa.turns[-1]["audience"] == audience


async def test_a_button_of_another_audience_is_refused_in_words(gateway: Gateway) -> None:
    gateway.rasa.foreign = {"public": {"complaint_desk_accept"}}
    caller = await gateway.visitor()
    (token,) = await _offered(gateway, caller, ("受理", "complaint_desk_accept"))
    answer = await caller.say(token)
    assert (answer["topic"], answer["messages"][0]["text"]) == ("fallback", say("conversation.button_unknown"))
    assert (await caller.say("你好"))["messages"][0]["text"] == "答：你好"


async def _handed_over(gateway: Gateway) -> Caller:
    caller = await gateway.visitor()
    gateway.rasa.plays["handoff_request"] = ["action_handoff_open"]
    (token,) = await _offered(gateway, caller, ("转人工", "handoff_request"))
    answer = await caller.say(token)
    assert answer["messages"][0]["text"]
    assert (await caller.me())["handoff"] == "waiting"
    return caller


async def test_after_hand_over_the_bot_is_silent_and_the_words_are_kept(gateway: Gateway) -> None:
    caller = await _handed_over(gateway)
    turns = len(gateway.rasa.turns)
    answer = await caller.say("我要投诉", "m1")
    assert answer == {
        "topic": "handoff",
        "understood": {"intent": None, "confidence": 0.0},
        "messages": [],
    }
    assert await caller.say("我要投诉", "m1") == answer
    assert len(gateway.rasa.turns) == turns
    assert (await caller.history())[-1]["text"] == "我要投诉"
    with gateway.db.read() as session:
        (task,) = session.scalars(select(Task)).all()
    assert (task.kind, task.done_at) == (TaskKind.HANDOFF, None)


async def test_the_user_takes_the_talk_back_by_words_and_by_button(gateway: Gateway) -> None:
    caller = await _handed_over(gateway)
    answer = await caller.say("回到助手。")
    assert answer["messages"] == [], "not the words by which a talk is taken back"
    answer = await caller.say("回到助手")
    assert answer["messages"][0]["text"] == say("conversation.back_to_bot")
    assert (await caller.say("你好"))["messages"][0]["text"] == "答：你好"
    with gateway.db.read() as session:
        (task,) = session.scalars(select(Task)).all()
    assert task.done_by == "user"

    gateway.rasa.script.append([said("好", ("转人工", "handoff_request"), ("回到助手吧", "handoff_back"))])
    ask, back = (b["payload"] for b in (await caller.say("选"))["messages"][0]["buttons"])
    await caller.say(ask)
    assert (await caller.me())["handoff"] == "waiting"
    answer = await caller.say(back)
    assert answer["messages"][0]["text"] == say("conversation.back_to_bot")
    assert (await caller.me())["handoff"] == "bot"


async def test_an_emergency_is_answered_inside_a_hand_over_and_inside_a_form(gateway: Gateway) -> None:
    caller = await _handed_over(gateway)
    turns = len(gateway.rasa.turns)
    answer = await caller.say("车间着火了，有人被困")
    assert "119" in answer["messages"][0]["text"]
    assert len(gateway.rasa.turns) == turns
    with gateway.db.read() as session:
        kinds = [task.kind for task in session.scalars(select(Task))]
    assert kinds.count(TaskKind.EMERGENCY) == 1

    other = await gateway.visitor()
    with gateway.db.write() as session:
        session.get_one(Conversation, other.conversation_id).state = {"slots": {"a": 1}, "loop": "complaint_form"}
    answer = await other.say("车间着火了，有人被困")
    assert answer["messages"][0]["text"].strip() == say("conversation.emergency_in_form", hotline="95500").strip()
    await other.say("好了")
    assert gateway.rasa.turns[-1]["state"] == {"slots": {"a": 1}, "loop": "complaint_form"}


async def test_an_emergency_is_looked_for_in_the_whole_of_a_long_message(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "is_emergency", lambda text: text.endswith("着火了"))
    caller = await gateway.visitor()
    answer = await caller.say("我说一下。" * 2000 + "着火了")
    assert "119" in answer["messages"][0]["text"]
    assert len((await caller.history())[1]["text"]) == 10_003


async def test_staff_answer_and_give_back(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    caller = await gateway.bound()
    gateway.rasa.plays["handoff_request"] = ["action_handoff_open"]
    (token,) = await _offered(gateway, caller, ("转人工", "handoff_request"))
    await caller.say(token)
    officer, auditor = await gateway.staff("service"), await gateway.staff("auditor")
    path = f"/api/staff/conversations/{caller.conversation_id}"

    waiting = (await officer.get("/api/staff/conversations")).json()["items"]
    assert caller.conversation_id in [item["conversation_id"] for item in waiting]
    read = await officer.get(f"{path}/messages")
    assert "选" in [m["text"] for m in read.json()["items"]]

    async with caller.events() as events:
        assert (await events.next("state"))["data"]["handoff"] == "waiting"
        replied = await officer.post(f"{path}/reply", {"text": "我是小王，看到了"})
        assert replied.status_code == 201
        pushed = await events.next("message")
        assert pushed["data"]["text"] == "我是小王，看到了"
        assert (pushed["data"]["sender"], bool(pushed["data"]["sender_name"])) == ("staff", True)
        assert (await caller.me())["handoff"] == "person"
        assert (await auditor.post(f"{path}/reply", {"text": "我也说一句"})).status_code == 403
        assert (await auditor.post(f"{path}/give-back")).status_code == 403
        assert (await caller.say("谢谢"))["messages"] == []

        assert (await officer.post(f"{path}/give-back")).status_code == 204
        assert (await events.next("state"))["data"]["handoff"] == "bot"
        assert (await events.next("message"))["data"]["text"] == say("conversation.back_to_bot")
    assert (await caller.say("你好"))["messages"][0]["text"] == "答：你好"
    late = await officer.post(f"{path}/reply", {"text": "还在吗"})
    assert (late.status_code, late.json()["code"]) == (404, "not_found")


async def test_state_and_pushes_resume_by_the_last_event_id(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    now = gateway.services.clock.now()
    with gateway.db.write() as session:
        ids = []
        for number in range(4):
            row = Message(
                conversation_id=caller.conversation_id,
                direction="out",
                sender="system",
                text=f"推送{number}",
                payload={},
                at=now,
                interim=False,
                pushed=number != 2,
            )
            session.add(row)
            session.flush()
            ids.append(row.id)
    async with caller.events(last_event_id=ids[0]) as events:
        assert (await events.next())["event"] == "state"
        assert [(await events.next("message"))["id"] for _ in range(2)] == [ids[1], ids[3]]
        assert events.waiting == 0
    async with caller.events() as events:
        await events.next("state")
        await asyncio.sleep(0.02)
        assert events.waiting == 0, "without an id only what comes from now on"
    for odd in ("x", "-1", "9" * 5000, "٣", "1.5", str(2**70)):
        async with caller.events(last_event_id=odd) as events:
            assert (await events.next())["event"] == "state"


async def test_the_stream_ends_with_its_token(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    async with caller.events() as events:
        await events.next("state")
        assert (await gateway.client.delete("/api/sessions", headers=caller.headers)).status_code == 204
        await asyncio.wait_for(events.ended.wait(), 5)
    assert (await caller.post_message("还在吗")).status_code == 401
