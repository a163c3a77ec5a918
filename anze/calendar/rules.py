"""Working days (工作日): Monday to Friday less the State Council's rest days, plus make-up working weekends.

Pure: dates in, dates out. A question costs the same however long its span is: the number of working days up to a day is
a closed formula for Monday to Friday, corrected by bisecting the sorted exceptions of the year tables.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

SATURDAY = 5
TUESDAY = 1
PROVISIONAL_MARGIN = timedelta(days=3)
"""Taken off a date counted through unpublished days; walked over 2010–2026, never later than the lawful day."""
WARN_BELOW = 60
"""Fewer working days than this covered from today: the start-up warning."""


@dataclass(frozen=True)
class YearTable:
    """What one State Council notice says: rest days with the festival's name, make-up working days.

    The days of the turn of the year may lie in the year before (2022-12-31 belongs to the notice for 2023).
    """

    year: int
    off_days: Mapping[date, str]
    makeup_workdays: frozenset[date]
    notice: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "off_days", MappingProxyType(dict(self.off_days)))
        object.__setattr__(self, "makeup_workdays", frozenset(self.makeup_workdays))


@dataclass(frozen=True)
class Counted:
    """A computed date; `provisional` (暂定) when days of an unpublished year were counted on the way."""

    date: date
    provisional: bool


@dataclass(frozen=True)
class Rest:
    """Why a day is not a working day: a festival of the notice by name, or a plain weekend (None)."""

    festival: str | None


def _weekdays_until(ordinal: int) -> int:
    """Mondays to Fridays from 0001-01-01 (a Monday, ordinal 1) to the ordinal, both counted."""
    weeks, days = divmod(ordinal, 7)
    return weeks * 5 + min(days, 5)


class WorkCalendar:
    """The working days of the known years; any other day counts as Monday to Friday and makes a date provisional."""

    def __init__(self, tables: Iterable[YearTable]) -> None:
        self._tables = MappingProxyType({table.year: table for table in sorted(tables, key=lambda table: table.year)})
        self._festivals: dict[date, str] = {}
        made_up: set[date] = set()
        # Two notices may speak of one day of late December; the later notice is the one in force.
        for table in self._tables.values():
            made_up = (made_up - table.off_days.keys()) | table.makeup_workdays
            self._festivals |= table.off_days
            for day in table.makeup_workdays:
                self._festivals.pop(day, None)
        self._added = sorted(day.toordinal() for day in made_up if day.weekday() >= SATURDAY)
        self._removed = sorted(day.toordinal() for day in self._festivals if day.weekday() < SATURDAY)
        self._stretches = self._covered_stretches()

    @property
    def tables(self) -> Mapping[int, YearTable]:
        """The year tables by year, ascending."""
        return self._tables

    def _covered_stretches(self) -> list[tuple[date, date]]:
        """Runs of days whose notices are all known, ascending, both ends included."""
        years = list(self._tables)
        starts = [year for year in years if year - 1 not in self._tables]
        ends = [year for year in years if year + 1 not in self._tables]
        return [(date(start, 1, 1), self._last_dependable_day(end)) for start, end in zip(starts, ends, strict=True)]

    def _last_dependable_day(self, year: int) -> date:
        """31 December, except before a New Year's Day on a Tuesday whose notice is unknown.

        That notice may make the Monday before a rest day and the Saturday before it a working day (2018-12-29 and
        2018-12-31, by the notice for 2019), so those days cannot be relied on.
        """
        last = date(year, 12, 31)
        bridged = date(year + 1, 1, 1).weekday() == TUESDAY and self.is_workday(last)
        return date(year, 12, 28) if bridged else last

    def replaced(self, table: YearTable) -> "WorkCalendar":
        """This calendar with one year added or replaced."""
        return WorkCalendar([*(old for year, old in self._tables.items() if year != table.year), table])

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked; as if Monday to Friday where no notice is known."""
        return self._until(day.toordinal()) > self._until(day.toordinal() - 1)

    def rest(self, day: date) -> Rest | None:
        """Why a day is not worked, or None for a working day."""
        return None if self.is_workday(day) else Rest(self._festivals.get(day))

    def is_makeup(self, day: date) -> bool:
        """Whether a day is a Saturday or Sunday that is worked."""
        return day.weekday() >= SATURDAY and self.is_workday(day)

    def covers(self, day: date) -> bool:
        """Whether every notice that can touch the day is known."""
        return self._stretch(day) is not None

    def all_covered(self, after: date, until: date) -> bool:
        """Whether every day of (after, until] is covered."""
        return after >= until or self.covered_until(after) >= until

    def covered_until(self, after: date) -> date:
        """The last day such that every day of (after, it] is covered; `after` itself when the next day is not."""
        stretch = self._stretch(after + timedelta(days=1))
        return stretch[1] if stretch else after

    def cover_from(self, today: date) -> int:
        """How many working days after today are covered without a gap; below WARN_BELOW a start-up warning is due."""
        return self.workdays_between(today, self.covered_until(today))

    def workdays_between(self, after: date, until: date) -> int:
        """Working days in (after, until]; negative when `until` lies before `after`."""
        return self._until(until.toordinal()) - self._until(after.toordinal())

    def nth_after(self, start: date, n: int) -> date:
        """The n-th working day after `start` (n < 0: before it; 0: `start`), unknown years as Monday to Friday."""
        ordinal = start.toordinal()
        if n == 0:
            return start
        if n > 0:
            return self._at(self._until(ordinal) + n)
        return self._at(self._until(ordinal - 1) + n + 1)

    def last_workday(self, until: date) -> date:
        """The last working day not after a day; 1 January of an unpublished year is the rest day that it will be."""
        found = self._at(self._until(until.toordinal()))
        if (found.month, found.day) == (1, 1) and not self.covers(found):
            return self.last_workday(found - timedelta(days=1))
        return found

    def next_workday(self, day: date) -> date:
        """The day itself when it is worked, else the next one that is."""
        return self._at(self._until(day.toordinal() - 1) + 1)

    def add_workdays(self, start: date, n: int) -> Counted:
        """The n-th working day after the day of the event (day 0), on the safe side where a notice is not out yet."""
        counted = self.nth_after(start, n)
        if n <= 0:
            return Counted(counted, provisional=n < 0 and not self.all_covered(counted - timedelta(days=1), start))
        return self.settle(start, counted)

    def settle(self, start: date, counted: date) -> Counted:
        """A date counted from `start` as it may be shown: as it is, or provisional and on the safe side.

        Provisional: less three calendar days, but not before the last working day of the known days that the count
        began with (up to there it was exact), and from a rest day or 1 January back to the working day before; never
        before the day of the event.
        """
        known = self.covered_until(start)
        if counted <= known:
            return Counted(counted, provisional=False)
        earliest = max(start, self.last_workday(known))
        return Counted(max(earliest, self.last_workday(counted - PROVISIONAL_MARGIN)), provisional=True)

    def _stretch(self, day: date) -> tuple[date, date] | None:
        position = bisect_right(self._stretches, day, key=lambda stretch: stretch[0]) - 1
        if position >= 0 and day <= self._stretches[position][1]:
            return self._stretches[position]
        return None

    def _until(self, ordinal: int) -> int:
        """Working days from 0001-01-01 to the ordinal."""
        return _weekdays_until(ordinal) + bisect_right(self._added, ordinal) - bisect_right(self._removed, ordinal)

    def _at(self, count: int) -> date:
        """The day on which the count of working days is first reached."""
        first = count + count // 5 * 2 - 2 * len(self._added) - 7
        last = count + count // 5 * 2 + 2 * len(self._removed) + 7
        window = range(max(first, 1), last + 1)
        return date.fromordinal(window[bisect_left(window, count, key=self._until)])
