"""What is pushed: the window, its five messages, templates, errors by kind, the token, the next channel."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.rasa import MessageOut
from anze.channels.wechat.models import WeChatToken, WeChatUser
from anze.channels.wechat.platform import Platform
from anze.clock import Clock
from anze.conversations import inbound, pushing
from anze.conversations.outbound import add_out
from anze.db import Database
from tests.helpers.fake_rasa import said
from tests.wechat.conftest import OPENID, WeChat, opened

POLICY, PHONE = "AZ2026000001", "13800000001"


async def follower(wechat: WeChat, openid: str = OPENID) -> None:
    """Somebody who has just written."""
    await wechat.say("你好", openid)
    wechat.gateway.rasa.turns.clear()


def push(wechat: WeChat, text: str, openid: str = OPENID) -> None:
    with wechat.gateway.db.write() as session:
        talk = session.get_one(WeChatUser, openid).conversation_id
        out = MessageOut(text=text, response="utter_reminder_notice")
        pushing.push(session, talk, out, wechat.gateway.services.clock.now())


def last(wechat: WeChat) -> OutboxMessage:
    return wechat.outbox()[-1]


def rested(wechat: WeChat) -> None:
    """The back-off of what waits is over."""
    with wechat.gateway.db.write() as session:
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED)):
            row.claimed_until = None


def later(wechat: WeChat, hours: float) -> None:
    """The follower wrote so many hours ago."""
    with wechat.gateway.db.write() as session:
        user = session.get_one(WeChatUser, OPENID)
        assert user.heard_at is not None
        user.heard_at -= timedelta(hours=hours)
        user.touched_at = None


async def bind(wechat: WeChat, openid: str = OPENID) -> None:
    """The follower is the main contact of the demo's first firm."""
    from anze.identity import usecases as identity
    from anze.identity.models import ChallengePurpose

    services = wechat.gateway.services
    with wechat.gateway.db.write() as session:
        talk = session.get_one(WeChatUser, openid).conversation_id
        sent = identity.challenge_bind(session, talk, services.codes, POLICY, PHONE, services.clock.now())
        found = identity.confirm_bind(session, talk, services.codes, sent["demo_code"], services.clock.now())
    assert isinstance(found, dict)
    assert ChallengePurpose.BIND


async def test_within_the_window_at_most_five_and_a_new_word_opens_it_again(demo_wechat: WeChat) -> None:
    await follower(demo_wechat)
    for number in range(7):
        push(demo_wechat, f"提醒{number}")
    await demo_wechat.deliver()
    for _ in range(8):
        rested(demo_wechat)
        await demo_wechat.deliver()
    assert demo_wechat.platform.pushed[OPENID] == [f"提醒{number}" for number in range(5)]
    assert len(demo_wechat.platform.templates) == 2, "what is outside the window goes by template"
    await follower(demo_wechat)
    push(demo_wechat, "提醒8")
    await demo_wechat.deliver()
    assert demo_wechat.platform.pushed[OPENID][-1] == "提醒8"


async def test_what_waits_goes_along_with_the_next_answer(demo_wechat: WeChat) -> None:
    await follower(demo_wechat)
    push(demo_wechat, "明天有检查")
    done = await demo_wechat.say("在吗")
    assert done.text == "明天有检查\n\n答：在吗"
    await demo_wechat.deliver()
    assert demo_wechat.platform.pushed == {}


async def test_outside_the_window_a_template_and_its_report(demo_wechat: WeChat) -> None:
    await follower(demo_wechat)
    await bind(demo_wechat)
    later(demo_wechat, 49)
    push(demo_wechat, "保单还有十天到期，隐患排查还没有安排，请尽快联系我们")
    await demo_wechat.deliver()
    (sent,) = demo_wechat.platform.templates
    assert (sent["touser"], sent["template_id"]) == (OPENID, "tmpl-1")
    assert len(sent["data"]["thing1"]["value"]) == 20
    assert sent["data"]["time2"]["value"] == "2026-11-23 10:00"
    assert sent["url"].endswith("/channels/wechat/enter")
    row = last(demo_wechat)
    assert (row.state, row.external_id) == (OutboxState.SENT, str(sent["msgid"]))
    await demo_wechat.event("TEMPLATESENDJOBFINISH", MsgID=sent["msgid"], Status="success")
    assert last(demo_wechat).state == OutboxState.DELIVERED
    push(demo_wechat, "第二条")
    await demo_wechat.deliver()
    await demo_wechat.event(
        "TEMPLATESENDJOBFINISH", MsgID=demo_wechat.platform.templates[-1]["msgid"], Status="failed:user block"
    )
    failed, sms = demo_wechat.outbox()[-2:]
    assert (failed.state, failed.error) == (OutboxState.FAILED, "faileduser_block")
    assert (sms.channel, sms.recipient, sms.text, sms.replaces_id) == ("sms", PHONE, "第二条", failed.id)


