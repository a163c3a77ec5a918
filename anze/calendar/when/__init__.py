"""Chinese time expressions: `parse` finds all of a text, `first` the one that is meant.

Conventions: 下周X is in the next ISO week; a bare 周X, day or month-day is the next one; 三天内 does not count the
start day; 半个月 is 15 days; a festival is the next one; 上午 8–12, 下午 12–18, 傍晚 17–20, 晚上 18–22; 5日前 includes
the day, 国庆前 and 下周前 do not.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from anze.calendar.when.discourse import Node, nodes, placed
from anze.calendar.when.lexicon import normalise, squeeze
from anze.calendar.when.masks import mask
from anze.calendar.when.model import CountedDay, Direction, Interval, Kind, TimeExpression, WorkCalendar
from anze.calendar.when.resolve import Answer, day_of
from anze.calendar.when.said import Context
from anze.clock import SHANGHAI

__all__ = ["CountedDay", "Direction", "TimeExpression", "WorkCalendar", "first", "parse"]

FIRST_YEAR, LAST_YEAR = 1912, 2088
LONGEST = 2000
"""Characters read; nobody names a day after them."""


def parse(
    text: str, now: datetime, *, calendar: WorkCalendar | None = None, prefer: Direction = "future"
) -> list[TimeExpression]:
    """Every time expression of a text, in its order; what was taken back (不是3号) has kind `none`.

    A duration may stand within the span of a time (下周三培训两小时，下午三点).

    `now` is aware; `calendar` is needed for working days (without it they are `none`, reason needs_calendar);
    `prefer` says where a bare day or month is looked for: `past` for questions about what has happened.
    Raises ValueError for a naive `now` and for a year that the lunar tables do not cover on both sides.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    if not FIRST_YEAR <= now.astimezone(UTC).year <= LAST_YEAR:
        raise ValueError(f"now must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    whole = normalise(text)[:LONGEST]
    squeezed, places = squeeze(whole)
    context = Context(now.astimezone(SHANGHAI).replace(second=0, microsecond=0), calendar, prefer)
    found = []
    for node in nodes(mask(squeezed), context):
        span = places[node.begin], places[node.end - 1] + 1
        found.append(_expression(node, whole[slice(*span)], span, context))
    return found


def first(
    text: str, now: datetime, *, calendar: WorkCalendar | None = None, prefer: Direction = "future"
) -> TimeExpression:
    """The time that a text means: its first date, time or range, else its first duration, else kind `none` and why.

    A day of telling (我今天想约下周三) yields to a later day; a choice (周三或周四) asks back with both.
    """
    found = parse(text, now, calendar=calendar, prefer=prefer)
    times = [one for one in found if one.kind in {"date", "datetime", "range"}]
    today = now.astimezone(SHANGHAI).date()
    if len(times) > 1 and prefer == "future" and _is_day_of_telling(times[0], today):
        later = next((one for one in times[1:] if one.end and day_of(one.end) > today), None)
        if later is not None:
            return later
    lengths = [one for one in found if one.kind == "duration"]
    faults = sorted(
        (one for one in found if one.kind == "none"), key=lambda one: one.reason in {"refused", "recurring"}
    )
    for one in (*times, *lengths, *faults):
        return one
    whole = normalise(text)[:LONGEST]
    return TimeExpression(whole, (0, len(whole)), "none", reason="no_time")


def _is_day_of_telling(one: TimeExpression, today: date) -> bool:
    return one.kind == "date" and isinstance(one.start, date) and one.start <= today and not one.confirm


def _expression(node: Node, text: str, span: tuple[int, int], context: Context) -> TimeExpression:
    if node.mode == "length":
        return TimeExpression(text, span, "duration", length=_length(node.amounts))
    answer = placed(node, context)
    if answer.fault:
        asks = answer.fault not in {"refused", "recurring"}
        return TimeExpression(text, span, "none", confirm=asks, reason=answer.fault)
    choices: Iterable[Answer] = (placed(replace(other, choices=()), context) for other in node.choices)
    chosen: tuple[Interval, ...] = tuple((one.start, one.end) for one in choices if one.fault is None)
    return TimeExpression(
        text,
        span,
        _kind(answer),
        answer.start,
        answer.end,
        vague=answer.vague,
        confirm=answer.confirm or bool(chosen),
        provisional=answer.provisional,
        alternatives=chosen + answer.alternatives,
    )


def _kind(answer: Answer) -> Kind:
    start, end = answer.start, answer.end
    if start is None or end is None or start != end:
        return "range"
    return "datetime" if isinstance(start, datetime) else "date"


def _length(amounts: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    """The length in its coarsest whole unit: 一个半月 is a month and 15 days, told as 45 days."""
    if len(amounts) == 1:
        return amounts[0]
    sizes = {"minute": 1, "quarter-hour": 15, "hour": 60, "day": 1440, "week": 10080, "month": 43200, "year": 525600}
    minutes = sum(count * sizes.get(unit, 0) for count, unit in amounts)
    for unit in ("month", "day", "hour"):
        if minutes % sizes[unit] == 0:
            return minutes / sizes[unit], unit
    return minutes, "minute"
