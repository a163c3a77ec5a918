"""Who must not handle a case (回避): somebody with an interest in it does not judge it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.handling_models import Interest
from anze.complaints.models import Complaint
from anze.conversations.normalise import normalise
from anze.identity.models import Person, Staff
from anze.texts import text as say


def interest_of(session: Session, case: Complaint, staff: Staff) -> str | None:
    """Why this person must not handle the case, in words; None: nothing is known against it."""
    declared = session.get(Interest, (case.id, staff.id))
    if declared is not None:
        return say("complaint.interest.declared")
    person_phone = session.scalar(select(Person.phone).where(Person.id == case.person_id))
    if staff.phone and staff.phone in {case.contact_phone, person_phone}:
        return say("complaint.interest.complainant")
    if case.follows is not None and case.follows.decision and case.follows.decision.decided_by == f"staff:{staff.id}":
        return say("complaint.interest.decided_before")
    said = normalise(" ".join(statement.text for statement in case.statements))
    return say("complaint.interest.named") if len(staff.name) > 1 and staff.name in said else None
