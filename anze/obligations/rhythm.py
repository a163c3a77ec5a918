"""When something comes again: every day, on a weekday, on a day of the month. Pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from anze.calendar.when import parse
from anze.clock import SHANGHAI

_WEEKDAYS = (
    {char: n for n, char in enumerate("一二三四五六", 1)}
    | {"日": 7, "天": 7, "末": 7}
    | {str(n): n for n in range(1, 8)}
)
_WEEKLY = re.compile(r"每个?(?:周|星期|礼拜)([一二三四五六日天末1-7])?")
_LATIN = re.compile(r"every (monday|tuesday|wednesday|thursday|friday|saturday|sunday)")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHLY = re.compile(r"每个?月(?:的)?(?:(\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|日|(?=\D|$))|(月?初)|(月?底|末))?")
_DAILY = re.compile(r"每(?:一)?(?:天|日)|daily|every day")
_NUMBERS = {char: n for n, char in enumerate("一二三四五六七八九", 1)}
MORNING = time(8)


@dataclass(frozen=True)
class Rhythm:
    """`weekday` 1–7, or `monthday` 1–31 (the last day where a month is shorter), or neither: every day."""

    at: time = MORNING
    weekday: int | None = None
    monthday: int | None = None

    def after(self, now: datetime) -> datetime:
        """The next time strictly after an instant."""
        day = now.astimezone(SHANGHAI).date()
        while True:
            moment = datetime.combine(day, self.at, SHANGHAI)
            if moment > now and self._falls_on(moment):
                return moment
            day += timedelta(days=1)

    def _falls_on(self, moment: datetime) -> bool:
        if self.weekday is not None:
            return moment.isoweekday() == self.weekday
        if self.monthday is not None:
            last = calendar.monthrange(moment.year, moment.month)[1]
            return moment.day == min(self.monthday, last)
        return True


def rhythm(text: str, now: datetime) -> Rhythm | None:
    """每周一早上8点, 每天, 每月1号; None when the text names none. Without an hour: 8:00."""
    at = _hour(text, now)
    if found := _LATIN.search(text.lower()):
        return Rhythm(at, weekday=_DAYS.index(found[1]) + 1)
    if found := _WEEKLY.search(text):
        return Rhythm(at, weekday=_WEEKDAYS.get(found[1] or "一", 1))
    if found := _MONTHLY.search(text):
        day = 31 if found[3] else _day(found[1]) if found[1] else 1
        return Rhythm(at, monthday=day) if day is not None else None
    return Rhythm(at) if _DAILY.search(text.lower()) else None


def _hour(text: str, now: datetime) -> time:
    """The time of day that the text names."""
    rest = _DAILY.sub(" ", _MONTHLY.sub(" ", _WEEKLY.sub(" ", text)))
    for one in parse(rest, now):
        if one.kind == "datetime" and isinstance(one.start, datetime):
            return one.start.timetz().replace(tzinfo=None)
    return MORNING


def _day(said: str) -> int | None:
    if said.isdigit():
        day = int(said)
    else:
        tens, ten, ones = said.rpartition("十")
        day = (_NUMBERS.get(tens, 1) if tens else 1) * 10 + _NUMBERS.get(ones, 0) if ten else _NUMBERS.get(said, 0)
    return day if 1 <= day <= 31 else None
