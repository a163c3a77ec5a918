"""What is set before money is spent: targets of provinces, budgets, support items, related parties (7.3)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.clock import legal_date
from anze.errors import DomainError
from anze.fees.models import FeeBudget, ProvinceTarget, RelatedParty, SupportItem
from anze.fees.rules import BASIS_POINTS, MOST_CENTS, plain_name
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.names import names
from anze.identity.speaker import Speaker

SETS = frozenset({Role.SUPERVISOR, Role.ADMIN})


def set_target(
    session: Session, speaker: Speaker, province: str, year: int, ratio_bp: int, document: str, now: datetime
) -> ProvinceTarget:
    """A province's share of the premium for a year, as its notice says; a new one takes the place of the old one.

    By supervisors and administrators of head office or of a branch in the province. Raises forbidden, fee_ratio,
    fee_changed (409, somebody set it at the same moment).
    """
    _may_set(speaker)
    if not 0 < ratio_bp <= BASIS_POINTS:
        raise DomainError("fee_ratio", 422)
    own = session.get_one(Staff, speaker.staff_id).branch
    if own.province not in {None, province}:
        raise DeniedError(speaker.actor, f"province:{province}")
    newest = select(func.max(ProvinceTarget.version)).where(
        ProvinceTarget.province == province, ProvinceTarget.year == year
    )
    row = ProvinceTarget(
        province=province, year=year, version=(session.scalar(newest) or 0) + 1, ratio_bp=ratio_bp, document=document,
        set_at=now, set_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    _written(session)
    body = {"province": province, "year": year, "ratio_bp": ratio_bp, "document": document, "version": row.version}
    append(session, at=now, kind="fee.target", subject=f"target:{row.id}", actor=speaker.actor, body=body)
    return row


def newest(session: Session) -> list[dict[str, Any]]:
    """The targets that count: {"province", "year", "ratio_bp", "document"}, the newest years first. They are public."""
    last = select(func.max(ProvinceTarget.id)).group_by(ProvinceTarget.province, ProvinceTarget.year)
    query = select(ProvinceTarget).where(ProvinceTarget.id.in_(last))
    rows = session.scalars(query.order_by(ProvinceTarget.year.desc(), ProvinceTarget.province))
    return [
        {"province": row.province, "year": row.year, "ratio_bp": row.ratio_bp, "document": row.document} for row in rows
    ]


def newest_budgets(session: Session, speaker: Speaker) -> list[dict[str, Any]]:
    """The budgets that count in the tree: {"branch", "province", "year", "amount_cents", "document"}."""
    last = select(func.max(FeeBudget.id)).group_by(FeeBudget.branch_id, FeeBudget.year, FeeBudget.province)
    query = (
        select(FeeBudget, Branch.short_name)
        .join(Branch, Branch.id == FeeBudget.branch_id)
        .where(FeeBudget.id.in_(last), FeeBudget.branch_id.in_(branches_of(speaker)))
        .order_by(FeeBudget.year.desc(), Branch.path, FeeBudget.province)
    )
    return [
        {"branch": name, "province": row.province, "year": row.year, "amount_cents": row.amount_cents,
         "document": row.document}
        for row, name in session.execute(query).tuples()
    ]  # fmt: skip


def set_budget(
    session: Session, speaker: Speaker, branch_id: int, year: int, province: str, amount_cents: int, document: str,
    made_on: date, now: datetime,
) -> FeeBudget:  # fmt: skip
    """A branch's budget for insureds of a province. Raises forbidden, fee_amount, fee_day, fee_changed; DeniedError."""
    _may_set(speaker)
    if not 0 < amount_cents <= MOST_CENTS:
        raise DomainError("fee_amount", 422)
    if made_on > legal_date(now):
        raise DomainError("fee_day", 422)
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, f"branch:{branch_id}")
    newest = select(func.max(FeeBudget.version)).where(
        FeeBudget.branch_id == branch_id, FeeBudget.year == year, FeeBudget.province == province
    )
    row = FeeBudget(
        branch_id=branch_id, year=year, province=province, version=(session.scalar(newest) or 0) + 1,
        amount_cents=amount_cents, document=document, made_on=made_on, set_at=now, set_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    _written(session)
    body = {"branch": branch_id, "year": year, "province": province, "cents": amount_cents, "document": document}
    append(session, at=now, kind="fee.budget", subject=f"budget:{row.id}", actor=speaker.actor, body=body)
    return row


def ask_support(session: Session, speaker: Speaker, name: str, reason: str, now: datetime) -> SupportItem:
    """Name a piece of support work for the own branch; somebody else approves it. Raises forbidden."""
    if speaker.role not in SETS | {Role.SERVICE}:
        raise DomainError("forbidden", 403)
    branch_id = session.get_one(Staff, speaker.staff_id).branch_id
    row = SupportItem(
        branch_id=branch_id, name=name, reason=reason, asked_at=now, asked_by=speaker.actor, approved_at=None,
        approved_by=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"name": name, "branch": branch_id}
    append(session, at=now, kind="fee.support_asked", subject=f"support:{row.id}", actor=speaker.actor, body=body)
    return row


def approve_support(session: Session, speaker: Speaker, id_: int, now: datetime) -> SupportItem:
    """Raises forbidden, not_found, four_eyes, fee_support_done (409); DeniedError."""
    if speaker.role != Role.SUPERVISOR:
        raise DomainError("forbidden", 403)
    row = session.get(SupportItem, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(branches_of(speaker).where(Branch.id == row.branch_id)) is None:
        raise DeniedError(speaker.actor, f"support:{id_}")
    if row.asked_by == speaker.actor:
        raise DomainError("four_eyes", 409)
    if row.approved_at is not None:
        raise DomainError("fee_support_done", 409)
    row.approved_at, row.approved_by = now, speaker.actor
    append(session, at=now, kind="fee.support_approved", subject=f"support:{id_}", actor=speaker.actor, body={})
    return row


def supports(session: Session, speaker: Speaker) -> list[dict[str, Any]]:
    """[{"id", "name", "reason", "branch", "asked_by", "approved_at", "approved_by"}…]: of the own tree, open first, and
    what was approved above and may be used below."""
    above = [int(part) for part in (speaker.branch_path or "").split("/") if part]
    inherited = SupportItem.branch_id.in_(above) & SupportItem.approved_at.is_not(None)
    query = select(SupportItem, Branch.name).join(Branch, Branch.id == SupportItem.branch_id)
    rows = session.execute(
        query.where(SupportItem.branch_id.in_(branches_of(speaker)) | inherited).order_by(
            SupportItem.approved_at.is_not(None), SupportItem.id.desc()
        )
    ).all()
    who = names(session, [name for row, _ in rows for name in (row.asked_by, row.approved_by)])
    return [
        {"id": row.id, "name": row.name, "reason": row.reason, "branch": branch, "asked_by": who[row.asked_by],
         "approved_at": row.approved_at.isoformat() if row.approved_at else None,
         "approved_by": who[row.approved_by] if row.approved_by else None}
        for row, branch in rows
    ]  # fmt: skip


def related(session: Session) -> list[dict[str, Any]]:
    """Firms whose entries wait for a person: {"name", "relation"}, the newest first; for the insurer as a whole."""
    rows = session.scalars(select(RelatedParty).order_by(RelatedParty.id.desc()))
    return [{"name": row.name, "relation": row.relation} for row in rows]


def relate(
    session: Session, speaker: Speaker, name: str, uscc: str | None, relation: str, now: datetime
) -> RelatedParty:
    """A firm whose entries wait for a person from now on. Raises forbidden."""
    _may_set(speaker)
    row = RelatedParty(
        name=name, plain_name=plain_name(name), uscc=uscc, relation=relation, added_at=now, added_by=speaker.actor
    )
    session.add(row)
    session.flush()
    append(session, at=now, kind="fee.related", subject=f"related:{row.id}", actor=speaker.actor, body={"name": name})
    return row


def _may_set(speaker: Speaker) -> None:
    if speaker.role not in SETS:
        raise DomainError("forbidden", 403)


def _written(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("fee_changed", 409) from error
