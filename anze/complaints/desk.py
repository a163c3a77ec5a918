"""What staff see of complaints: the queue, and one case whole."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.clock import iso, legal_date
from anze.complaints import remedies, store
from anze.complaints.case_parts import parts, steps
from anze.complaints.colours import pressing
from anze.complaints.dates import ComplaintDates
from anze.complaints.duplicates import likely_same
from anze.complaints.finding import found_for_staff
from anze.complaints.history import timeline
from anze.complaints.models import OPEN, UNDER_WAY, Complaint, Evidence
from anze.complaints.wanted import Wanted, conditions, ordering
from anze.conversations.models import File
from anze.conversations.views import file_view
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.texts import text as say

COUNTED = 10_000
"""So many rows are counted and paged through; more are called more, and wait for a filter"""


def queue(
    session: Session, speaker: Speaker, wanted: Wanted, *, page: int, size: int, now: datetime, calendar: CalendarStore
) -> dict[str, Any]:
    """One page of the cases that a staff member may see: {"items", "total", "more", "page"}.

    The earliest day first, cases without one last, unless `wanted` says otherwise. `more`: there are more than `total`.
    Raises DomainError queue_too_deep for a page that begins behind the last counted row.
    """
    before = (page - 1) * size
    if before >= COUNTED:
        raise DomainError("queue_too_deep", 422, limit=COUNTED)
    today, days = legal_date(now), calendar.calendar()
    query = select(Complaint.id).where(
        store.visible(speaker), Complaint.number.is_not(None), *conditions(wanted, speaker, today, days)
    )
    # The ids first: what is sorted stays narrow, and only one page of whole rows is read.
    ids = list(session.scalars(query.order_by(*ordering(wanted)).offset(before).limit(size)))
    if len(ids) < size and (ids or page == 1):
        counted = before + len(ids)
    else:
        counted = session.scalar(select(func.count()).select_from(query.limit(COUNTED + 1).subquery())) or 0
    found = select(Complaint).where(Complaint.id.in_(ids))
    with_names = found.options(
        joinedload(Complaint.insured), joinedload(Complaint.branch), joinedload(Complaint.handler)
    )
    rows = {row.id: row for row in session.scalars(with_names)}
    return {
        "items": [_row(rows[id_], today, days) for id_ in ids],
        "total": min(counted, COUNTED),
        "more": counted > COUNTED,
        "page": page,
    }


def _row(row: Complaint, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    """A line of the queue. `remaining_workdays`: to `queue_on`, negative when it has passed."""
    found = pressing(row.queue_on, today, calendar, open_=row.status in OPEN)
    days = abs(found.remaining) if found.remaining is not None else 0
    return {
        "number": row.number,
        "status": row.status,
        "kind": row.kind,
        "form": row.form,
        "source": row.source,
        "received_at": row.received_at.isoformat(),
        "due_on": iso(row.due_on),
        "second_due_on": iso(row.second_due_on),
        "regulator_due_on": iso(row.regulator_due_on),
        "queue_on": iso(row.queue_on),
        "paused": row.paused,
        "provisional": row.provisional,
        "remaining_workdays": found.remaining,
        "colour": found.colour.value,
        "colour_words": say(f"complaint.colour.{found.words}", days=days),
        "firm": row.insured.name if row.insured else row.firm,
        "branch": row.branch.name,
        "handler": {"username": row.handler.username, "name": row.handler.name} if row.handler else None,
        "version": row.version,
    }


def case(session: Session, speaker: Speaker, number: str, dates: ComplaintDates, now: datetime) -> dict[str, Any]:
    """One case whole: its line of the queue, its words, dates and decision (or the ways that one would offer), what was
    done so far and may be done now. Raises as found_for_staff."""
    row = found_for_staff(session, speaker, number)
    told = dates.told(row, now)
    files = session.scalars(
        select(File).join(Evidence, Evidence.file_id == File.id).where(Evidence.complaint_id == row.id)
    )
    more = parts(session, row) | steps(session, row, speaker)
    more["likely_same"] = likely_same(session, speaker, row) if row.status in UNDER_WAY else []
    more["timeline"] = timeline(session, row)
    return (
        _row(row, legal_date(now), dates.calendar)
        | more
        | {
            "contact": {"name": row.contact_name, "phone": row.contact_phone},
            "policy": row.policy.number if row.policy else None,
            "statements": [{"kind": s.kind, "text": s.text, "at": s.at.isoformat()} for s in row.statements],
            "files": [file_view(file) for file in files],
            "working_to": iso(told.working_to),
            "accepted_at": iso(row.accepted_at),
            "entered_at": iso(row.entered_at),
            "late_reason": row.late_reason,
            "standing_right": row.standing_right,
            "regulator_no": row.regulator_no,
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
    )


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
        "told_at": iso(made.told_at),
        "more_said": any(statement.at > made.decided_at for statement in row.statements),
    }
