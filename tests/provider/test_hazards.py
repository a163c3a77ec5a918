"""Hazards written down on site: told at once, once, and photos may come after the words."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import select

from anze.audit.chain import verify
from anze.audit.models import AuditEvent
from anze.bookings.models import Service
from anze.conversations.models import Message
from anze.hazards.models import Hazard, HazardFile, HazardStatus
from anze.policies.models import Insured, Policy
from tests.helpers.gateway import PNG, Caller, Gateway

WORDS = {
    "level": "major",
    "place": "罐区西侧",
    "description": "围堰破损，泄漏物会流到路上",
    "basis": "不符合 GB 50160 关于围堰的要求",
    "advice": "修补围堰，修好以前降液位运行",
}


def ongoing(gateway: Gateway) -> str:
    with gateway.db.read() as session:
        own = select(Service.number).where(Service.provider_id == 1, Service.status == "ongoing").order_by(Service.id)
        return str(session.scalars(own).first())


async def insured_of(gateway: Gateway, number: str) -> Caller:
    with gateway.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == number)).one()
        policy = session.get_one(Policy, service.policy_id).number
        phone = session.get_one(Insured, service.insured_id).contact_phone
    return await gateway.bound(policy, str(phone))


async def found(caller: Caller, number: str, client_id: str = "h1", **more: Any) -> httpx.Response:
    body = WORDS | {"client_id": client_id} | more
    return await caller.post(f"/api/provider/orders/{number}/hazards", body)


async def test_the_insured_is_told_in_the_same_moment(demo_gateway: Gateway) -> None:
    number = ongoing(demo_gateway)
    insured = await insured_of(demo_gateway, number)
    provider = await demo_gateway.staff("provider")
    photo = await provider.file()
    async with insured.events() as events:
        await events.next("state")
        answer = await found(provider, number, file_ids=[photo])
        assert answer.status_code == 201, answer.text
        pushed = (await events.next("message"))["data"]
    hazard = answer.json()
    assert hazard == {"number": hazard["number"], "level": "major", "new": True, "notified": True}
    for words in (hazard["number"], *list(WORDS.values())[1:]):
        assert words in pushed["text"]
    assert [file["file_id"] for file in pushed["files"]] == [photo]
    assert (await insured.get(f"/api/files/{photo}")).content == PNG
    for stranger in (await demo_gateway.visitor(), await demo_gateway.bound("AZ2026000002", "13800000002")):
        assert (await stranger.get(f"/api/files/{photo}")).status_code == 404
    (listed,) = [
        one
        for one in (await provider.get(f"/api/provider/orders/{number}/hazards")).json()["items"]
        if one["number"] == hazard["number"]
    ]
    assert (listed["client_id"], listed["level"], listed["place"]) == ("h1", "major", WORDS["place"])
    assert (listed["notified"], listed["photos"]) == (True, 1)


async def test_sent_many_times_at_once_it_is_one(demo_gateway: Gateway) -> None:
    number = ongoing(demo_gateway)
    insured = await insured_of(demo_gateway, number)
    provider = await demo_gateway.staff("provider")
    answers = await asyncio.gather(*(found(provider, number) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["new"] for answer in answers) == [False] * 7 + [True]
    (name,) = {answer.json()["number"] for answer in answers}
    with demo_gateway.db.read() as session:
        assert len(session.scalars(select(Hazard).where(Hazard.client_id == "h1")).all()) == 1
        told = select(Message).where(Message.conversation_id == insured.conversation_id, Message.text.contains(name))
        assert len(session.scalars(told).all()) == 1
        assert verify(session) == []


async def test_what_is_missing_or_too_long_is_refused(demo_gateway: Gateway) -> None:
    number = ongoing(demo_gateway)
    provider = await demo_gateway.staff("provider")
    for wrong in (
        {"level": "huge"},
        {"place": "  "},
        {"place": "长" * 201},
        {"description": ""},
        {"basis": "长" * 4001},
        {"advice": "空\x00"},
        {"client_id": ""},
        {"file_ids": ["x"] * 21},
    ):
        answer = await found(provider, number, **({"client_id": "w"} | wrong))
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_request"), wrong
    answer = await found(provider, number, file_ids=["0" * 32])
    assert (answer.status_code, answer.json()["code"]) == (422, "file_unknown")
    visitor = await demo_gateway.visitor()
    answer = await found(provider, number, file_ids=[await visitor.file()])
    assert answer.json()["code"] == "file_unknown", "somebody else's file"
    with demo_gateway.db.read() as session:
        assert session.scalars(select(Hazard).where(Hazard.client_id.in_(["w", "h1"]))).all() == []


async def test_photos_come_after_the_words_once(demo_gateway: Gateway) -> None:
    number = ongoing(demo_gateway)
    insured = await insured_of(demo_gateway, number)
    provider = await demo_gateway.staff("provider")
    hazard = (await found(provider, number)).json()["number"]
    before = len(await insured.history())
    again = await demo_gateway.staff("provider")
    photos = [await provider.file("一.png"), await again.file("二.png", PNG + b"2")]
    path = f"/api/provider/hazards/{hazard}/photos"
    assert (await provider.post(path, {"file_ids": [photos[0], *photos]})).json() == {"number": hazard, "added": 2}
    assert (await provider.post(path, {"file_ids": photos})).json() == {"number": hazard, "added": 0}
    assert (await provider.post(path, {"file_ids": []})).status_code == 422
    assert (await provider.post(path, {"file_ids": ["0" * 32]})).json()["code"] == "file_unknown"
    assert len(await insured.history()) == before
    for photo in photos:
        assert (await insured.get(f"/api/files/{photo}")).status_code == 200
    with demo_gateway.db.write() as session:
        row = session.scalars(select(Hazard).where(Hazard.number == hazard)).one()
        links = session.scalars(select(HazardFile).where(HazardFile.hazard_id == row.id)).all()
        assert {link.file_id for link in links} == set(photos)
        assert {link.kind for link in links} == {"found"}
        kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.subject == f"hazard:{row.id}")).all()
        assert kinds.count("hazard.photos") == 1
        assert verify(session) == []
        row.status = HazardStatus.CLOSED
    closed = await provider.post(path, {"file_ids": [await provider.file("三.png", PNG + b"3")]})
    assert (closed.status_code, closed.json()["code"]) == (409, "hazard_closed")
