"""What a Chinese time expression means: the result type, and what working days need from a calendar."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

type Stamp = date | datetime
type Interval = tuple[Stamp | None, Stamp | None]
type Kind = Literal["date", "datetime", "range", "duration", "none"]
type Direction = Literal["future", "past"]


class CountedDay(Protocol):
    """A day reached by counting working days; provisional when a year's holiday notice is missing."""

    @property
    def date(self) -> date: ...
    @property
    def provisional(self) -> bool: ...


class WorkCalendar(Protocol):
    """Counts working days; the start day is day 0."""

    def add_workdays(self, start: date, n: int, /) -> "date | CountedDay": ...


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """One time expression.

    `text` and `span` refer to the NFKC form of the input. `start` and `end` are dates, or aware datetimes in
    Asia/Shanghai; both ends are inclusive; for `date` and `datetime` they are equal. A `range` may be open: `end` None
    (下周三以后) or `start` None (截至昨天). `duration` and `none` have neither; `length` is a duration's number and
    unit, `reason` says why there is no time (codes of the section `when.reasons` in texts/calendar.yml).
    `vague`: the edges are a convention, not what was said. `confirm`: ask back, offering `alternatives`.
    """

    text: str
    span: tuple[int, int]
    kind: Kind
    start: Stamp | None = None
    end: Stamp | None = None
    vague: bool = False
    confirm: bool = False
    provisional: bool = False
    alternatives: tuple[Interval, ...] = ()
    length: tuple[float, str] | None = None
    reason: str | None = None
