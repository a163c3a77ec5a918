"""Why a date is what it is, as data: each counted day with its number, each left-out day with its reason. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from anze.calendar.rules import WorkCalendar
from anze.calendar.terms import Term
from anze.calendar.timeline import Timeline
from anze.complaints.rules import Breach, ClockState, ComplaintFacts, DaysLeft, Deadline, Refusal, Stage, timeline_of

DAY = timedelta(days=1)


class LeftOut(StrEnum):
    """Why a day does not count."""

    WEEKEND = "weekend"
    FESTIVAL = "festival"
    PAUSE = "pause"


@dataclass(frozen=True)
class CountedDay:
    """The number-th day of a term. `makeup`: a Saturday or Sunday that is worked. `known`: its notice is out."""

    number: int
    day: date
    makeup: bool
    known: bool


@dataclass(frozen=True)
class LeftOutDay:
    """A day that does not count; `festival` by the notice's name."""

    day: date
    reason: LeftOut
    festival: str | None = None


@dataclass(frozen=True)
class TermReason:
    """One term, counted from `start` (day 0) to `end` (None: stopped from `stopped_on`).

    `rolled`: rest days after the last counted day, over which the date rolled to `end`.
    """

    stage: Stage
    term: Term
    start: date
    end: date | None
    stopped_on: date | None
    counted: tuple[CountedDay, ...]
    left_out: tuple[LeftOutDay, ...]
    rolled: tuple[LeftOutDay, ...]


@dataclass(frozen=True)
class ProvisionalReason:
    """The years whose notices are not out, the day that plain counting gives, the safe day that is shown."""

    years: tuple[int, ...]
    counted: date
    shown: date


@dataclass(frozen=True)
class Explanation:
    """The reasons for one clock's date. `due` None: the clock is stopped, `left` says what remains."""

    edition: str
    rule_version: str
    law: str
    in_force: bool
    received: date
    restarted: date | None
    terms: tuple[TermReason, ...]
    pause_clause: str | None
    due: date | None
    provisional: ProvisionalReason | None
    left: tuple[DaysLeft, ...]
    remedial: bool
    breaches: tuple[Breach, ...]
    refusals: tuple[Refusal, ...]


def explain(
    clock: ClockState, facts: ComplaintFacts, calendar: WorkCalendar, *, edition: str, rule_version: str
) -> Explanation:
    """The reasons for a clock's date; `facts` and `calendar` are those it was computed from."""
    timeline = timeline_of(facts, calendar)
    # The complex term replaces the ordinary one (both from receipt); an extension comes on top of it.
    last = clock.deadline
    on_top = last.stage is Stage.EXTENDED
    base = clock.stages[-2] if on_top else last
    steps = (base, last) if on_top and base.counted is not None else (base,)
    return Explanation(
        edition=edition,
        rule_version=rule_version,
        law=clock.law.name,
        in_force=clock.law.in_force,
        received=clock.received,
        restarted=clock.start if clock.start != clock.received else None,
        terms=tuple(_term(step, timeline) for step in steps),
        pause_clause=clock.law.pause.clause,
        due=clock.due,
        provisional=_provisional(last, clock.start, calendar),
        left=last.left,
        remedial=clock.remedial,
        breaches=clock.breaches,
        refusals=clock.refusals,
    )


def _term(step: Deadline, timeline: Timeline) -> TermReason:
    stop = next((interval.start for interval in timeline.left_out if interval.end is None), None)
    end = step.counted
    until = end or (stop or step.start) - DAY
    counted: list[CountedDay] = []
    left_out: list[LeftOutDay] = []
    day = step.start
    while day < until and len(counted) < step.term.days:
        day += DAY
        reason = _why_not(day, step.term, timeline)
        if reason is not None:
            left_out.append(reason)
            continue
        calendar = timeline.calendar
        makeup = step.term.unit == "working" and calendar.is_makeup(day)
        counted.append(CountedDay(len(counted) + 1, day, makeup=makeup, known=calendar.covers(day)))
    rolled = []
    while end is not None and day < end:
        rolled.append(_rest(day, timeline))
        day += DAY
    return TermReason(
        stage=step.stage,
        term=step.term,
        start=step.start,
        end=end,
        stopped_on=None if end else stop,
        counted=tuple(counted),
        left_out=tuple(left_out),
        rolled=tuple(rolled),
    )


def _why_not(day: date, term: Term, timeline: Timeline) -> LeftOutDay | None:
    if term.unit == "working" and not timeline.calendar.is_workday(day):
        return _rest(day, timeline)
    return LeftOutDay(day, LeftOut.PAUSE) if timeline.interval(day) else None


def _rest(day: date, timeline: Timeline) -> LeftOutDay:
    rest = timeline.calendar.rest(day)
    if rest is None:
        return LeftOutDay(day, LeftOut.PAUSE)
    return LeftOutDay(day, LeftOut.FESTIVAL if rest.festival else LeftOut.WEEKEND, rest.festival)


def _provisional(last: Deadline, start: date, calendar: WorkCalendar) -> ProvisionalReason | None:
    if not last.provisional or last.on is None or last.counted is None:
        return None
    first = calendar.covered_until(start) + DAY
    years = tuple(year for year in range(first.year, last.counted.year + 1) if year not in calendar.tables)
    # Before a New Year's Day on a Tuesday the last days of a known year hang on the next notice.
    return ProvisionalReason(years or (first.year + 1,), last.counted, last.on)
