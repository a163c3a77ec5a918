"""When a step is said, and which of several. Dates of November and December 2026; 28 and 29 November are a weekend."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.clock import SHANGHAI
from anze.reminders import rules
from anze.reminders.policy import load_policy
from tests.helpers.reminding import CALENDAR, shanghai

DAYS = CALENDAR.calendar()
ORDINARY, URGENT = load_policy().hours.ordinary, load_policy().hours.urgent


@pytest.mark.parametrize(
    ("due_on", "step", "at"),
    [
        (date(2026, 12, 1), "T-3", "2026-11-26 09:00"),
        (date(2026, 12, 1), "T-1", "2026-11-30 09:00"),
        (date(2026, 12, 1), "T", "2026-12-01 09:00"),
        (date(2026, 12, 1), "T+1", "2026-12-02 09:00"),
        (date(2026, 11, 29), "T", "2026-11-27 09:00"),  # a Sunday: before it, not after
        (date(2026, 11, 29), "T-1", "2026-11-27 09:00"),
        (date(2026, 10, 8), "T-1", "2026-09-30 09:00"),  # over the National Day
        (date(2026, 2, 15), "T-1", "2026-02-14 09:00"),  # a Saturday that is worked
    ],
)
def test_a_step_is_said_when_its_working_day_begins(due_on: date, step: str, at: str) -> None:
    assert rules.send_instant(due_on, rules.offset(step), ORDINARY, DAYS) == shanghai(at)


def test_an_urgent_step_of_a_rest_day_is_said_on_it() -> None:
    assert rules.send_instant(date(2026, 11, 29), 0, URGENT, DAYS) == shanghai("2026-11-29 08:00")


@pytest.mark.parametrize(
    ("now", "hours", "at"),
    [
        ("2026-11-27 08:59", ORDINARY, "2026-11-27 09:00"),
        ("2026-11-27 09:00", ORDINARY, "2026-11-27 09:00"),
        ("2026-11-27 17:29", ORDINARY, "2026-11-27 17:29"),
        ("2026-11-27 17:30", ORDINARY, "2026-11-30 09:00"),
        ("2026-11-28 12:00", ORDINARY, "2026-11-30 09:00"),
        ("2026-02-14 12:00", ORDINARY, "2026-02-14 12:00"),
        ("2026-11-28 07:00", URGENT, "2026-11-28 08:00"),
        ("2026-11-28 20:59", URGENT, "2026-11-28 20:59"),
        ("2026-11-28 21:00", URGENT, "2026-11-29 08:00"),
        ("2026-11-28 23:00", None, "2026-11-28 23:00"),
    ],
)
def test_quiet_hours(now: str, hours: object, at: str) -> None:
    assert rules.next_allowed(shanghai(now), hours, DAYS) == shanghai(at)  # type: ignore[arg-type]


@given(
    minutes=st.integers(0, 500 * 24 * 60),
    hours=st.sampled_from([ORDINARY, URGENT]),
)
def test_the_next_allowed_moment_is_allowed_and_nothing_before_it_is(minutes: int, hours: object) -> None:
    def allowed(instant: object) -> bool:
        here = instant.astimezone(SHANGHAI)  # type: ignore[attr-defined]
        worked = DAYS.is_workday(here.date()) or hours is URGENT
        return worked and hours.begin <= here.time() < hours.end  # type: ignore[attr-defined]

    now = shanghai("2025-08-01 00:00") + timedelta(minutes=minutes)
    found = rules.next_allowed(now, hours, DAYS)  # type: ignore[arg-type]
    assert allowed(found)
    assert found >= now
    between = range(0, int((found - now).total_seconds() // 60), 17)
    assert not any(allowed(now + timedelta(minutes=step)) for step in between)


def test_the_latest_of_the_due_steps_is_said_and_notices_all() -> None:
    due = {"T-5", "T-1", "T", "T+1"}
    assert rules.spoken_of(due, ()) == {"T+1"}
    assert rules.spoken_of(due, {"T", "T+1"}) == {"T", "T+1"}
    assert rules.spoken_of({"T-5", "T-3"}, {"T"}) == {"T-3"}
    assert rules.spoken_of({"at-3d", "at2611240900"}, ()) == {"at-3d", "at2611240900"}


def test_who_chose_other_days_hears_those_and_the_day_itself() -> None:
    usual = ["T-5", "T-3", "T", "T+1"]
    assert [s for s in rules.steps_for(usual, [7]) if rules.said_to(s, usual, [7])] == ["T-7", "T", "T+1"]
    assert [s for s in rules.steps_for(usual, [7]) if rules.said_to(s, usual, None)] == usual


def test_steps_whose_time_has_passed_are_left_out_or_the_latest_is_said() -> None:
    instants = {step: shanghai(f"2026-11-{day} 09:00") for step, day in (("T-3", 18), ("T-1", 20), ("T", 25))}
    now = shanghai("2026-11-23 10:00")
    assert set(rules.planned(instants, now, legal=(), missed="skip")) == {"T"}
    assert set(rules.planned(instants, now, legal=(), missed="say")) == {"T-1", "T"}
    assert set(rules.planned(instants, now, legal={"T-3"}, missed="say")) == {"T-3", "T-1", "T"}
    assert set(rules.planned(instants, now, legal={"T-3"}, missed="notices")) == {"T-3", "T"}


@pytest.mark.parametrize("step", ["", "5", "t-1", "at"])
def test_what_is_no_step_is_refused(step: str) -> None:
    with pytest.raises(ValueError, match=r"step|invalid"):
        rules.offset(step)
