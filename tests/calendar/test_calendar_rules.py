"""Working days: the unpublished year, gaps, constant cost."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.calendar import rules
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar, YearTable
from anze.calendar.timeline import Interval, Timeline
from anze.settings import ROOT
from anze.standard.editions import load
from tests.helpers import daywalk

TABLES = {
    year: YearTable(year, daywalk.rest_days(year), frozenset(daywalk.makeup_days(year))) for year in range(2009, 2027)
}
DAYS = [date(2010, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2010, 1, 1)).days + 1)]
WORKDAYS = [day for day in DAYS if daywalk.worked(day)]
NUMBER_OF = {day: number for number, day in enumerate(WORKDAYS)}


def without(*years: int) -> WorkCalendar:
    return WorkCalendar(table for year, table in TABLES.items() if year not in years)


@pytest.fixture(scope="module")
def today() -> WorkCalendar:
    """The calendar as it is while the notice for 2027 is not out."""
    return CalendarStore(ROOT / "knowledge", ROOT / "no-such-folder").calendar()


def lawful_day(number: int, n: int) -> date | None:
    return WORKDAYS[number + n] if number + n < len(WORKDAYS) else None


def last_number(day: date) -> int:
    """The number of the last working day not after a day."""
    while day not in NUMBER_OF:
        day -= timedelta(days=1)
        if day < DAYS[0]:
            return -1
    return NUMBER_OF[day]


@pytest.mark.parametrize(
    "hidden",
    [(1,), (0,), (0, 1), (-1, 0, 1), tuple(range(-20, 20))],
    ids=["the next year", "the year of the event", "both", "a wide gap", "every year"],
)
def test_a_provisional_date_is_never_later_than_the_lawful_one(hidden: tuple[int, ...]) -> None:
    """Every start day 2010–2026; a hidden year is the whole notice, with the December days it settles."""
    checked = provisional = 0
    calendars = {year: without(*(year + offset for offset in hidden)) for year in range(2010, 2027)}
    for start in DAYS:
        number = last_number(start)
        for n in (10, 15, 20, 30):
            lawful = lawful_day(number, n)
            if lawful is None:
                continue
            found = calendars[start.year].add_workdays(start, n)
            assert start <= found.date <= lawful, (start, n, found, lawful)
            assert found.provisional or found.date == lawful, (start, n, found, lawful)
            checked += 1
            provisional += found.provisional
    assert checked > 24_000
    assert provisional > 1_500


def test_with_every_notice_known_nothing_is_provisional() -> None:
    calendar = without()
    for start in DAYS[:-60]:
        assert calendar.add_workdays(start, 15) == rules.Counted(WORKDAYS[last_number(start) + 15], provisional=False)


@pytest.mark.parametrize(
    ("start", "n", "due", "provisional"),
    [
        (date(2026, 11, 23), 15, date(2026, 12, 14), False),
        (date(2026, 11, 23), 30, date(2026, 12, 31), True),
        (date(2026, 12, 11), 15, date(2026, 12, 31), True),
        (date(2026, 12, 10), 15, date(2026, 12, 31), False),
        (date(2026, 12, 31), 15, date(2027, 1, 18), True),
        (date(2027, 3, 1), 1, date(2027, 3, 1), True),
        (date(2027, 3, 6), 1, date(2027, 3, 6), True),
        (date(2019, 12, 20), 15, date(2020, 1, 10), True),
        (date(2019, 12, 31), 1, date(2020, 1, 2), False),
        (date(2025, 12, 15), 15, date(2026, 1, 6), False),
    ],
)
def test_the_real_calendar_of_today(today: WorkCalendar, start: date, n: int, due: date, provisional: bool) -> None:
    assert today.add_workdays(start, n) == rules.Counted(due, provisional)


def test_a_gap_in_the_middle_of_a_span_is_provisional_though_both_ends_are_known() -> None:
    calendar = without(2022)
    found = calendar.add_workdays(date(2021, 12, 1), 300)
    assert found.provisional
    assert date(2023, 1, 1) < found.date <= WORKDAYS[last_number(date(2021, 12, 1)) + 300]


def test_a_new_year_on_a_tuesday_makes_the_end_of_december_uncertain() -> None:
    """2018-12-29 was worked and 12-31 was not, by the notice for 2019."""
    before_the_notice = without(*range(2019, 2030))
    assert before_the_notice.add_workdays(date(2018, 12, 10), 15) == rules.Counted(date(2018, 12, 28), provisional=True)
    assert without().add_workdays(date(2018, 12, 10), 15) == rules.Counted(date(2018, 12, 29), provisional=False)


def test_cover_is_counted_in_working_days(today: WorkCalendar) -> None:
    assert today.covered_until(date(2026, 11, 23)) == date(2026, 12, 31)
    assert today.cover_from(date(2026, 11, 23)) == 28
    assert today.cover_from(date(2026, 12, 31)) == 0
    assert today.cover_from(date(2027, 1, 5)) == 0
    assert today.cover_from(date(2026, 2, 2)) > rules.WARN_BELOW > today.cover_from(date(2026, 10, 20))


def test_the_later_notice_wins_over_the_earlier_one() -> None:
    earlier = YearTable(2026, {date(2026, 12, 31): "元旦"}, frozenset({date(2026, 12, 26)}))
    later = YearTable(2027, {date(2026, 12, 26): "元旦"}, frozenset())
    calendar = WorkCalendar([later, earlier])
    assert not calendar.is_workday(date(2026, 12, 26))
    assert calendar.rest(date(2026, 12, 26)) == rules.Rest("元旦")
    assert calendar.rest(date(2026, 12, 19)) == rules.Rest(None)
    assert calendar.rest(date(2026, 12, 30)) is None


def test_tables_cannot_be_changed_afterwards() -> None:
    days = {date(2026, 1, 1): "元旦"}
    table = YearTable(2026, days, frozenset())
    days[date(2026, 1, 2)] = "元旦"
    assert date(2026, 1, 2) not in table.off_days
    with pytest.raises(TypeError):
        table.off_days[date(2026, 1, 3)] = "元旦"  # type: ignore[index]


@given(st.dates(date(2010, 2, 1), date(2025, 12, 31)), st.integers(-200, 200))
def test_going_forth_and_back_agree(start: date, n: int) -> None:
    calendar = without()
    there = calendar.nth_after(start, n)
    assert n == 0 or calendar.is_workday(there)
    if n > 0:
        assert calendar.workdays_between(start, there) == n
    if n < 0:
        assert calendar.workdays_between(there - timedelta(days=1), start - timedelta(days=1)) == -n
    assert calendar.workdays_between(start, there) == -calendar.workdays_between(there, start)


@given(st.dates(date(2005, 1, 1), date(2035, 1, 1)), st.integers(1, 60), st.integers(1, 60))
def test_terms_are_monotone_and_additive(start: date, m: int, n: int) -> None:
    calendar = without(2015, 2020, 2021)
    assert calendar.nth_after(calendar.nth_after(start, m), n) == calendar.nth_after(start, m + n)
    assert calendar.nth_after(start, m) <= calendar.nth_after(start + timedelta(days=1), m)


def operations(calendar: WorkCalendar, n: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the closed formula is evaluated for one question."""
    calls = 0
    formula = rules._weekdays_until

    def counting(ordinal: int) -> int:
        nonlocal calls
        calls += 1
        return formula(ordinal)

    with monkeypatch.context() as patched:
        patched.setattr(rules, "_weekdays_until", counting)
        calendar.add_workdays(date(2011, 1, 4), n)
    return calls


