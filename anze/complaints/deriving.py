"""Dates of cases from before they were kept are derived once, after an upgrade, in pieces; nothing else moves."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.dates import ComplaintDates
from anze.complaints.models import Complaint
from anze.db import insert_missing
from anze.state import AppState

_DONE, _PIECE = "complaints.ordinary_on", 200
_ALL = "all"


def derive(session: Session, dates: ComplaintDates, now: datetime) -> bool:
    """Write `ordinary_on` and `remedial` of the next cases that have none; False when there was nothing to do.

    `due_on`, `queue_on` and `version` stay: who has a case open notices nothing.
    """
    insert_missing(session, AppState, key=_DONE, value="0")
    mark = session.get_one(AppState, _DONE, with_for_update=True, populate_existing=True)
    if mark.value == _ALL:
        return False
    query = select(Complaint).where(Complaint.id > int(mark.value), Complaint.number.is_not(None))
    cases = session.scalars(query.order_by(Complaint.id).limit(_PIECE)).all()
    for case in cases:
        told = dates.told(case, now)
        case.ordinary_on, case.remedial = told.ordinary_on, told.any_remedial
    mark.value = str(cases[-1].id) if cases else _ALL
    return bool(cases)
