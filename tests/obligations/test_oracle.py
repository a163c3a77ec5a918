"""The engine against the oracle: every check over 2 000 random worlds in one database, on both engines.

Each world has a branch subtree of its own, so that one question judges all of them and a group by branch each of them.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.db import Database
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.migrate import upgrade
from anze.obligations.compiling import UNDONE
from anze.obligations.query import Filters, Group, Query, When, Window
from anze.obligations.store import Answer, Run
from anze.settings import Settings
from anze.standard.editions import load
from tests.helpers.databases import Templates, opened
from tests.obligations.oracle import DUTIES, SUBJECT, Judged, Oracle, Rows
from tests.obligations.world import TODAY
from tests.obligations.worlds import Worlds

COUNT, SEED = 2000, 9010
TURN, BEFORE = date(2027, 1, 5), date(2026, 8, 14)
"""In a year whose notice is not out; and before much that happened."""
PERIODS = {"insured_year", "promise", "policy"}
KEYS = {
    "insured_year": ("policy_id", "insured_id", "no"),
    "promise": ("policy_id", "insured_id", "no", "item"),
    "policy": ("policy_id", "insured_id"),
    "provider": ("provider_id", "branch_id"),
}
CHECKS = {key: check for key, check in load().check.items() if key in DUTIES}
EVERY = Filters(all_parts=True)
ALL_TIME = {True: Window(When.DUE), False: Window()}
HEAD = Speaker("c" * 32, staff_id=1, role="supervisor", branch_path="/1/")


def _filled(database: Database) -> None:
    upgrade(database.engine)
    with database.write() as session:
        Worlds(session, SEED).fill(COUNT)


class Court:
    """Both judges over one database."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows = Rows(session)
        self.calendar = CalendarStore(Settings().knowledge, Settings().data).calendar()
        self._oracles: dict[tuple[date, int | None], Oracle] = {}
        self._judged: dict[tuple[str, date, int | None], list[Judged]] = {}

    def judged(self, check: str, today: date = TODAY, year: int | None = None) -> list[Judged]:
        if (check, today, year) not in self._judged:
            self._judged[check, today, year] = self._oracle(today, year).judge(check)
        return self._judged[check, today, year]

    def _oracle(self, today: date, year: int | None = None) -> Oracle:
        return self._oracles.setdefault((today, year), Oracle(self.rows, today, year))

    def run(self, query: Query, today: date = TODAY, speaker: Speaker = HEAD) -> Run:
        return Run(self.session, speaker, query, load(), today, self.calendar)

    def answer(self, query: Query, today: date = TODAY, speaker: Speaker = HEAD) -> Answer:
        return self.run(query, today, speaker).answer(size=0, apart=False)

    def below(self, *branch_ids: int) -> set[int]:
        paths = [self.rows.branches[one].path for one in branch_ids]
        return {one.id for one in self.rows.branches.values() if any(one.path.startswith(path) for path in paths)}


@pytest.fixture(scope="module")
def court(templates: Templates) -> Iterator[Court]:
    url = templates.factory.copy(templates.ready("worlds", _filled))
    with opened(url) as database, database.read() as session:
        yield Court(session)
    templates.factory.drop(url)


def counts(found: list[Judged]) -> dict[str, int]:
    return dict(Counter(one.part for one in found))


def share(found: list[Judged]) -> tuple[int, int]:
    """Fulfilled, and all that must be: without 参照, 不适用 and 无法判断."""
    must = [one for one in found if not one.subject.reference and one.status not in {"not_applicable", "unknown"}]
    return sum(one.status == "met" for one in must), len(must)


def told(one: Judged) -> tuple[Any, ...]:
    """What is compared. A subject that the duty does not apply to has neither a last day nor is it late."""
    due, late = (None, False) if one.status == "not_applicable" else (one.due_on, one.late)
    subject = one.subject
    return (one.status, one.part, due, late, subject.reference, subject.branch_id, subject.day, subject.phase)


def said(row: dict[str, Any]) -> tuple[Any, ...]:
    due, late = (None, False) if row["status"] == "not_applicable" else (row["due_on"], bool(row["late"]))
    return (row["status"], row["part"], due, late, bool(row["reference"]), row["branch_id"], row["day"],
            row.get("phase", ""))  # fmt: skip


ELSEWHERE = {
    "branch_manager", "manager_load", "manager_training", "rule_documents", "quality_checks", "channels",
    "budget_made", "vouchers", "payees", "payables", "spend_ratio", "appraisal", "appraisal_used", "improvements",
    "regulator_data", "three_party",
    "folder", "archive_items", "plan_made", "plan_confirmed", "plan_profile", "plan_elements", "procedure_told",
}  # fmt: skip
"""Judged beside their own tables, in the folder of each noun (tests/fees, tests/plans …)"""


def test_every_connected_check_is_judged() -> None:
    from anze.obligations.relations import RELATIONS

    assert set(DUTIES) | ELSEWHERE == {key for key, check in load().check.items() if check.subject in RELATIONS}
    assert all(load().check[key].subject == subject for key, subject in SUBJECT.items())


