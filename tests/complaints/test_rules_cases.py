"""The legal clock, case by case: dates that were computed by hand or by a day walk, and every refusal."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar, YearTable
from anze.clock import SHANGHAI
from anze.complaints.clocks import Approver, ComplaintClocks
from anze.complaints.rules import (
    ComplaintFacts,
    Complexity,
    DaysLeft,
    Extension,
    Moved,
    Pause,
    Refusal,
    Shown,
    Stage,
    Standing,
    moved,
    standing,
)
from anze.settings import ROOT
from anze.standard.editions import load

CALENDAR = CalendarStore(ROOT / "knowledge", ROOT / "no-such-folder").calendar()
CLOCKS = load().complaint


def day(text: str, year: int = 2026) -> date:
    """`02-10` of the year, or a full date."""
    return date.fromisoformat(text if len(text) > 5 else f"{year}-{text}")


def in_time(received: date) -> Complexity:
    return Complexity(received, received, received)


def approved(on: date, told: date | None = None) -> Extension:
    return Extension(on, Approver.SUPERIOR_BODY, told or on)


def stand(facts: ComplaintFacts, today: date | None = None, calendar: WorkCalendar = CALENDAR) -> Standing:
    return standing(facts, today or facts.received, calendar, CLOCKS)


def of_stage(received: date, stage: str, pauses: tuple[Pause, ...] = ()) -> ComplaintFacts:
    """The facts that put a case at 15, 30 or 30+30 in time."""
    return ComplaintFacts(
        received,
        complexity=None if stage == "15" else in_time(received),
        extension=approved(received) if stage == "30+30" else None,
        pauses=pauses,
    )


def dates(facts: ComplaintFacts) -> tuple[date | None, date | None]:
    found = stand(facts)
    assert found.standard is not None
    return found.standard.due, found.second.due


PLAIN = """
2026-02-10 15 2026-03-09
2025-01-20 15 2025-02-14
2025-09-25 15 2025-10-22
2026-09-18 15 2026-10-15
2025-10-09 15 2025-10-29
2026-09-30 15 2026-10-27
2026-10-01 15 2026-10-27
2026-10-07 15 2026-10-27
2026-10-08 15 2026-10-28
2026-02-14 15 2026-03-13
2025-09-28 15 2025-10-24
2026-11-23 15 2026-12-14
2025-12-15 15 2026-01-06
2026-08-24 30 2026-10-10
2026-01-05 30 2026-02-14
2025-12-31 30 2026-02-12
2025-04-01 30 2025-05-16
2025-09-01 30 2025-10-17
2026-11-01 30 2026-12-11
2026-08-24 30+30 2026-11-09
2026-07-20 30+30 2026-09-30
2026-07-17 30+30 2026-09-28
2026-01-05 30+30 2026-03-16
2025-08-18 30+30 2025-10-28
"""


@pytest.mark.parametrize("row", PLAIN.strip().splitlines())
def test_the_standards_date(row: str) -> None:
    received, stage, due = row.split()
    found = stand(of_stage(day(received), stage)).standard
    assert found is not None
    assert (found.due, found.provisional, found.refusals, found.breaches) == (day(due), False, (), ())


@pytest.mark.parametrize(("received", "stage"), [("2026-11-23", "30"), ("2026-12-11", "15")])
def test_a_date_that_needs_the_notice_for_2027_is_provisional(received: str, stage: str) -> None:
    found = stand(of_stage(day(received), stage))
    assert found.standard is not None
    assert (found.standard.due, found.standard.provisional) == (date(2026, 12, 31), True)
    assert not found.second.provisional


PAUSED = """
02-10 02-16..02-23 03-09 inside a holiday changes nothing
02-10 02-28..03-01 03-10 only a make-up Saturday
02-10 02-13..02-27 03-16 over the festival
02-10 02-25..03-04,03-02..03-06 03-19 overlap is a union
02-10 02-25..03-04@02-27 03-13 only from the notice
02-10 02-25..03-04@- 03-09 not told: no pause
02-10 02-25..03-04@03-04 03-09 told on the return day: no pause at all
02-10 02-25..03-04@03-06 03-09 told after the return day: no pause at all
02-10 02-25..02-25 03-09 ends on its first day
02-10 02-01..02-12 03-10 began before the receipt
03-02 03-25..04-01 03-23 begins after the due day
02-10 02-25..02-26,02-26..02-27 03-11 one directly after the other
02-10 02-25..03-04,02-26..02-27 03-17 one within the other
02-10 02-25..03-04@02-20 03-17 told beforehand
02-10 03-09..03-11 03-11 on the last day itself
02-10 03-10..03-12 03-09 on the day after
"""


def pauses_of(text: str) -> tuple[Pause, ...]:
    found = []
    for part in text.split(","):
        span, _, told = part.partition("@")
        start, _, end = span.partition("..")
        notice = None if told == "-" else day(told or start)
        found.append(Pause(day(start), day(end) if end else None, notice))
    return tuple(found)


@pytest.mark.parametrize("row", PAUSED.strip().splitlines())
def test_a_pause(row: str) -> None:
    received, pauses, due, *_ = row.split()
    found = stand(ComplaintFacts(day(received), pauses=pauses_of(pauses))).standard
    assert found is not None
    assert found.due == day(due)


def test_a_pause_after_the_due_day_does_not_undo_the_breach_but_moves_the_30_day_date() -> None:
    pause = pauses_of("03-25..04-01")
    late = Complexity(day("04-02"), day("04-02"), day("04-02"))
    found = stand(ComplaintFacts(day("03-02"), complexity=late, pauses=pause), day("04-02")).standard
    assert found is not None
    assert found.due == day("04-21")
    assert found.remedial
    assert [(breach.stage, breach.due) for breach in found.breaches] == [(Stage.ORDINARY, day("03-23"))]


SECOND = """
2026-02-10 - 02-25 03-12 04-11
2026-07-20 - 08-04 08-19 09-18
2026-09-18 - 10-03 10-18 11-17
2026-11-23 - 12-08 12-23 2027-01-22
2026-07-20 08-12..08-24@08-14 - 08-29 09-28
"""


@pytest.mark.parametrize("row", SECOND.strip().splitlines())
def test_the_second_clock(row: str) -> None:
    received, pauses, *expected = row.split()
    spans = pauses_of(pauses) if pauses != "-" else ()
    for stage, due in zip(("15", "30", "30+30"), expected, strict=True):
        if due != "-":
            found = stand(of_stage(day(received), stage, spans)).second
            assert (found.due, found.provisional) == (day(due), False), (stage, found)


def test_both_clocks_in_one_case() -> None:
    received, pauses = day("07-20"), pauses_of("08-12..08-24@08-14")
    assert dates(of_stage(received, "15")) == (day("08-10"), day("08-04"))
    assert dates(of_stage(received, "30")) == (day("08-31"), day("08-19"))
    assert dates(of_stage(received, "30", pauses)) == (day("09-08"), day("08-29"))
    assert dates(of_stage(received, "30+30", pauses)) == (day("10-08"), day("09-28"))
    assert stand(of_stage(received, "30+30", pauses)).working_to == day("09-28")


@pytest.mark.parametrize(
    ("instant", "due"),
    [
        (datetime(2026, 9, 30, 23, 52, tzinfo=SHANGHAI), "10-27"),
        (datetime(2026, 10, 8, 0, 1, tzinfo=SHANGHAI), "10-28"),
        (datetime(2026, 10, 8, 23, 59, tzinfo=SHANGHAI), "10-28"),
        (datetime(2026, 10, 9, 0, 1, tzinfo=SHANGHAI), "10-29"),
        (datetime(2026, 10, 8, 15, 59, tzinfo=UTC), "10-28"),
        (datetime(2026, 10, 8, 16, 1, tzinfo=UTC), "10-29"),
    ],
)
def test_an_instant_counts_as_its_shanghai_date(instant: datetime, due: str) -> None:
    assert dates(ComplaintFacts(instant))[0] == day(due)


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def server_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine stands in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("server_zone")
def test_the_zone_of_the_server_does_not_matter() -> None:
    assert dates(ComplaintFacts(datetime(2026, 10, 8, 16, 1, tzinfo=UTC)))[0] == day("10-29")
    assert dates(ComplaintFacts(datetime(2026, 10, 8, 15, 59, tzinfo=UTC)))[0] == day("10-28")


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        ComplaintFacts(datetime(2026, 10, 8, 9, 0))  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="zone"):
        Pause(datetime(2026, 10, 8, 9, 0), None, None)  # noqa: DTZ001


def test_a_complaint_entered_late_counts_from_its_receipt() -> None:
    assert dates(ComplaintFacts(day("02-14")))[0] == day("03-13")


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before"):
        Pause(day("02-10"), day("02-09"), day("02-10"))


def test_an_open_pause_has_no_date_but_days_left() -> None:
    facts = ComplaintFacts(day("02-10"), pauses=pauses_of("02-25..@02-27"))
    found = stand(facts, day("03-02"))
    assert found.standard is not None
    assert (found.standard.due, found.standard.stopped, found.standard.remaining) == (None, True, None)
    assert found.standard.deadline.left == (DaysLeft(8, "working"),)
    assert found.paused
    assert found.working_to == day("02-25"), "the second clock had run out before the pause"
    assert not stand(facts, day("02-26")).paused


def test_an_open_pause_before_both_dates_leaves_nothing_to_work_to() -> None:
    found = stand(ComplaintFacts(day("07-20"), pauses=pauses_of("07-22..")), day("07-23"))
    assert found.working_to is None
    assert found.second.deadline.left == (DaysLeft(14, "calendar"),)


def test_an_open_pause_in_an_extended_case_says_both_rests() -> None:
    facts = of_stage(day("07-20"), "30+30", pauses_of("08-12.."))
    found = stand(facts, day("08-12")).standard
    assert found is not None
    assert found.deadline.left == (DaysLeft(14, "working"), DaysLeft(30, "calendar"))


def test_an_open_pause_within_the_extension() -> None:
    found = stand(of_stage(day("07-20"), "30+30", pauses_of("09-05..")), day("09-06")).standard
    assert found is not None
    assert found.deadline.left == (DaysLeft(26, "calendar"),)


def test_a_pause_on_the_rest_days_over_which_a_date_rolls() -> None:
    """2026-07-17 + 30 + 30 日 is Sunday 09-27; a pause from that day on moves the next working day with it."""
    facts = of_stage(day("07-17"), "30+30", pauses_of("09-28..10-09"))
    assert dates(facts)[0] == day("10-09")


def test_complex_in_time_needs_classification_reason_and_notice() -> None:
    received, last, late = day("09-18"), day("10-15"), day("10-16")
    for complexity, due, refusals in (
        (Complexity(last, last, last), "11-05", ()),
        (Complexity(last, None, last), "10-15", (Refusal.COMPLEX_INCOMPLETE,)),
        (Complexity(last, last, None), "10-15", (Refusal.COMPLEX_INCOMPLETE,)),
        (Complexity(late, late, late), "11-05", (Refusal.COMPLEX_LATE,)),
        (Complexity(last, last, late), "11-05", (Refusal.COMPLEX_LATE,)),
        (Complexity(last, late, last), "11-05", (Refusal.COMPLEX_LATE,)),
    ):
        found = stand(ComplaintFacts(received, complexity=complexity), late).standard
        assert found is not None
        in_force = not refusals
        assert (found.due, found.refusals) == (day(due), refusals)
        assert found.remedial == (refusals == (Refusal.COMPLEX_LATE,))
        assert [breach.clause for breach in found.breaches] == ([] if in_force else ["6.4 a)"])


def test_a_breach_stays_after_the_decision() -> None:
    late = Complexity(day("10-16"), day("10-16"), day("10-16"))
    facts = ComplaintFacts(day("09-18"), complexity=late, told=day("10-20"))
    found = stand(facts, day("2026-12-01")).standard
    assert found is not None
    assert [breach.stage for breach in found.breaches] == [Stage.ORDINARY]


def test_each_missed_stage_is_a_breach_of_its_own_item() -> None:
    received = day("07-20")

    def clauses(facts: ComplaintFacts, today: str) -> list[str | None]:
        found = stand(facts, day(today)).standard
        assert found is not None
        return [breach.clause for breach in found.breaches]

    assert clauses(ComplaintFacts(received), "08-10") == []
    assert clauses(ComplaintFacts(received), "08-11") == ["6.4 a)"]
    assert clauses(of_stage(received, "30"), "08-31") == []
    assert clauses(of_stage(received, "30"), "09-01") == ["6.4 b)"]
    assert clauses(of_stage(received, "30+30"), "09-30") == []
    assert clauses(of_stage(received, "30+30"), "10-01") == ["6.4 c)"]
    late = Complexity(day("08-11"), day("08-11"), day("08-11"))
    assert clauses(ComplaintFacts(received, complexity=late), "09-01") == ["6.4 a)", "6.4 b)"]


@pytest.mark.parametrize(
    ("told", "withdrawn", "breached"),
    [
        ("08-10", None, False),
        ("08-11", None, True),
        (None, "08-10", False),
        (None, "08-11", True),
        ("08-20", "08-05", False),
    ],
)
def test_the_clock_stops_with_the_notice_or_the_withdrawal(
    told: str | None, withdrawn: str | None, breached: bool
) -> None:
    facts = ComplaintFacts(
        day("07-20"), told=day(told) if told else None, withdrawn=day(withdrawn) if withdrawn else None
    )
    found = stand(facts, day("2026-12-01")).standard
    assert found is not None
    assert bool(found.breaches) == breached


def test_an_extension_is_in_time_on_the_old_date_and_not_after_midnight() -> None:
    received = day("08-24")
    evening = datetime(2026, 10, 10, 20, 0, tzinfo=SHANGHAI)
    night = datetime(2026, 10, 11, 0, 10, tzinfo=SHANGHAI)
    for extension, due, refusals in (
        (approved(evening), "11-09", ()),
        (approved(evening, night), "10-10", (Refusal.EXTENSION_LATE,)),
        (approved(night), "10-10", (Refusal.EXTENSION_LATE,)),
    ):
        facts = ComplaintFacts(received, complexity=in_time(received), extension=extension)
        found = stand(facts, day("10-10")).standard
        assert found is not None
        assert (found.due, found.refusals) == (day(due), refusals)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        (ComplaintFacts(day("07-20"), extension=approved(day("07-21"))), Refusal.EXTENSION_NOT_COMPLEX),
        (
            ComplaintFacts(
                day("07-20"), complexity=Complexity(day("07-21"), day("07-21"), None), extension=approved(day("07-21"))
            ),
            Refusal.EXTENSION_NOT_COMPLEX,
        ),
        (
            ComplaintFacts(day("07-20"), in_time(day("07-20")), extension=approved(day("07-21")), head_office=True),
            Refusal.EXTENSION_APPROVER,
        ),
        (
            ComplaintFacts(
                day("07-20"),
                in_time(day("07-20")),
                extension=Extension(day("07-21"), Approver.HEAD_OFFICE_EXECUTIVE, None),
            ),
            Refusal.EXTENSION_NOT_TOLD,
        ),
        (
            ComplaintFacts(day("07-20"), in_time(day("07-20")), extension=approved(day("07-22"), day("07-21"))),
            Refusal.EXTENSION_ORDER,
        ),
    ],
)
def test_an_extension_is_refused(facts: ComplaintFacts, refusal: Refusal) -> None:
    found = stand(facts).standard
    assert found is not None
    assert refusal in found.refusals
    assert found.deadline.stage is not Stage.EXTENDED


def test_head_offices_case_is_extended_by_an_executive() -> None:
    by_executive = Extension(day("07-21"), Approver.HEAD_OFFICE_EXECUTIVE, day("07-21"))
    facts = ComplaintFacts(day("07-20"), in_time(day("07-20")), by_executive, head_office=True)
    assert dates(facts)[0] == day("09-30")


def test_new_facts_restart_the_second_clock_only() -> None:
    within, after = day("02-20"), day("02-26")
    assert dates(ComplaintFacts(day("02-10"), new_facts=(within,))) == (day("03-09"), day("03-07"))
    assert dates(ComplaintFacts(day("02-10"), new_facts=(after,))) == (day("03-09"), day("02-25"))
    assert dates(ComplaintFacts(day("02-10"), new_facts=(day("02-25"),)))[1] == day("03-12")
    chained = ComplaintFacts(day("02-10"), new_facts=(day("03-01"), within))
    assert dates(chained)[1] == day("03-16"), "each within the term as restarted by the one before"
    instant = datetime(2026, 2, 20, 16, 30, tzinfo=UTC)
    assert dates(ComplaintFacts(day("02-10"), new_facts=(instant,)))[1] == day("03-08")


def test_outside_the_standard_only_the_second_clock_runs() -> None:
    found = stand(ComplaintFacts(day("02-10"), outside_standard=True))
    assert found.standard is None
    assert found.leading is found.second
    assert found.working_to == found.second.due == day("02-25")


def test_remaining_days() -> None:
    facts = ComplaintFacts(day("02-10"), pauses=pauses_of("02-25..03-04"))
    found = [stand(facts, day(today)) for today in ("02-10", "02-24", "03-03", "03-16", "03-17", "03-18")]
    assert [each.standard.remaining for each in found if each.standard] == [15, 10, 10, 1, 0, -1]
    assert [each.second.remaining for each in found][:2] == [15, 1]
    assert [each.paused for each in found] == [False, False, True, False, False, False]


def test_a_pause_that_nobody_was_told_of_is_pointed_out() -> None:
    untold, told, too_late = pauses_of("02-25..03-04@-,03-05..03-06,03-07..03-10@03-10")
    found = stand(ComplaintFacts(day("02-10"), pauses=(untold, told, too_late)))
    assert found.untold_pauses == (untold, too_late)


def test_a_reopened_case_goes_on_from_its_receipt() -> None:
    closed = ComplaintFacts(day("02-10"), told=day("02-20"))
    reopened = ComplaintFacts(day("02-10"))
    assert dates(closed) == dates(reopened) == (day("03-09"), day("02-25"))
    late = stand(reopened, day("03-10")).standard
    assert late is not None
    assert [breach.due for breach in late.breaches] == [day("03-09")]


def with_2027(off: tuple[date, ...]) -> WorkCalendar:
    return CALENDAR.replaced(YearTable(2027, dict.fromkeys(off, "元旦"), frozenset(), None))


def told(cases: list[tuple[str, ComplaintFacts]], calendar: WorkCalendar) -> list[tuple[str, ComplaintFacts, Shown]]:
    """Cases whose complainants were told their dates by a calendar."""
    leading = [standing(facts, facts.received, calendar, CLOCKS).leading for _, facts in cases]
    return [(*case, Shown(clock.due, clock.provisional)) for case, clock in zip(cases, leading, strict=True)]


def test_new_calendar_data_moves_open_cases_and_no_closed_one() -> None:
    new = with_2027((date(2027, 1, 1),))
    open_ = ComplaintFacts(day("12-11"))
    cases = [
        ("open", open_),
        ("closed", ComplaintFacts(day("12-11"), told=day("12-20"))),
        ("withdrawn", ComplaintFacts(day("12-11"), withdrawn=day("12-20"))),
        ("untouched", ComplaintFacts(day("11-23"))),
        ("second clock only", ComplaintFacts(day("12-11"), outside_standard=True)),
        ("paused", ComplaintFacts(day("12-11"), pauses=pauses_of("12-14.."))),
    ]
    before, after = Shown(date(2026, 12, 31), provisional=True), Shown(date(2027, 1, 4), provisional=False)
    assert moved(told(cases, CALENDAR), new, CLOCKS) == [Moved("open", before, after)]
    assert moved(told(cases, new), CALENDAR, CLOCKS) == [Moved("open", after, before)]
    assert moved(told(cases, new), new, CLOCKS) == []


def test_a_date_that_only_becomes_firm_is_told_again() -> None:
    case = ("same day", ComplaintFacts(day("2027-01-04")))
    made = with_2027(())
    shown = stand(case[1]).standard
    assert shown is not None
    assert shown.provisional
    assert [each.id for each in moved(told([case], CALENDAR), made, CLOCKS)] == ["same day"]


def test_an_extension_over_the_unpublished_year_is_provisional_and_safe() -> None:
    found = stand(of_stage(day("11-02"), "30+30"))
    assert found.standard is not None
    assert found.standard.provisional
    assert found.standard.due == date(2027, 1, 8), "01-13 by plain counting, less three days: Sunday, back to Friday"
    assert (found.second.due, found.second.provisional) == (date(2027, 1, 1), False)


def test_another_edition_is_a_change_of_data() -> None:
    stricter = CLOCKS.standard.model_copy(
        update={"ordinary": CLOCKS.standard.ordinary.model_copy(update={"days": 10, "clause": "6.4 a) 省"})}
    )
    clocks: ComplaintClocks = CLOCKS.model_copy(update={"standard": stricter})
    found = standing(ComplaintFacts(day("02-10")), day("12-01"), CALENDAR, clocks).standard
    assert found is not None
    assert found.due == day("03-02")
    assert found.breaches[0].clause == "6.4 a) 省"


def test_the_shipped_parameters_are_those_of_the_draft() -> None:
    draft = (ROOT / "knowledge" / "AQ9010.1" / "2025-07-draft" / "draft.txt").read_text(encoding="utf-8")
    for sentence in ("应在15个工作日内将投诉事项", "应在30个工作日内予以答复", "可以再延长30日"):
        assert sentence in draft
    law = CLOCKS.standard
    assert [(term.days, term.unit) for term in (law.ordinary, law.complex, law.extension)] == [
        (15, "working"),
        (30, "working"),
        (30, "calendar"),
    ]
    assert not law.in_force
