"""Both clocks against a brute-force day walk that shares no code with them, on random cases 2020–2026."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.calendar import rules as calendar_rules
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.complaints.clocks import Approver
from anze.complaints.rules import ClockState, ComplaintFacts, Complexity, Extension, Pause, standing
from anze.settings import ROOT
from anze.standard.editions import load
from tests.helpers import daywalk

CALENDAR = CalendarStore(ROOT / "knowledge", ROOT / "no-such-folder").calendar()
CLOCKS = load().complaint
FIRST = date(2020, 1, 1)
LAST = date(2026, 6, 30)
CASES = 100_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Walked:
    """What the day walk finds for one clock: the date, whether it is a 补救期限, the missed dates."""

    due: date
    remedial: bool
    missed: tuple[date, ...]


def walk(facts: ComplaintFacts, today: date, start: date, *, working: bool) -> Walked:
    """The clock read off the rules' text, day by day. No open pauses, so there always is a date."""
    paused = daywalk.paused_days((pause.commissioned, pause.returned, pause.told) for pause in facts.pauses)
    count = daywalk.nth_workday if working else daywalk.nth_day
    day15, day30 = count(start, 15, paused), count(start, 30, paused)
    end = min((day for day in (facts.told, facts.withdrawn) if day), default=today)
    steps = [(day15, False)]
    remedial = False
    found = facts.complexity
    if found and found.reasoned and found.told:
        in_time = found.classified <= day15 and found.reasoned <= day15 and found.told <= day15
        remedial = not in_time
        steps = [(day15, in_time), (day30, False)]
        more = facts.extension
        by = {Approver.HEAD_OFFICE_EXECUTIVE} if facts.head_office else set(Approver)
        if more and more.told and more.approver in by and more.approved <= more.told <= day30:
            last = daywalk.nth_day(day30, 30, paused)
            steps[-1] = (day30, True)
            steps.append((daywalk.rolled(last, paused) if working else last, False))
    missed = tuple(due for due, moved_in_time in steps if not moved_in_time and end > due)
    return Walked(steps[-1][0], remedial, missed)


def random_facts(dice: random.Random) -> ComplaintFacts:
    received = FIRST + dice.randrange((LAST - FIRST).days) * DAY

    def later(most: int) -> date:
        return received + dice.randrange(-2, most) * DAY

    pauses = []
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        commissioned = later(60)
        returned = commissioned + dice.choice((0, 1, 2, 5, 12, 25)) * DAY
        told = dice.choice((commissioned, commissioned, commissioned + dice.randrange(8) * DAY, None))
        pauses.append(Pause(commissioned, returned, told))
    complexity = extension = None
    if dice.random() < 0.6:
        classified = later(30)
        complexity = Complexity(
            classified,
            dice.choice((classified, classified, later(35), None)),
            dice.choice((classified, classified + dice.randrange(4) * DAY, None)),
        )
    if dice.random() < 0.4:
        approved = later(60)
        told_on = dice.choice((approved, approved, approved + dice.randrange(-1, 6) * DAY, None))
        extension = Extension(approved, dice.choice(tuple(Approver)), told_on)
    return ComplaintFacts(
        received=received,
        complexity=complexity,
        extension=extension,
        pauses=tuple(pauses),
        told=dice.choice((None, None, received + dice.randrange(90) * DAY)),
        withdrawn=dice.choice((None, None, None, received + dice.randrange(60) * DAY)),
        head_office=dice.random() < 0.3,
    )


def agree(clock: ClockState | None, expected: Walked, facts: ComplaintFacts) -> None:
    assert clock is not None
    missed = tuple(breach.due for breach in clock.breaches)
    assert (clock.due, clock.remedial, missed) == (expected.due, expected.remedial, expected.missed), facts
    assert not clock.provisional, facts


def test_both_clocks_agree_with_the_day_walk() -> None:
    dice = random.Random(9010_1)
    seen = {"extended": 0, "remedial": 0, "breached": 0, "paused": 0}
    for _ in range(CASES):
        facts = random_facts(dice)
        today = facts.received + dice.randrange(120) * DAY
        found = standing(facts, today, CALENDAR, CLOCKS)
        standard = walk(facts, today, facts.received, working=True)
        second = walk(facts, today, facts.received, working=False)
        agree(found.standard, standard, facts)
        agree(found.second, second, facts)
        assert found.working_to == min(standard.due, second.due)
        seen["extended"] += standard.due > facts.received + 60 * DAY
        seen["remedial"] += standard.remedial
        seen["breached"] += bool(standard.missed)
        seen["paused"] += bool(facts.pauses)
    assert min(seen.values()) > CASES // 100, f"the cases are too tame: {seen}"


