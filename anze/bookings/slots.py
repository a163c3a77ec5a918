"""The grid of half days, wished times on it, and free half days by their distance from a wish. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from anze.bookings.kinds import Part
from anze.clock import SHANGHAI

HOURS: Mapping[Part, tuple[time, time]] = {
    Part.MORNING: (time(9, 0), time(12, 0)),
    Part.AFTERNOON: (time(13, 30), time(16, 30)),
}
_NAME = re.compile(r"(\d{1,9})\.(\d{4}-\d\d-\d\d)\.(am|pm)")


@dataclass(frozen=True, order=True)
class Half:
    """One half day of the grid."""

    day: date
    part: Part

    @property
    def starts_at(self) -> datetime:
        """Its beginning, aware, UTC."""
        return _instant(self.day, HOURS[self.part][0])

    @property
    def ends_at(self) -> datetime:
        """Its end, aware, UTC."""
        return _instant(self.day, HOURS[self.part][1])


@dataclass(frozen=True, order=True)
class Slot:
    """A half day of one team; named `<team_id>.<date>.<am|pm>`."""

    half: Half
    team_id: int

    @property
    def name(self) -> str:
        return f"{self.team_id}.{self.half.day.isoformat()}.{self.half.part.value}"


@dataclass(frozen=True)
class Window:
    """A wished time: aware instants, both included; an end that is None is open. A point has equal ends."""

    start: datetime | None
    end: datetime | None


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def parse_slot(name: str) -> Slot | None:
    """The slot of a name; None when it is not one."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[2])
    except ValueError:
        return None
    return Slot(Half(day, Part(found[3])), int(found[1]))


def half_of(starts_at: datetime) -> Half:
    """The half day in which something begins: before noon in Shanghai the morning."""
    here = starts_at.astimezone(SHANGHAI)
    return Half(here.date(), Part.MORNING if here.time() < time(12) else Part.AFTERNOON)


def bookable(half: Half, now: datetime) -> bool:
    """Whether a half day still lies ahead: the next one at the earliest, never one that has begun."""
    return half.starts_at > now


def halves(first: date, last: date) -> Iterator[Half]:
    """Every half day of these days, both included, in order."""
    for offset in range((last - first).days + 1):
        for part in Part:
            yield Half(first + timedelta(days=offset), part)


def distance(half: Half, window: Window) -> timedelta:
    """How far a half day lies from a wish; zero when they overlap. An edge that only touches does not overlap."""
    if window.end is not None and half.starts_at >= window.end and window.start != window.end:
        return half.starts_at - window.end + timedelta(seconds=1)
    if window.end is not None and half.starts_at > window.end:
        return half.starts_at - window.end
    if window.start is not None and half.ends_at <= window.start:
        return window.start - half.ends_at + timedelta(seconds=1)
    return timedelta(0)


def the_half(window: Window) -> Half | None:
    """The one half day that a wish means (12月8号上午, 下周三下午三点); None for a longer or a vaguer one."""
    if window.start is None or window.end is None:
        return None
    first, last = window.start.astimezone(SHANGHAI).date(), window.end.astimezone(SHANGHAI).date()
    if first != last:
        return None
    meant = [half for half in halves(first, first) if not distance(half, window)]
    return meant[0] if len(meant) == 1 else None


def rank(half: Half, windows: Sequence[Window]) -> tuple[bool, timedelta, Half]:
    """Key to sort by: on a wished day and overlapping first, then on a wished day, then nearest; earlier before later.

    Without a wish (no windows) the earliest is first.
    """
    if not windows:
        return (False, timedelta(0), half)
    nearest = min(distance(half, window) for window in windows)
    return (nearest > timedelta(0) and not any(_on_day(half, window) for window in windows), nearest, half)


def _on_day(half: Half, window: Window) -> bool:
    first = window.start.astimezone(SHANGHAI).date() if window.start else None
    last = window.end.astimezone(SHANGHAI).date() if window.end else None
    return (first is None or first <= half.day) and (last is None or half.day <= last)


def span(windows: Sequence[Window], today: date, ahead: int, around: int) -> tuple[date, date]:
    """First and last day to look for free half days in: `ahead` days from today without a wish, else `around` it."""
    starts = [w.start.astimezone(SHANGHAI).date() for w in windows if w.start is not None]
    ends = [w.end.astimezone(SHANGHAI).date() for w in windows if w.end is not None]
    open_end = any(w.end is None for w in windows)
    first = max(today, min(starts) - timedelta(days=around)) if starts else today
    reach = max([*ends, *starts, first]) + timedelta(days=around)
    last = max(reach, first + timedelta(days=ahead)) if open_end or not windows else reach
    return first, min(last, first + timedelta(days=LONGEST))


LONGEST = 120
"""Days: nobody plans a visit over a longer span, and a wish of a whole year is not searched to its end."""


def nearest(free: Iterable[Slot], windows: Sequence[Window], limit: int) -> list[Slot]:
    """The best slots, one for each half day: the first of a half day in `free` is its best team."""
    by_half: dict[Half, Slot] = {}
    for slot in free:
        by_half.setdefault(slot.half, slot)
    return sorted(by_half.values(), key=lambda slot: rank(slot.half, windows))[:limit]