@pytest.mark.parametrize("today", [TODAY, TURN, BEFORE], ids=str)
@pytest.mark.parametrize("check", DUTIES)
def test_each_subject_has_the_status_that_the_clause_gives_it(court: Court, check: str, today: date) -> None:
    period = SUBJECT[check] in PERIODS
    names = KEYS.get(SUBJECT[check], ("id",))
    run = court.run(Query(check, ALL_TIME[period], EVERY), today)
    engine = {tuple(row[name] for name in names): said(row) for row in run.every_row()}
    oracle = {one.subject.key: told(one) for one in court.judged(check, today)}
    if period:  # `due` asks by the last day; a year without one is in no such window, and both must agree on that
        oracle = {key: value for key, value in oracle.items() if key in engine or value[2] is not None}
    assert sorted(set(engine) ^ set(oracle))[:9] == []
    assert [(key, engine[key], oracle[key]) for key in oracle if engine[key] != oracle[key]][:9] == []


@pytest.mark.parametrize("check", DUTIES)
def test_what_is_asked_is_counted(court: Court, check: str) -> None:
    """Without a word about parts the undone are meant; how many of them are 参照 is told apart."""
    mine = [one for one in court.judged(check) if one.subject.phase in {"", "current"}]
    found = court.answer(Query(check))
    assert {part: count for part, count in found.counts.items() if count} == counts(mine)
    assert found.total == len(mine)
    parts = CHECKS[check].parts
    asked = {part.key for part in parts if part.asked} if parts else set(UNDONE)
    assert found.found == sum(one.part in asked for one in mine)
    assert (found.done, found.obliged) == share(mine)
    assert found.reference == sum(one.part in asked and one.subject.reference for one in mine)
    assert len(court.run(Query(check)).every_row()) == found.found


@pytest.mark.parametrize("group", Group)
@pytest.mark.parametrize("check", ["yearly_check", "promised_services", "contract_terms", "archived", "provider_legal",
                                   "hazard_rectified", "candidates", "complaint_answer", "extension_approved",
                                   "pause_returned"])  # fmt: skip
def test_groups_sum_to_the_whole(court: Court, check: str, group: Group) -> None:
    mine = [one for one in court.judged(check) if one.subject.phase in {"", "current"}]
    found = court.answer(Query(check, filters=EVERY, group=group))
    members: dict[str, list[Judged]] = {}
    for one in mine:
        members.setdefault(_value(one, group), []).append(one)
    got = {name: (of.parts, of.found, of.done, of.obliged) for name, of in found.groups.items()}
    expected = {name: (counts(of), len(of), *share(of)) for name, of in members.items()}
    assert [(name, got.get(name), of) for name, of in expected.items() if got.get(name) != of][:9] == []
    assert len(got) == len(expected)
    assert sum(of.found for of in found.groups.values()) == found.total == len(mine)
    assert (found.done, found.obliged) == share(mine)


def _value(one: Judged, group: Group) -> str:
    subject = one.subject
    match group:
        case Group.BRANCH:
            return str(subject.branch_id)
        case Group.PART:
            return one.part
        case Group.MONTH:
            return f"{subject.day:%Y-%m}" if subject.day else ""
    return subject.named.get(group.value) or ""


WINDOWS = [
    Window(When.BETWEEN, date(2026, 7, 1), date(2026, 9, 30)),
    Window(When.DUE, TODAY, TODAY + timedelta(days=21)),
    Window(When.ENDED, date(2025, 1, 1), date(2025, 12, 31)),
]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda one: one.kind)
@pytest.mark.parametrize("check", DUTIES)
def test_windows(court: Court, check: str, window: Window) -> None:
    period = SUBJECT[check] in PERIODS
    found = court.run(Query(check, window, EVERY))
    names = KEYS.get(SUBJECT[check], ("id",))
    applied = {one.subject.key for one in court.judged(check) if one.status != "not_applicable"}
    engine = {tuple(row[name] for name in names) for row in found.every_row()} & applied
    oracle = {one.subject.key for one in court.judged(check) if _inside(one, window, period)} & applied
    assert sorted(engine ^ oracle)[:9] == []


def _inside(one: Judged, window: Window, period: bool) -> bool:
    subject = one.subject
    if window.kind is When.DUE:
        return _between(one.due_on, window)
    if not period:
        return _between(subject.day, window)
    phases = {"ended"} if window.kind is When.ENDED else {"current", "ended"}
    return subject.phase in phases and _between(subject.to_on, window)


def _between(day: date | None, window: Window) -> bool:
    return day is not None and (window.first or day) <= day <= (window.last or day)


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("check", ["yearly_check", "any_service"])
def test_calendar_years(court: Court, check: str, year: int) -> None:
    """按自然年: one line for each insured, whichever of its policies the service was given under."""
    window = Window(When.CALENDAR_YEAR, date(year, 1, 1), date(year, 12, 31))
    run = court.run(Query(check, window, EVERY))
    engine = {(row["policy_id"], row["insured_id"]): (row["status"], row["part"]) for row in run.every_row()}
    oracle = {one.subject.key: (one.status, one.part) for one in court.judged(check, year=year)}
    assert sorted(set(engine.items()) ^ set(oracle.items()))[:9] == []


