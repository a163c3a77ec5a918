"""A message is stored first, answered once, in order, whatever Rasa or a process does meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from anze.conversations.models import Conversation, Direction, Handoff, Message, TurnEffect, TurnStatus
from anze.conversations.store import TURN_LEASE
from anze.conversations.turns import real_now
from anze.db import Database
from anze.settings import Settings
from anze.texts import text as say
from tests.helpers.fake_rasa import Lost, Status, said
from tests.helpers.gateway import Gateway


def _rows(database: Database, *where: Any) -> list[Message]:
    with database.read() as session:
        return list(session.scalars(select(Message).where(*where).order_by(Message.id)))


def _inbound(database: Database) -> list[Message]:
    return _rows(database, Message.direction == Direction.IN)


def _impatient(gateway: Gateway) -> None:
    """The user's eight seconds pass at once."""
    settings = gateway.services.settings.model_copy(update={"turn_timeout_seconds": 0.0})
    object.__setattr__(gateway.services, "settings", settings)


async def test_what_is_read_can_be_looked_at_after_the_unit_of_work(gateway: Gateway) -> None:
    await gateway.visitor()
    with gateway.db.read() as session:
        row = session.scalars(select(Conversation)).one()
        row.handoff = Handoff.PERSON
        session.flush()
    assert row.branch_id == 1
    with gateway.db.read() as session:
        assert session.scalars(select(Conversation.handoff)).one() == Handoff.BOT


