"""A wished time out of what somebody said: the windows that it may mean, or why there is none. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from anze.bookings.slots import Half, Window
from anze.calendar.when import TimeExpression, first, parse
from anze.calendar.when.lexicon import normalise
from anze.calendar.when.model import Stamp, WorkCalendar
from anze.clock import SHANGHAI

_CORRECTS = re.compile("不对|不是|不行|错了|说错|应该是|改成|改到")
FAR = timedelta(days=366)
"""A day that is later than this is a slip."""


@dataclass(frozen=True)
class Wish:
    """`windows`: the reading that is meant first; more than one, or `unclear`, is asked back and never held at once.

    `words` are those of the time itself. Without windows `fault` says why: past (it is over), far, or none (no time
    was said).
    """

    windows: tuple[Window, ...] = ()
    unclear: bool = False
    fault: str | None = None
    words: str = ""


def read(
    text: str, now: datetime, calendar: WorkCalendar, before: date | None = None, half: Half | None = None
) -> Wish:
    """The wish in a text. `before` is the day that was meant until now: 改到下午 keeps it, 5号 keeps its month.
    `half` is the half day of that wish: 不是8号是10号 keeps its morning.
    """
    wish = _read(text, now, calendar, before)
    return _same_part(wish, half) if half is not None and _CORRECTS.search(text) else wish


def _same_part(wish: Wish, half: Half) -> Wish:
    """A day without a part of it gets the part that was meant before."""
    start, end = (wish.windows[0].start, wish.windows[0].end) if len(wish.windows) == 1 else (None, None)
    if wish.unclear or start is None or end is None or (start, end) != (_begin(start.date()), _finish(start.date())):
        return wish
    same = Half(start.date(), half.part)
    return replace(wish, windows=(Window(same.starts_at, same.ends_at),))


def _read(text: str, now: datetime, calendar: WorkCalendar, before: date | None) -> Wish:
    found = [one for one in parse(text, now, calendar=calendar) if one.kind not in {"none", "duration"}]
    if not found:
        return Wish(fault="none")
    if before is not None and not _names_weekday_or_relative(text):
        # The parser knows how a correction inherits: 下周三不行，改到下午.
        after = first(f"{before:%Y年%m月%d日}不行，改{text}", now, calendar=calendar)
        wish = _wish(after, now)
        if wish.windows:
            return wish
    return _wish(_corrected(text, found, now, calendar) or first(text, now, calendar=calendar), now)


def _corrected(text: str, found: list[TimeExpression], now: datetime, calendar: WorkCalendar) -> TimeExpression | None:
    """12月8号上午……不是8号是10号: the last time replaces the one before it and inherits what it does not say itself."""
    if len(found) < 2:
        return None
    old, new = found[-2], found[-1]
    between = normalise(text)[old.span[1] : new.span[0]]
    if not _CORRECTS.search(between):
        return None
    meant = first(f"{old.text}不行，改{new.text}", now, calendar=calendar)
    if isinstance(old.start, datetime) and isinstance(old.end, datetime) and type(meant.start) is date:
        # Only the day was corrected; the time of day stays.
        begins, ends = (datetime.combine(meant.start, stamp.timetz()) for stamp in (old.start, old.end))
        return replace(meant, kind="range", start=begins, end=ends)
    return meant


def _names_weekday_or_relative(text: str) -> bool:
    """Whether a text names its day by itself (今天, 明天, 后天)."""
    return any(word in text for word in ("今", "明", "后天", "昨"))


def _wish(one: TimeExpression, now: datetime) -> Wish:
    if one.kind in {"none", "duration"}:
        return Wish(fault="none")
    readings = [(one.start, one.end), *one.alternatives]
    windows = [Window(_begin(start), _finish(end)) for start, end in readings]
    ahead = [window for window in windows if window.end is None or window.end > now]
    if not ahead:
        return Wish(fault="past")
    near = [window for window in ahead if window.start is None or window.start <= now + FAR]
    if not near:
        return Wish(fault="far")
    return Wish(tuple(near), unclear=one.confirm, words=one.text)


def _begin(stamp: Stamp | None) -> datetime | None:
    if stamp is None or isinstance(stamp, datetime):
        return stamp
    return datetime.combine(stamp, time(), SHANGHAI)


def _finish(stamp: Stamp | None) -> datetime | None:
    if stamp is None or isinstance(stamp, datetime):
        return stamp
    return datetime.combine(stamp, time(23, 59, 59), SHANGHAI)
