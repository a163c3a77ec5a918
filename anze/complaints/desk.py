"""What staff see of complaints."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.complaints import remedies, store
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import Complaint, ComplaintStatus, Evidence
from anze.conversations.models import File
from anze.conversations.views import file_view
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.policies.models import Insured


def queue(
    session: Session, speaker: Speaker, *, status: ComplaintStatus | None, text: str, page: int, size: int
) -> dict[str, Any]:
    """One page of the cases that a staff member may see; open ones by the second clock's date, which is the earlier."""
    query = select(Complaint).where(store.visible(speaker), Complaint.number.is_not(None))
    query = query.where(Complaint.status == status) if status else query.where(Complaint.status.in_(store.OPEN))
    if text:
        named = select(Insured.id).where(Insured.name.contains(text, autoescape=True))
        query = query.where(
            or_(
                Complaint.number.startswith(text.upper(), autoescape=True),
                Complaint.firm.contains(text, autoescape=True),
                Complaint.insured_id.in_(named),
            )
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Complaint.second_due_on.is_(None), Complaint.second_due_on, Complaint.id)
    rows = session.scalars(
        ordered.options(joinedload(Complaint.insured), joinedload(Complaint.branch))
        .offset((page - 1) * size)
        .limit(size)
    )
    return {"items": [_row(row) for row in rows], "total": total, "page": page}


def _row(row: Complaint) -> dict[str, Any]:
    return {
        "number": row.number,
        "status": row.status,
        "kind": row.kind,
        "form": row.form,
        "received_at": row.received_at.isoformat(),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "second_due_on": row.second_due_on.isoformat() if row.second_due_on else None,
        "provisional": row.provisional,
        "firm": row.insured.name if row.insured else row.firm,
        "branch": row.branch.name,
        "version": row.version,
    }


def found_for_staff(session: Session, speaker: Speaker, number: str, *, lock: bool = False) -> Complaint:
    """The case. Raises DomainError not_found; DeniedError when it is there, out of the speaker's scope."""
    row = store.by_number(session, speaker, number, lock=lock)
    if row is not None:
        return row
    if store.exists(session, number):
        raise DeniedError(speaker.actor, f"complaint:{number}")
    raise DomainError("not_found", 404)


def case(session: Session, speaker: Speaker, number: str, dates: ComplaintDates, now: datetime) -> dict[str, Any]:
    """One case whole, its decision, or the ways that one would offer. Raises as found_for_staff."""
    row = found_for_staff(session, speaker, number)
    told = dates.told(row, now)
    files = session.scalars(
        select(File).join(Evidence, Evidence.file_id == File.id).where(Evidence.complaint_id == row.id)
    )
    return _row(row) | {
        "contact": {"name": row.contact_name, "phone": row.contact_phone},
        "policy": row.policy.number if row.policy else None,
        "statements": [{"kind": s.kind, "text": s.text, "at": s.at.isoformat()} for s in row.statements],
        "files": [file_view(file) for file in files],
        "working_to": told.working_to.isoformat() if told.working_to else None,
        "remaining": told.remaining,
        "overdue": told.overdue,
        "explanation": list(told.explanation),
        "edition": row.edition,
        "follows": row.follows.number if row.follows else None,
        "agent": _agent(row),
        "group_size": row.group_size,
        "representatives": [{"name": one.name, "phone": one.phone} for one in row.representatives],
        "decision": _decision(row),
        "usual_remedies": [
            way.kept() | {"by_contract": way.by_contract, "checked": way.checked}
            for way in remedies.ways(session, row.kind, row.branch)
        ],
    }


def _agent(row: Complaint) -> dict[str, Any] | None:
    if row.agent_name is None:
        return None
    name = row.agent_name or row.contact_name
    return {"name": name, "principal": row.principal_name or None, "authorisation": row.agent_file_id}


def _decision(row: Complaint) -> dict[str, Any] | None:
    """The five parts, who decided, when it was told; `more_said` when the complainant added something since."""
    made = row.decision
    if made is None:
        return None
    return {
        "findings": made.findings,
        "basis": made.basis,
        "reasons": made.reasons,
        "outcome": made.outcome,
        "remedies": made.remedies,
        "decided_at": made.decided_at.isoformat(),
        "decided_by": made.decided_by,
        "told_at": made.told_at.isoformat() if made.told_at else None,
        "more_said": any(statement.at > made.decided_at for statement in row.statements),
    }
