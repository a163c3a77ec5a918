"""A provider sees its own orders and nothing else, whatever number, route or token is tried over HTTP."""

import json
import re
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import func, select

from anze.audit.models import AuditEvent
from anze.bookings.models import Service, ServiceStep
from anze.conversations.models import Message
from anze.hazards.models import Hazard, HazardDate, HazardFile
from anze.identity.models import DeniedRead
from anze.policies.models import Insured
from tests.helpers.gateway import Gateway

OTHER = 2
"""Another provider than the one of the login `provider`."""
ROLES = ["intake", "service", "supervisor", "auditor", "admin"]
STEPS: dict[str, dict[str, Any]] = {
    "accept": {"people": []},
    "decline": {"reason": "人手不够"},
    "rules_seen": {},
    "check_in": {},
    "finish": {"process": "查了", "completed_on": "2026-11-23"},
    "report": {"file_id": "0" * 32},
    "hazards": {"level": "major", "place": "罐区", "description": "破损", "basis": "标准第5条", "advice": "修好"},
}  # fmt: skip
WRITTEN = (Service, ServiceStep, Hazard, HazardDate, HazardFile, Message, AuditEvent)


def numbers(gateway: Gateway, provider_id: int | None = None) -> list[str]:
    with gateway.db.read() as session:
        query = select(Service.number).order_by(Service.id)
        return list(session.scalars(query if provider_id is None else query.where(Service.provider_id == provider_id)))


def everything(gateway: Gateway) -> str:
    """All rows that a step could write, as one text."""
    with gateway.db.read() as session:
        rows = [
            [
                str(table.name),
                *(list(map(str, row)) for row in session.execute(select(table).order_by(*table.primary_key))),
            ]
            for table in (model.__table__ for model in WRITTEN)
        ]
    return json.dumps(rows)


async def test_every_number_that_there_is_shows_one_s_own_only(demo_gateway: Gateway) -> None:
    own, all_ = set(numbers(demo_gateway, 1)), numbers(demo_gateway)
    caller = await demo_gateway.staff("provider")
    assert len(own) > 10
    assert len(all_) > len(own) + 100
    nothing = (await caller.get("/api/provider/orders/FW20990101001")).json()
    for number in all_:
        answer = await caller.get(f"/api/provider/orders/{number}")
        hazards = (await caller.get(f"/api/provider/orders/{number}/hazards")).json()
        if number in own:
            assert (answer.status_code, answer.json()["number"]) == (200, number)
            continue
        assert (answer.status_code, answer.json()) == (404, nothing), number
        assert hazards == {"items": []}, number
    with demo_gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(DeniedRead)) == len(all_) - len(own)

    listed: set[str] = set()
    for which in ("all", "open", "today", "done"):
        for page in range(1, 4):
            items = (await caller.get("/api/provider/orders", which=which, size=200, page=page)).json()["items"]
            listed |= {row["number"] for row in items}
    assert listed <= own
    theirs = await demo_gateway.staff(f"provider-{OTHER}")
    items = (await theirs.get("/api/provider/orders", which="all", size=200)).json()["items"]
    assert {row["number"] for row in items} & own == set()
    assert items


async def test_no_step_on_another_s_order_does_anything(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("provider")
    foreign = [*numbers(demo_gateway, OTHER)[-12:], "FW20990101001", "' OR 1=1 --", "%", "../orders", "FW%"]
    before = everything(demo_gateway)
    for number in foreign:
        for step, body in STEPS.items():
            answer = await caller.post(f"/api/provider/orders/{number}/{step}", {"client_id": f"x-{step}"} | body)
            assert answer.status_code in {404, 405}, (number, step, answer.text)
    assert everything(demo_gateway) == before


async def test_another_s_hazard_is_not_there(demo_gateway: Gateway) -> None:
    owner, other = await demo_gateway.staff("provider"), await demo_gateway.staff(f"provider-{OTHER}")
    with demo_gateway.db.read() as session:
        own = select(Service.number).where(Service.provider_id == 1, Service.status == "ongoing")
        order = session.scalars(own.order_by(Service.id)).first()
    body = STEPS["hazards"] | {"client_id": "h1"}
    hazard = (await owner.post(f"/api/provider/orders/{order}/hazards", body)).json()["number"]
    file_id = await other.file()
    before = everything(demo_gateway)
    nothing = await other.post("/api/provider/hazards/YH20990101001/photos", {"file_ids": [file_id]})
    answer = await other.post(f"/api/provider/hazards/{hazard}/photos", {"file_ids": [file_id]})
    assert (answer.status_code, answer.json()) == (404, nothing.json())
    assert (await other.get(f"/api/provider/orders/{order}/hazards")).json() == {"items": []}
    # The other one's name for a hazard of its own is not the owner's hazard.
    theirs = numbers(demo_gateway, OTHER)[-1]
    taken = await other.post(f"/api/provider/orders/{theirs}/hazards", body)
    assert taken.status_code == 409
    assert hazard not in taken.text
    assert everything(demo_gateway) == before
    with demo_gateway.db.read() as session:
        subjects = session.scalars(select(DeniedRead.subject)).all()
    assert subjects == [f"hazard:{hazard}"]
    shown = await other.get(f"/api/files/{await owner.file()}")
    assert shown.status_code == 404


def routes_under(gateway: Gateway, prefix: str) -> list[tuple[str, str]]:
    """(method, path with its parameters filled) of every route there."""
    return [
        (method, re.sub(r"\{\w+\}", "FW20261103001", str(context.path)))
        for context in iter_route_contexts(gateway.app.routes)
        if isinstance(context.original_route, APIRoute) and str(context.path).startswith(prefix)
        for method in sorted(context.methods or ())
    ]


async def test_provider_routes_are_for_providers_people_only(demo_gateway: Gateway) -> None:
    routes = routes_under(demo_gateway, "/api/provider/")
    assert len(routes) >= 11
    bound = await demo_gateway.bound()
    callers = [bound, await demo_gateway.visitor(), *[await demo_gateway.staff(role) for role in ROLES]]
    before = everything(demo_gateway)
    for method, path in routes:
        without = await demo_gateway.client.request(method, path, json={})
        assert without.status_code == 401, (method, path)
        for caller in callers:
            answer = await demo_gateway.client.request(method, path, json={}, headers=caller.headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (method, path)
    assert everything(demo_gateway) == before


async def test_a_provider_s_person_has_no_business_in_the_office(demo_gateway: Gateway) -> None:
    own = {"login", "password", "session", "sessions"}  # the door, and what is everybody's own behind it
    routes = [one for one in routes_under(demo_gateway, "/api/staff/") if one[1].split("/")[3] not in own]
    assert len(routes) >= 20
    caller = await demo_gateway.staff("provider")
    for method, path in routes:
        answer = await demo_gateway.client.request(method, path, json={}, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (method, path)


async def test_an_order_holds_no_money_no_complaint_and_no_other_firm(demo_gateway: Gateway) -> None:
    with demo_gateway.db.read() as session:
        firms = dict(session.execute(select(Insured.name, Insured.id)).tuples().all())
        provided = dict(session.execute(select(Service.number, Service.insured_id)).tuples().all())
    caller = await demo_gateway.staff("provider")
    for number in numbers(demo_gateway, 1):
        text = (await caller.get(f"/api/provider/orders/{number}")).text
        assert {firms[name] for name in firms if name in text} == {provided[number]}, number
        for word in ("投诉", "保费", "保额", "费用", "元", "premium", "price", "amount", "complaint", "policy", "TS2"):
            assert word not in text, (number, word)
