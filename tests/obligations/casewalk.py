"""The clocks of a complaint (6.4, 令2020年第3号) and terms beyond the known year, walked day by day without anze."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from tests.helpers.daywalk import DAY, LAST, WORKED, paused_days

FRIDAY = 4
type Skips = Callable[[date], bool]


def works(day: date) -> bool:
    """Worked by the notices; of years without one, as if every Monday to Friday were."""
    return day in WORKED if day <= LAST else day.weekday() <= FRIDAY


@lru_cache(maxsize=100_000)
def working_term(start: date, n: int) -> date:
    """The last day of n working days after day 0; beyond the last notice on the safe side (three days less)."""
    return _safe(start, _walked(start, n, works, lambda _: False) or start)


@lru_cache(maxsize=100_000)
def nth_ahead(today: date, n: int) -> date:
    """The n-th working day from today on, for a warning: no safe side, a warning may come early, never late."""
    return _walked(today, n, works, lambda _: False) or today


def _safe(start: date, counted: date) -> date:
    if counted <= LAST:
        return counted
    earliest = start if start > LAST else _worked_until(LAST)
    return max(earliest, _worked_until(counted - 3 * DAY))


def _worked_until(day: date) -> date:
    while not works(day) or (day > LAST and (day.month, day.day) == (1, 1)):
        day -= DAY
    return day


def _walked(start: date, n: int, counts: Callable[[date], bool], skips: Skips) -> date | None:
    """None: after two years still not there, the clock stands."""
    day = start
    while n:
        day += DAY
        if day > start + timedelta(days=800):
            return None
        if counts(day) and not skips(day):
            n -= 1
    return day


@dataclass(frozen=True)
class Case:
    """What was seen of a case by a day."""

    received: date
    complex_told: date | None = None
    """Classified with a reason, and told of it: the day on which both were so"""
    granted: date | None = None
    grant_told: date | None = None
    grant_allowed: bool = True
    pauses: tuple[tuple[date, date | None, date | None], ...] = ()
    """(commissioned, returned, told)"""
    new_facts: tuple[date, ...] = ()
    ended: date | None = None
    outside: bool = False
    review: bool = False


@dataclass(frozen=True)
class Dates:
    """`ordinary`: by which a classification must be told. `remedial`: it was told later. None: the clock stands."""

    standard: date | None
    second: date | None
    ordinary: date | None
    remedial: bool
    standard_remedial: bool

    @property
    def earlier(self) -> date | None:
        return min((day for day in (self.standard, self.second) if day), default=None)


def dates_of(case: Case) -> Dates:
    """Both clocks."""
    skips = paused_days(case.pauses)
    if case.review:
        on = _walked(case.received, 30, lambda _: True, skips)
        return Dates(None, on, on, False, False)
    second = _clock(case, case.received, skips, working=False)
    for day in sorted(case.new_facts):
        if (second.due is None or day <= second.due) and (case.ended is None or day <= case.ended):
            second = _clock(case, day, skips, working=False)
    if case.outside:
        return Dates(None, second.due, second.ordinary, second.remedial, False)
    standard = _clock(case, case.received, skips, working=True)
    return Dates(standard.due, second.due, standard.ordinary, standard.remedial or second.remedial, standard.remedial)


@dataclass(frozen=True)
class _Clock:
    due: date | None
    ordinary: date | None
    remedial: bool


def _clock(case: Case, start: date, skips: Skips, *, working: bool) -> _Clock:
    counts = works if working else (lambda _: True)
    safe = _safe if working else (lambda _, day: day)

    def term(n: int) -> date | None:
        return _walked(start, n, counts, skips)

    ordinary = term(15)
    last = safe(start, ordinary) if ordinary else None
    if case.complex_told is None:
        return _Clock(last, last, False)
    remedial = last is not None and case.complex_told > last
    complex_ = term(30)
    due = safe(start, complex_) if complex_ else None
    if _extended(case, due):
        due = None
        extended = _walked(complex_, 30, lambda _: True, skips) if complex_ else None
        while working and extended and (not works(extended) or skips(extended)):
            extended += DAY
        if extended:
            due = safe(start, extended)
    return _Clock(due, last, remedial)


def _extended(case: Case, old: date | None) -> bool:
    """6.4 c): approved by who may, then told, both no later than the old date."""
    if case.granted is None or case.grant_told is None or not case.grant_allowed:
        return False
    return case.grant_told >= case.granted and (old is None or case.grant_told <= old)
