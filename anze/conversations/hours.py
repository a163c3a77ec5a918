"""When people answer: working days, 9:00 to 17:30 in Shanghai."""

from datetime import datetime, time

from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI

OPENS, CLOSES = time(9, 0), time(17, 30)


def in_service_hours(now: datetime, calendar: WorkCalendar) -> bool:
    """Whether somebody is there at this instant."""
    here = now.astimezone(SHANGHAI)
    return calendar.is_workday(here.date()) and OPENS <= here.time() < CLOSES
