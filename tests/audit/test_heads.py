"""Heads leave the database: one line a day by one worker, linked, and compared with the chain afterwards."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from anze.audit import chain, exporting, heads
from anze.audit.anchors import HeadFault, HeadProblem
from anze.audit.examine import Report, examine
from anze.audit.exporting import Exported, When
from anze.audit.models import AuditHead
from anze.db import Database
from anze.errors import DomainError

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(database: Database, events: int, by: str = "staff:1") -> None:
    with database.write() as session:
        for _ in range(events):
            chain.append(session, at=AT, kind="test.done", subject="test:1", actor=by, body={})


def export(database: Database, path: Path, at: datetime = AT, when: When = When.ASKED, **more: Any) -> Exported | None:
    with database.write() as session:
        return exporting.export(session, path, at, when, **more)


def examined(database: Database, path: Path, **more: Any) -> Report:
    with database.read() as session:
        return examine(session, heads.read(path), **more)


def faults(database: Database, path: Path, **more: Any) -> list[HeadProblem]:
    return examined(database, path, **more).heads


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heads" / heads.NAME


def test_a_line_says_where_the_chain_ends_and_names_the_line_before(database: Database, path: Path) -> None:
    fill(database, 3)
    export(database, path)
    fill(database, 2)
    export(database, path, AT + timedelta(days=1))
    raw = path.read_bytes().splitlines()
    first, second = (json.loads(line) for line in raw)
    with database.read() as session:
        end = session.get_one(AuditHead, 1).sha256
    assert (first["no"], first["seq"], first["previous"]) == (1, 3, chain.GENESIS)
    assert second == {
        "no": 2,
        "seq": 5,
        "sha256": end,
        "at": "2026-11-24T02:00:00+00:00",
        "database": first["database"],
        "previous": chain.digest(raw[0]),
    }
    report = examined(database, path)
    assert (report.altered, report.anchored_to, report.unanchored) == (False, 5, None)


def test_once_a_shanghai_day_or_after_a_thousand_events(database: Database, path: Path) -> None:
    fill(database, 1)
    assert export(database, path, AT, When.DUE) is not None
    assert export(database, path, AT, When.DUE) is None
    late = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert export(database, path, late, When.DUE) is None
    midnight = export(database, path, late + timedelta(minutes=1), When.DUE)
    assert midnight is not None
    assert midnight.line.seq == 1
    fill(database, 999)
    assert export(database, path, late + timedelta(minutes=2), When.DUE) is None
    fill(database, 1)
    many = export(database, path, late + timedelta(minutes=2), When.DUE)
    assert many is not None
    assert (many.line.no, many.line.seq) == (3, 1001)


def test_on_shutdown_only_what_is_new(database: Database, path: Path) -> None:
    assert export(database, path, AT, When.MOVED) is None
    fill(database, 1)
    assert export(database, path, AT, When.MOVED) is not None
    assert export(database, path, AT + timedelta(days=3), When.MOVED) is None


def test_of_many_workers_one_exports(database: Database, path: Path) -> None:
    fill(database, 3)
    done: list[Any] = []
    barrier = threading.Barrier(6)

    def work() -> None:
        barrier.wait()
        try:
            done.append(export(database, path, AT, When.DUE))
        except BaseException as error:
            done.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one is None for one in done].count(False) == 1, done
    assert len(path.read_bytes().splitlines()) == 1
    assert isinstance(next(one for one in done if one is not None), Exported)


def test_what_is_after_the_last_head_is_not_anchored(database: Database, path: Path) -> None:
    fill(database, 3)
    assert examined(database, path).unanchored == (1, 3)
    export(database, path)
    fill(database, 4)
    report = examined(database, path)
    assert (report.altered, report.anchored_to, report.unanchored) == (False, 3, (4, 7))


def test_a_lost_commit_leaves_a_line_in_nobodys_way(database: Database, path: Path) -> None:
    fill(database, 3)

    def crash() -> None:
        with database.write() as session:
            exporting.export(session, path, AT, When.DUE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert len(heads.read(path)) == 1
    assert faults(database, path) == []
    again = export(database, path, AT, When.DUE)
    assert again is not None
    assert again.line.no == 2
    assert faults(database, path) == []


def test_a_torn_line_is_in_nobodys_way(database: Database, path: Path) -> None:
    fill(database, 3)
    export(database, path)
    with path.open("ab") as file:
        file.write(b'{"at":"2026-11-2')
    export(database, path)
    assert [line.no for line in heads.read(path)] == [1, 2]
    assert faults(database, path) == []


def three(database: Database, path: Path) -> list[bytes]:
    for day in range(3):
        fill(database, 2)
        export(database, path, AT + timedelta(days=day))
    return path.read_bytes().splitlines(keepends=True)


def altered(line: bytes, **fields: Any) -> bytes:
    return chain.canonical(json.loads(line) | fields).encode() + b"\n"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: lines[1:], [HeadProblem(HeadFault.LOST, 1, 1)]),
        (lambda lines: [lines[0], lines[2]], [HeadProblem(HeadFault.LOST, 2, 2)]),
        (lambda lines: lines[:1], [HeadProblem(HeadFault.LOST, 2, 3)]),
        (lambda lines: [], [HeadProblem(HeadFault.ABSENT, 1, 3)]),
        (lambda lines: [lines[0], b"x" * 99 + b"\n", lines[2]], [HeadProblem(HeadFault.LOST, 2, 2)]),
        (lambda lines: [lines[0], altered(lines[1], at="2026-11-20"), lines[2]], [HeadProblem(HeadFault.BROKEN, 3, 3)]),
        (lambda lines: [*lines[:2], altered(lines[2], at="2026-11-20")], [HeadProblem(HeadFault.BROKEN, 3, 3)]),
        (lambda lines: [*lines[:2], altered(lines[2], seq=2**80)], [HeadProblem(HeadFault.LOST, 3, 3)]),
        (
            lambda lines: [*lines[:2], altered(lines[2], sha256="f" * 64)],
            [HeadProblem(HeadFault.BROKEN, 3, 3), HeadProblem(HeadFault.REWRITTEN, 5, 6)],
        ),
        (
            lambda lines: [altered(lines[0], database="other"), *lines[1:]],
            [HeadProblem(HeadFault.FOREIGN, 1, 1), HeadProblem(HeadFault.BROKEN, 2, 2)],
        ),
    ],
)
def test_a_changed_file_is_found(
    database: Database, path: Path, change: Callable[[list[bytes]], list[bytes]], found: list[HeadProblem]
) -> None:
    lines = change(three(database, path))
    path.write_bytes(b"".join(lines))
    if not lines:
        path.unlink()
    assert faults(database, path) == found


def test_an_older_copy_anchors_what_it_reaches(database: Database, path: Path) -> None:
    lines = three(database, path)
    path.write_bytes(b"".join(lines[:2]))
    assert faults(database, path) == [HeadProblem(HeadFault.LOST, 3, 3)]
    report = examined(database, path, copy=True)
    assert (report.altered, report.anchored_to, report.unanchored) == (False, 4, (5, 6))


def test_lost_lines_stay_lost_after_the_next_export(database: Database, path: Path) -> None:
    three(database, path)
    path.unlink()
    next_one = export(database, path)
    assert next_one is not None
    assert next_one.line.no == 4
    assert faults(database, path) == [HeadProblem(HeadFault.LOST, 1, 3)]


def test_a_rewritten_chain_contradicts_the_heads(database: Database, path: Path) -> None:
    three(database, path)
    rewrite(database, keep=3, events=8)
    report = examined(database, path)
    assert report.problems == [], "every hash in the database is right"
    assert report.heads == [HeadProblem(HeadFault.REWRITTEN, 3, 6)]
    assert (report.anchored_to, report.unanchored) == (2, (3, 8))


def rewrite(database: Database, keep: int, events: int) -> None:
    """The first `keep` events stay, others follow up to `events`; hashes and head are right."""
    from tests.audit.forging import unguard

    with database.engine.begin() as connection:
        unguard(connection)
        connection.execute(text(f"DELETE FROM audit_events WHERE seq > {keep}"))
        connection.execute(
            text(f"UPDATE audit_head SET seq = {keep}, sha256 = (SELECT sha256 FROM audit_events WHERE seq = {keep})")
        )
    fill(database, events - keep, by="staff:9")


def test_what_the_database_remembers_may_be_overwritten(database: Database, path: Path) -> None:
    three(database, path)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE app_state SET value = 'x' WHERE key = 'audit.heads'"))
    assert faults(database, path) == [HeadProblem(HeadFault.STATE, 0, 0)]
    rewrite(database, keep=3, events=8)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM app_state"))
    assert faults(database, path) == [HeadProblem(HeadFault.REWRITTEN, 3, 6)]


def test_another_databases_file_is_not_written(database: Database, path: Path) -> None:
    fill(database, 1)
    export(database, path)
    path.write_bytes(altered(path.read_bytes(), database="other"))
    before = path.read_bytes()
    with pytest.raises(DomainError, match="audit_heads_foreign"):
        export(database, path)
    assert path.read_bytes() == before


def test_a_restored_backup_is_said_once_and_shown_ever_after(database: Database, path: Path) -> None:
    lines = three(database, path)
    with pytest.raises(DomainError, match="audit_nothing_restored"):
        export(database, path, restored="无故")
    assert path.read_bytes().splitlines(keepends=True) == lines
    rewrite(database, keep=3, events=4)
    with database.engine.begin() as connection:  # as a backup from before the second export has it
        connection.execute(text("UPDATE app_state SET value = '' WHERE key = 'audit.heads'"))
    daily = export(database, path)
    assert daily is not None
    assert daily.contradicted == (2, 3), "the daily export goes on and is no excuse"
    assert faults(database, path) == [HeadProblem(HeadFault.REWRITTEN, 3, 4), HeadProblem(HeadFault.CUT, 5, 6)]
    said = export(database, path, restored="换硬盘")
    assert said is not None
    assert said.line.void == (2, 3)
    report = examined(database, path)
    assert (report.altered, report.anchored_to) == (False, 4)
    assert [line.restored for line in report.lines if line.restored] == ["换硬盘"]
    rewrite(database, keep=2, events=5)
    assert faults(database, path) == [HeadProblem(HeadFault.REWRITTEN, 3, 4)]


def test_the_head_that_is_nonsense_is_found_and_exports_nothing(database: Database, path: Path) -> None:
    fill(database, 2)
    from tests.audit.forging import unguard

    with database.engine.begin() as connection:
        unguard(connection)
        if connection.dialect.name == "sqlite":
            connection.execute(text("UPDATE audit_head SET seq = 'viele', sha256 = CAST(x'ff' AS TEXT)"))
        else:
            connection.execute(text("UPDATE audit_head SET seq = -1"))
    report = examined(database, path)
    assert [one.fault for one in report.problems] == [chain.Fault.HEAD]
    assert export(database, path) is None


def test_nothing_else_is_read_as_a_line(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(
        b'[]\n1\n{"no":1}\n\xff\n{"no":true,"database":"d","seq":1,"sha256":"s","at":"a","previous":"p"}\n'
    )
    assert heads.read(file) == []


def test_places_are_asked_for_in_any_number(database: Database) -> None:
    fill(database, 1100)
    with database.read() as session:
        assert len(exporting.hashes_at(session, list(range(1, 1200)))) == 1101
        assert session.scalar(select(AuditHead.seq)) == 1100
        assert isinstance(session, Session)
