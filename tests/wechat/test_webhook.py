"""Who may speak through the webhook: signatures, modes, repeats, attacks. What is refused never shows a page."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from anze.channels.wechat.crypto import Keys, key_of, signature
from anze.channels.wechat.models import WeChatArrival
from anze.clock import Clock
from anze.db import Database, make_engine
from anze.migrate import upgrade
from tests.helpers import gateway as gateways
from tests.helpers.databases import SQLiteFactory
from tests.wechat.conftest import AES_KEY, OPENID, WeChat, opened


def _verification(wechat: WeChat, **changed: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time())), "n123"
    return {
        "signature": signature(wechat.platform.token, stamp, nonce), "timestamp": stamp, "nonce": nonce,
        "echostr": "58291<&>",
    } | changed  # fmt: skip


async def test_the_address_is_verified(wechat: WeChat) -> None:
    answer = await wechat.client.get(wechat.webhook, params=_verification(wechat))
    assert (answer.status_code, answer.content) == (200, b"58291<&>")
    old = str(int(time.time()) - 3600)
    for wrong, status in (
        ({"signature": "0" * 40}, 403), ({"signature": "é"}, 400), ({"echostr": ""}, 400),
        ({"timestamp": old, "signature": signature(wechat.platform.token, old, "n123")}, 403),
        ({"timestamp": "soon", "signature": signature(wechat.platform.token, "soon", "n123")}, 403),
    ):  # fmt: skip
        answer = await wechat.client.get(wechat.webhook, params=_verification(wechat, **wrong))
        assert (answer.status_code, answer.content) == (status, b""), wrong
    answer = await wechat.client.get(wechat.webhook)
    assert answer.status_code == 400
    doubled = [*_verification(wechat).items(), ("nonce", "n124")]
    assert (await wechat.client.get(wechat.webhook, params=doubled)).status_code == 400


async def _post(wechat: WeChat, query: dict[str, str], body: bytes) -> httpx.Response:
    return await wechat.client.post(wechat.webhook, params=query, content=body)


def _stored(wechat: WeChat) -> int:
    with wechat.gateway.db.read() as session:
        return session.scalar(select(func.count()).select_from(WeChatArrival)) or 0


async def test_secure_mode_takes_nothing_that_is_not_sealed_and_signed(wechat: WeChat) -> None:
    platform = wechat.platform
    xml = platform.xml(OPENID, "text", Content="转账")
    query, body = platform.signed(xml)
    plain = {name: query[name] for name in ("signature", "timestamp", "nonce")}
    keys = Keys(platform.appid, (key_of(AES_KEY),))
    other = Keys("wxother", (key_of(AES_KEY),)).seal(xml)
    other_key = Keys(platform.appid, (key_of("z" * 42 + "w"),)).seal(xml)

    def envelope(inside: str) -> tuple[dict[str, str], bytes]:
        signed = signature(platform.token, query["timestamp"], query["nonce"], inside)
        return query | {"msg_signature": signed}, f"<xml><Encrypt>{inside}</Encrypt></xml>".encode()

    cases = {
        "plain text with a good signature": (plain, xml),
        "signature instead of msg_signature": (query | {"msg_signature": query["signature"]}, body),
        "no msg_signature": (plain | {"encrypt_type": "aes"}, body),
        "another body under the same signature": (query, envelope(other)[1]),
        "another account": envelope(other),
        "another key": envelope(other_key),
        "not base64": envelope("%%%"),
        "no Encrypt": (query | {"msg_signature": signature(platform.token, query["timestamp"], query["nonce"], "")},
                       b"<xml><A>1</A></xml>"),
        "a DTD": (query, b'<!DOCTYPE x [<!ENTITY a "b">]>' + body),
        "a DTD inside": envelope(keys.seal(b'<!DOCTYPE x [<!ENTITY a "b">]><xml/>')),
        "too old": platform.signed(xml, int(time.time()) - 400),
        "from the future": platform.signed(xml, int(time.time()) + 400),
        "no message": envelope(keys.seal(b"<xml><MsgType>text</MsgType></xml>")),
        "not UTF-8": (query, body.decode().encode("utf-16")),
        "nothing": (query, b""),
    }  # fmt: skip
    for name, (asked, content) in cases.items():
        answer = await _post(wechat, asked, content)
        assert answer.status_code in {400, 403}, name
        assert answer.content == b"", name
    assert _stored(wechat) == 0
    assert wechat.gateway.rasa.turns == []
    assert (await _post(wechat, query, body)).status_code == 200


async def test_in_the_compatible_mode_only_the_sealed_part_counts(wechat: WeChat) -> None:
    query, body = wechat.platform.signed(wechat.platform.xml(OPENID, "text", Content="真的"))
    forged = wechat.platform.xml("oSomebodyElse", "text", Content="假的").decode()
    both = forged.replace("</xml>", body.decode().split("<xml>")[1])
    answer = await _post(wechat, query, both.encode())
    assert wechat.platform.read(answer) == "答：真的"
    assert [turn["text"] for turn in wechat.gateway.rasa.turns] == ["真的"]


async def test_a_body_that_is_too_large_is_not_read(wechat: WeChat) -> None:
    query, _ = wechat.platform.signed(wechat.platform.xml(OPENID, "text", Content="x"))
    answer = await _post(wechat, query, b"<xml>" + b"x" * 70_000)
    assert (answer.status_code, answer.content) == (413, b"")
    assert _stored(wechat) == 0


async def test_a_replay_does_nothing_twice(wechat: WeChat) -> None:
    query, body = wechat.platform.signed(wechat.platform.xml(OPENID, "text", Content="一次"))
    first = wechat.platform.read(await _post(wechat, query, body))
    assert wechat.platform.read(await _post(wechat, query, body)) == first
    assert len(wechat.gateway.rasa.turns) == 1


async def test_a_wild_text_reaches_the_talk_as_it_was_typed(wechat: WeChat) -> None:
    for text in ("/restart", "]]>", "a<b>&c", "😀" * 20, " "):
        xml = wechat.platform.xml(OPENID, "text", Content=text.replace("]]>", "]]]]><![CDATA[>"))
        done = await wechat.platform.deliver(wechat.client, xml)
        assert done.statuses == [200]
        assert done.text
    assert "/restart" not in [turn["text"] for turn in wechat.gateway.rasa.turns]


@pytest.fixture
async def plain(tmp_path: Path, clock: Clock) -> AsyncIterator[WeChat]:
    """An account in plain mode."""
    url = SQLiteFactory(tmp_path).empty()
    engine = make_engine(url)
    upgrade(engine)
    database = Database(engine)
    gateways.head_office(database)
    async with opened(database, clock, tmp_path, wechat_aes_key=None) as found:
        yield found
    database.dispose()


async def test_plain_mode_a_captured_address_carries_no_second_body(plain: WeChat) -> None:
    platform = plain.platform
    query, body = platform.signed(platform.xml(OPENID, "text", Content="我的"))
    assert platform.read(await _post(plain, query, body)) == "答：我的"
    assert platform.read(await _post(plain, query, body)) == "答：我的", "the platform delivers again"
    forged = platform.xml(OPENID, "text", Content="撤回投诉")
    assert (await _post(plain, query, forged)).status_code == 403
    assert (await _post(plain, query | {"encrypt_type": "aes"}, forged)).status_code == 403
    assert (await _post(plain, query | {"signature": "0" * 40}, forged)).status_code == 403
    assert len(plain.gateway.rasa.turns) == 1


async def test_two_people_at_once_get_their_own_answers(wechat: WeChat) -> None:
    people = [f"oP{n}" for n in range(8)]
    done = await asyncio.gather(*(wechat.say(f"我是{who}", who) for who in people))
    assert [one.text for one in done] == [f"答：我是{who}" for who in people]
    talks = {wechat.user(who).conversation_id for who in people}
    assert len(talks) == len(people)


async def test_under_load_the_others_are_acknowledged_at_once_and_nobody_is_forgotten(wechat: WeChat) -> None:
    people = [f"oP{n}" for n in range(30)]
    wechat.gateway.rasa.open.clear()
    asking = asyncio.create_task(asyncio.wait([asyncio.create_task(wechat.say(f"我是{who}", who)) for who in people]))
    await asyncio.sleep(1.0)
    wechat.gateway.rasa.open.set()
    answered = [task.result() for task in (await asking)[0]]
    given = {one.text for one in answered if one.text}
    assert sum(one.text is None for one in answered) >= 20, "eight at a time wait for their answer"
    async with asyncio.timeout(10):
        while len(wechat.outbox()) < len(people):
            await asyncio.sleep(0.05)
    await wechat.deliver()
    pushed = {text for texts in wechat.platform.pushed.values() for text in texts}
    assert given | pushed == {f"答：我是{who}" for who in people}
    assert not given & pushed, "nobody is answered twice"


async def test_without_an_account_there_is_no_webhook(gateway: gateways.Gateway) -> None:
    for method in ("GET", "POST"):
        answer = await gateway.client.request(method, "/channels/wechat", params={"nonce": secrets.token_hex(3)})
        assert (answer.status_code, answer.content) == (404, b"")
    assert (await gateway.client.get("/channels/wechat/enter")).headers["location"] == "/"
