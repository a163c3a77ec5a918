"""The dates of a case as they follow from what happened, written where the queue and the next notice find them."""

from datetime import date, datetime

from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.models import Complaint


def settle(case: Complaint, dates: ComplaintDates, now: datetime) -> Told:
    """Derive the dates anew, keep them, and count the case's version up. Whoever calls has recorded why they move."""
    told = dates.told(case, now)
    case.due_on, case.second_due_on, case.provisional = told.due_on, told.second_due_on, told.provisional
    case.paused, case.remedial = told.paused, told.any_remedial
    case.ordinary_on = told.ordinary_on
    case.queue_on = queue_day(case)
    case.version += 1
    return told


def queue_day(case: Complaint) -> date | None:
    """The earliest of both clocks' dates and of a regulator's; None: the clocks are stopped and no regulator waits."""
    days = (case.due_on, case.second_due_on, case.regulator_due_on)
    return min((day for day in days if day is not None), default=None)