@pytest.fixture
async def bare(demo_database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[WeChat]:
    """Without a template."""
    async with opened(demo_database, clock, tmp_path) as found:
        yield found


async def test_without_a_template_the_next_channel_takes_over(bare: WeChat) -> None:
    await follower(bare)
    await bind(bare)
    later(bare, 49)
    push(bare, "提醒")
    await bare.deliver()
    wechat_row, sms = bare.outbox()[-2:]
    assert (wechat_row.error, sms.channel, sms.recipient) == ("window_closed", "sms", PHONE)
    assert sms.fallback[0]["channel"] == "phone_task", "and then somebody calls"


async def test_who_does_not_follow_any_more_is_not_written_to(bare: WeChat) -> None:
    await follower(bare)
    await bind(bare)
    done = await bare.event("unsubscribe")
    assert (done.statuses, done.text) == ([200], None)
    push(bare, "提醒")
    await bare.deliver()
    assert bare.platform.calls["send"] == 0
    assert bare.outbox()[-1].channel == "sms"
    assert (await bare.event("subscribe")).text, "and is welcome again"
    push(bare, "提醒二")
    await bare.deliver()
    assert bare.platform.pushed[OPENID] == ["提醒二"]


async def test_a_menu_entry_opens_three_messages_for_a_minute(bare: WeChat) -> None:
    await bare.event("subscribe")
    bare.platform.pushed.clear()
    for number in range(4):
        push(bare, f"通知{number}")
    await bare.deliver()
    for _ in range(6):
        rested(bare)
        await bare.deliver()
    assert len(bare.platform.pushed[OPENID]) == 3


@pytest.mark.parametrize(
    ("faults", "state", "error", "sent"),
    [
        ([42001], OutboxState.SENT, None, 1),
        ([40001, None], OutboxState.SENT, None, 1),
        ([42001, 42001], OutboxState.QUEUED, "settings:wechat_42001", 0),
        ([-1], OutboxState.QUEUED, "unavailable:wechat_-1", 0),
        ([500], OutboxState.QUEUED, "unavailable:http_500", 0),
        (["malformed"], OutboxState.QUEUED, "unavailable:not_json", 0),
        ([45009], OutboxState.QUEUED, "rate:wechat_45009", 0),
        ([45011], OutboxState.QUEUED, "rate:wechat_45011", 0),
        ([48001], OutboxState.QUEUED, "settings:wechat_48001", 0),
        ([40164], OutboxState.QUEUED, "settings:wechat_40164", 0),
        ([45015], OutboxState.FAILED, "wechat_45015", 0),
        ([45047], OutboxState.FAILED, "wechat_45047", 0),
        ([43004], OutboxState.FAILED, "wechat_43004", 0),
        ([40003], OutboxState.FAILED, "wechat_40003", 0),
        ([47001], OutboxState.FAILED, "wechat_47001", 0),
        ([99999], OutboxState.FAILED, "wechat_99999", 0),
    ],
)
async def test_errors_by_kind(wechat: WeChat, faults: list[Any], state: str, error: str | None, sent: int) -> None:
    await follower(wechat)
    push(wechat, "提醒")
    wechat.platform.faults["send"].extend(faults)
    await wechat.deliver()
    row = last(wechat)
    assert (row.state, row.error) == (state, error)
    assert len(wechat.platform.pushed[OPENID]) == sent
    if state == OutboxState.QUEUED:
        rested(wechat)
        await wechat.deliver()
        assert last(wechat).state == OutboxState.SENT
        assert wechat.platform.pushed[OPENID] == ["提醒"]


async def test_a_call_that_is_not_answered_is_repeated_once(wechat: WeChat) -> None:
    await follower(wechat)
    wechat.gateway.services.wechat.client.timeout = 0.3  # type: ignore[union-attr]
    wechat.platform.stalls = 1.0
    push(wechat, "提醒")
    wechat.platform.faults["send"].extend(["timeout", "timeout", "timeout"])
    for _ in range(3):
        await wechat.deliver()
        rested(wechat)
    assert last(wechat).state == OutboxState.SENT
    assert wechat.platform.calls["send"] == 2, "twice and no more: it may have come"


async def test_a_long_push_that_breaks_off_goes_on_where_it_was(wechat: WeChat) -> None:
    wechat.gateway.rasa.script.append([said("按照标准的要求，应当归档。" * 120)])
    first = await wechat.say("全部")
    await asyncio.sleep(1.1)
    wechat.platform.faults["send"].extend([None, -1])
    await wechat.deliver()
    assert last(wechat).state == OutboxState.QUEUED
    rested(wechat)
    await wechat.deliver()
    assert "".join([str(first.text), *wechat.platform.pushed[OPENID]]) == "按照标准的要求，应当归档。" * 120


async def test_what_the_window_has_no_room_for_is_named(wechat: WeChat) -> None:
    await follower(wechat)
    for number in range(4):
        push(wechat, f"提醒{number}")
    for _ in range(5):
        await wechat.deliver()
        rested(wechat)
    with wechat.gateway.db.write() as session:
        talk = session.get_one(WeChatUser, OPENID).conversation_id
        asked = inbound.receive(session, talk, "全部", "wx:long", [], wechat.gateway.services.clock.now())
        out = MessageOut(text="按照标准的要求，应当归档。" * 120, response="utter_standard_found")
        now = wechat.gateway.services.clock.now()
        add_out(session, talk, out, now, turn_id=asked.turn_id, pushed=True)
    await wechat.deliver()
    assert len(wechat.platform.pushed[OPENID]) == 5
    assert "打开看全文" in wechat.platform.pushed[OPENID][-1], "one message is left, and says where the rest is"
    assert last(wechat).state == OutboxState.SENT


async def test_the_token_is_asked_for_once_by_many(wechat: WeChat) -> None:
    platform: Platform = wechat.gateway.services.wechat.platform  # type: ignore[union-attr]
    from anze.channels.wechat.wiring import platform_of

    workers = [platform, *(platform_of(platform.account, wechat.gateway.db, platform.client) for _ in range(4))]
    await asyncio.gather(*(worker.call("/cgi-bin/menu/create", {"button": []}) for worker in workers * 4))
    assert wechat.platform.calls["token"] == 1
    assert wechat.platform.calls["menu"] == 20
    wechat.platform.access = "another"  # the platform has given it to somebody else
    await asyncio.gather(*(worker.call("/cgi-bin/menu/create", {"button": []}) for worker in workers))
    assert wechat.platform.calls["token"] <= 6, "each worker finds it bad at most once"
    with wechat.gateway.db.read() as session:
        assert session.scalars(select(WeChatToken.token)).one() == "another"


@pytest.mark.parametrize("fault", [500, 40125, 45009, "malformed"])
async def test_no_token_no_message_and_nothing_lost(wechat: WeChat, fault: Any) -> None:
    await follower(wechat)
    push(wechat, "提醒")
    wechat.platform.faults["token"].append(fault)
    await wechat.deliver()
    assert last(wechat).state == OutboxState.QUEUED
    rested(wechat)
    await wechat.deliver()
    assert wechat.platform.pushed[OPENID] == ["提醒"]


@pytest.fixture
async def passive(demo_database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[WeChat]:
    """An account that was never verified: no customer-service messages."""
    async with opened(demo_database, clock, tmp_path, wechat_push=False) as found:
        yield found


async def test_an_account_without_rights_holds_the_answer_for_the_platforms_repeat(passive: WeChat) -> None:
    reception = passive.gateway.services.wechat.reception  # type: ignore[union-attr]
    reception.passive_seconds = 4.8
    passive.platform.waits = 1.0
    passive.gateway.rasa.open.clear()
    asking = asyncio.create_task(passive.say("慢"))
    await asyncio.sleep(1.5)
    passive.gateway.rasa.open.set()
    done = await asking
    assert done.text == "答：慢"
    assert done.statuses[0] == 0, "the platform gave the first delivery up"
    assert len(passive.gateway.rasa.turns) == 1
    await passive.deliver()
    assert passive.platform.calls["send"] == 0


async def test_an_account_without_rights_says_on_the_last_delivery_how_to_get_it(passive: WeChat) -> None:
    reception = passive.gateway.services.wechat.reception  # type: ignore[union-attr]
    reception.passive_seconds = 0.4
    passive.platform.waits = 0.7
    passive.gateway.rasa.open.clear()
    done = await passive.say("很慢")
    assert "结果" in str(done.text)
    assert "还没好" in str((await passive.say("结果")).text)
    passive.gateway.rasa.open.set()
    async with asyncio.timeout(5):
        while not passive.outbox():
            await asyncio.sleep(0.05)
    assert (await passive.say("结果")).text == "答：很慢"
    assert "没有待发" in str((await passive.say("结果")).text)
    await bind(passive)
    push(passive, "提醒")
    await passive.deliver()
    assert passive.outbox()[-1].channel == "sms", "a reminder does not wait for a word"
