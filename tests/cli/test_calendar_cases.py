"""`anze calendar load` on a database with open complaints."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from anze.calendar.data import CalendarStore
from anze.complaints.dates import facts_of
from anze.complaints.models import Complaint
from anze.complaints.rules import standing
from anze.db import Database, make_engine
from anze.settings import Settings
from anze.standard.editions import load
from tests.cli.conftest import Anze, answer, refused

OFF = ["2027-01-01", "2027-01-02", "2027-01-03", *(f"2027-02-{day:02}" for day in range(5, 14))]
OFF += [*(f"2027-10-{day:02}" for day in range(1, 8))]


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    file = tmp_path / "notice.yml"
    content = {
        "year": 2027,
        "notice": "国办发明电〔2026〕9号",
        "off_days": [date.fromisoformat(day) for day in OFF],
        "makeup_workdays": [date(2027, 1, 9), date(2027, 2, 20)],
    }
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def rows(data: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(data / "anze.db")) as connection:
        return connection.execute(query).fetchall()


CASES = "SELECT number, status, received_at, due_on, second_due_on, provisional FROM complaints ORDER BY id"


def expected(data: Path) -> dict[str, tuple[str, int]]:
    """By the pure rule: what each open complaint's date is under the calendar that is loaded now."""
    settings = Settings()
    calendar = CalendarStore(settings.knowledge, data).calendar()
    clocks = load().complaint
    found = {}
    engine = make_engine(f"sqlite:///{data / 'anze.db'}")
    with Database(engine).read() as session:
        cases = select(Complaint).where(
            Complaint.status.in_(["intake", "filed", "handling"]), Complaint.due_on.is_not(None)
        )
        for case in session.scalars(cases):
            facts = facts_of(case)
            clock = standing(facts, facts.received, calendar, clocks).leading
            found[str(case.number)] = (str(clock.due), int(clock.provisional))
    engine.dispose()
    return found


def test_open_cases_move_are_told_and_the_old_date_stays_in_the_chain(demo: Path, anze: Anze, notice: Path) -> None:
    before = {row[0]: row for row in rows(demo, CASES)}
    dry = answer(anze("calendar", "load", notice, "--dry-run", "--json"))
    assert len(dry["cases"]) >= 3
    assert {row[0]: row for row in rows(demo, CASES)} == before, "a dry run changes nothing"
    assert not (demo / "holidays").exists()

    loaded = answer(anze("calendar", "load", notice, "--json"))
    assert loaded["cases"] == dry["cases"]
    after = {row[0]: row for row in rows(demo, CASES)}
    by_rule = expected(demo)
    moved = {case["number"]: case for case in loaded["cases"]}
    for number, row in after.items():
        if number in by_rule:
            assert (row[3], row[5]) == by_rule[number]
        if number in moved:
            assert (moved[number]["old"], moved[number]["new"]) == (before[number][3], row[3])
            assert row[4] == before[number][4], "the second clock never moves"
        else:
            assert row == before[number]

    told = rows(demo, "SELECT text, pushed, topic FROM messages WHERE response = 'utter_complaint_date_moved'")
    assert len(told) == len(moved)
    for text, pushed, topic in told:
        assert (pushed, topic) == (1, "complaint")
        (case,) = [case for number, case in moved.items() if number in text]
        assert case["new"] in text
        assert case["old"] in text
        assert "国办发明电〔2026〕9号" in text
    events = [
        json.loads(body) for (body,) in rows(demo, "SELECT body FROM audit_events WHERE kind = 'complaint.date_moved'")
    ]
    assert sorted((event["number"], event["old"]) for event in events) == sorted(
        (case["number"], case["old"]) for case in moved.values()
    )
    assert answer(anze("audit", "verify", "--json"))["ok"]

    assert answer(anze("calendar", "load", notice, "--json"))["cases"] == [], "told once"
    assert len(rows(demo, "SELECT id FROM messages WHERE response = 'utter_complaint_date_moved'")) == len(moved)


def test_a_file_that_got_there_without_the_rows_is_made_good_by_the_next_run(
    demo: Path, anze: Anze, notice: Path
) -> None:
    moving = answer(anze("calendar", "load", notice, "--dry-run", "--json"))["cases"]
    (demo / "holidays").mkdir()
    (demo / "holidays" / "2027.yml").write_bytes(notice.read_bytes())
    assert answer(anze("calendar", "load", notice, "--json"))["cases"] == moving


def test_in_words(demo: Path, anze: Anze, notice: Path) -> None:
    said = anze("calendar", "load", notice, "--dry-run").stdout.splitlines()
    assert said[0].startswith("试运行")
    assert said[-1].startswith("有 ")
    assert any("→" in line for line in said)


def test_without_a_database_there_are_no_cases(anze: Anze, notice: Path, data: Path) -> None:
    assert answer(anze("calendar", "load", notice, "--json"))["cases"] is None
    assert not (data / "anze.db").exists()


def test_a_database_that_cannot_be_reached_stops_it_before_anything_is_written(
    anze: Anze, notice: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anze@127.0.0.1:1/anze?connect_timeout=2")
    refused(anze("calendar", "load", notice), "连不上数据库")
    assert not (data / "holidays").exists()
