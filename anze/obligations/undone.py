"""What one firm has undone of a duty, for whoever speaks to it. Nobody asks here but the program itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.standard.editions import editions

PROGRAM = Speaker("program", staff_id=0, role=Role.AUDITOR, branch_path="/")
"""Sees everything; never the speaker of a request"""


@dataclass(frozen=True)
class Undone:
    """`bookable`: a service fulfils it, so that one can be asked for at once."""

    what: str
    count: int
    branch_id: int
    bookable: bool


def undone_of(
    session: Session, check: str, insured_id: int, branch_id: int, now: datetime, calendar: WorkCalendar
) -> Undone | None:
    """The undone of a firm with one branch as of now; None when there is none, or no such check any more."""
    today = legal_date(now)
    standard = editions().on(today)
    rule = standard.check.get(check)
    if rule is None:
        return None
    query = Query(check).narrowed(insured_ids=(insured_id,), branch_ids=(branch_id,))
    answer = Run(session, PROGRAM, query, standard, today, calendar, editions().course(rule)).answer(
        size=1, apart=False
    )
    if not answer.rows:
        return None
    return Undone(rule.undone, answer.found, answer.rows[0]["branch_id"], rule.subject in {"insured_year", "promise"})
