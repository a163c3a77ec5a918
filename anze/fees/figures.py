"""The figures of fees: spend ratios of branches, and what of a policy is set aside, used and left (7.3)."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.errors import DomainError
from anze.fees import store, sums
from anze.fees.models import LedgerEntry, Payable, ProvinceTarget
from anze.fees.rules import BASIS_POINTS, reaches, share
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch
from anze.identity.speaker import Speaker

LOW = 10
"""Below one part in so many of what was set aside the balance is low (our choice)."""


def ratios(session: Session, speaker: Speaker, year: int, today: date) -> dict[str, Any]:
    """{"year", "items": [{"branch", "province", "policies", "premium_cents", "spent_cents", "target_bp", "met"}…]}.

    `met` is None where the province's target of the year is not entered.
    """
    rows = sums.ratios(year, today).subquery()
    query = select(rows).where(rows.c.branch_id.in_(branches_of(speaker)))
    path = select(Branch.path).where(Branch.id == rows.c.branch_id).scalar_subquery()
    items = []
    for row in session.execute(query.order_by(path, rows.c.province)).mappings():
        target = row["target_bp"]
        met = None if target is None else reaches(row["spent_cents"], row["premium_cents"], target)
        items.append({name: row[name] for name in (
            "branch_id", "branch", "province", "policies", "premium_cents", "spent_cents", "target_bp",
        )} | {"met": met})  # fmt: skip
    return {"year": year, "as_of": today.isoformat(), "items": items, "total": len(items)}


def budgets(
    session: Session, speaker: Speaker, year: int, today: date, *, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items": [{"branch", "province", "policies", "premium_cents", "amount_cents", "made_on", "spent_cents"}…], …}:
    every branch that keeps one, also where none is made yet (`amount_cents` None)."""
    rows = sums.budgets(year, today).subquery()
    query = select(rows).where(rows.c.branch_id.in_(branches_of(speaker)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    path = select(Branch.path).where(Branch.id == rows.c.branch_id).scalar_subquery()
    found = session.execute(query.order_by(path, rows.c.province).offset((page - 1) * size).limit(size)).mappings()
    items = [
        {"branch_id": row["branch_id"], "branch": row["branch"], "province": row["province"],
         "policies": row["policies"], "premium_cents": row["premium_cents"], "spent_cents": row["spent_cents"],
         "amount_cents": row["amount_cents"], "made_on": row["made_on"].isoformat() if row["made_on"] else None}
        for row in found
    ]  # fmt: skip
    return {"year": year, "items": items, "total": total, "page": page}


def of_policy(session: Session, speaker: Speaker, number: str, today: date) -> dict[str, Any]:
    """{"policy", "accrued_cents", "spent_cents", "owed_cents", "left_cents", "low", "parts"}: by the targets of the
    year in which it ends, shared out by how many insureds each province has. Raises fee_policy; DeniedError.

    `accrued_cents` None: a target is not entered.
    """
    policy = store.policy_of(session, number)
    if policy is None:
        raise DomainError("fee_policy", 404, number=number)
    if session.scalar(branches_of(speaker).where(Branch.id == policy.branch_id)) is None:
        raise DeniedError(speaker.actor, f"policy:{policy.id}")
    year = (policy.ended_early_on or policy.end_on).year
    counts: dict[str, int] = {}
    for insured in policy.insureds:
        counts[insured.province] = counts.get(insured.province, 0) + 1
    whole = sum(counts.values())
    parts: list[dict[str, Any]] = []
    known: list[int] = []
    for province, part in sorted(counts.items()):
        target = _target(session, province, year)
        premium = share(policy.premium_cents, part, whole)
        own = None if target is None else premium * target // BASIS_POINTS
        known += [own] if own is not None else []
        parts.append({"province": province, "premium_cents": premium, "target_bp": target, "accrued_cents": own})
    accrued = sum(known) if len(known) == len(parts) else None
    spent = _sum(session, select(func.sum(LedgerEntry.amount_cents)).where(
        LedgerEntry.policy_id == policy.id, store.counted(), LedgerEntry.booked_on <= today
    ))  # fmt: skip
    owed = _sum(session, select(func.sum(Payable.amount_cents)).join(Service, Service.id == Payable.service_id).where(
        Service.policy_id == policy.id, store.unpaid()
    ))  # fmt: skip
    left = None if accrued is None else accrued - spent - owed
    return {
        "policy": policy.number, "year": year, "accrued_cents": accrued, "spent_cents": spent, "owed_cents": owed,
        "left_cents": left, "low": left is not None and accrued is not None and left * LOW < accrued, "parts": parts,
    }  # fmt: skip


def _target(session: Session, province: str, year: int) -> int | None:
    return session.scalar(
        select(ProvinceTarget.ratio_bp)
        .where(ProvinceTarget.province == province, ProvinceTarget.year == year)
        .order_by(ProvinceTarget.version.desc())
        .limit(1)
    )


def _sum(session: Session, query: Any) -> int:
    return int(session.scalar(query) or 0)
