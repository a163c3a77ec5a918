"""How pressing a case is: a colour's name, and the words that say the same without it. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anze.calendar.rules import WorkCalendar

SOON = 3
"""Working days from today within which a case is pressing (内部目标, no clause names a number)."""


class Colour(StrEnum):
    """已超期 · 今天到期 · 三个工作日内到期 · 还早 · 暂停计时 · 已结束."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True)
class Pressing:
    """`remaining`: working days from today to the day, negative after it; None: there is no day to work to.

    `words`: the key of the text under complaint.colour, filled with the number of working days.
    """

    colour: Colour
    remaining: int | None
    words: str


def pressing(queue_on: date | None, today: date, calendar: WorkCalendar, *, open_: bool) -> Pressing:
    """Of a case that is worked to `queue_on`. A day that a regulator set is one even while the clocks are stopped."""
    if not open_:
        return Pressing(Colour.DONE, None, "done")
    if queue_on is None:
        return Pressing(Colour.PAUSED, None, "paused")
    if queue_on < today:
        late = calendar.workdays_between(queue_on, today)
        return Pressing(Colour.OVERDUE, -late, "overdue" if late else "overdue_now")
    left = calendar.workdays_between(today, queue_on)
    if queue_on == today:
        return Pressing(Colour.TODAY, 0, "today")
    if queue_on <= soon_until(today, calendar):
        return Pressing(Colour.SOON, left, "soon" if left else "soon_last")
    return Pressing(Colour.LATER, left, "later")


def soon_until(today: date, calendar: WorkCalendar) -> date:
    """The last day that still counts as soon."""
    return calendar.nth_after(today, SOON)