def test_new_facts_restart_the_second_clock_as_the_walk_does() -> None:
    dice = random.Random(2020_3)
    restarted = 0
    for _ in range(5_000):
        base = random_facts(dice)
        days = tuple(sorted(base.received + dice.randrange(1, 50) * DAY for _ in range(dice.choice((1, 2, 3)))))
        facts = ComplaintFacts(base.received, base.complexity, base.extension, base.pauses, new_facts=days)
        start = facts.received
        for day in days:
            if day <= walk(facts, facts.received, start, working=False).due:
                start = day
        found = standing(facts, facts.received, CALENDAR, CLOCKS)
        agree(found.second, walk(facts, facts.received, start, working=False), facts)
        agree(found.standard, walk(facts, facts.received, facts.received, working=True), facts)
        restarted += found.second.start != facts.received
    assert restarted > 1_000


def hidden_after(year: int) -> WorkCalendar:
    """The calendar as it stood before the notice for the year after was out."""
    return WorkCalendar(table for known, table in CALENDAR.tables.items() if known <= year)


def test_with_the_next_notice_hidden_no_date_is_later_than_the_lawful_one() -> None:
    """In-time classifications and extensions; pauses as they fall. The second clock does not move at all."""
    dice = random.Random(2027)
    calendars = {year: hidden_after(year) for year in range(2020, 2026)}
    provisional = 0
    for _ in range(20_000):
        received = date(dice.randrange(2020, 2026), 9, 1) + dice.randrange(122) * DAY
        drawn = random_facts(dice)
        shift = received - drawn.received
        facts = ComplaintFacts(
            received,
            complexity=Complexity(received, received, received) if dice.random() < 0.7 else None,
            extension=Extension(received, Approver.HEAD_OFFICE_EXECUTIVE, received) if dice.random() < 0.4 else None,
            pauses=tuple(
                Pause(
                    pause.commissioned + shift,
                    pause.returned + shift if pause.returned else None,
                    pause.told + shift if pause.told else None,
                )
                for pause in drawn.pauses
            ),
        )
        shown = standing(facts, received, calendars[received.year], CLOCKS)
        lawful = walk(facts, received, received, working=True)
        assert shown.standard is not None
        assert shown.standard.due is not None
        assert received <= shown.standard.due <= lawful.due, (facts, shown.standard.due, lawful.due)
        assert shown.standard.provisional or shown.standard.due == lawful.due, facts
        assert shown.second.due == walk(facts, received, received, working=False).due
        assert not shown.second.provisional
        provisional += shown.standard.provisional
    assert provisional > 5_000


days = st.dates(date(2020, 1, 1), date(2026, 6, 30))


@given(days, st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 20), st.integers(0, 8)), max_size=4))
def test_more_pauses_never_bring_a_date_forward(received: date, spans: list[tuple[int, int, int]]) -> None:
    pauses = tuple(
        Pause(received + a * DAY, received + (a + length) * DAY, received + (a + told) * DAY)
        for a, length, told in spans
    )
    dues = []
    for count in range(len(pauses) + 1):
        found = standing(ComplaintFacts(received, pauses=pauses[:count]), received, CALENDAR, CLOCKS)
        assert found.standard is not None
        assert found.standard.due is not None
        assert found.second.due is not None
        assert CALENDAR.is_workday(found.standard.due)
        dues.append((found.standard.due, found.second.due))
    assert [due for due, _ in dues] == sorted(due for due, _ in dues)
    assert [due for _, due in dues] == sorted(due for _, due in dues)


@given(days, st.permutations(range(4)))
def test_the_order_of_pauses_does_not_matter(received: date, order: list[int]) -> None:
    spans = ((3, 9), (5, 7), (9, 12), (20, 31))
    pauses = tuple(Pause(received + a * DAY, received + b * DAY, received + a * DAY) for a, b in spans)
    shuffled = tuple(pauses[index] for index in order)
    one, other = (
        standing(ComplaintFacts(received, pauses=each), received, CALENDAR, CLOCKS) for each in (pauses, shuffled)
    )
    assert (one.standard and one.standard.due, one.second.due) == (
        other.standard and other.standard.due,
        other.second.due,
    )


def test_a_long_pause_costs_no_more_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    formula = calendar_rules._weekdays_until

    def counting(ordinal: int) -> int:
        nonlocal calls
        calls += 1
        return formula(ordinal)

    monkeypatch.setattr(calendar_rules, "_weekdays_until", counting)
    costs = []
    received = date(2020, 3, 2)
    for length in (3, 30, 300, 2000):
        calls = 0
        pause = Pause(received + 3 * DAY, received + (3 + length) * DAY, received)
        standing(ComplaintFacts(received, pauses=(pause,)), received, CALENDAR, CLOCKS)
        costs.append(calls)
    assert max(costs) - min(costs) <= 30, costs
