"""Which date of a major hazard counts (6.2, 9.2 a, AMB-18): worked cases, and a day walk that shares no code."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from anze.clock import SHANGHAI
from anze.hazards.kinds import DateState, HazardLevel, HazardStatus
from anze.hazards.rules import (
    Bearing,
    DateFact,
    HazardFacts,
    State,
    counting,
    is_past,
    needs_reason,
    needs_supervisor,
    standing,
)

DAY = timedelta(days=1)


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def agreed(
    no: int, due: str, on: str, clock: str = "10:00", *, whole: bool = True, consent: str | None = None
) -> DateFact:
    return DateFact(
        no,
        date.fromisoformat(due),
        DateState.AGREED,
        "配件没到" if whole else None,
        "停用、拉警戒" if whole else None,
        at(on, clock),
        at(consent) if consent else None,
    )


def major(*dates: DateFact, status: HazardStatus = HazardStatus.OPEN, done: datetime | None = None,
          evidence: bool = True) -> HazardFacts:  # fmt: skip
    return HazardFacts(HazardLevel.MAJOR, status, done, evidence, dates)


FIRST = agreed(1, "2026-12-10", "2026-11-23", whole=False)


def test_the_first_agreed_date_counts_and_needs_no_reason() -> None:
    found = counting([FIRST])
    assert (found.date, found.re_agreed, found.bearings) == (FIRST, 0, {1: Bearing.COUNTS})


@pytest.mark.parametrize(
    ("on", "clock", "bearing"),
    [
        ("2026-12-09", "10:00", Bearing.COUNTS),
        ("2026-12-10", "23:59:59", Bearing.COUNTS),
        ("2026-12-11", "00:00", Bearing.TOO_LATE),
        ("2026-12-15", "10:00", Bearing.TOO_LATE),
    ],
)
def test_a_new_date_counts_when_agreed_by_the_end_of_the_old_day(on: str, clock: str, bearing: Bearing) -> None:
    found = counting([FIRST, agreed(2, "2026-12-20", on, clock)])
    assert found.bearings[2] == bearing
    assert found.bearings[1] == (Bearing.REPLACED if bearing == Bearing.COUNTS else Bearing.COUNTS)


def test_a_new_date_without_reason_or_measures_replaces_nothing() -> None:
    found = counting([FIRST, agreed(2, "2026-12-20", "2026-12-01", whole=False)])
    assert found.bearings == {1: Bearing.COUNTS, 2: Bearing.INCOMPLETE}
    half = DateFact(2, date(2026, 12, 20), DateState.AGREED, "配件没到", None, at("2026-12-01"))
    assert counting([FIRST, half]).bearings[2] == Bearing.INCOMPLETE


def test_from_the_second_new_date_on_the_supervisor_consents_too() -> None:
    second = agreed(2, "2026-12-20", "2026-12-08")
    alone = counting([FIRST, second, agreed(3, "2026-12-30", "2026-12-15")])
    assert (alone.date, alone.bearings[3]) == (second, Bearing.INCOMPLETE)
    supervised = counting([FIRST, second, agreed(3, "2026-12-30", "2026-12-15", consent="2026-12-20")])
    assert supervised.bearings == {1: Bearing.REPLACED, 2: Bearing.REPLACED, 3: Bearing.COUNTS}
    late = counting([FIRST, second, agreed(3, "2026-12-30", "2026-12-15", consent="2026-12-21")])
    assert (late.date, late.bearings[3]) == (second, Bearing.TOO_LATE)
    assert [needs_supervisor(counting(dates)) for dates in ([], [FIRST], [FIRST, second])] == [False, False, True]
    assert [needs_reason(counting(dates)) for dates in ([], [FIRST])] == [False, True]


def test_a_date_agreed_too_late_is_shown_and_cures_nothing() -> None:
    dates = (FIRST, agreed(2, "2026-12-20", "2026-12-12"))
    found = standing(major(*dates), date(2026, 12, 13))
    assert (found.state, found.breach, found.red, found.due_on) == (State.OVERDUE, True, True, date(2026, 12, 10))
    assert found.counting.bearings[2] == Bearing.TOO_LATE
    assert is_past(found.counting, date(2026, 12, 11))
    assert not is_past(found.counting, date(2026, 12, 10))


def test_a_date_whose_own_day_is_over_when_it_is_agreed_counts_for_nothing() -> None:
    found = standing(major(agreed(1, "2026-11-20", "2026-11-23")), date(2026, 11, 24))
    assert (found.state, found.due_on, found.breach, found.red) == (State.TO_AGREE, None, False, True)


@pytest.mark.parametrize(
    ("facts", "today", "state", "breach", "red", "missing"),
    [
        (major(), "2026-12-30", State.TO_AGREE, False, True, False),
        (major(FIRST), "2026-12-10", State.AGREED, False, False, False),
        (major(FIRST), "2026-12-11", State.OVERDUE, True, True, False),
        (major(FIRST, agreed(2, "2026-12-20", "2026-12-09")), "2026-12-20", State.RE_AGREED, False, False, False),
        # reported on the very day, verified later: in time
        (major(FIRST, status=HazardStatus.REPORTED, done=at("2026-12-10", "23:59")), "2026-12-30", State.REPORTED,
         False, False, False),
        (major(FIRST, status=HazardStatus.REPORTED, done=at("2026-12-11", "00:01")), "2026-12-30",
         State.REPORTED_LATE, True, True, False),
        # sent back after the date: what was reported does not count
        (major(FIRST, status=HazardStatus.OPEN), "2026-12-30", State.OVERDUE, True, True, False),
        (major(FIRST, status=HazardStatus.CLOSED, done=at("2026-12-10")), "2026-12-30",
         State.CLOSED, False, False, False),
        (major(FIRST, status=HazardStatus.CLOSED, done=at("2026-12-12")), "2026-12-30",
         State.CLOSED_LATE, True, False, False),
        (major(FIRST, status=HazardStatus.CLOSED, done=at("2026-12-10"), evidence=False), "2026-12-30",
         State.NO_EVIDENCE, False, False, True),
        (major(status=HazardStatus.REPORTED, done=at("2026-12-10")), "2026-12-30", State.REPORTED, False, True, False),
        (HazardFacts(HazardLevel.GENERAL, HazardStatus.OPEN), "2026-12-30", State.OPEN, False, False, False),
        (HazardFacts(HazardLevel.GENERAL, HazardStatus.CLOSED, at("2026-12-01"), True), "2026-12-30", State.CLOSED,
         False, False, False),
    ],
)  # fmt: skip
def test_states(facts: HazardFacts, today: str, state: State, breach: bool, red: bool, missing: bool) -> None:
    found = standing(facts, date.fromisoformat(today))
    assert (found.state, found.breach, found.red, found.missing_evidence) == (state, breach, red, missing)


def walk(dates: Sequence[DateFact], done: date | None, today: date) -> tuple[int | None, bool]:
    """The counting date's `no` and whether it passed unrectified, found by living through the days one by one."""
    consents: dict[date, list[tuple[datetime, int, DateFact]]] = {}
    for one in dates:
        if one.state != DateState.AGREED or one.agreed_at is None:
            continue
        last = one.agreed_at
        if one.supervised_at is not None and one.supervised_at > last:
            last = one.supervised_at
        consents.setdefault(last.astimezone(SHANGHAI).date(), []).append((last, one.no, one))
    held: DateFact | None = None
    renewals = 0
    missed = False
    day = min(consents, default=today)
    while day <= max([today, *consents]):
        for _, _, one in sorted(consents.get(day, []), key=lambda c: c[:2]):
            alive = held is None or not day > held.due_on
            if not alive or one.due_on < day:
                continue
            if held is not None and (not one.reason or not one.interim_measures):
                continue
            if renewals >= 1 and one.supervised_at is None:
                continue
            renewals += held is not None
            held = one
        if held is not None and held.due_on < day <= today and (done is None or done > held.due_on):
            missed = True
        day += DAY
    return (held.no if held else None), missed