async def test_an_answer_has_the_shape_of_the_contract(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    citation = {"clause": "6.4", "text": "……", "version": "2025-07"}
    table = {"columns": ["甲"], "rows": [["乙"]]}
    data = {"kind": "complaint", "number": "TS1"}
    gateway.rasa.script.append(
        [
            said("一", ("好", "control_affirm"), response="utter_complaint_filed", citations=[citation], data=data),
            said("二", response="utter_ask_complaint_story", table=table),
        ]
    )
    answer = await caller.say("你好")
    first, second = answer["messages"]
    assert answer["topic"] == "complaint"
    assert answer["understood"] == {"intent": "chitchat_echo", "confidence": 0.9}
    assert (first["text"], first["citations"], first["data"]) == ("一", [citation], data)
    assert [set(button) >= {"title", "payload"} for button in first["buttons"]] == [True]
    assert second["table"] == table
    assert first["id"] < second["id"]
    assert "table" not in first


async def test_the_turn_carries_the_text_and_the_state_and_no_name_of_anybody(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    await caller.say("第一句")
    await caller.say("第二句")
    first, second = gateway.rasa.turns
    assert first["state"] == {"slots": {}, "loop": None}
    assert second["state"] == {"slots": {"turns": 1}, "loop": None}
    assert first["turn_id"] != second["turn_id"]
    assert caller.conversation_id not in str(gateway.rasa.turns)
    assert set(first) == {"turn_id", "text", "intent", "entities", "state", "audience", "metadata"}


async def test_the_same_message_id_gives_the_same_answer_and_does_nothing_twice(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    first = await caller.say("你好", "m-1")
    count = len(_rows(gateway.db))
    assert await caller.say("你好", "m-1") == first
    assert await caller.say("另一句", "m-1") == first
    assert len(gateway.rasa.turns) == 1
    assert len(_rows(gateway.db)) == count
    other = await gateway.visitor()
    assert await other.say("你好", "m-1") != first


async def test_twenty_identical_posts_at_once_are_one_message(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    answers = await asyncio.gather(*(caller.say("你好", "same") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["messages"][0]["text"] == "答：你好"
    assert len(gateway.rasa.turns) == 1
    assert len(_inbound(gateway.db)) == 1


async def test_thirty_quick_messages_are_answered_in_the_order_of_their_arrival(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    answers = await asyncio.gather(*(caller.say(f"第{number}句") for number in range(30)))
    assert sorted(turn["text"] for turn in gateway.rasa.turns) == sorted(f"第{number}句" for number in range(30))
    arrived = [row.text for row in _inbound(gateway.db)]
    assert [turn["text"] for turn in gateway.rasa.turns] == arrived
    assert [turn["state"]["slots"].get("turns", 0) for turn in gateway.rasa.turns] == list(range(30))
    assert {answer["messages"][0]["text"] for answer in answers} == {f"答：第{number}句" for number in range(30)}


async def test_turns_of_different_conversations_do_not_wait_for_each_other(gateway: Gateway) -> None:
    one, other = await gateway.visitor(), await gateway.visitor()
    gateway.rasa.open.clear()
    first = asyncio.create_task(one.say("慢"))
    await gateway.rasa.taken.wait()
    gateway.rasa.taken.clear()
    second = asyncio.create_task(other.say("快"))
    await gateway.rasa.taken.wait()
    assert len(gateway.rasa.turns) == 2
    gateway.rasa.open.set()
    assert (await first)["messages"][0]["text"] == "答：慢"
    assert (await second)["messages"][0]["text"] == "答：快"


async def test_two_processes_answer_each_message_once(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    other = gateway.runner()
    posts = [asyncio.create_task(caller.say(f"第{number}句", f"m{number}")) for number in range(15)]
    for _ in range(20):
        await other.resume()
        await asyncio.sleep(0)
    answers = await asyncio.gather(*posts)
    assert [answer["messages"][0]["text"] for answer in answers] == [f"答：第{number}句" for number in range(15)]
    assert len(gateway.rasa.turns) == 15
    assert len(_rows(gateway.db, Message.direction == Direction.OUT, Message.turn_id.is_not(None))) == 15


async def test_a_crash_in_the_middle_of_a_turn_is_made_good_after_the_lease(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.open.clear()
    dead = gateway.runner(lambda: real_now() - TURN_LEASE - timedelta(seconds=30))
    alive = gateway.runner(lambda: real_now() - TURN_LEASE - timedelta(seconds=29))
    _impatient(gateway)
    post = asyncio.create_task(_store_only(gateway, caller.conversation_id, "还在吗"))
    message_id = await post
    dead.start(caller.conversation_id)
    await gateway.rasa.taken.wait()

    alive.start(caller.conversation_id)
    while alive.busy:
        await asyncio.sleep(0)
    assert len(gateway.rasa.turns) == 1, "the lease still holds"

    gateway.rasa.taken.clear()
    gateway.services.turns.start(caller.conversation_id)
    await gateway.rasa.taken.wait()
    assert len(gateway.rasa.turns) == 2
    assert gateway.rasa.turns[0] == gateway.rasa.turns[1], "the same turn, so that its actions write nothing twice"

    gateway.rasa.open.set()
    while gateway.services.turns.busy or dead.busy:
        await asyncio.sleep(0)
    with gateway.db.read() as session:
        message = session.get_one(Message, message_id)
        conversation = session.get_one(Conversation, caller.conversation_id)
        outs = session.scalar(select(func.count()).where(Message.turn_id == message.turn_id)) or 0
    assert message.status == TurnStatus.DONE
    assert outs == 2, "one question, one answer"
    assert conversation.turn_owner is None


async def _store_only(gateway: Gateway, conversation_id: str, text: str) -> int:
    """As a process does that stores a message and dies."""
    from anze.conversations import inbound

    now = gateway.services.clock.now()
    return await gateway.db.in_write(lambda s: inbound.receive(s, conversation_id, text, None, [], now).id)


async def test_one_that_lost_its_lease_leaves_the_next_message_alone(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.open.clear()
    slow = gateway.runner(lambda: real_now() - TURN_LEASE - timedelta(seconds=30))
    await _store_only(gateway, caller.conversation_id, "一")
    await _store_only(gateway, caller.conversation_id, "二")
    slow.start(caller.conversation_id)
    await gateway.rasa.taken.wait()
    gateway.rasa.taken.clear()
    gateway.services.turns.start(caller.conversation_id)
    await gateway.rasa.taken.wait()
    gateway.rasa.open.set()
    while gateway.services.turns.busy or slow.busy:
        await asyncio.sleep(0)
    assert [turn["text"] for turn in gateway.rasa.turns].count("二") == 1


async def test_what_a_process_leaves_unanswered_is_free_for_the_next_at_once(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    await _store_only(gateway, caller.conversation_id, "还在吗")
    gateway.rasa.open.clear()
    ending = gateway.runner()
    ending.start(caller.conversation_id)
    await gateway.rasa.taken.wait()
    await ending.close(patience=0.01)
    gateway.rasa.open.set()
    await gateway.services.turns.resume()
    await gateway.idle()
    assert [row.status for row in _inbound(gateway.db)] == [TurnStatus.DONE]
    assert len(_rows(gateway.db, Message.direction == Direction.OUT, Message.turn_id.is_not(None))) == 1


async def test_while_rasa_is_down_a_polite_word_comes_at_once_and_the_answer_later(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.down = True
    interim = await caller.say("你好", "m1")
    assert (interim["topic"], interim["understood"]["intent"]) == ("fallback", None)
    assert [message["text"] for message in interim["messages"]] == [say("conversation.interim")]
    assert await caller.say("你好", "m1") == interim
    again = await caller.say("第二句", "m2")
    assert again["messages"][0]["text"] == say("conversation.interim")
    assert [row.text for row in _inbound(gateway.db)] == ["你好", "第二句"]

    gateway.rasa.down = False
    await gateway.idle()
    final = await caller.say("你好", "m1")
    assert [message["text"] for message in final["messages"]] == ["答：你好"]
    assert final["messages"][0]["pushed"] is True
    assert [turn["text"] for turn in gateway.rasa.turns] == ["你好", "第二句"]
    shown = [m["text"] for m in await caller.history() if m["direction"] == "out"][1:]
    assert shown == [say("conversation.interim"), say("conversation.interim"), "答：你好", "答：第二句"]


async def test_a_slow_answer_is_pushed_and_the_turn_never_cancelled(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    _impatient(gateway)
    gateway.rasa.open.clear()
    interim = await caller.say("慢", "m1")
    assert interim["messages"][0]["text"] == say("conversation.interim")
    async with caller.events() as events:
        assert (await events.next())["event"] == "state"
        await gateway.rasa.taken.wait()
        gateway.rasa.open.set()
        pushed = await events.next("message")
    assert (pushed["data"]["text"], pushed["data"]["pushed"]) == ("答：慢", True)
    await gateway.idle()
    assert (await caller.say("慢", "m1"))["messages"][0]["id"] == pushed["id"]
    assert len(gateway.rasa.turns) == 1


async def test_an_answer_in_time_is_not_pushed(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    async with caller.events() as events:
        await events.next("state")
        answer = await caller.say("你好")
        assert "pushed" not in answer["messages"][0]
        await gateway.idle()
        assert events.waiting == 0


@pytest.mark.parametrize("broken", [Status(500), Status(200, b"not json"), Status(200, b'{"messages": 1}'), Lost()])
async def test_a_turn_that_fails_once_is_tried_again(gateway: Gateway, broken: Status | Lost) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.append(broken)
    answer = await caller.say("你好", "m1")
    await gateway.idle()
    assert (await caller.say("你好", "m1"))["messages"][0]["text"] == "答：你好"
    assert len(gateway.rasa.turns) == 2
    assert answer["topic"] in {"chitchat", "fallback"}


async def test_a_turn_that_fails_twice_is_answered_politely_and_the_talk_goes_on(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.extend([Status(500), Status(500)])
    answer = await caller.say("坏")
    assert (answer["topic"], answer["messages"][0]["text"]) == ("fallback", say("conversation.trouble"))
    assert (await caller.say("好"))["messages"][0]["text"] == "答：好"
    assert len(gateway.rasa.turns) == 3


async def test_a_message_that_brings_rasa_down_does_not_do_so_for_ever(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.extend([Lost()] * 6)
    await caller.say("毒", "m1")
    await gateway.idle()
    assert (await caller.say("毒", "m1"))["messages"][0]["text"] == say("conversation.trouble")
    assert (await caller.say("好"))["messages"][0]["text"] == "答：好"


async def test_an_answer_that_no_column_can_hold_stops_nothing(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.append([said("NUL \x00 inside")])
    gateway.rasa.script.append([said("长", ("钮" * 500, "control_affirm"))])
    assert (await caller.say("一"))["topic"] in {"chitchat", "fallback"}
    assert (await caller.say("二"))["topic"] in {"chitchat", "fallback"}
    assert (await caller.say("三"))["messages"][0]["text"] == "答：三"


async def test_an_empty_answer_is_tried_again_unless_something_was_written(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    gateway.rasa.script.append([])
    assert (await caller.say("一"))["messages"][0]["text"] == "答：一"

    gateway.rasa.script.extend([[], []])
    assert (await caller.say("二"))["messages"][0]["text"] == say("conversation.trouble")

    gateway.rasa.open.clear()
    gateway.rasa.taken.clear()
    gateway.rasa.script.append([])
    third = asyncio.create_task(caller.say("三"))
    await gateway.rasa.taken.wait()
    turn_id = gateway.rasa.turns[-1]["turn_id"]
    with gateway.db.write() as session:
        session.add(TurnEffect(turn_id=turn_id, action="test.wrote", result={}))
    gateway.rasa.open.set()
    assert (await third)["messages"][0]["text"] == say("conversation.trouble")
    assert [turn["turn_id"] for turn in gateway.rasa.turns].count(turn_id) == 1


async def test_the_moment_of_a_turn_is_that_of_its_message(gateway: Gateway, clock: Any, ticks: Any) -> None:
    caller = await gateway.visitor()
    gateway.rasa.down = True
    said_at = clock.now()
    await caller.say("你好")
    ticks.advance(3600)
    gateway.rasa.down = False
    await gateway.idle()
    assert _inbound(gateway.db)[0].at == said_at


async def test_history_can_be_paged_without_gap_or_repetition(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    now = gateway.services.clock.now()
    with gateway.db.write() as session:
        for number in range(450):
            session.add(
                Message(conversation_id=caller.conversation_id, direction="out", sender="bot", text=f"{number}",
                        payload={}, at=now, interim=False, pushed=False)
            )  # fmt: skip
            session.flush()
    newest = (await caller.get("/api/messages")).json()
    assert [item["text"] for item in newest["items"]] == [f"{number}" for number in range(250, 450)]
    seen, after = [], 1
    while items := await caller.history(after):
        assert len(items) <= 200
        seen += [item["text"] for item in items]
        after = items[-1]["id"]
    assert seen == [f"{number}" for number in range(450)]
    assert (await caller.get("/api/messages", after=after)).json() == {"items": [], "last": after}


async def test_readiness_names_the_part_that_is_not_ready(gateway: Gateway) -> None:
    ready = await gateway.client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    gateway.rasa.down = True
    not_ready = await gateway.client.get("/readyz")
    assert not_ready.status_code == 503
    assert {name: part["ready"] for name, part in not_ready.json()["parts"].items()} == {
        "database": True,
        "migrations": True,
        "rasa": False,
    }
    assert (await gateway.client.get("/healthz")).json() == {"status": "ok"}


def test_the_user_waits_eight_seconds() -> None:
    assert Settings.model_fields["turn_timeout_seconds"].default == 8.0
