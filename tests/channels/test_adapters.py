"""SMS and e-mail against servers of their own: what is sent, what a refusal means, how a repeat is known."""

import json
from typing import Any

import httpx
import pytest

from anze.channels.outbox.adapter import Absent, Parcel, Refusal, Refused, Taken
from anze.channels.outbox.email import EmailAdapter
from anze.channels.outbox.sms import SmsAdapter
from tests.helpers.fake_sms import KEY, FakeSms, serving
from tests.helpers.fake_smtp import FakeSmtp, mail_server

PARCEL = Parcel(7, "anze-key.7", "13900000001", "明天有人来", {})


async def post(sms: FakeSms, key: str = KEY, timeout: float = 5.0, parcel: Parcel = PARCEL) -> Any:
    with serving(sms):
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
            return await SmsAdapter(sms.url, key, client).send(parcel)


async def test_a_message_is_signed_and_taken() -> None:
    sms = FakeSms()
    assert await post(sms) == Taken("sms-1")
    assert sms.seen == [("13900000001", "明天有人来")]
    assert sms.requests == [{"id": "anze-key.7", "to": "13900000001", "text": "明天有人来"}]


async def test_a_wrong_key_is_a_matter_of_our_settings() -> None:
    sms = FakeSms()
    assert await post(sms, key="other") == Refused(Refusal.SETTINGS, "signature")
    assert sms.seen == []


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (422, {"code": "no_such_number"}, Refused(Refusal.PERMANENT, "no_such_number")),
        (400, {}, Refused(Refusal.PERMANENT, "400")),
        (429, {"retry_after": 90}, Refused(Refusal.RATE, "429", 90.0)),
        (503, {}, Refused(Refusal.UNAVAILABLE, "503")),
        (408, {}, Refused(Refusal.UNAVAILABLE, "408")),
    ],
)
async def test_refusals_are_told_apart(status: int, told: dict[str, Any], outcome: Refused) -> None:
    assert await post(FakeSms(behave=lambda number, attempt: (status, told, 0.0))) == outcome


async def test_an_answer_that_comes_too_late_and_a_repeat_are_one_message() -> None:
    sms = FakeSms(behave=lambda number, attempt: (202, {}, 0.6))
    with serving(sms):
        async with httpx.AsyncClient(timeout=0.2, trust_env=False) as client:
            adapter = SmsAdapter(sms.url, KEY, client)
            assert await adapter.send(PARCEL) == Refused(Refusal.UNAVAILABLE, "timeout")
            assert await adapter.send(PARCEL) == Taken("sms-1")
    assert len(sms.seen) == 1


async def test_a_gateway_that_is_away_or_talks_nonsense() -> None:
    async with httpx.AsyncClient(timeout=1, trust_env=False) as client:
        away = await SmsAdapter("http://127.0.0.1:9/send", KEY, client).send(PARCEL)
        assert isinstance(away, Refused)
        assert away.kind is Refusal.UNAVAILABLE
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b"<html>"))
    async with httpx.AsyncClient(transport=transport) as client:
        assert await SmsAdapter("http://sms/send", KEY, client).send(PARCEL) == Taken(None)


async def test_a_channel_that_is_not_there_refuses_for_good() -> None:
    assert await Absent().send(PARCEL) == Refused(Refusal.PERMANENT, "not_configured")


MAIL = Parcel(8, "anze-key.8", "wang@example.com", "明天有人来", {})


async def test_a_mail_carries_our_key_as_its_id() -> None:
    with mail_server(FakeSmtp()) as smtp:
        adapter = EmailAdapter(smtp.url, "service@insurer.example")
        taken = await adapter.send(MAIL)
        assert taken == await adapter.send(MAIL), "a repeat has the same id"
    assert taken == Taken("<anze-key.8@insurer.example>")
    first, second = smtp.mails
    assert first["Message-ID"] == second["Message-ID"] == "<anze-key.8@insurer.example>"
    assert (first["From"], first["To"]) == ("service@insurer.example", "wang@example.com")
    assert first.get_content().strip() == "明天有人来"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 no such person", Refused(Refusal.PERMANENT, "550")),
        ("451 later", Refused(Refusal.UNAVAILABLE, "451")),
    ],
)
async def test_a_mail_that_is_refused(answer: str, outcome: Refused) -> None:
    with mail_server(FakeSmtp(refuse={"wang@example.com": answer})) as smtp:
        assert await EmailAdapter(smtp.url, "service@insurer.example").send(MAIL) == outcome
    assert smtp.mails == []


async def test_a_mail_server_that_is_away() -> None:
    found = await EmailAdapter("smtp://127.0.0.1:9", "service@insurer.example").send(MAIL)
    assert isinstance(found, Refused)
    assert found.kind is Refusal.UNAVAILABLE


def test_a_body_is_signed_with_its_moment() -> None:
    from anze.channels.outbox.signing import SIGNATURE, TIMESTAMP, headers, is_genuine
    from tests.helpers.reminding import shanghai

    now, body = shanghai("2026-11-23 10:00"), json.dumps({"id": "x"}).encode()
    signed = headers(KEY, body, now)
    good = KEY, signed[TIMESTAMP], signed[SIGNATURE]
    assert is_genuine(*good, body, now)
    assert not is_genuine(*good, body + b" ", now)
    assert not is_genuine(*good, body, shanghai("2026-11-23 10:06"))
    assert not is_genuine(KEY, str(int(signed[TIMESTAMP]) + 1), signed[SIGNATURE], body, now)
    assert not is_genuine(KEY, None, None, body, now)
    assert not is_genuine(KEY, "zehn", signed[SIGNATURE], body, now)
    assert not is_genuine("", "1" * 40, "sha256=", body, now)
