"""When a step of a reminder is said, and which of several. Pure: dates and instants in, instants out."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta

from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI
from anze.reminders.policy import Hours, Missed

AT = "at"
"""How the step of a one-off wish begins, which has its own instant."""


def is_wish(step: str) -> bool:
    """Whether a step is one that somebody asked for, at an instant of its own."""
    return step.startswith(AT)


def offset(step: str) -> int:
    """Working days of a step from its date: T-3 is -3, T is 0. Raises ValueError for anything else."""
    if not step.startswith("T"):
        raise ValueError(f"not a step: {step}")
    return int(step[1:] or 0)


def step_of(days: int) -> str:
    """The name of the step so many working days from the date."""
    return f"T{days:+d}" if days else "T"


def step_day(due_on: date, days: int, calendar: WorkCalendar, *, any_day: bool) -> date:
    """The day of a step. T itself may be a rest day: what is not said on any day is then said before, not after."""
    if days == 0 and not any_day:
        return calendar.last_workday(due_on)
    return calendar.nth_after(due_on, days)


def send_instant(due_on: date, days: int, hours: Hours, calendar: WorkCalendar) -> datetime:
    """The first allowed moment of a step's day, in UTC."""
    day = step_day(due_on, days, calendar, any_day=not hours.working_days)
    return _at(day, hours.begin)


def next_allowed(instant: datetime, hours: Hours | None, calendar: WorkCalendar) -> datetime:
    """The instant itself within the hours, else the next moment at which they begin, in UTC."""
    if hours is None:
        return instant
    here = instant.astimezone(SHANGHAI)
    worked = not hours.working_days or calendar.is_workday(here.date())
    if worked and here.time() < hours.begin:
        return _at(here.date(), hours.begin)
    if worked and here.time() < hours.end:
        return instant
    following = here.date() + timedelta(days=1)
    return _at(calendar.next_workday(following) if hours.working_days else following, hours.begin)


def said_to(step: str, usual: Collection[str], chosen: Collection[int] | None) -> bool:
    """Whether a step is for somebody who chose other days before the date; the day itself and later ones stay."""
    if is_wish(step):
        return True
    if chosen is None:
        return step in usual
    days = offset(step)
    return -days in chosen if days < 0 else step in usual


def steps_for(usual: Iterable[str], chosen: Iterable[int]) -> list[str]:
    """The usual steps and those that people chose, in the order of time."""
    days = {offset(step) for step in usual} | {-before for before in chosen}
    return [step_of(day) for day in sorted(days)]


def spoken_of(due: Collection[str], legal: Collection[str]) -> set[str]:
    """Which of several due steps of one reminder are said: the latest, legal notices all, and whatever was wished."""
    steps = [step for step in due if not is_wish(step)]
    latest = {max(steps, key=offset)} if steps else set()
    return latest | {step for step in due if step in legal or is_wish(step)}


def planned(
    instants: dict[str, datetime], now: datetime, *, legal: Collection[str], missed: Missed
) -> dict[str, datetime]:
    """What is to be written of the steps of a date that becomes known now.

    Steps to come; of those whose time has passed none, what would be said of them (`say`), or the notices among them.
    """
    passed = {step for step, at in instants.items() if at <= now}
    said: set[str] = set()
    if missed == "say":
        said = spoken_of(passed, legal)
    elif missed == "notices":
        said = passed & set(legal)
    return {step: at for step, at in instants.items() if step in said or step not in passed}


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI).astimezone(UTC)
