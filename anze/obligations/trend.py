"""How a duty stood at the ends of the last months: the same question, asked as of each of these days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.identity.speaker import Speaker
from anze.obligations import usecases, wording
from anze.obligations.query import Query

MONTHS = 12


@dataclass(frozen=True)
class Point:
    """As of a day: how many of what was asked for, of all in the question's scope, and the share that is done."""

    day: date
    found: int
    total: int
    rate: str | None


def trend(
    session: Session, speaker: Speaker, query: Query, now: datetime, calendar: WorkCalendar, *,
    as_of: date | None = None, edition: str | None = None, months: int = MONTHS,
) -> list[Point]:  # fmt: skip
    """The ends of the months before a day (today) and the day itself, the oldest first; empty without the data.

    A day counts by the edition in force on it, or by a named one, and is left out where that one has no such duty.
    Raises DomainError obligation_rule, obligation_part, obligation_edition.
    """
    found = []
    for day in _days(as_of or legal_date(now), months):
        if query.check not in usecases.known(day, edition).check:
            continue
        answer = usecases.run(session, speaker, query, now, calendar, as_of=day, edition=edition, size=0, apart=False)
        if answer.connected:
            found.append(Point(day, answer.found, answer.total, wording.rate(answer)))
    return found


def _days(last: date, months: int) -> list[date]:
    days = [last]
    while len(days) < months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
