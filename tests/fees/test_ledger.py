"""The ledger over HTTP: what is refused, held, taken back, paid once; who sees and may what."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from anze.audit import chain
from anze.audit.registry import seals
from anze.bookings.models import Service
from anze.fees.models import LedgerEntry, Payable
from anze.identity.models import Branch, DeniedRead
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider
from tests.helpers.gateway import Caller, Gateway

ROOT = "/api/staff/fees"


def paid(gateway: Gateway, branch: str = "南京", **more: Any) -> dict[str, Any]:
    """What can be entered for a completed service of a provider that nobody paid yet."""
    with gateway.db.read() as session:
        found = session.execute(
            select(Service, Policy, Provider)
            .join(Policy, Policy.id == Service.policy_id)
            .join(Provider, Provider.id == Service.provider_id)
            .join(Branch, Branch.id == Policy.branch_id)
            .where(Service.status == "completed", Branch.short_name == branch)
            .order_by(Service.id)
            .limit(1)
        ).one()
        service, policy, provider = found
        return {
            "policy": policy.number, "booked_on": "2026-11-23", "payee": provider.name, "amount_cents": 123450,
            "purpose": "service", "note": "服务费", "service": service.number,
        } | more  # fmt: skip


async def entered(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    answer = await caller.post(f"{ROOT}/entries", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_line_counts_and_is_sealed(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    before = (await caller.get(f"{ROOT}/entries")).json()
    one = await entered(caller, paid(demo_gateway, voucher="FP001"))
    assert (one["state"], one["vouchers"], one["number"]) == ("counted", ["FP001"], f"TZ{one['id']:08d}")
    after = (await caller.get(f"{ROOT}/entries")).json()
    assert after["total"] == before["total"] + 1
    assert after["sum_cents"] == before["sum_cents"] + 123450
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"service": None}, "fee_no_service"),
        ({"service": "FW209901010001"}, "fee_service"),
        ({"policy": "AZ2099000001"}, "fee_policy"),
        ({"booked_on": "2026-11-24"}, "fee_day"),
        ({"note": "请客户旅游"}, "fee_purpose"),
        ({"purpose": "support", "support": 2}, "fee_no_support"),
        ({"purpose": "support", "support": 999}, "fee_no_support"),
    ],
)
async def test_what_cannot_be_entered_says_why(demo_gateway: Gateway, changed: dict[str, Any], code: str) -> None:
    caller = await demo_gateway.staff("service")
    answer = await caller.post(f"{ROOT}/entries", paid(demo_gateway) | changed)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "changed", [{"amount_cents": 0}, {"amount_cents": 1.5}, {"amount_cents": 10**20}, {"payee": "\x00"}, {"payee": ""},
                {"booked_on": "昨天"}, {"purpose": "gift"}, {"payee_uscc": "1"}, {"account_tail": "12345678901"}],
)  # fmt: skip
async def test_nonsense_is_422(demo_gateway: Gateway, changed: dict[str, Any]) -> None:
    caller = await demo_gateway.staff("service")
    assert (await caller.post(f"{ROOT}/entries", paid(demo_gateway) | changed)).status_code == 422


@pytest.mark.parametrize("written", ["{}", " {} ", "{}（分公司）", "（{}）"])
async def test_money_never_goes_back_to_an_insured(demo_gateway: Gateway, written: str) -> None:
    caller = await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        name = session.scalars(select(Insured.name).order_by(Insured.id.desc()).limit(1)).one()
    answer = await caller.post(f"{ROOT}/entries", paid(demo_gateway, payee=written.format(name)))
    if "分公司" in written:  # another name is another firm, which did not do the service: a person looks at it
        assert answer.json()["state"] == "held"
    else:
        assert answer.json()["code"] == "fee_returned"
        assert "7.3" in answer.json()["detail"]


async def test_a_held_line_counts_only_once_somebody_else_let_it_pass(demo_gateway: Gateway) -> None:
    caller, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    before = (await caller.get(f"{ROOT}/entries")).json()["sum_cents"]
    one = await entered(caller, paid(demo_gateway, payee="南京宏达安全咨询有限公司"))
    assert (one["state"], one["held_for"]) == ("held", "related")
    assert (await caller.get(f"{ROOT}/entries")).json()["sum_cents"] == before
    path = f"{ROOT}/entries/{one['id']}"
    assert (await caller.post(f"{path}/reverse", {"reason": "记错"})).json()["code"] == "fee_held"
    assert (await caller.post(f"{path}/decide", {"approved": True, "reason": "查过"})).status_code == 403
    own = await entered(supervisor, paid(demo_gateway, payee="南京宏达安全咨询有限公司"))
    mine = await supervisor.post(f"{ROOT}/entries/{own['id']}/decide", {"approved": True, "reason": "查过"})
    assert mine.json()["code"] == "four_eyes"
    decided = await supervisor.post(f"{path}/decide", {"approved": True, "reason": "合同和照片都核对过"})
    assert decided.json()["state"] == "counted"
    assert (await caller.get(f"{ROOT}/entries")).json()["sum_cents"] == before + 123450
    again = await supervisor.post(f"{path}/decide", {"approved": False, "reason": "又想了想"})
    assert again.json()["code"] == "fee_not_held"
    with demo_gateway.db.read() as session:
        assert all(seal.holds for seal in seals(session))


async def test_a_line_is_taken_back_once_and_never_changed(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    before = (await caller.get(f"{ROOT}/entries")).json()["sum_cents"]
    one = await entered(caller, paid(demo_gateway))
    path = f"{ROOT}/entries/{one['id']}/reverse"
    answers = await asyncio.gather(*(caller.post(path, {"reason": "金额错了"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await caller.get(f"{ROOT}/entries")).json()["sum_cents"] == before
    back = next(answer.json() for answer in answers if answer.status_code == 201)
    assert (back["amount_cents"], back["reverses_id"]) == (-123450, one["id"])
    assert (await caller.post(f"{ROOT}/entries/{back['id']}/reverse", {"reason": "又"})).status_code == 409
    for statement in ("UPDATE ledger_entries SET amount_cents = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
            session.execute(text(statement))


async def test_a_payable_is_paid_once_by_a_line_of_the_ledger(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    owed = (await caller.get(f"{ROOT}/payables")).json()
    assert owed["items"]
    assert owed["total"] > 0
    one = owed["items"][0]
    path = f"{ROOT}/payables/{one['id']}"
    assert (await caller.post(f"{path}/explain", {"reason": "发票没到"})).status_code == 204
    answers = await asyncio.gather(*(caller.post(f"{path}/pay", {"number": "FP9"}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    left = (await caller.get(f"{ROOT}/payables")).json()
    assert (left["total"], left["sum_cents"]) == (owed["total"] - 1, owed["sum_cents"] - one["amount_cents"])
    with demo_gateway.db.read() as session:
        row = session.get_one(Payable, one["id"])
        entry = session.get_one(LedgerEntry, row.paid_entry_id)
        assert (entry.amount_cents, entry.service_id) == (row.amount_cents, row.service_id)
        assert session.scalar(select(func.count()).where(LedgerEntry.service_id == row.service_id)) == 1
    back = await caller.post(f"{ROOT}/entries/{entry.id}/reverse", {"reason": "付错账户，退回来了"})
    assert back.status_code == 201
    assert (await caller.get(f"{ROOT}/payables")).json()["total"] == owed["total"], "what was taken back is owed again"


async def test_a_branch_sees_and_writes_its_own_only(demo_gateway: Gateway) -> None:
    caller, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    other = await entered(supervisor, paid(demo_gateway, "长沙"))
    assert all(row["branch"] == "南京分公司" for row in (await caller.get(f"{ROOT}/entries", size=200)).json()["items"])
    assert (await caller.post(f"{ROOT}/entries", paid(demo_gateway, "长沙"))).status_code == 404
    for path, body in (("reverse", {"reason": "不是我的"}), ("vouchers", {"number": "FP"})):
        assert (await caller.post(f"{ROOT}/entries/{other['id']}/{path}", body)).status_code == 404
    rows = (await caller.get(f"{ROOT}/ratios")).json()["items"]
    assert {row["branch"] for row in rows} == {"南京"}
    with demo_gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(DeniedRead)) >= 3


@pytest.mark.parametrize("username", ["intake", "auditor", "provider"])
async def test_who_may_write(demo_gateway: Gateway, username: str) -> None:
    caller = await demo_gateway.staff(username)
    assert (await caller.post(f"{ROOT}/entries", paid(demo_gateway))).status_code == 403
    visitor = await demo_gateway.visitor()
    assert (await visitor.get(f"{ROOT}/entries")).status_code == 403


async def test_a_support_item_is_approved_by_another_before_it_is_paid(demo_gateway: Gateway) -> None:
    supervisor, manager = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    id_ = (await manager.post(f"{ROOT}/supports", {"name": "测厚仪租用", "reason": "排查要用"})).json()["id"]
    body = paid(demo_gateway, payee="南京仪器租赁有限公司", purpose="support", support=id_, service=None)
    assert (await manager.post(f"{ROOT}/entries", body)).json()["code"] == "fee_no_support"
    assert (await manager.post(f"{ROOT}/supports/{id_}/approve")).status_code == 403
    assert (await supervisor.post(f"{ROOT}/supports/{id_}/approve")).status_code == 204
    assert (await supervisor.post(f"{ROOT}/supports/{id_}/approve")).status_code == 409
    one = await entered(manager, body)
    assert (one["state"], one["support"]) == ("counted", "测厚仪租用")


async def test_a_budget_is_made_by_who_may_for_the_own_tree(demo_gateway: Gateway) -> None:
    supervisor, manager = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    rows = (await supervisor.get("/api/staff/budgets")).json()
    open_ = next(row for row in rows["items"] if row["amount_cents"] is None)
    body = {"branch": open_["branch_id"], "year": 2026, "province": open_["province"], "amount_cents": 5_000_000,
            "document": "专项预算", "made_on": "2026-11-23"}  # fmt: skip
    assert (await manager.post("/api/staff/budgets", body)).status_code == 403
    assert (await supervisor.post("/api/staff/budgets", body | {"made_on": "2026-11-24"})).status_code == 422
    assert (await supervisor.post("/api/staff/budgets", body)).status_code == 201
    again = (await supervisor.get("/api/staff/budgets")).json()["items"]
    assert next(row for row in again if row["branch_id"] == open_["branch_id"])["amount_cents"] == 5_000_000
    assert {row["branch"] for row in (await manager.get("/api/staff/budgets")).json()["items"]} == {"南京"}


async def test_a_target_is_set_by_who_may_and_counts_at_once(demo_gateway: Gateway) -> None:
    supervisor, admin = await demo_gateway.staff("supervisor"), await demo_gateway.staff("admin")
    target = {"province": "山西省", "year": 2026, "ratio_bp": 1, "document": "晋应急（示例）〔2026〕1号"}
    manager = await demo_gateway.staff("service")
    assert (await manager.post(f"{ROOT}/targets", target)).status_code == 403
    answers = await asyncio.gather(*(one.post(f"{ROOT}/targets", target) for one in (supervisor, admin)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    rows = (await supervisor.get(f"{ROOT}/ratios")).json()["items"]
    assert {row["met"] for row in rows if row["province"] == "山西省"} == {True}
    with demo_gateway.db.read() as session:
        ending = select(Policy.number).where(Policy.end_on.between(date(2026, 1, 1), date(2026, 12, 31)))
        policy = session.scalars(ending.join(Branch).where(Branch.short_name == "南京").limit(1)).one()
    one = (await supervisor.get(f"{ROOT}/policies/{policy}")).json()
    assert one["accrued_cents"] > 0
    assert one["accrued_cents"] - one["spent_cents"] - one["owed_cents"] == one["left_cents"]
