"""When people of a branch answer: its hours, on working days of the legal calendar or, where they say so, every day."""

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI

type Span = tuple[time, time]

USUAL: tuple[Span, ...] = ((time(9), time(17, 30)),)
"""Where a branch's hours say nothing that can be read."""
_TIME = r"([01]?\d|2[0-3])[:：]([0-5]\d)"
_SPAN = re.compile(rf"(?<!\d){_TIME}\s*(?:[-–—~～]|至|到)+\s*{_TIME}(?!\d)")
_DAILY = re.compile(r"每天|每日|全年|(?:周|星期)一(?:[-–—~～至到])(?:周|星期)?[日天]")
_FURTHEST = 60
"""Days to look ahead; the longest rest in the calendar has nine."""


def spans(hours: str) -> tuple[Span, ...]:
    """工作日 8:30–12:00，13:30–17:30 as ((8:30, 12:00), (13:30, 17:30)); USUAL for what cannot be read."""
    found = [tuple(map(int, one.groups())) for one in _SPAN.finditer(hours)]
    read = sorted((time(one[0], one[1]), time(one[2], one[3])) for one in found)
    ordered = all(begin < end for begin, end in read) and all(a[1] <= b[0] for a, b in pairwise(read))
    return tuple(read) if read and ordered else USUAL


def opens(now: datetime, hours: str, calendar: WorkCalendar) -> datetime | None:
    """The instant at which somebody is there again; None while somebody is there."""
    here, open_hours, daily = now.astimezone(SHANGHAI), spans(hours), _DAILY.search(hours) is not None
    day = here.date()
    if daily or _worked(day, calendar):
        if any(begin <= here.time() < end for begin, end in open_hours):
            return None
        for begin, _ in open_hours:
            if here.time() < begin:
                return datetime.combine(day, begin, SHANGHAI)
    following = (day + timedelta(days=n) for n in range(1, _FURTHEST))
    again = next(one for one in following if daily or _worked(one, calendar))
    return datetime.combine(again, open_hours[0][0], SHANGHAI)


def _worked(day: date, calendar: WorkCalendar) -> bool:
    """In a year without a notice at least New Year's Day is known to be a rest day."""
    return calendar.is_workday(day) and (calendar.covers(day) or (day.month, day.day) != (1, 1))
