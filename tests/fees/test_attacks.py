"""What somebody tries who wants money to flow back, or the same thing paid twice (7.3)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select, update

from anze.bookings.models import Service
from anze.db import Database
from anze.errors import DomainError
from anze.fees.kinds import Purpose
from anze.fees.ledger import Entry, enter
from anze.fees.models import LedgerEntry, Payable, RelatedParty
from anze.fees.rules import plain_name
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy
from tests.fees.test_ledger import ROOT, entered, paid
from tests.helpers.gateway import Gateway
from tests.obligations.world import World

SUPERVISOR = Speaker("test", staff_id=1, role=Role.SUPERVISOR, branch_path="/")


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        ("安屿-金属（南京）有限公司", "安屿金属(南京)有限公司"),
        ("安屿ＡＢ金属有限公司", "安屿ab金属有限公司"),
        ("南京宏達化學有限公司", "南京宏达化学有限公司"),
        ("安屿金属有限公司", "安屿金屬有限公司"),
        ("安屿金属有限公司", "安屿\u200b金属有限公司"),
        ("安屿金属有限公司", "安屿／金属*有限公司"),
        ("安屿“金属”有限公司", "安屿金属有限公司"),
    ],
)
async def test_no_way_of_writing_its_name_makes_an_insured_another_firm(
    demo_gateway: Gateway, kept: str, written: str
) -> None:
    with demo_gateway.db.write() as session:
        session.execute(update(Insured).where(Insured.id == 1).values(name=kept))
    caller = await demo_gateway.staff("service")
    # Support work has no provider beside whom a payee could look odd: nothing but the name stops it.
    for more in ({}, {"purpose": "support", "support": 1, "service": None}):
        answer = await caller.post(f"{ROOT}/entries", paid(demo_gateway, payee=written) | more)
        assert answer.json().get("code") == "fee_returned", answer.text


async def test_a_name_of_common_characters_alone_is_no_other_s(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    body = paid(demo_gateway, payee="有限公司", purpose="support", support=1, service=None)
    assert (await entered(caller, body))["state"] == "counted"


def test_a_code_in_small_or_wide_letters_is_the_same_code(database: Database) -> None:
    """The form of the console hands it over as it was typed."""
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    with database.write() as session:
        world = World(session)
        firm, provider = world.insured("甲", "large", "mine"), world.provider("机构", "企业法人")
        firm.uscc = "91320100MA1ABCDE0X"
        policy = world.policy([firm], date(2026, 1, 1), date(2026, 12, 31))
        service = world.service(policy, firm, "d", date(2026, 5, 4), status="completed", provider_id=provider.id)
        session.flush()
        for code, refused in (("91320100ma1abcde0x", "fee_returned"), ("９１３２0100MA1ABCDE0X ", "fee_returned"),
                              ("91320100MA1ABCDE0X9", "fee_uscc"), ("不知道", "fee_uscc")):  # fmt: skip
            entry = Entry(
                policy=policy.number, booked_on=date(2026, 5, 5), payee="别的名字", amount_cents=1,
                purpose=Purpose.SERVICE, note="服务费", payee_uscc=code, service=service.number,
            )  # fmt: skip
            with pytest.raises(DomainError) as error:
                enter(session, SUPERVISOR, entry, now)
            assert error.value.code == refused
        for more in ({"note": "长" * 301}, {"payee": "长" * 121}, {"voucher": "长" * 61}):
            with pytest.raises(DomainError) as error:
                enter(session, SUPERVISOR, replace(entry, payee_uscc=None, **more), now)  # type: ignore[arg-type]
            assert error.value.code == "fee_long"


async def test_what_is_owed_to_a_related_firm_is_not_paid_until_somebody_looked(demo_gateway: Gateway) -> None:
    caller, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    one = (await caller.get(f"{ROOT}/payables")).json()["items"][0]
    with demo_gateway.db.write() as session:
        name = session.get_one(Payable, one["id"]).provider.name
        session.add(RelatedParty(
            name=name, plain_name=plain_name(name), uscc=None, relation="同一个老板",
            added_at=demo_gateway.services.clock.now(), added_by="staff:1",
        ))  # fmt: skip
    path = f"{ROOT}/payables/{one['id']}/pay"
    line = (await caller.post(path, {"number": "FP1"})).json()
    assert line["state"] == "held"
    shown = next(r for r in (await caller.get(f"{ROOT}/payables", size=200)).json()["items"] if r["id"] == one["id"])
    assert (shown["paid_on"], shown["waits"]) == (None, line["id"])
    assert (await caller.post(path, {"number": "FP1"})).json()["code"] == "fee_waits"
    no = await supervisor.post(f"{ROOT}/entries/{line['id']}/decide", {"approved": False, "reason": "查了，不能付"})
    assert no.json()["state"] == "refused"
    assert (await caller.post(path, {"number": "FP2"})).status_code == 201, "what was refused is still owed"


async def test_a_service_with_something_owed_is_not_paid_beside_it(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    one = (await caller.get(f"{ROOT}/payables")).json()["items"][0]
    with demo_gateway.db.read() as session:
        row = session.get_one(Payable, one["id"])
        policy = session.get_one(Policy, session.get_one(Service, row.service_id).policy_id).number
        name = row.provider.name
    body = paid(demo_gateway, payee=name, policy=policy, service=one["service"])
    answer = await caller.post(f"{ROOT}/entries", body)
    assert (answer.status_code, answer.json().get("code")) == (409, "fee_owed_open"), answer.text


async def test_amounts_near_the_limit_hold_in_every_sum(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    body = paid(demo_gateway, amount_cents=10**13)
    first = await entered(caller, body)
    with demo_gateway.db.write() as session:
        row = session.get_one(LedgerEntry, first["id"])
        same = {c.key: getattr(row, c.key) for c in LedgerEntry.__table__.columns if c.key != "id"}
        ending = session.scalars(
            select(Policy.id).where(
                Policy.end_on.between(
                    demo_gateway.services.clock.today().replace(month=1, day=1),
                    demo_gateway.services.clock.today().replace(month=12, day=31),
                )
            )
        ).first()
        session.execute(insert(LedgerEntry), [same | {"policy_id": ending} for _ in range(1200)])
    assert (await caller.get(f"{ROOT}/ratios")).status_code == 200
    assert (await caller.get("/api/staff/budgets")).status_code == 200
    asked = await caller.get("/api/staff/obligations/spend_ratio")
    assert asked.status_code == 200, asked.text
