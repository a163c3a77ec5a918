"""Improvements (8.2: 持续改进): causes that came again, until somebody says what was changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.clock import iso, legal_date
from anze.complaints.causes import causes
from anze.complaints.handling_models import Cause, Improvement
from anze.complaints.life import HANDLERS
from anze.complaints.models import Complaint
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.providers.models import Provider

_CLOSES = HANDLERS | {Role.SERVICE}
CLAUSE = "8.2"


def listed(session: Session, speaker: Speaker, *, open_only: bool, page: int, size: int) -> dict[str, Any]:
    """One page of the improvements of the speaker's branches, open ones first, the newest first.

    {"items": [{"id", "cause", "name", "branch", "provider", "opened_on", "cases" (numbers), "clause", "measure",
    "closed_at", "closed_by"}…], "total", "page"}
    """
    query = select(Improvement).where(Improvement.branch_id.in_(branches_of(speaker)))
    if open_only:
        query = query.where(Improvement.closed_at.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Improvement.closed_at.is_not(None), Improvement.id.desc())
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": [_view(session, row) for row in rows], "total": total, "page": page}


def close(session: Session, speaker: Speaker, id_: int, measure: str, now: datetime) -> dict[str, Any]:
    """Say what was changed. Raises DomainError forbidden, not_found (DeniedError out of scope), improvement_closed."""
    if speaker.role not in _CLOSES:
        raise DomainError("forbidden", 403)
    row = session.get(Improvement, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(branches_of(speaker).where(Branch.id == row.branch_id)) is None:
        raise DeniedError(speaker.actor, f"improvement:{id_}")
    if row.closed_at is not None:
        raise DomainError("improvement_closed", 409)
    row.measure, row.closed_at, row.closed_by = measure, now, speaker.actor
    append(session, at=now, kind="complaint.improved", subject=f"improvement:{row.id}", actor=speaker.actor, body={
        "clause": CLAUSE, "cause": row.cause, "branch": row.branch_id, "provider": row.provider_id,
        "measure_sha256": digest(measure),
    })  # fmt: skip
    session.flush()
    return _view(session, row)


def _view(session: Session, row: Improvement) -> dict[str, Any]:
    provider = session.get(Provider, row.provider_id) if row.provider_id else None
    return {
        "id": row.id,
        "cause": row.cause,
        "name": causes().names[row.cause],
        "branch": session.get_one(Branch, row.branch_id).name,
        "provider": provider.short_name if provider else None,
        "opened_on": row.opened_on.isoformat(),
        "cases": _cases(session, row),
        "clause": CLAUSE,
        "measure": row.measure,
        "closed_at": iso(row.closed_at),
        "closed_by": names(session, [row.closed_by])[row.closed_by] if row.closed_by else None,
    }


def _cases(session: Session, row: Improvement) -> list[str]:
    """Numbers of the cases that it is about: the same cause, branch and provider, from its window on."""
    query = (
        select(Complaint.number, Cause.at)
        .join(Cause, Cause.complaint_id == Complaint.id)
        .where(Cause.cause == row.cause, Cause.branch_id == row.branch_id)
        .where(Cause.provider_id.is_not_distinct_from(row.provider_id))
        .order_by(Complaint.id)
    )
    first = row.opened_on - causes().within
    until = legal_date(row.closed_at) if row.closed_at else None
    return [
        str(number)
        for number, at in session.execute(query)
        if legal_date(at) >= first and (until is None or legal_date(at) <= until)
    ]
