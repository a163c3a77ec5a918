"""A follower talks: every kind of message, numbers for buttons, long answers, the five-second rule."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from anze.channels.models import OutboxState
from anze.conversations.models import Conversation, Message
from tests.helpers.fake_rasa import said
from tests.helpers.gateway import PNG
from tests.wechat.conftest import OPENID, WeChat


async def test_a_text_is_answered_in_the_same_breath(wechat: WeChat) -> None:
    done = await wechat.say("你好")
    assert done.statuses == [200]
    assert done.text == "答：你好"
    await wechat.deliver()
    assert wechat.platform.pushed == {}, "what was given is not pushed"
    assert [row.state for row in wechat.outbox()] == [OutboxState.SENT]
    with wechat.gateway.db.read() as session:
        talk = session.get_one(Conversation, wechat.user().conversation_id)
        assert talk.channel == "wechat"
        assert talk.read_up_to > 0, "given by the platform counts as shown"


async def test_what_takes_longer_is_pushed_when_it_is_ready(wechat: WeChat) -> None:
    rasa = wechat.gateway.rasa
    reception = wechat.gateway.services.wechat.reception  # type: ignore[union-attr]
    reception.passive_seconds = 0.3
    rasa.open.clear()
    done = await wechat.say("慢问题")
    assert (done.statuses, done.text) == ([200], None)
    rasa.open.set()
    await _until(lambda: bool(wechat.outbox()))
    await wechat.deliver()
    assert wechat.platform.pushed[OPENID] == ["答：慢问题"]
    await wechat.deliver()
    assert wechat.platform.pushed[OPENID] == ["答：慢问题"]


async def test_three_deliveries_at_once_are_one_message_and_get_one_answer(wechat: WeChat) -> None:
    xml = wechat.platform.xml(OPENID, "text", Content="投诉")
    done = await asyncio.gather(*(wechat.platform.deliver(wechat.client, xml) for _ in range(3)))
    assert {one.text for one in done} == {"答：投诉"}
    assert len(wechat.gateway.rasa.turns) == 1
    again = await wechat.platform.deliver(wechat.client, xml)
    assert again.text == "答：投诉"
    await wechat.deliver()
    assert wechat.platform.pushed == {}


async def test_a_number_is_the_button_and_so_are_its_words(wechat: WeChat) -> None:
    offer = said("要办什么？") | {
        "buttons": [
            {"title": "我要投诉", "intent": "complaint_file", "entities": {}},
            {"title": "预约服务", "intent": "booking_request", "entities": {"item": "d"}},
        ]
    }
    for typed in ("2", "２。", "第2个", "选二", "预约服务"):
        wechat.gateway.rasa.script.append([offer])
        shown = await wechat.say("有什么")
        assert shown.text == "要办什么？\n1 我要投诉\n2 预约服务\n回复数字，或者直接说。"
        await wechat.say(typed)
        turn = wechat.gateway.rasa.turns[-1]
        assert (turn["intent"], turn["entities"]) == ("booking_request", [{"entity": "item", "value": "d"}]), typed
    wechat.gateway.rasa.script.append([offer])
    await wechat.say("有什么")
    await wechat.say("7")
    assert wechat.gateway.rasa.turns[-1]["text"] == "7", "no such button: it is what was typed"


async def test_marks_keep_their_own_numbers(wechat: WeChat) -> None:
    marks = [{"title": f"{n}分", "intent": "survey_mark", "entities": {"mark": n}} for n in (5, 4, 3)]
    wechat.gateway.rasa.script.append([said("打几分？") | {"buttons": marks}])
    assert (await wechat.say("评价")).text == "打几分？\n可以回：5分 / 4分 / 3分"
    await wechat.say("3")
    assert wechat.gateway.rasa.turns[-1]["text"] == "3", "not the third button"


async def test_a_long_answer_comes_in_few_parts_in_order(wechat: WeChat) -> None:
    sentence = "按照标准第六章的要求，服务机构应当在十个工作日内出具报告。"
    wechat.gateway.rasa.script.append([said(sentence * 60)])
    done = await wechat.say("全部要求")
    assert done.text is not None
    assert done.text.endswith("。")
    await asyncio.sleep(1.1)
    await wechat.deliver()
    parts = [done.text, *wechat.platform.pushed[OPENID]]
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert "".join(parts) == sentence * 60
    wechat.gateway.rasa.script.append([said(sentence * 300)])
    done = await wechat.say("再来")
    wechat.platform.pushed.clear()
    await asyncio.sleep(1.1)
    await wechat.deliver()
    assert len(wechat.platform.pushed[OPENID]) == 4, "five messages, the platform takes no more"
    assert "打开看全文" in wechat.platform.pushed[OPENID][-1]


async def test_each_kind_of_message(wechat: WeChat) -> None:
    rasa = wechat.gateway.rasa
    assert (await wechat.send("voice", MediaId="m", Format="amr", Recognition="我要投诉")).text == "答：我要投诉"
    assert "请打字" in str((await wechat.send("voice", MediaId="m", Format="amr", Recognition="")).text)
    place = await wechat.send("location", Location_X="32.0", Location_Y="118.7", Scale=16, Label="南京市鼓楼区1号")
    assert place.text == "答：南京市鼓楼区1号"
    assert (
        await wechat.send("link", Title="通知", Description="", Url="https://x.cn/1")
    ).text == "答：通知 https://x.cn/1"
    turns = len(rasa.turns)
    assert "网页上传" in str((await wechat.send("file", Title="a.pdf")).text)
    for kind in ("hologram", "music"):
        assert "看不懂" in str((await wechat.send(kind)).text)
    assert len(rasa.turns) == turns, "what cannot be read is no turn"


async def test_a_photo_is_fetched_and_kept(wechat: WeChat) -> None:
    wechat.platform.media["m1"] = PNG
    done = await wechat.send("image", PicUrl="http://x", MediaId="m1")
    assert done.statuses == [200]
    with wechat.gateway.db.read() as session:
        message = session.scalars(select(Message).where(Message.direction == "in")).one()
        assert len(message.payload["files"]) == 1
    gone = await wechat.send("image", PicUrl="http://x", MediaId="lost")
    assert "再发一次" in str(gone.text)
    wechat.platform.media["m2"] = b"GIF89a" + b"\0" * 50
    assert "JPG" in str((await wechat.send("image", PicUrl="", MediaId="m2")).text)
    wechat.platform.media["m3"] = PNG + b"\0" * 70_000
    assert "太大" in str((await wechat.send("image", PicUrl="", MediaId="m3")).text)


async def test_a_photo_that_the_platform_keeps_back_is_fetched_later(wechat: WeChat) -> None:
    wechat.platform.media["m1"] = PNG
    wechat.platform.faults["media"].extend([500])
    done = await wechat.send("image", PicUrl="", MediaId="m1")
    assert (done.statuses, done.text) == ([200], None)
    reception = wechat.gateway.services.wechat.reception  # type: ignore[union-attr]
    later = reception.real_now() + timedelta(minutes=5)
    object.__setattr__(reception.media, "real_now", lambda: later)
    for key in await reception.media.waiting():
        await reception.fetch(key)
    await _until(lambda: len(wechat.gateway.rasa.turns) == 1)


async def _until(ready: object, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not ready():  # type: ignore[operator]
            await asyncio.sleep(0.02)
