"""What providers are owed (7.3: 无正当理由不得拖欠): noted, paid once by an entry of the ledger, late with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.errors import DomainError
from anze.fees import ledger, store
from anze.fees.kinds import Purpose
from anze.fees.models import LedgerEntry, Payable
from anze.fees.rules import MOST_CENTS
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.policies.models import Policy


@dataclass(frozen=True)
class Owed:
    """`service`: number of a completed service of a provider; `terms`: what was agreed about paying."""

    service: str
    amount_cents: int
    due_on: date
    terms: str


def owe(session: Session, speaker: Speaker, owed: Owed, now: datetime) -> Payable:
    """Note what is owed. Raises forbidden, fee_amount, fee_long, fee_service, fee_service_open, fee_owed (409);
    DeniedError."""
    _may_write(speaker)
    ledger.fits(owed.terms, 300)
    if not 0 < owed.amount_cents <= MOST_CENTS:
        raise DomainError("fee_amount", 422)
    service = store.service_of(session, owed.service)
    if service is None or service.provider_id is None:
        raise DomainError("fee_service", 422, number=owed.service)
    branch_id = session.get_one(Policy, service.policy_id).branch_id
    _mine(session, speaker, branch_id, f"service:{service.id}")
    if service.status != "completed":
        raise DomainError("fee_service_open", 422)
    row = Payable(
        branch_id=branch_id, provider_id=service.provider_id, service_id=service.id, amount_cents=owed.amount_cents,
        due_on=owed.due_on, terms=owed.terms, late_reason=None, paid_entry_id=None, created_at=now,
        created_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("fee_owed", 409) from error
    body = {"service": service.id, "cents": owed.amount_cents, "due_on": owed.due_on.isoformat()}
    append(session, at=now, kind="fee.owed", subject=f"payable:{row.id}", actor=speaker.actor, body=body)
    return row


def pay(session: Session, speaker: Speaker, id_: int, voucher: str, now: datetime) -> LedgerEntry:
    """Pay it by an entry of the ledger, which may have to wait for a supervisor first. Raises forbidden, fee_paid and
    fee_waits (409), what ledger.enter raises; DeniedError."""
    _may_write(speaker)
    row = _found(session, speaker, id_)
    _unpaid(session, row)
    service = session.get_one(Service, row.service_id)
    entry = ledger.Entry(
        policy=session.get_one(Policy, service.policy_id).number, booked_on=legal_date(now), payee=row.provider.name,
        payee_uscc=row.provider.uscc, amount_cents=row.amount_cents, purpose=Purpose.SERVICE, note=row.terms,
        service=service.number, voucher=voucher,
    )  # fmt: skip
    made = ledger.enter(session, speaker, entry, now, pays=True)
    row.paid_entry_id = made.id
    session.flush()
    return made


def explain(session: Session, speaker: Speaker, id_: int, reason: str, now: datetime) -> None:
    """Why it is late (正当理由). Raises forbidden, fee_long, fee_paid, not_found; DeniedError."""
    _may_write(speaker)
    ledger.fits(reason, 300)
    row = _found(session, speaker, id_)
    if session.scalar(select(Payable.id).where(Payable.id == id_, store.unpaid())) is None:
        raise DomainError("fee_paid", 409)
    row.late_reason = reason
    body = {"reason_sha256": digest(reason)}
    append(session, at=now, kind="fee.late", subject=f"payable:{id_}", actor=speaker.actor, body=body)


def listed(
    session: Session, speaker: Speaker, today: date, *, unpaid: bool = True, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items": [{"id", "provider", "service", "branch", "amount_cents", "due_on", "late", "reason", "terms",
    "paid_on", "waits"}…], "total", "page", "sum_cents"}: what is due first comes first. `waits`: id of the entry
    that pays it once a supervisor lets it pass.
    """
    query = select(Payable).where(Payable.branch_id.in_(branches_of(speaker)))
    if unpaid:
        query = query.where(store.unpaid())
    total, whole = session.execute(
        query.with_only_columns(func.count(), func.coalesce(func.sum(Payable.amount_cents), 0))
    ).one()
    shown = query.options(joinedload(Payable.provider), joinedload(Payable.branch))
    rows = session.scalars(shown.order_by(Payable.due_on, Payable.id).offset((page - 1) * size).limit(size)).all()
    return {"items": _views(session, rows, today), "total": total, "page": page, "sum_cents": int(whole)}


def one(session: Session, speaker: Speaker, id_: int, today: date) -> dict[str, Any]:
    """One of them, as in `listed`. Raises not_found; DeniedError."""
    return _views(session, [_found(session, speaker, id_)], today)[0]


def _views(session: Session, rows: Sequence[Payable], today: date) -> list[dict[str, Any]]:
    services = select(Service.id, Service.number).where(Service.id.in_([row.service_id for row in rows]))
    numbers = dict(session.execute(services).tuples().all())
    entries = select(LedgerEntry.id, LedgerEntry.booked_on).where(
        LedgerEntry.id.in_([row.paid_entry_id for row in rows if row.paid_entry_id])
    )
    paid = dict(session.execute(entries.where(store.counted())).tuples().all())
    items = []
    for row in rows:
        paid_on = paid.get(row.paid_entry_id or 0)
        items.append({
            "id": row.id, "provider": row.provider.short_name, "service": numbers[row.service_id],
            "branch": row.branch.name, "amount_cents": row.amount_cents, "due_on": row.due_on.isoformat(),
            "late": (paid_on or today) > row.due_on, "reason": row.late_reason, "terms": row.terms,
            "paid_on": paid_on.isoformat() if paid_on else None,
            "waits": row.paid_entry_id if row.paid_entry_id and paid_on is None else None,
        })  # fmt: skip
    return items


def _found(session: Session, speaker: Speaker, id_: int) -> Payable:
    row = session.get(Payable, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, row.branch_id, f"payable:{id_}")
    return row


def _unpaid(session: Session, row: Payable) -> None:
    if row.paid_entry_id is None:
        return
    waits = session.scalar(select(Payable.id).where(Payable.id == row.id, store.unpaid())) is not None
    raise DomainError("fee_waits" if waits else "fee_paid", 409)


def _mine(session: Session, speaker: Speaker, branch_id: int, subject: str) -> None:
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, subject)


def _may_write(speaker: Speaker) -> None:
    if speaker.role not in ledger.WRITES:
        raise DomainError("forbidden", 403)
