"""Lines of the ledger out of the finance system (7.3): the rules of entries by hand, all or nothing, never twice."""

from typing import Any

from sqlalchemy import func, select

from anze.audit.registry import seals
from anze.bookings.models import Service
from anze.fees.models import LedgerEntry, LedgerVoucher, Payable, RelatedParty
from anze.fees.rules import plain_name
from anze.policies.models import Insured, Policy
from tests.fees.test_ledger import paid
from tests.helpers.gateway import Gateway
from tests.imports.desk import Desk, outcome
from tests.imports.files import xlsx_of


def line(gateway: Gateway, serial: int = 1, **more: Any) -> dict[str, Any]:
    body = paid(gateway)
    yuan = body.pop("amount_cents") / 100
    return body | {
        "source_key": f"CW2026{serial:05d}", "amount_cents": f"{yuan:.2f}", "purpose": "服务", "voucher": f"PZ{serial}",
    } | more  # fmt: skip


def count(gateway: Gateway, model: Any = LedgerEntry) -> int:
    with gateway.db.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


async def test_lines_are_entered_once_with_their_vouchers(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    before = count(demo_gateway), count(demo_gateway, LedgerVoucher)
    rows = [line(demo_gateway, 1), line(demo_gateway, 2, amount_cents="88.80")]
    view = await desk.imported("ledger", rows)
    assert outcome(view) == (2, 0, 0, 0)
    assert (count(demo_gateway), count(demo_gateway, LedgerVoucher)) == (before[0] + 2, before[1] + 2)
    again = await desk.imported("ledger", xlsx_of("ledger", rows))
    assert outcome(again) == (0, 0, 2, 0), "the same file again adds nothing"
    with demo_gateway.db.read() as session:
        row = session.scalars(select(LedgerEntry).where(LedgerEntry.source_key == "CW202600002")).one()
        assert row.amount_cents == 8880
        assert all(seal.holds for seal in seals(session))
    other = await desk.checked("ledger", [line(demo_gateway, 1, amount_cents="9.99")])
    assert outcome(other) == (0, 0, 0, 1)
    (fault,) = await desk.notes(other["id"])
    assert "台账里的不能改" in fault["words"]


async def test_what_may_not_be_paid_is_named_row_by_row_and_nothing_is_half_done(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    before = count(demo_gateway)
    with demo_gateway.db.read() as session:
        insured = session.scalars(select(Insured.name)).first()
    good = line(demo_gateway, 1)
    rows = [
        good, line(demo_gateway, 2, payee=insured), line(demo_gateway, 3, service=""),
        line(demo_gateway, 4, policy="NO1"),
        line(demo_gateway, 5, note="业务员佣金"), line(demo_gateway, 6, amount_cents="0"),
        line(demo_gateway, 7, booked_on="2026-12-01"), line(demo_gateway, 8, service="FW1"),
        line(demo_gateway, 9, purpose="技术支持", service="", support="没有的项目"),
    ]  # fmt: skip
    view = await desk.checked("ledger", rows)
    assert outcome(view) == (1, 0, 0, 8)
    faults = {note["line"]: (note["column"], note["words"]) for note in await desk.notes(view["id"])}
    assert faults[3][0] == "收款方"
    assert "返还" in faults[3][1]
    assert faults[4][0] == "服务编号"
    assert faults[5][0] == "保单号"
    assert faults[6][0] == "说明"
    assert faults[7][0] == "金额（元）"
    assert faults[8][0] == "付款日期"
    assert faults[10][0] == "技术支持项目"
    refused = await desk.confirm(view)
    assert refused.json()["code"] == "import_faults"
    assert count(demo_gateway) == before
    done = await desk.imported("ledger", rows, partial=True)
    assert outcome(done) == (1, 0, 0, 8)
    assert count(demo_gateway) == before + 1


async def test_what_is_owed_is_paid_by_its_line_and_by_one_only(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    with demo_gateway.db.read() as session:
        owed = session.scalars(select(Payable).where(Payable.paid_entry_id.is_(None))).first()
        assert owed is not None
        service = session.get_one(Service, owed.service_id)
        policy = session.get_one(Policy, service.policy_id).number
        row = {"policy": policy, "payee": owed.provider.name, "service": service.number}
        yuan, id_ = f"{owed.amount_cents / 100:.2f}", owed.id
    wrong = await desk.checked("ledger", [line(demo_gateway, 1, **row, amount_cents="0.01")])
    assert (await desk.notes(wrong["id"]))[0]["column"] == "金额（元）"
    twice = await desk.checked("ledger", [line(demo_gateway, n, **row, amount_cents=yuan) for n in (2, 3)])
    assert outcome(twice) == (1, 0, 0, 1)
    done = await desk.imported("ledger", [line(demo_gateway, 4, **row, amount_cents=yuan)])
    assert done["moved"] == {"fees_paid": 1}
    with demo_gateway.db.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.source_key == "CW202600004")).one()
        assert session.get_one(Payable, id_).paid_entry_id == entry.id


async def test_a_related_payee_is_held_and_told(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    row = line(demo_gateway, 1)
    with demo_gateway.db.write() as session:
        session.add(RelatedParty(
            name=row["payee"], plain_name=plain_name(row["payee"]), uscc=None, relation="同一个老板",
            added_at=demo_gateway.services.clock.now(), added_by="staff:1",
        ))  # fmt: skip
    done = await desk.imported("ledger", [row])
    assert done["moved"] == {"fees_held": 1}
    with demo_gateway.db.read() as session:
        kept = session.scalars(select(LedgerEntry).where(LedgerEntry.source_key == row["source_key"])).one()
        assert kept.held_for == "related"
