"""When a head is exported, and until when a record is kept (7.4)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.audit.rules import EVENTS_BETWEEN, YEARS_KEPT, export_due, retained_until

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("last", "today", "seq", "due"),
    [
        (None, DAY, 0, True),
        ((DAY, 10), DAY, 10, False),
        ((DAY, 10), DAY, 10 + EVENTS_BETWEEN - 1, False),
        ((DAY, 10), DAY, 10 + EVENTS_BETWEEN, True),
        ((DAY, 10), date(2026, 11, 24), 10, True),
        ((DAY, 10), date(2026, 11, 22), 10, False),
    ],
)
def test_once_a_day_and_after_many_events(last: tuple[date, int] | None, today: date, seq: int, due: bool) -> None:
    assert export_due(last, today, seq) is due


@pytest.mark.parametrize(
    ("closed", "policy_end", "until"),
    [
        (date(2026, 11, 23), date(2027, 6, 30), date(2032, 6, 30)),
        (date(2026, 11, 23), date(2026, 6, 30), date(2031, 11, 23)),
        (date(2026, 11, 23), date(2026, 11, 23), date(2031, 11, 23)),
        (date(2026, 11, 23), None, date(2031, 11, 23)),
        (None, date(2026, 6, 30), None),
        (None, None, None),
        (date(2024, 2, 29), None, date(2029, 3, 1)),
        (date(2024, 2, 28), None, date(2029, 2, 28)),
        (date(2027, 2, 28), None, date(2032, 2, 28)),
        (date(2023, 3, 1), date(2024, 2, 29), date(2029, 3, 1)),
    ],
)
def test_five_years_from_the_later_day(closed: date | None, policy_end: date | None, until: date | None) -> None:
    assert retained_until(closed, policy_end) == until


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_never_shorter_than_five_years(closed: date, policy_end: date | None) -> None:
    until = retained_until(closed, policy_end)
    assert until is not None
    later = max(closed, policy_end or closed)
    same_day = (until.month, until.day) == (later.month, later.day)
    assert until.year == later.year + YEARS_KEPT
    assert same_day or ((later.month, later.day), (until.month, until.day)) == ((2, 29), (3, 1))
