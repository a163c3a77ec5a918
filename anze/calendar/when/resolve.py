"""From what was said to dates and times: one point or period at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from anze.calendar.when.lexicon import DAYPARTS
from anze.calendar.when.lunar import FESTIVALS, HOLIDAY_DAYS, lunar_day
from anze.calendar.when.model import Interval, Stamp
from anze.calendar.when.said import Context, Said, last_day, monday_of, shift_months
from anze.clock import SHANGHAI

SATURDAY = 5
_EARLY_HOURS = 6
"""Without a part of the day, hours up to this are afternoon hours: nobody books a visit at three at night."""
_DOUBTFUL = timedelta(days=75)
"""A day without a year that has passed by less than this may have been meant instead of next year's."""
_DOUBTFUL_MONTHS = timedelta(days=320)
"""The same for a named month or quarter: 3月 asked in November may be the last one or the next."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Where something said lies. `whole`: a named period (next month), whose 前 means before it begins."""

    start: Stamp | None = None
    end: Stamp | None = None
    whole: bool = False
    vague: bool = False
    confirm: bool = False
    provisional: bool = False
    alternatives: tuple[Interval, ...] = ()
    fault: str | None = None


type _Days = tuple[date, date]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A Shanghai time of a day; hour 24 is the next day's midnight."""
    return datetime.combine(day + timedelta(days=hour // 24), time(hour % 24, minute), SHANGHAI)


def as_start(stamp: Stamp) -> datetime:
    """The first moment of a stamp."""
    return stamp if isinstance(stamp, datetime) else at(stamp, 0)


def as_end(stamp: Stamp) -> datetime:
    """The last minute of a stamp."""
    return stamp if isinstance(stamp, datetime) else at(stamp, 23, 59)


def day_of(stamp: Stamp) -> date:
    """The Shanghai date of a stamp."""
    return stamp.date() if isinstance(stamp, datetime) else stamp


def resolve(said: Said, context: Context, after: Stamp | None = None) -> Answer:
    """Place a point or period; `after` is the start of a range whose end this is (from there on, that day included)."""
    if said.fault:
        return Answer(fault=said.fault)
    try:
        return _resolve(said, context, after)
    except (OverflowError, ValueError):
        return Answer(fault="out_of_range")


def _resolve(said: Said, context: Context, after: Stamp | None) -> Answer:
    if said.moment and not said.clock and not said.daypart:
        start, end = said.moment
        return Answer(start, end, vague=said.vague, confirm=said.confirm)
    if not said.has_day:
        return _time_only(said, context, after)
    days = _days(said, context, day_of(after) if after else None)
    if days.fault or days.start is None or days.end is None:
        return days
    first_day, final_day = day_of(days.start), day_of(days.end)
    days = replace(
        days,
        vague=days.vague or said.vague,
        confirm=days.confirm or said.confirm,
        provisional=days.provisional or said.provisional,
    )
    if not said.daypart and not said.clock:
        return days
    if first_day != final_day:
        # 周末上午: a time on several days is a question back.
        placed, other = (_on_day(said, first_day + timedelta(days=step), after) for step in (0, 1))
        return replace(placed, confirm=True, vague=True, alternatives=((other.start, other.end),))
    placed = _on_day(said, first_day, after)
    others = tuple(
        (other.start, other.end)
        for start, _ in days.alternatives
        if start is not None and (other := _on_day(said, day_of(start), None)).start
    )
    return replace(
        placed,
        alternatives=placed.alternatives + others,
        confirm=days.confirm or placed.confirm,
        vague=days.vague or placed.vague,
        provisional=days.provisional,
    )


# ---- times


def _time_only(said: Said, context: Context, after: Stamp | None) -> Answer:
    if after is not None:
        return _on_day(said, day_of(after), after)
    today = _on_day(said, context.today, None)
    if today.end is None:
        return today
    if context.prefer == "past":
        if as_start(today.start or today.end) <= context.now:
            return today
        return _on_day(said, context.today - timedelta(days=1), None)
    if as_end(today.end) >= context.now:
        return today
    tomorrow = _on_day(said, context.today + timedelta(days=1), None)
    later_today = tuple(pair for pair in today.alternatives if pair[0] and as_start(pair[0]) > context.now)
    return replace(
        tomorrow, confirm=True, alternatives=later_today + tomorrow.alternatives + ((today.start, today.end),)
    )


def _on_day(said: Said, day: date, after: Stamp | None) -> Answer:
    if said.clock is None:
        assert said.daypart is not None
        first, last = DAYPARTS[said.daypart]
        return Answer(at(day, first), at(day, last) if last < 24 else at(day, 23, 59), vague=True)
    hours, doubtful = _hours(said)
    minute = said.clock[1]
    if isinstance(after, datetime) and day == after.date():
        # 9点到5点, 下午2点到4点: the first reading after the start.
        later = [hour for hour in _readings(said) if at(day, hour, minute) > after]
        if later:
            return Answer(at(day, later[0], minute), at(day, later[0], minute))
        if after.hour >= 18 and not said.has_day:
            night = at(day + timedelta(days=1), hours[0] % 12 if not said.clock[2] else hours[0], minute)
            return Answer(night, night, confirm=True)
    stamp = at(day, hours[0], minute)
    others = tuple((other, other) for hour in hours[1:] if (other := at(day, hour, minute)))
    return Answer(stamp, stamp, alternatives=others, confirm=doubtful)


def _readings(said: Said) -> list[int]:
    assert said.clock is not None
    hour, _, exact = said.clock
    if exact:
        return [hour]
    return sorted({hour, hour + 12 if hour < 12 else hour})


def _hours(said: Said) -> tuple[list[int], bool]:
    """The hours that a clock word can mean, the likeliest first; whether to ask."""
    assert said.clock is not None
    hour, _, exact = said.clock
    if said.daypart is None:
        if exact or hour >= 12:
            return [hour], False
        return ([hour + 12, hour] if hour <= _EARLY_HOURS else [hour, hour + 12]), False
    if hour > 12 or hour == 0:
        return [hour], False
    if said.daypart in {"晚上", "半夜"}:
        if 12 > hour > 4:
            return [hour + 12], False
        # 晚上一点 is the next day's to some and this day's to others.
        return ([24], False) if hour == 12 else ([24 + hour, hour], True)
    afternoon = hour % 12 + 12
    return [
        {"凌晨": hour % 12, "中午": hour if hour >= 10 else afternoon}.get(
            said.daypart, hour if said.daypart in {"早上", "上午"} else afternoon
        )
    ], False


# ---- days


def _nearest(candidates: Iterable[_Days], context: Context, from_day: date | None) -> tuple[_Days, _Days | None] | None:
    """The candidate that is meant, and the one on the other side of today; candidates ascend."""
    listed = list(candidates)
    anchor = from_day or context.today
    ahead = [days for days in listed if days[1] >= anchor]
    behind = [days for days in listed if days[1] < anchor]
    if context.prefer == "past" and from_day is None:
        begun = [days for days in listed if days[0] <= anchor]
        return (begun[-1], None) if begun else None
    return (ahead[0], behind[-1] if behind and from_day is None else None) if ahead else None


def _years(said: Said, context: Context) -> Iterable[int]:
    return [said.year] if said.year is not None else range(context.today.year - 8, context.today.year + 10)


def _choose(
    candidates: Iterable[_Days], said: Said, context: Context, from_day: date | None, *, whole: bool = False
) -> Answer:
    listed = list(candidates)
    if not listed:
        return Answer(fault="no_such_day")
    if said.year is not None:
        return Answer(*listed[0], whole=whole)
    chosen = _nearest(listed, context, from_day)
    if chosen is None:
        return Answer(fault="out_of_range")
    (start, end), other = chosen
    passed = _DOUBTFUL_MONTHS if whole else _DOUBTFUL
    doubtful = other is not None and context.today - other[1] <= passed and end - context.today > _DOUBTFUL
    return Answer(start, end, whole=whole, confirm=doubtful, alternatives=(other,) if doubtful and other else ())


def _days(said: Said, context: Context, from_day: date | None) -> Answer:
    for rule in _DAY_RULES:
        answer = rule(said, context, from_day)
        if answer is not None:
            return answer
    return Answer(fault="not_understood")


type _DayRule = Callable[[Said, Context, date | None], Answer | None]


def _nth(said: Said, context: Context, from_day: date | None) -> Answer | None:
    return _nth_of(said, said.nth, context, from_day) if said.nth else None


def _nth_of(said: Said, nth: tuple[int, str], context: Context, from_day: date | None) -> Answer:
    count, unit = nth
    container = _days(replace(said, nth=None, weekday=None), context, from_day) if _has_container(said) else None
    if container is None or not isinstance(container.start, date) or not isinstance(container.end, date):
        return Answer(fault=container.fault if container and container.fault else "not_understood")
    first, last = day_of(container.start), day_of(container.end)
    if unit == "workday":
        return _nth_workday(count, first, last, context)
    weekday = 0 if unit == "week" else said.weekday
    run = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    found = [day for day in run if day.weekday() == weekday]
    if count > len(found):
        return Answer(fault="no_such_day")
    day = found[count - 1 if count > 0 else -1]
    if unit == "weekday":
        return Answer(day, day)
    if said.weekday is None:
        return Answer(day, day + timedelta(days=6), whole=True, vague=True, confirm=True)
    return Answer(day + timedelta(days=said.weekday), day + timedelta(days=said.weekday), confirm=True)


def _has_container(said: Said) -> bool:
    return replace(said, nth=None, weekday=None, daypart=None, clock=None, moment=None).has_day


def _nth_workday(count: int, first: date, last: date, context: Context) -> Answer:
    found = nth_workday(context, first - timedelta(days=1) if count > 0 else last + timedelta(days=1), count)
    inside = found.start is not None and first <= day_of(found.start) <= last
    return replace(found, confirm=found.confirm or not inside)


def nth_workday(context: Context, edge: date, count: int) -> Answer:
    """The count-th working day after the edge (before it when negative).

    A calendar makes a provisional day early, to be safe as a deadline; an appointment wants a day that is worked: in
    an unpublished year the plain Monday to Friday, not on 1 January, and asked back.
    """
    if context.calendar is None:
        return Answer(fault="needs_calendar")
    counted = context.calendar.add_workdays(edge, count)
    if isinstance(counted, date):
        return Answer(counted, counted)
    if not counted.provisional:
        return Answer(counted.date, counted.date)
    day, left = edge, abs(count)
    while left:
        day += timedelta(days=1 if count > 0 else -1)
        left -= day.weekday() < SATURDAY and (day.month, day.day) != (1, 1)
    return Answer(day, day, provisional=True, confirm=True)


def _span(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.span is None:
        return None
    alternatives: tuple[Interval, ...] = ()
    start, end = said.span
    if end == context.today and start < end:
        # 最近30天 counted with today; some count the days before it.
        alternatives = ((start - timedelta(days=1), end),)
    return Answer(start, end, alternatives=alternatives)


def _absolute(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.on is None:
        return None
    if said.weekday is None:
        return Answer(said.on, said.on)
    if said.last.name == "WEEKDAY" and said.monday is None and said.on.weekday() != said.weekday:
        if (said.on - context.today).days % 7 == 0 and said.on >= context.today + timedelta(days=7):
            # 两周后的周三: the Wednesday of that week
            day = monday_of(said.on) + timedelta(days=said.weekday)
            return Answer(day, day)
        return _mismatch(said.on, said.weekday)
    return Answer(said.on, said.on) if said.on.weekday() == said.weekday else _in_week_of(said)


def _in_week_of(said: Said) -> Answer:
    assert said.on is not None
    assert said.weekday is not None
    day = monday_of(said.on) + timedelta(days=said.weekday)
    return Answer(day, day)


def _mismatch(day: date, weekday: int) -> Answer:
    """12月8号周三 when the 8th is a Tuesday: the date, asked back with that week's Wednesday."""
    other = monday_of(day) + timedelta(days=weekday)
    return Answer(day, day, confirm=True, alternatives=((other, other),))


def _festival(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.festival is None:
        return None
    rule, length = FESTIVALS[said.festival], 1
    if said.part == "假期":
        length = HOLIDAY_DAYS.get(said.festival, 1)
    found = [day for year in _years(said, context) for day in rule(year)]
    if said.year is not None:
        found = found[-1:]  # of two 腊八 in one solar year the one of the lunar year with its number
    answer = _choose(((day, day + timedelta(days=length - 1)) for day in found), said, context, from_day, whole=True)
    return replace(answer, confirm=False, alternatives=())


def _lunar(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.lunar is None:
        return None
    month, day, leap = said.lunar
    months = [month] if month else range(1, 13)
    years = [year for solar in _years(said, context) for year in (solar - 1, solar)]
    found = sorted({place for year in years for number in months if (place := lunar_day(year, number, day, leap))})
    if said.year is not None:
        found = [place for place in found if place.year == said.year]
    return replace(
        _choose(((place, place) for place in found), said, context, from_day), confirm=False, alternatives=()
    )


_PART_DAYS = {
    "初": (1, 5),
    "上旬": (1, 10),
    "中旬": (11, 20),
    "下旬": (21, 0),
    "底": (25, 0),
    "上半": (1, 15),
    "下半": (16, 0),
}


def _part_of(part: str | None, first: date, last: date) -> _Days:
    """The part of a month (or of a quarter: its first days, its last days)."""
    if part not in _PART_DAYS:
        return first, last
    begin, end = _PART_DAYS[part]
    month = first if begin == 1 else last
    return month.replace(day=begin), month.replace(day=end) if end else last


def _months(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.months is None:
        return None
    first, last = said.months
    if said.year is None and last - first == 5 and from_day is None and context.prefer == "future":
        # 上半年 without a year is this year's, over or not.
        year = context.today.year
        next_years = (date(year + 1, first, 1), last_day(year + 1, last))
        over = last_day(year, last) < context.today
        return Answer(
            date(year, first, 1),
            last_day(year, last),
            whole=True,
            confirm=over,
            alternatives=(next_years,) if over else (),
        )
    candidates = (_part_of(said.part, date(year, first, 1), last_day(year, last)) for year in _years(said, context))
    return _choose(candidates, said, context, from_day, whole=said.part is None)


def _month(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.month is None or said.day is not None:
        return None
    month = said.month
    candidates = (_part_of(said.part, date(year, month, 1), last_day(year, month)) for year in _years(said, context))
    return _choose(candidates, said, context, from_day, whole=said.part is None)


def _bare_part(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.part is None or said.year is not None:
        return None
    anchor = from_day or context.today
    starts = [shift_months(anchor.replace(day=1), step) for step in range(-2, 3)]
    candidates = [_part_of(said.part, first, last_day(first.year, first.month)) for first in starts]
    chosen = _nearest(candidates, context, from_day)
    if chosen is None:
        return Answer(fault="out_of_range")
    (start, end), _ = chosen
    this_month = candidates[2]
    passed = this_month[1] < context.today and start != this_month[0]
    return Answer(start, end, confirm=passed, alternatives=(this_month,) if passed else ())


def _year(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.year is None or said.day is not None:
        return None
    return Answer(date(said.year, 1, 1), date(said.year, 12, 31), whole=True)


def _week(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.monday is None:
        return None
    if said.weekend:
        return Answer(said.monday + timedelta(days=5), said.monday + timedelta(days=6))
    if said.weekday is None:
        return Answer(said.monday, said.monday + timedelta(days=6), whole=True)
    day = said.monday + timedelta(days=said.weekday)
    return Answer(day, day)


def _bare_weekday(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.day is not None or not (said.weekend or said.weekday is not None):
        return None
    anchor = from_day or context.today
    if said.weekend:
        saturday = monday_of(anchor) + timedelta(days=5)
        if context.prefer == "past" and from_day is None and saturday > anchor:
            saturday -= timedelta(weeks=1)
        return Answer(saturday, saturday + timedelta(days=1))
    assert said.weekday is not None
    ahead = (said.weekday - anchor.weekday()) % 7
    if from_day is not None:
        day = anchor + timedelta(days=ahead)
        return Answer(day, day)
    if context.prefer == "past":
        day = anchor - timedelta(days=(anchor.weekday() - said.weekday) % 7 or 7)
    else:
        day = anchor + timedelta(days=ahead or 7)
    today = ((anchor, anchor),) if ahead == 0 else ()
    return Answer(day, day, confirm=bool(today), alternatives=today)


def _numbered_day(said: Said, context: Context, from_day: date | None) -> Answer | None:
    if said.day is None:
        return None
    if said.month is None:
        answer = _day_of_a_month(said.day, context, from_day)
    else:
        answer = _day_of_a_year(said, said.month, said.day, context, from_day)
    if answer.start is not None and said.weekday is not None and day_of(answer.start).weekday() != said.weekday:
        return _mismatch(day_of(answer.start), said.weekday)
    return answer


def _day_of_a_month(day: int, context: Context, from_day: date | None) -> Answer:
    first = (from_day or context.today).replace(day=1)
    starts = [shift_months(first, step) for step in range(-3, 5)]
    listed = [(start.replace(day=day),) * 2 for start in starts if day <= last_day(start.year, start.month).day]
    chosen = _nearest(listed, context, from_day)
    return Answer(*chosen[0]) if chosen else Answer(fault="no_such_day")


def _day_of_a_year(said: Said, month: int, day: int, context: Context, from_day: date | None) -> Answer:
    looks_ahead = said.year is None and from_day is None and context.prefer == "future"
    next_february = context.today.year + ((context.today.month, context.today.day) > (2, 29))
    if looks_ahead and (month, day) == (2, 29) and last_day(next_february, 2).day < 29:
        # A leap day years away is not what was meant.
        return Answer(fault="no_such_day")
    years = (year for year in _years(said, context) if day <= last_day(year, month).day)
    answer = _choose(((date(year, month, day),) * 2 for year in years), said, context, from_day)
    lunar = _lunar(replace(said, lunar=(month, day, False), day=None), context, from_day) if said.confirm else None
    if lunar and lunar.start and answer.start:
        return replace(answer, confirm=True, alternatives=((lunar.start, lunar.end),))
    return answer


_DAY_RULES: list[_DayRule] = [
    _nth, _span, _absolute, _festival, _lunar, _months, _numbered_day, _month, _week, _bare_weekday, _bare_part, _year,
]  # fmt: skip
