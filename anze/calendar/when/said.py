"""What was said, before it is placed in time: fields from coarse to fine. Relative words are absolute already."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum

from anze.calendar.when.model import Direction, WorkCalendar


class Word(IntEnum):
    """What the last word of an expression named; decides what may follow it."""

    YEAR = 1
    SPAN = 2  # half year, quarter
    MONTH = 3
    WEEK = 4
    PART = 5  # 底, 上旬
    DAY = 6  # one day by date or relative word
    WEEKDAY = 7
    FESTIVAL = 8
    NTH = 9  # 第二个周三, 第一个工作日
    DAYPART = 10
    CLOCK = 11
    SHIFT = 12  # 三天后
    WEEKS = 13  # 两周后
    CLOSED = 14  # nothing may follow
    NOW = 15


_FOLLOWERS: dict[Word, frozenset[Word]] = {
    Word.YEAR: frozenset({Word.SPAN, Word.MONTH, Word.DAY, Word.FESTIVAL, Word.PART, Word.NTH}),
    Word.SPAN: frozenset({Word.PART, Word.NTH}),
    Word.MONTH: frozenset({Word.PART, Word.DAY, Word.NTH}),
    Word.WEEK: frozenset({Word.WEEKDAY, Word.NTH}),
    Word.PART: frozenset({Word.NTH}),
    Word.DAY: frozenset({Word.WEEKDAY, Word.DAYPART, Word.CLOCK}),
    Word.WEEKDAY: frozenset({Word.DAYPART, Word.CLOCK}),
    Word.FESTIVAL: frozenset({Word.DAYPART, Word.CLOCK, Word.NTH}),
    Word.NTH: frozenset({Word.DAYPART, Word.CLOCK, Word.WEEKDAY}),
    Word.DAYPART: frozenset({Word.CLOCK}),
    Word.CLOCK: frozenset(),
    Word.SHIFT: frozenset({Word.DAYPART, Word.CLOCK}),
    Word.WEEKS: frozenset({Word.WEEKDAY, Word.DAYPART, Word.CLOCK}),
    Word.CLOSED: frozenset(),
    Word.NOW: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Context:
    """The moment of asking: `now` in Asia/Shanghai, an optional calendar, and where a bare day is looked for."""

    now: datetime
    calendar: WorkCalendar | None = None
    prefer: Direction = "future"

    @property
    def today(self) -> date:
        """The Shanghai date of asking."""
        return self.now.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A point or period as said. `clock` is (hour, minute, said on a 24-hour clock)."""

    last: Word
    year: int | None = None
    month: int | None = None
    span: tuple[date, date] | None = None
    months: tuple[int, int] | None = None
    monday: date | None = None
    part: str | None = None
    day: int | None = None
    on: date | None = None
    weekday: int | None = None
    weekend: bool = False
    festival: str | None = None
    lunar: tuple[int, int, bool] | None = None
    nth: tuple[int, str] | None = None
    daypart: str | None = None
    clock: tuple[int, int, bool] | None = None
    moment: tuple[datetime, datetime] | None = None
    provisional: bool = False
    vague: bool = False
    confirm: bool = False
    fault: str | None = None

    @property
    def has_day(self) -> bool:
        """Whether more than a time of day was said."""
        return any(
            value is not None
            for value in (
                self.year, self.month, self.span, self.months, self.monday, self.part, self.day, self.on,
                self.weekday, self.festival, self.lunar, self.nth, self.moment,
            )
        ) or self.weekend  # fmt: skip

    @property
    def has_time(self) -> bool:
        """Whether a part of the day or a time was said."""
        return self.daypart is not None or self.clock is not None or self.moment is not None

    def followed_by(self, finer: "Said") -> "Said | None":
        """Both as one expression (下周 + 周三), or None when they do not belong together."""
        if not self._admits(finer):
            return None
        changes = {
            name: value
            for name in Said.__slots__
            if (value := getattr(finer, name)) is not None and value is not False and name not in {"last", "fault"}
        }
        return replace(self, **changes, last=finer.last, fault=self.fault or finer.fault)

    def _admits(self, finer: "Said") -> bool:
        """Whether the finer words can follow: 今年年底, 12月8号, not 下周5号."""
        follows = finer.last in _FOLLOWERS[self.last]
        year_part = self.last is Word.YEAR and finer.last is Word.CLOSED and finer.months is not None
        named_day = finer.month is not None or finer.lunar is not None
        return (follows or year_part) and not (
            (self.monday and finer.monday)
            or (finer.last is Word.MONTH and self.year is not None and finer.year is not None)
            or (finer.last is Word.DAY and (finer.on or (self.month and finer.month)))
            or (self.last is Word.YEAR and finer.nth is not None and finer.nth[1] != "workday")
            or (self.last is Word.YEAR and finer.last is Word.DAY and not named_day and not finer.fault)
            or (self.last is Word.NTH and finer.last is Word.WEEKDAY and (not self.nth or self.nth[1] != "week"))
        )


_DAY_FIELDS = (
    "year", "month", "span", "months", "monday", "part", "day", "on", "weekday", "weekend", "festival", "lunar", "nth",
    "provisional",
)  # fmt: skip


def inherit(later: Said, earlier: Said) -> Said:
    """`later` with what it left out taken from `earlier`: 下周三不行，改周四 means 下周四."""
    if not later.has_day:
        kept = {name: getattr(earlier, name) for name in _DAY_FIELDS}
        daypart = later.daypart
        if daypart is None and later.clock and not later.clock[2] and earlier.daypart:
            morning = earlier.daypart in {"凌晨", "早上", "上午"}
            daypart = None if morning and later.clock[0] <= 6 and earlier.daypart != "凌晨" else earlier.daypart
        if earlier.moment:
            kept["on"] = earlier.moment[0].date()
        return replace(later, **kept, daypart=daypart)
    if (
        later.weekday is not None
        and later.monday is None
        and later.on is None
        and later.day is None
        and later.nth is None
    ):
        return replace(later, monday=earlier.monday)
    if later.day is not None and later.month is None:
        return replace(later, year=earlier.year, month=earlier.month)
    if later.month is not None and later.year is None and earlier.month is not None:
        return replace(later, year=earlier.year)
    return later


def shift_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, last_day(year, month + 1).day))


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def monday_of(day: date) -> date:
    """The Monday of the ISO week of a day."""
    return day - timedelta(days=day.weekday())
