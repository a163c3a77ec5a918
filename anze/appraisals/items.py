"""Improvements (改进措施, 8.2): opened with a measure, an owner and a day, closed with what was done."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from anze.appraisals.models import ImprovementItem
from anze.appraisals.rules import Source
from anze.appraisals.usecases import APPRAISES
from anze.audit.chain import append, digest
from anze.clock import iso, legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.providers.models import Provider

_WRITES = APPRAISES | {Role.ADMIN}


@dataclass(frozen=True)
class Item:
    """`branch_id` None: the own branch. `provider_id`: whom it concerns, if one."""

    source: Source
    finding: str
    measure: str
    owner: str
    due_on: date
    branch_id: int | None = None
    provider_id: int | None = None


def opened(session: Session, speaker: Speaker, item: Item, now: datetime) -> ImprovementItem:
    """A new one. Raises forbidden, not_found, improvement_day; DeniedError."""
    _may(speaker)
    branch_id = item.branch_id or session.get_one(Staff, speaker.staff_id).branch_id
    if session.get(Branch, branch_id) is None or (
        item.provider_id is not None and session.get(Provider, item.provider_id) is None
    ):
        raise DomainError("not_found", 404)
    _mine(session, speaker, branch_id, f"branch:{branch_id}")
    today = legal_date(now)
    if item.due_on < today:
        raise DomainError("improvement_day", 422)
    row = ImprovementItem(
        branch_id=branch_id, source=item.source.value, provider_id=item.provider_id, finding=item.finding,
        measure=item.measure, owner=item.owner, due_on=item.due_on, opened_on=today, opened_by=speaker.actor,
        result=None, closed_at=None, closed_by=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    append(session, at=now, kind="improvement.opened", subject=f"item:{row.id}", actor=speaker.actor, body={
        "source": item.source.value, "branch": branch_id, "due_on": item.due_on.isoformat(),
        "measure_sha256": digest(item.measure),
    })  # fmt: skip
    return row


def close(session: Session, speaker: Speaker, id_: int, result: str, now: datetime) -> ImprovementItem:
    """Say what was done. Raises forbidden, not_found, improvement_closed (409); DeniedError."""
    _may(speaker)
    row = session.get(ImprovementItem, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, row.branch_id, f"item:{id_}")
    if row.closed_at is not None:
        raise DomainError("improvement_closed", 409)
    row.result, row.closed_at, row.closed_by = result, now, speaker.actor
    session.flush()
    body = {"result_sha256": digest(result)}
    append(session, at=now, kind="improvement.closed", subject=f"item:{id_}", actor=speaker.actor, body=body)
    return row


def listed(
    session: Session, speaker: Speaker, today: date, *, open_only: bool = True, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items": [as `view`…], "total", "page"}: what is due first comes first."""
    query = select(ImprovementItem).where(ImprovementItem.branch_id.in_(branches_of(speaker)))
    if open_only:
        query = query.where(ImprovementItem.closed_at.is_(None))
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    shown = query.options(joinedload(ImprovementItem.branch), joinedload(ImprovementItem.provider))
    ordered = shown.order_by(ImprovementItem.closed_at.is_not(None), ImprovementItem.due_on, ImprovementItem.id)
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": [view(session, row, today) for row in rows], "total": count, "page": page}


def found(session: Session, speaker: Speaker, id_: int) -> ImprovementItem:
    """One of the own tree. Raises not_found; DeniedError."""
    row = session.get(ImprovementItem, id_)
    if row is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, row.branch_id, f"item:{id_}")
    return row


def view(session: Session, row: ImprovementItem, today: date) -> dict[str, Any]:
    """One for programs and pages."""
    who = names(session, [row.opened_by, row.closed_by])
    return {
        "id": row.id, "branch": row.branch.name, "source": row.source,
        "provider": row.provider.short_name if row.provider else None, "finding": row.finding,
        "measure": row.measure, "owner": row.owner, "due_on": row.due_on.isoformat(),
        "late": row.due_on < (legal_date(row.closed_at) if row.closed_at else today),
        "opened_on": row.opened_on.isoformat(), "opened_by": who[row.opened_by], "result": row.result,
        "closed_at": iso(row.closed_at), "closed_by": who[row.closed_by] if row.closed_by else None,
    }  # fmt: skip


def _may(speaker: Speaker) -> None:
    if speaker.role not in _WRITES:
        raise DomainError("forbidden", 403)


def _mine(session: Session, speaker: Speaker, branch_id: int, subject: str) -> None:
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, subject)