def random_dates(dice: random.Random) -> list[DateFact]:
    """A handful of dates with consents close to each other, so that every order and every edge occurs."""
    dates = []
    began = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    for no in range(1, dice.randint(0, 5) + 1):
        moment = began + timedelta(hours=dice.randint(0, 24 * 40))
        supervised = moment + timedelta(hours=dice.randint(0, 120)) if dice.random() < 0.5 else None
        dates.append(
            DateFact(
                no,
                date(2026, 11, 1) + dice.randint(-3, 45) * DAY,
                dice.choice([DateState.AGREED] * 5 + list(DateState)),
                dice.choice(["缺件", "缺件", ""]),
                dice.choice(["停用", "停用", None]),
                moment.astimezone(UTC),
                supervised.astimezone(UTC) if supervised else None,
            )
        )
    return dates


def test_random_histories_against_a_walk_through_the_days() -> None:
    dice = random.Random("hazard dates")
    seen: set[tuple[bool, bool, int]] = set()
    for _ in range(30_000):
        dates = random_dates(dice)
        done = datetime(2026, 11, 1, 12, tzinfo=SHANGHAI) + dice.randint(0, 50) * DAY if dice.random() < 0.4 else None
        today = date(2026, 11, 1) + dice.randint(0, 70) * DAY
        # What was consented to or done after today is not known today.
        dates = [d for d in dates if max(d.agreed_at or d.supervised_at, d.supervised_at or d.agreed_at)  # type: ignore[type-var]
                 .astimezone(SHANGHAI).date() <= today]  # fmt: skip
        if done is not None and done.date() > today:
            done = None
        status = HazardStatus.REPORTED if done else HazardStatus.OPEN
        found = standing(HazardFacts(HazardLevel.MAJOR, status, done, True, tuple(dates)), today)
        no, missed = walk(dates, done.date() if done else None, today)
        assert (found.counting.date.no if found.counting.date else None, found.breach) == (no, missed), (dates, today)
        assert found.red == (no is None or missed)
        assert set(found.counting.bearings) == {d.no for d in dates}
        assert list(found.counting.bearings.values()).count(Bearing.COUNTS) == (no is not None)
        seen.add((no is not None, missed, min(found.counting.re_agreed, 2)))
    assert {(False, False, 0), (True, False, 0), (True, True, 0), (True, True, 1), (True, False, 2)} <= seen
