"""More than is answered at a time: on the disk before it is acknowledged, in order, as of its arrival, once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from anze.channels.wechat import arriving
from anze.channels.wechat.models import WeChatArrival
from anze.channels.wechat.reception import Reception
from anze.conversations.models import Direction, Message
from tests.helpers.gateway import PNG
from tests.wechat.conftest import OPENID, WeChat


def reception(wechat: WeChat) -> Reception:
    found = wechat.gateway.services.wechat
    assert found is not None
    return found.reception


async def crowd(wechat: WeChat, count: int = 12) -> "asyncio.Task[None]":
    """So many others wait for a Rasa that does not answer yet."""
    wechat.gateway.rasa.open.clear()

    async def asking() -> None:
        await asyncio.gather(*(wechat.say("排队", f"oCrowd{number}") for number in range(count)))

    task = asyncio.create_task(asking())
    async with asyncio.timeout(10):
        while not wechat.gateway.services.turns.crowded:
            await asyncio.sleep(0.02)
    return task


def inbound(wechat: WeChat, openid: str = OPENID) -> list[Message]:
    with wechat.gateway.db.read() as session:
        talk = wechat.user(openid).conversation_id
        ours = select(Message).where(Message.conversation_id == talk, Message.direction == Direction.IN)
        return list(session.scalars(ours.order_by(Message.id)))


async def answered(wechat: WeChat, count: int, openid: str = OPENID) -> None:
    async with asyncio.timeout(20):
        while len(wechat.platform.pushed[openid]) < count:
            await wechat.deliver()
            await asyncio.sleep(0.3)


async def test_what_is_queued_is_acknowledged_and_answered_in_order_as_of_its_arrival(wechat: WeChat) -> None:
    waiting = await crowd(wechat)
    clock = wechat.gateway.services.clock
    arrived = clock.now()
    for number in range(3):
        done = await wechat.say(f"第{number}句")
        assert (done.statuses, done.text) == ([200], None)
    clock.move_to(arrived + timedelta(days=3))
    wechat.gateway.rasa.open.set()
    await waiting
    await answered(wechat, 3)
    assert wechat.platform.pushed[OPENID] == [f"答：第{number}句" for number in range(3)]
    assert [message.at for message in inbound(wechat)] == [arrived] * 3, "a complaint is received when it came"


async def test_a_repeat_of_what_is_queued_is_one_message(wechat: WeChat) -> None:
    waiting = await crowd(wechat)
    xml = wechat.platform.xml(OPENID, "text", Content="一次")
    done = await asyncio.gather(*(wechat.platform.deliver(wechat.client, xml) for _ in range(5)))
    assert {one.text for one in done} == {None}
    wechat.gateway.rasa.open.set()
    await waiting
    await answered(wechat, 1)
    assert (await wechat.platform.deliver(wechat.client, xml)).text is None
    assert len(inbound(wechat)) == 1
    assert wechat.platform.pushed[OPENID] == ["答：一次"]


async def test_what_was_queued_when_the_program_died_is_taken_up_by_the_next(wechat: WeChat) -> None:
    waiting = await crowd(wechat)
    backlog = reception(wechat).backlog
    backlog._start = lambda: None  # type: ignore[method-assign]  # it dies between the disk and the work
    await wechat.say("别丢了")
    await wechat.event("subscribe", openid="oNew")
    wechat.platform.media["m1"] = PNG
    await wechat.send("image", OPENID, PicUrl="", MediaId="m1")
    await wechat.send("hologram", OPENID)
    wechat.gateway.rasa.open.set()
    await waiting
    assert wechat.platform.pushed[OPENID] == []
    del backlog._start
    await backlog.resume()
    await answered(wechat, 3)
    assert inbound(wechat)[1].payload["files"]
    assert any("看不懂" in text for text in wechat.platform.pushed[OPENID])
    await answered(wechat, 1, "oNew")
    with wechat.gateway.db.read() as session:
        assert session.scalars(select(WeChatArrival).where(WeChatArrival.queued_at.is_not(None))).all() == []


async def test_one_that_breaks_holds_up_nobody(wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = await crowd(wechat)
    whole = arriving.meaning

    def broken(session: object, user: object, message: object, *more: object) -> object:
        if getattr(message, "fields", {}).get("Content") == "坏的":
            raise RuntimeError("broken")
        return whole(session, user, message, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(arriving, "meaning", broken)
    await wechat.say("坏的", "oBroken")
    await wechat.say("好的")
    wechat.gateway.rasa.open.set()
    await waiting
    await answered(wechat, 1)
    monkeypatch.undo()
    backlog = reception(wechat).backlog
    later = backlog.real_now() + timedelta(minutes=2)
    backlog.real_now = lambda: later
    await backlog.resume()
    await answered(wechat, 1, "oBroken")
