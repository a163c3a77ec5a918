"""Which stretch of time a question is about."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from anze.calendar.rules import WorkCalendar
from anze.calendar.when import Direction, TimeExpression, parse
from anze.clock import legal_date
from anze.obligations.asking.finding import Words
from anze.obligations.asking.model import Asked
from anze.obligations.query import Query, When, Window
from anze.obligations.relations import RELATIONS
from anze.standard.models import Check

type Times = list[tuple[Window, int]]
"""Windows as they were said, each with the place where its words end"""

_YEAR = re.compile(r"20\d\d")
_LONGER = re.compile(r"(?:超过|超出|超了|超|满|多于|大于|过了|拖了)$")
_NEARLY = re.compile(r"(?:快|将近|差不多|快到)$")
_NEARLY_UP = re.compile(r"(?:就|都)?(?:快|马上|眼看)(?:要|就)?(?:满|到|过)")
_FOR_WHOM = re.compile(
    r"(?:前|之前|以前)?(?:就|得|还|急|等着|急着)*(?:开会|检查)?(?:要|得|等着|急着)(?:看|用|交|报|汇报|开会)"
)
"""领导下午要看: when the answer is wanted, not what it is about"""
_SAID_SO = re.compile(r".{0,6}?(?:开会|打电话来|来电话|点名|催|发话|交代|布置|通知下来)")
"""昨天开会点名了说…: when somebody told the asker to ask"""
_FAR = timedelta(days=183)
_LONG = timedelta(days=26)
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.5, "quarter": 91.0, "year": 365.0}
_VISIT = "starts_on"
"""The fact by which a duty must be done before a visit"""
_LONGEST = 36_500
_TO_THE_DAY = frozenset({"到期", "最晚", "截止", "due", "到头", "最后一天", "到头了"})
_SO_FAR = re.compile(r"(?:到|截至|截止|截止到|直到)$")


def times_in(words: Words, asked: Asked) -> Times:
    """Every time that was named. 超过一个月没…: what began so long ago or before."""
    found: Times = []
    today = legal_date(asked.now)
    for one in _expressions(words, asked):
        begin, end = one.span
        if one.kind == "duration":
            age = _days(one)
            if age is not None and _LONGER.search(words.text[:begin]):
                found.append((Window(When.BETWEEN, None, today - timedelta(days=age), one.text), end))
                words.take(begin, end)
            elif _NEARLY.search(words.text[:begin]):
                words.take(begin, end)
            elif up := _NEARLY_UP.match(words.text, end):
                words.take(begin, up.end())
        elif one.kind == "date" and _day(one.start) == today and _SO_FAR.search(words.text[:begin]):
            words.take(begin, end)  # 到今天还没改的: as it stands
        elif aside := _FOR_WHOM.match(words.text, end) or _SAID_SO.match(words.text, end):
            words.drop(begin, aside.end())
        elif one.kind != "none":
            found.append((Window(When.BETWEEN, _day(one.start), _day(one.end), one.text), end))
            words.take(begin, end)
    return found


def _expressions(words: Words, asked: Asked) -> list[TimeExpression]:
    """As they are said; a month or quarter that would be far ahead is the one that was (三季度的演练, in November)."""
    ahead = _direction(words, asked)
    said = parse(words.text, asked.now, calendar=asked.calendar, prefer=ahead)
    if ahead == "past":
        return said
    today = legal_date(asked.now)
    before = {one.span: one for one in parse(words.text, asked.now, calendar=asked.calendar, prefer="past")}
    return [before.get(one.span, one) if _is_far(one, today) else one for one in said]


def _is_far(one: TimeExpression, today: date) -> bool:
    first, last = _day(one.start), _day(one.end)
    return first is not None and last is not None and last - first >= _LONG and first - today > _FAR


def _direction(words: Words, asked: Asked) -> Direction:
    """A bare 周三 or 1月 is the next one of what is still to come, and else the last one."""
    visits = any((due := asked.checks[one.value].due) and due.by == _VISIT for one in words.of("check"))
    if any(one.value == "met" for one in words.of("part")):
        return "past"
    return "future" if visits or "due_marks" in words.kinds else "past"


def nearly(words: Words, asked: Asked) -> bool:
    """快10个工作日了还没…: what is due soon is meant."""
    return any(
        one.kind == "duration"
        and (_NEARLY.search(words.text[: one.span[0]]) or _NEARLY_UP.match(words.text, one.span[1]))
        for one in parse(words.text, asked.now, calendar=asked.calendar, prefer="past")
    )


def windowed(query: Query, check: Check, words: Words, times: Times, today: date) -> Query:
    """The query with the time that was named; without one as it was."""
    relation = RELATIONS.get(check.subject)
    period = relation is not None and relation.period
    if "calendar_year" in words.kinds:
        said = _YEAR.search(words.text)
        year = next((window.first.year for window, _ in times if window.first), int(said[0]) if said else today.year)
        return replace(query, window=Window(When.CALENDAR_YEAR, date(year, 1, 1), date(year, 12, 31)))
    if not times:
        return replace(query, window=Window()) if "policy_year" in words.kinds else query
    window, end = times[0]
    ahead = window.last is not None and window.last > today and not _is_year(window)
    marks = words.of("due_marks")
    to_the_day = any(one.word in _TO_THE_DAY for one in marks)
    # What has a last day and has not come yet can only be due then, but for a visit, which has a day of its own.
    visit = check.due is not None and check.due.by == _VISIT
    awaited = check.due is not None and not visit and not period
    to_come = awaited and window.first is not None and window.first >= today
    soon = ahead and "due_soon" in query.filters.parts
    marked = any(one.begin == end for one in marks) and (check.weak or not visit)
    if to_the_day or soon or (ahead and (to_come or marked)):
        query = query.narrowed(parts=tuple(one for one in query.filters.parts if one != "due_soon")) if soon else query
        return replace(query, window=replace(window, kind=When.DUE))
    return replace(query, window=_of_subjects(window, today, period=period, ended="ended_marks" in words.kinds))


def again(window: Window, check: Check, asked: Asked) -> Window:
    """A time that was said of another duty, for this one: 今年 is not the same for policy years and for services."""
    return window if window.kind is When.DUE else renewed(window, check, asked.now, asked.calendar)


def renewed(window: Window, check: Check, now: datetime, calendar: WorkCalendar) -> Window:
    """The words of a window (本周, 上季度) as they are meant at this moment; a window of named days stays as it is."""
    if not window.name or window.kind is When.CALENDAR_YEAR:
        return window
    ahead: Direction = "future" if window.kind is When.DUE else "past"
    said = parse(window.name, now, calendar=calendar, prefer=ahead)
    if len(said) != 1 or said[0].kind in {"none", "duration"}:
        return window
    plain = Window(When.BETWEEN, _day(said[0].start), _day(said[0].end), window.name)
    if window.kind is When.DUE:
        return replace(plain, kind=When.DUE)
    relation = RELATIONS.get(check.subject)
    period = relation is not None and relation.period
    return _of_subjects(plain, legal_date(now), period=period, ended=window.kind is When.ENDED)


def _of_subjects(window: Window, today: date, *, period: bool, ended: bool = False) -> Window:
    if not period or window.first is None:
        return window
    if ended:
        return replace(window, kind=When.ENDED)
    if _is_year(window):
        same = window.first.year == today.year
        return Window(name=window.name) if same else replace(window, kind=When.ENDED)
    return window


def _is_year(window: Window) -> bool:
    first, last = window.first, window.last
    return first is not None and last is not None and (first, last) == (
        date(first.year, 1, 1), date(first.year, 12, 31)
    )  # fmt: skip


def _days(one: TimeExpression) -> int | None:
    if one.length is None or one.length[1] not in _DAYS:
        return None
    return min(round(one.length[0] * _DAYS[one.length[1]]), _LONGEST)


def _day(moment: date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment
