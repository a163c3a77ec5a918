"""The grid of half days and the order in which free ones are offered."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.bookings.kinds import Part
from anze.bookings.slots import (
    Half,
    Slot,
    Window,
    bookable,
    distance,
    half_of,
    halves,
    nearest,
    parse_slot,
    span,
    the_half,
)

AM, PM = Part.MORNING, Part.AFTERNOON
TUESDAY = date(2026, 12, 8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def window(start: str | None, end: str | None) -> Window:
    return Window(at(start) if start else None, at(end) if end else None)


def test_the_hours_of_a_half_day() -> None:
    morning, afternoon = Half(TUESDAY, AM), Half(TUESDAY, PM)
    assert (morning.starts_at, morning.ends_at) == (at("2026-12-08T09:00"), at("2026-12-08T12:00"))
    assert (afternoon.starts_at, afternoon.ends_at) == (at("2026-12-08T13:30"), at("2026-12-08T16:30"))
    assert morning.starts_at.tzinfo is UTC
    assert [half_of(half.starts_at) for half in (morning, afternoon)] == [morning, afternoon]


def test_names_of_slots_come_back() -> None:
    for half in halves(date(2026, 2, 27), date(2026, 3, 2)):
        slot = Slot(half, 12)
        assert parse_slot(slot.name) == slot
    for bad in ("", "12.2026-02-30.am", "12.2026-03-01.xx", "x.2026-03-01.am", "12.2026-03-01.am'", "-1.2026-03-01.am"):
        assert parse_slot(bad) is None


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-12-08T08:59", (TUESDAY, AM)),
        ("2026-12-08T09:00", (TUESDAY, PM)),
        ("2026-12-08T10:00", (TUESDAY, PM)),
        ("2026-12-08T13:30", (date(2026, 12, 9), AM)),
        ("2026-12-08T23:59", (date(2026, 12, 9), AM)),
    ],
)
def test_the_next_half_day_is_the_first_one(now: str, first: tuple[date, Part]) -> None:
    found = next(half for half in halves(TUESDAY, TUESDAY + timedelta(days=2)) if bookable(half, at(now)))
    assert found == Half(*first)


@pytest.mark.parametrize(
    ("start", "end", "half"),
    [
        ("2026-12-08T08:00", "2026-12-08T12:00", (TUESDAY, AM)),
        ("2026-12-08T12:00", "2026-12-08T18:00", (TUESDAY, PM)),
        ("2026-12-08T15:00", "2026-12-08T15:00", (TUESDAY, PM)),
        ("2026-12-08T09:00", "2026-12-08T09:00", (TUESDAY, AM)),
        ("2026-12-08T00:00", "2026-12-08T23:59:59", None),
        ("2026-12-08T00:00", "2026-12-09T12:00", None),
        ("2026-12-08T12:30", "2026-12-08T12:30", None),
        ("2026-12-08T18:00", "2026-12-08T22:00", None),
        ("2026-12-08T13:00", None, None),
    ],
)
def test_what_wish_means_one_half_day(start: str, end: str | None, half: tuple[date, Part] | None) -> None:
    assert the_half(window(start, end)) == (Half(*half) if half else None)


def order(windows: list[Window], first: date, last: date) -> list[tuple[int, str]]:
    free = [Slot(half, 1) for half in halves(first, last)]
    return [(slot.half.day.day, slot.half.part.value) for slot in nearest(free, windows, 5)]


def test_same_day_and_part_first_then_the_same_day_then_nearest() -> None:
    wish = window("2026-12-08T12:00", "2026-12-08T18:00")
    assert order([wish], date(2026, 12, 6), date(2026, 12, 10)) == [
        (8, "pm"), (8, "am"), (9, "am"), (7, "pm"), (9, "pm"),
    ]  # fmt: skip


def test_a_week_is_offered_from_its_beginning_and_two_readings_alternate() -> None:
    week = window("2026-12-07T00:00", "2026-12-13T23:59:59")
    assert order([week], date(2026, 12, 4), date(2026, 12, 9))[:3] == [(7, "am"), (7, "pm"), (8, "am")]
    days = [window(f"2026-12-{day:02}T00:00", f"2026-12-{day:02}T23:59:59") for day in (3, 10)]
    assert set(order(days, date(2026, 12, 1), date(2026, 12, 12))[:4]) == {(3, "am"), (3, "pm"), (10, "am"), (10, "pm")}


def test_each_half_day_is_offered_once_with_its_best_team() -> None:
    half = Half(TUESDAY, AM)
    assert nearest([Slot(half, 9), Slot(half, 2)], [], 4) == [Slot(half, 9)]


instants = st.integers(0, 30 * 24 * 60).map(lambda n: at("2026-12-01T00:00") + timedelta(minutes=n))


@given(instants, instants, st.sets(st.integers(0, 59), min_size=1))
def test_the_order_against_minutes_counted_one_by_one(one: datetime, other: datetime, places: set[int]) -> None:
    """The oracle looks at every minute of the wish and of the half day."""
    wish = Window(min(one, other), max(one, other))
    grid = list(halves(date(2026, 12, 1), date(2026, 12, 30)))
    free = [Slot(grid[place], 1) for place in places]

    def gap(half: Half) -> float:
        if wish.start and wish.end and half.starts_at < wish.end and wish.start < half.ends_at:
            return 0
        ends = [
            abs((a - b).total_seconds()) for a in (half.starts_at, half.ends_at) for b in (wish.start, wish.end) if b
        ]
        return min(ends)

    found = nearest(free, [wish], len(free))
    assert {slot.half for slot in found} == {slot.half for slot in free}
    days = {d.astimezone(at("2026-12-01T00:00").tzinfo).date() for d in (wish.start, wish.end) if d}
    first, last = min(days), max(days)
    on_day = [first <= slot.half.day <= last for slot in found]
    assert on_day == sorted(on_day, reverse=True)
    for group in (True, False):
        gaps = [gap(slot.half) for slot, here in zip(found, on_day, strict=True) if here is group]
        assert gaps == sorted(gaps)


@given(instants, st.one_of(st.none(), instants), st.integers(1, 60), st.integers(1, 30))
def test_the_span_holds_the_wish_and_never_the_past(
    start: datetime, end: datetime | None, ahead: int, around: int
) -> None:
    wish = Window(start, max(start, end) if end else None)
    today = date(2026, 12, 10)
    first, last = span([wish], today, ahead, around)
    assert first >= today
    assert first <= last
    day = half_of(start).day
    if day >= today:
        assert first <= day <= last
    assert (last - first).days <= 120


def test_distance_is_zero_exactly_when_they_overlap() -> None:
    half = Half(TUESDAY, AM)
    assert distance(half, window("2026-12-08T11:59", "2026-12-08T13:00")) == timedelta(0)
    assert distance(half, window("2026-12-08T12:00", "2026-12-08T13:00")) > timedelta(0)
    assert distance(half, window(None, "2026-12-08T09:01")) == timedelta(0)
    assert distance(half, window("2026-12-08T12:01", None)) > timedelta(0)