def test_what_stands_apart(court: Court) -> None:
    began, near = date(2026, 1, 1), TODAY + timedelta(days=31)
    for check in ("yearly_check", "promised_services", "any_service", "contract_terms"):
        mine = court.judged(check)
        found = court.run(Query(check)).answer(size=0).apart_counts
        assert found == {
            "ended": sum(one.subject.phase == "ended" and one.subject.to_on >= began and one.status == "overdue"
                         and not one.subject.reference for one in mine),
            "ended_early": sum(one.subject.phase == "ended_early" and one.subject.to_on >= began for one in mine),
            "coming": sum(one.subject.phase == "coming" and one.subject.from_on <= near for one in mine),
        }  # fmt: skip


@pytest.mark.parametrize("check", DUTIES)
def test_a_branch_manager_gets_the_branch_of_the_whole(court: Court, check: str) -> None:
    roots = court.session.scalars(select(Branch).where(Branch.parent_id == 1, Branch.id > 4)).all()
    mine = [one for one in court.judged(check) if one.subject.phase in {"", "current"}]
    used = {court.rows.branches[one.subject.branch_id].path.split("/")[2] for one in mine}
    branch = Random(check).choice([one for one in roots if str(one.id) in used])
    manager = Speaker("c" * 32, staff_id=2, role="service", branch_path=branch.path)
    tree = court.below(branch.id)
    expected = counts([one for one in mine if one.subject.branch_id in tree])
    assert court.answer(Query(check, filters=EVERY), speaker=manager).counts == expected != {}
    assert court.answer(Query(check, filters=Filters(branch_ids=(branch.id,), all_parts=True))).counts == expected


def test_another_branch_is_empty_also_by_its_name(court: Court) -> None:
    """Whoever names what is not theirs gets nothing of it; whoever names the whole gets their own of it."""
    own, other = court.session.scalars(select(Branch).where(Branch.parent_id == 1, Branch.id > 4).limit(2)).all()
    manager = Speaker("c" * 32, staff_id=2, role="service", branch_path=own.path)
    tree = court.below(own.id)
    mine = [one for one in court.judged("archived") if one.subject.branch_id in tree]
    for named, expected in (((other.id,), {}), ((1,), counts(mine)), ((own.id, other.id), counts(mine))):
        found = court.answer(Query("archived", filters=Filters(branch_ids=named, all_parts=True)), speaker=manager)
        assert found.counts == expected


@pytest.mark.parametrize("check", DUTIES)
def test_filters(court: Court, check: str) -> None:
    random = Random(check)
    mine = [one for one in court.judged(check) if one.subject.phase in {"", "current"}]
    for _ in range(2):
        wanted: dict[str, Any] = {}
        for name, values in _VALUES.items():
            if random.random() < 0.4:
                wanted[name] = tuple(random.sample(values, random.randint(1, len(values) - 1)))
        found = court.answer(Query(check, filters=Filters(**wanted, all_parts=True))).counts
        assert found == counts([one for one in mine if _fits(one, wanted)]), wanted


_VALUES: dict[str, list[str]] = {
    "provinces": ["江苏省", "浙江省", "湖南省"],
    "sectors": ["mine", "hazardous_chemicals", "fireworks", "metal_smelting", "other"],
    "not_sectors": ["other", "mine"],
    "sizes": ["large", "medium", "small", "micro", "unknown"],
    "not_sizes": ["small", "micro"],
}
_NAMES = {"provinces": "province", "sectors": "sector", "sizes": "size"}


def _fits(one: Judged, wanted: dict[str, tuple[str, ...]]) -> bool:
    """What is not known fits no name, and is left out by none."""
    for name, values in wanted.items():
        value = one.subject.named.get(_NAMES[name.removeprefix("not_")])
        if (value in values) == name.startswith("not_"):
            return False
    return True


@pytest.mark.parametrize("check", ["archived", "hazard_rectified", "yearly_check"])
def test_pages_are_the_list_in_its_order(court: Court, check: str) -> None:
    """The most pressing first; within a status by its last day, those without one at the end."""
    run = court.run(Query(check))
    every = [row["id"] for row in run.every_row()]
    paged: list[Any] = []
    for page in range(1, len(every) // 97 + 2):
        paged += [row["id"] for row in run.answer(page=page, size=97, apart=False).rows]
    assert paged == every
    pressing = {status: place for place, status in enumerate(UNDONE)}
    order = [(pressing[row["status"]], row["due_on"] is None, row["due_on"] or date.max) for row in run.every_row()
             if row["status"] in pressing]  # fmt: skip
    assert order == sorted(order)
    first = court.run(Query(check, limit=3)).answer(size=50, apart=False)
    assert [row["id"] for row in first.rows] == every[:3]
    assert first.found == len(every)
