"""An independent oracle for terms: walks day by day over chinesecalendar's days. Shares no code with anze."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar import constants

DAY = timedelta(days=1)
FIRST, LAST = date(2010, 1, 1), date(2026, 12, 31)
WORKED = {
    FIRST + offset * DAY
    for offset in range((LAST - FIRST).days + 1)
    if chinese_calendar.is_workday(FIRST + offset * DAY)
}

# Days of one year that the notice for the next year settled (the turn of the year).
SETTLED_BY_NEXT_NOTICE = {date(2011, 12, 31), date(2018, 12, 29), date(2018, 12, 30), date(2018, 12, 31)}

type Pauses = Iterable[tuple[date, date | None, date | None]]


def notice_year(day: date) -> int:
    """The year of the notice that settled a day."""
    return day.year + (day in SETTLED_BY_NEXT_NOTICE)


def rest_days(year: int) -> dict[date, str]:
    """What the notice for a year made rest days, by date."""
    return {day: str(name) for day, name in constants.holidays.items() if notice_year(day) == year}


def makeup_days(year: int) -> set[date]:
    """What the notice for a year made working weekends."""
    return {day for day in constants.workdays if notice_year(day) == year}


def worked(day: date) -> bool:
    if not FIRST <= day <= LAST:
        raise LookupError(day)
    return day in WORKED


def paused_days(pauses: Pauses) -> Callable[[date], bool]:
    """Whether a day is left out: from the commission day, or the later notice, to before the return."""
    spans = [(commissioned, returned, told) for commissioned, returned, told in pauses if told is not None]

    def paused(day: date) -> bool:
        for commissioned, returned, told in spans:
            if day >= commissioned and day >= told and (returned is None or day < returned):
                return True
        return False

    return paused


def nth_workday(start: date, n: int, paused: Callable[[date], bool] = lambda _: False) -> date:
    day = start
    while n:
        day += DAY
        if worked(day) and not paused(day):
            n -= 1
    return day


def nth_day(start: date, n: int, paused: Callable[[date], bool] = lambda _: False) -> date:
    day = start
    while n:
        day += DAY
        if not paused(day):
            n -= 1
    return day


def rolled(day: date, paused: Callable[[date], bool] = lambda _: False) -> date:
    while not worked(day) or paused(day):
        day += DAY
    return day
