"""An agreed date passes and nothing was put right: a possible case of 9.2 a), noted once, decided by people."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.hazards import store
from anze.hazards.models import Hazard
from anze.hazards.rules import standing
from anze.hazards.views import facts_of
from anze.reports import usecases as reports
from anze.reports.kinds import CandidateKind
from anze.texts import text as say


def mark_overdue(session: Session, now: datetime) -> int:
    """A step of the sweep: note a candidate for each major hazard whose counting date passed unrectified.

    What was reported by its date and waits to be verified is none; sent back after the date it becomes one. Gives how
    many were noted; again, and by two workers at once, nothing is noted twice.
    """
    return sum(note_breach(session, hazard, now) for hazard in store.past_date(session, legal_date(now)))


def note_breach(session: Session, hazard: Hazard, now: datetime) -> bool:
    """Note it if the hazard is in breach on this day. False: it is not, or it is noted already."""
    found = standing(facts_of(hazard, evidence=False), legal_date(now))
    if not found.breach or found.due_on is None:
        return False
    return reports.note(
        session,
        kind=CandidateKind.HAZARD_OVERDUE,
        subject=f"hazard:{hazard.id}",
        insured_id=hazard.insured_id,
        branch_id=hazard.branch_id,
        words=say(
            "hazard.overdue_words",
            number=hazard.number,
            place=hazard.place,
            description=hazard.description,
            due=spoken(found.due_on),
        ),
        at=now,
        by="system",
    )
