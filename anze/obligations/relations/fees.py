"""Money for accident prevention (7.3): budgets, entries of the ledger, what is owed, the spend ratio."""

from datetime import date
from typing import Any

from sqlalchemy import Float, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from anze.bookings.models import Service
from anze.fees import sums
from anze.fees.models import LedgerDecision, LedgerEntry, LedgerVoucher, Payable
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.sql import shanghai_day
from anze.policies.models import Policy
from anze.providers.models import Provider


def _yuan(cents: Any) -> Any:
    return cast(cents, Float) / 100


def _year(asked: Asked) -> int:
    return asked.year or asked.today.year


def _counts(asked: Asked) -> Any:
    """Whether a line was in the sums on the day: never held, or let pass by then."""
    passed = select(literal(1)).where(
        LedgerDecision.entry_id == LedgerEntry.id, LedgerDecision.approved, asked.seen(LedgerDecision.decided_at)
    )
    return or_(LedgerEntry.held_for.is_(None), passed.exists())


def _ratios(asked: Asked) -> Select[Any]:
    """One row for each branch of prefecture level or above and each province of its expiring policies' insureds."""
    rows = sums.ratios(_year(asked), asked.today).subquery("ratios").c
    last = date(_year(asked), 12, 31)
    return select(
        rows.id, (rows.branch + " · " + rows.province).label("number"), rows.branch_id, rows.province,
        literal(False).label("reference"), literal(last).label("day"), literal(last).label("last_on"),
        rows.policies, _yuan(rows.premium_cents).label("premium"), _yuan(rows.spent_cents).label("spent"),
        (cast(rows.target_bp, Float) / 100).label("target"),
        case((rows.premium_cents > 0, cast(sums.basis_points(rows.spent_cents, rows.premium_cents), Float) / 100))
        .label("share"),
        (rows.spent_cents >= sums.needed(rows.premium_cents, rows.target_bp)).label("met"),
    )  # fmt: skip


def _budgets(asked: Asked) -> Select[Any]:
    """One row for each branch that keeps a budget and each province of the insureds it has in force in the year."""
    rows = sums.budgets(_year(asked), asked.today).subquery("budgets").c
    last = date(_year(asked), 12, 31)
    return select(
        rows.id, (rows.branch + " · " + rows.province).label("number"), rows.branch_id, rows.province,
        literal(False).label("reference"), literal(last).label("day"), literal(last).label("last_on"),
        rows.policies, _yuan(rows.premium_cents).label("premium"), _yuan(rows.spent_cents).label("spent"),
        _yuan(rows.amount_cents).label("budget"), rows.made_on,
    )  # fmt: skip


def _entries(asked: Asked) -> Select[Any]:
    """Lines of money that went out; what takes one back stands in the sums and is no subject of its own."""
    voucher = (
        select(func.min(shanghai_day(LedgerVoucher.added_at)))
        .where(LedgerVoucher.entry_id == LedgerEntry.id)
        .scalar_subquery()
    )
    back = aliased(LedgerEntry)
    taken_back = select(literal(1)).where(back.reverses_id == LedgerEntry.id, back.booked_on <= asked.today).exists()
    return (
        select(
            LedgerEntry.id.label("id"), Policy.number.label("number"), LedgerEntry.branch_id.label("branch_id"),
            literal(False).label("reference"), LedgerEntry.booked_on.label("day"),
            LedgerEntry.booked_on.label("booked_on"), LedgerEntry.payee.label("payee"),
            LedgerEntry.provider_id.label("provider_id"), Provider.short_name.label("provider"),
            _yuan(LedgerEntry.amount_cents).label("amount"), LedgerEntry.purpose.label("purpose"),
            voucher.label("voucher_on"), _counts(asked).label("payee_allowed"),
        )
        .join(Policy, Policy.id == LedgerEntry.policy_id)
        .outerjoin(Provider, Provider.id == LedgerEntry.provider_id)
        .where(LedgerEntry.booked_on <= asked.today, LedgerEntry.reverses_id.is_(None), ~taken_back)
    )  # fmt: skip


def _payables(asked: Asked) -> Select[Any]:
    paid = case((and_(LedgerEntry.booked_on <= asked.today, _counts(asked)), LedgerEntry.booked_on))
    return (
        select(
            Payable.id.label("id"), Service.number.label("number"), Payable.branch_id.label("branch_id"),
            literal(False).label("reference"), Payable.due_on.label("day"), Payable.due_on.label("owed_on"),
            Payable.provider_id.label("provider_id"), Provider.short_name.label("provider"),
            _yuan(Payable.amount_cents).label("amount"), paid.label("paid_on"),
            Payable.late_reason.label("late_reason"), Service.item.label("item"),
        )
        .join(Service, Service.id == Payable.service_id)
        .join(Provider, Provider.id == Payable.provider_id)
        .outerjoin(LedgerEntry, LedgerEntry.id == Payable.paid_entry_id)
        .where(asked.seen(Payable.created_at))
    )  # fmt: skip


SPEND_RATIOS = Relation(
    "spend_ratio", _ratios, ("number", "policies", "premium", "spent", "share", "target"),
    dimensions=frozenset({"province"}),
)  # fmt: skip
BUDGETS = Relation(
    "budget", _budgets, ("number", "policies", "premium", "budget", "spent", "made_on"),
    dimensions=frozenset({"province"}),
)  # fmt: skip
LEDGER_ENTRIES = Relation(
    "ledger_entry", _entries, ("number", "booked_on", "payee", "amount", "purpose", "voucher_on"),
    dimensions=frozenset({"provider_id"}),
)  # fmt: skip
PAYABLES = Relation(
    "payable", _payables, ("number", "provider", "amount", "owed_on", "paid_on", "late_reason"),
    dimensions=frozenset({"provider_id", "item"}),
)  # fmt: skip
