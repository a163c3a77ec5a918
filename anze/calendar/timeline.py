"""Counting a term while some days are left out (a stopped clock). Pure; costs a few bisections per interval."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from anze.calendar.rules import PROVISIONAL_MARGIN, Counted, WorkCalendar

DAY = timedelta(days=1)
PAUSED_MARGIN = timedelta(days=7)
"""Taken off instead of PROVISIONAL_MARGIN where unpublished days are left out: a pause may cover the rest days of a
festival and spare its make-up days, so nothing offsets them (walked over 2010–2026: six days were enough)."""

type Unit = Literal["working", "calendar"]


@dataclass(frozen=True)
class Interval:
    """Half-open [start, end): the start is left out, the end is counted. No end: still open."""

    start: date
    end: date | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Stopped:
    """The count met an interval without an end: so many days of the term are left."""

    left: int


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same days as disjoint, ascending intervals; empty ones vanish."""
    merged: list[Interval] = []
    for interval in sorted(intervals, key=lambda interval: interval.start):
        if interval.end is not None and interval.end <= interval.start:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end < interval.start):
            merged.append(interval)
        elif last.end is not None and (interval.end is None or interval.end > last.end):
            merged[-1] = Interval(last.start, interval.end)
    return tuple(merged)


class Timeline:
    """The days of a calendar less the left-out intervals."""

    def __init__(self, calendar: WorkCalendar, left_out: Iterable[Interval] = ()) -> None:
        self.calendar = calendar
        self.left_out = union(left_out)

    def interval(self, day: date) -> Interval | None:
        """The interval that leaves out a day."""
        return next((interval for interval in self.left_out if day in interval), None)

    def after(self, start: date, days: int, unit: Unit) -> date | Stopped:
        """The last of so many counted days after `start` (day 0); unpublished years count as Monday to Friday."""
        at, left = start, days
        for interval in self.left_out:
            if interval.end is not None and interval.end <= at + DAY:
                continue
            before = self._count(at, interval.start - DAY, unit) if interval.start > at else 0
            if before >= left:
                break
            left -= before
            if interval.end is None:
                return Stopped(left)
            at = interval.end - DAY
        return self.calendar.nth_after(at, left) if unit == "working" else at + timedelta(days=left)

    def between(self, after: date, until: date, unit: Unit) -> int:
        """Counted days in (after, until]; 0 when `until` is not later."""
        total = self._count(after, until, unit) if until > after else 0
        for interval in self.left_out:
            first = max(after, interval.start - DAY)
            last = until if interval.end is None else min(until, interval.end - DAY)
            total -= self._count(first, last, unit) if last > first else 0
        return total

    def next_workday(self, day: date) -> date | Stopped:
        """The day itself when it is worked and not left out, else the next that is."""
        found = self.calendar.next_workday(day)
        for interval in self.left_out:
            if found in interval:
                if interval.end is None:
                    return Stopped(0)
                found = self.calendar.next_workday(interval.end)
        return found

    def settle(self, start: date, counted: date) -> Counted:
        """As WorkCalendar.settle; the margin, too, is taken from counted days only."""
        known = self.calendar.covered_until(start)
        if counted <= known:
            return Counted(counted, provisional=False)
        unsure = any(
            interval.start <= counted and (interval.end or date.max) > known + DAY for interval in self.left_out
        )
        margin = PAUSED_MARGIN if unsure else PROVISIONAL_MARGIN
        safe = self._last_workday(self._back(counted, margin.days))
        return Counted(max(start, self.calendar.last_workday(known), safe), provisional=True)

    def _count(self, after: date, until: date, unit: Unit) -> int:
        return self.calendar.workdays_between(after, until) if unit == "working" else (until - after).days

    def _back(self, day: date, days: int) -> date:
        for interval in reversed(self.left_out):
            if interval.end is None or interval.end > day:
                continue
            available = (day - interval.end).days
            if days <= available:
                break
            days -= available + 1
            day = interval.start - DAY
        return day - timedelta(days=days)

    def _last_workday(self, until: date) -> date:
        found = self.calendar.last_workday(until)
        while interval := self.interval(found):
            found = self.calendar.last_workday(interval.start - DAY)
        return found