def test_a_long_span_costs_no_more_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = without()
    costs = [operations(calendar, n, monkeypatch) for n in (1, 15, 30, 250, 2500, 25_000)]
    assert max(costs[:-1]) <= costs[0] + 4
    assert max(costs) < 60  # the last one runs into unpublished years, so the safe day is sought too


def random_pauses(dice: random.Random) -> tuple[date, int, list[tuple[date, date]]]:
    start = dice.choice(DAYS[:-250])
    spans = []
    for _ in range(dice.choice((1, 1, 2))):
        first = start + timedelta(days=dice.randrange(60))
        spans.append((first, first + timedelta(days=dice.randrange(1, 25))))
    return start, dice.choice((15, 30)), spans


def test_pauses_in_an_unpublished_year_keep_to_the_safe_side() -> None:
    """A pause may cover a festival's rest days and spare its make-up days; 2010–2026 with every year hidden."""
    dice = random.Random(20261123)
    # The worst that was found: the Spring Festival of 2013 is paused away, three make-up days stay.
    worst = [(date(2013, 1, 28), date(2013, 2, 16)), (date(2013, 2, 20), date(2013, 3, 1))]
    cases = [(date(2013, 1, 3), 30, worst), *(random_pauses(dice) for _ in range(20_000))]
    unknown = WorkCalendar([])
    for start, n, spans in cases:
        lawful = daywalk.nth_workday(start, n, daywalk.paused_days((a, b, a) for a, b in spans))
        timeline = Timeline(unknown, (Interval(a, b) for a, b in spans))
        counted = timeline.after(start, n, "working")
        assert isinstance(counted, date)
        found = timeline.settle(start, counted)
        assert found.provisional
        assert start <= found.date <= lawful, (start, n, spans, found, lawful)


def test_service_terms_are_data() -> None:
    terms = load().service
    assert (terms.follow_up.days, terms.follow_up.unit, terms.follow_up.clause) == (10, "working", "6.3")
    assert (terms.archive.days, terms.archive.unit, terms.archive.clause) == (20, "working", "6.3")
