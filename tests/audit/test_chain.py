"""The chain grows by one path, is guarded by the database, and tells what was altered."""

import enum
import json
import re
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.audit.chain import Fault, Problem
from anze.audit.models import AuditEvent, AuditHead
from anze.db import Database

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def add(session: Session, number: int = 1, **changed: Any) -> AuditEvent:
    fields = {"at": AT, "kind": "test.done", "subject": f"test:{number}", "actor": "staff:1", "body": {"n": number}}
    return chain.append(session, **{**fields, **changed})


def fill(database: Database, events: int) -> None:
    with database.write() as session:
        for number in range(1, events + 1):
            add(session, number)


def found(database: Database) -> list[Problem]:
    with database.read() as session:
        return chain.verify(session)


def unguarded(database: Database, *statements: str) -> None:
    """What somebody with full rights on the database could do."""
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("audit_events", "audit_head"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_empty_chain_is_whole(database: Database) -> None:
    assert found(database) == []


def test_each_event_follows_the_one_before(database: Database) -> None:
    fill(database, 5)
    with database.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        head = session.get_one(AuditHead, 1)
        hashes = [event.sha256 for event in events]
        assert [event.seq for event in events] == [1, 2, 3, 4, 5]
        assert [event.previous_sha256 for event in events] == [chain.GENESIS, *hashes[:-1]]
        assert (head.seq, head.sha256) == (5, hashes[-1])
    assert found(database) == []


def test_the_hash_is_the_one_written_down(database: Database) -> None:
    """Anybody can check the chain without this program: the bytes, spelled out."""
    with database.write() as session:
        event = add(session, body={"字": "词", "a": [1, None, True]})
    fields = [
        "1",
        "2026-11-23T02:00:00.000000+00:00",
        "test.done",
        "test:1",
        "staff:1",
        '{"a":[1,null,true],"字":"词"}',
        "0" * 64,
    ]
    stream = b"anze.audit.v1\n" + b"".join(len(f.encode()).to_bytes(8, "big") + f.encode() for f in fields)
    assert event.sha256 == chain.digest(stream)


def test_a_rolled_back_event_leaves_no_trace(database: Database) -> None:
    fill(database, 1)

    def fails() -> None:
        with database.write() as session:
            add(session, 2)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    fill(database, 1)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 2
    assert found(database) == []


def test_two_writers_give_one_chain(database: Database) -> None:
    errors: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(200):
                with database.write() as session:
                    add(session, number, actor=f"staff:{writer}")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with database.read() as session:
        assert session.scalars(select(AuditEvent.seq).order_by(AuditEvent.seq)).all() == list(range(1, 401))
        assert session.get_one(AuditHead, 1).seq == 400
        actors = session.execute(select(AuditEvent.actor, func.count()).group_by(AuditEvent.actor)).all()
    assert sorted(tuple(row) for row in actors) == [("staff:1", 200), ("staff:2", 200)]
    assert found(database) == []


class Shape(enum.Enum):
    ROUND = 1


@pytest.mark.parametrize(
    "body",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": [{"b": 0.5}]},
        {1: "a"},
        {"a": (1, 2)},
        {"a": AT},
        {"a": b"x"},
        {"a": Shape.ROUND},
        {"a": {1}},
    ],
    ids=str,
)
def test_a_body_with_two_spellings_is_refused(body: dict[Any, Any]) -> None:
    with pytest.raises(TypeError):
        chain.canonical(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values))
def test_a_body_has_one_spelling_that_reads_back(body: dict[str, Any]) -> None:
    spelled = chain.canonical(body)
    assert json.loads(spelled) == body
    assert chain.canonical(dict(reversed(body.items()))) == spelled


def test_an_instant_is_the_same_in_every_zone() -> None:
    rest = ("kind", "subject", "actor", "{}", chain.GENESIS)
    elsewhere = AT.astimezone(timezone(timedelta(hours=8)))
    assert chain.event_sha256(1, AT, *rest) == chain.event_sha256(1, elsewhere, *rest)


@given(st.lists(st.text(max_size=4), min_size=5, max_size=5), st.lists(st.text(max_size=4), min_size=5, max_size=5))
def test_two_events_never_share_their_bytes(one: list[str], other: list[str]) -> None:
    if one != other:
        assert chain.event_sha256(1, AT, *one) != chain.event_sha256(1, AT, *other)


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="time zone"), database.write() as session:
        add(session, at=AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'x' WHERE seq = 2",
        "DELETE FROM audit_events WHERE seq = 2",
        "DELETE FROM audit_events",
        "UPDATE audit_head SET seq = 1",
        "UPDATE audit_head SET id = 2, seq = 9",
        "DELETE FROM audit_head",
        "UPDATE statements SET text = 'x'",
        "DELETE FROM statements",
    ],
)
def test_the_database_refuses_to_alter_what_was_recorded(database: Database, statement: str) -> None:
    fill(database, 3)
    with database.engine.begin() as connection:
        a_statement(connection)
    with pytest.raises(DBAPIError, match=r"never|only goes forward"), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert found(database) == []


def a_statement(connection: Any) -> None:
    """One row of a complainant's words, with what it needs."""
    for row in (
        "INSERT INTO branches (id, path, level, name, short_name, hotline, hours) "
        "VALUES (1, '/1/', 'head', 'A', 'A', '1', '1')",
        "INSERT INTO conversations (id, channel, branch_id, state, handoff, created_at) "
        "VALUES ('c', 'web', 1, '{}', 'bot', '2026-11-23 02:00:00.000000')",
        "INSERT INTO messages (id, conversation_id, direction, sender, text, payload, interim, pushed, at) "
        "VALUES (1, 'c', 'in', 'user', 'A', '{}', false, false, '2026-11-23 02:00:00.000000')",
        "INSERT INTO complaints (id, status, kind, edition, received_at, conversation_id, branch_id, provisional, "
        "version) VALUES (1, 'filed', 'service', 'e', '2026-11-23 02:00:00.000000', 'c', 1, false, 1)",
        "INSERT INTO statements (id, complaint_id, kind, text, message_id, at) "
        "VALUES (1, 1, 'story', 'A', 1, '2026-11-23 02:00:00.000000')",
    ):
        connection.execute(text(row))


def test_the_database_refuses_to_replace_or_empty(database: Database) -> None:
    fill(database, 3)
    with database.engine.begin() as connection:
        a_statement(connection)
    copied = "seq, at, kind, subject, 'x', body, previous_sha256, sha256 FROM audit_events WHERE seq = 2"
    attempts = {
        "sqlite": [
            f"INSERT OR REPLACE INTO audit_events SELECT {copied}",
            "INSERT OR REPLACE INTO audit_head VALUES (1, 99, 'x')",
            "INSERT OR REPLACE INTO statements SELECT id, complaint_id, kind, 'x', message_id, at FROM statements",
        ],
        "postgresql": [
            "TRUNCATE audit_events",
            "TRUNCATE audit_head",
            "TRUNCATE statements",
            "TRUNCATE complaints CASCADE",
            "SET session_replication_role = replica; UPDATE audit_events SET actor = 'x'",
            f"INSERT INTO audit_events SELECT {copied} ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
        ],
    }
    for attempt in attempts[database.engine.dialect.name]:
        with pytest.raises(DBAPIError, match=r"never|there is one"), database.engine.begin() as connection:
            connection.execute(text(attempt))
    assert found(database) == []


OTHER = "f" * 64
SWAP = (
    "UPDATE audit_events SET seq = -1 WHERE seq = 4",
    "UPDATE audit_events SET seq = 4 WHERE seq = 5",
    "UPDATE audit_events SET seq = 5 WHERE seq = -1",
)


@pytest.mark.parametrize(
    ("statements", "problems"),
    [
        (["UPDATE audit_events SET body = '[]' WHERE seq = 4"], [Problem(Fault.CHANGED, 4, 4)]),
        (["UPDATE audit_events SET actor = 'staff:2' WHERE seq >= 9"], [Problem(Fault.CHANGED, 9, 10)]),
        (["UPDATE audit_events SET at = '2020-01-01 00:00:00.000000' WHERE seq = 1"], [Problem(Fault.CHANGED, 1, 1)]),
        ([f"UPDATE audit_events SET sha256 = '{OTHER}' WHERE seq = 10"], [Problem(Fault.CHANGED, 10, 10)]),
        (["DELETE FROM audit_events WHERE seq IN (4, 5)"], [Problem(Fault.MISSING, 4, 5)]),
        (["DELETE FROM audit_events WHERE seq = 1"], [Problem(Fault.MISSING, 1, 1)]),
        (["DELETE FROM audit_events WHERE seq > 7"], [Problem(Fault.CUT, 8, 10)]),
        (["DELETE FROM audit_events"], [Problem(Fault.CUT, 1, 10)]),
        (SWAP, [Problem(Fault.REORDERED, 4, 5)]),
        (["DELETE FROM audit_head"], [Problem(Fault.HEAD, 10, 10)]),
        ([f"UPDATE audit_head SET sha256 = '{OTHER}'"], [Problem(Fault.HEAD, 10, 10)]),
        (["UPDATE audit_head SET seq = 8"], [Problem(Fault.BEYOND, 9, 10)]),
        (["UPDATE audit_head SET seq = 2000000000"], [Problem(Fault.CUT, 11, 2_000_000_000)]),
        (
            ["UPDATE audit_events SET kind = 'x' WHERE seq = 2", "DELETE FROM audit_events WHERE seq IN (6, 10)"],
            [Problem(Fault.CHANGED, 2, 2), Problem(Fault.MISSING, 6, 6), Problem(Fault.CUT, 10, 10)],
        ),
        (
            ["DELETE FROM audit_events WHERE seq = 5", "UPDATE audit_events SET seq = seq - 1 WHERE seq = 6"],
            [Problem(Fault.CHANGED, 5, 5), Problem(Fault.MISSING, 6, 6)],
        ),
    ],
)
def test_alterations_are_found(database: Database, statements: list[str], problems: list[Problem]) -> None:
    fill(database, 10)
    unguarded(database, *statements)
    assert found(database) == problems


def test_a_replaced_event_with_a_right_hash_is_found(database: Database) -> None:
    fill(database, 10)
    with database.read() as session:
        old = session.get_one(AuditEvent, 4)
        forged = chain.event_sha256(4, old.at, old.kind, old.subject, "staff:9", old.body, old.previous_sha256)
    unguarded(database, f"UPDATE audit_events SET actor = 'staff:9', sha256 = '{forged}' WHERE seq = 4")
    assert found(database) == [Problem(Fault.BROKEN, 5, 5)]


def test_nonsense_in_a_column_is_found_and_stops_nothing(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        fill(database, 5)
        unguarded(
            database,
            "UPDATE audit_events SET at = 'soon' WHERE seq = 2",
            "UPDATE audit_events SET body = x'00ff' WHERE seq = 4",
        )
        assert found(database) == [Problem(Fault.CHANGED, 2, 2), Problem(Fault.CHANGED, 4, 4)]
    else:
        fill(database, 3)
        unguarded(database, "UPDATE audit_events SET at = 'infinity' WHERE seq = 2")
        assert found(database) == [Problem(Fault.CHANGED, 2, 2)]


@pytest.mark.parametrize("column", ["kind", "body", "previous_sha256", "sha256"])
def test_bytes_that_are_no_text_are_found_and_stop_nothing(database: Database, column: str) -> None:
    if database.engine.dialect.name == "sqlite":
        fill(database, 4)
        unguarded(database, f"UPDATE audit_events SET {column} = CAST(x'ff41' AS TEXT) WHERE seq = 2")
        assert found(database) == [Problem(Fault.CHANGED, 2, 2)]


@pytest.mark.parametrize("spelling", ["2026-11-23T02:00:00.000000", "2026-11-23 02:00:00,000000", "2026-11-23 02:00"])
def test_another_spelling_of_the_same_instant_is_a_change(database: Database, spelling: str) -> None:
    if database.engine.dialect.name == "sqlite":
        fill(database, 3)
        unguarded(database, f"UPDATE audit_events SET at = '{spelling}' WHERE seq = 3")
        assert found(database) == [Problem(Fault.CHANGED, 3, 3)]


def test_nothing_else_writes_the_chain() -> None:
    """The one append function is the only place in the program that makes an event or moves the head."""
    writers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "anze").rglob("*.py")
        if re.search(
            r"\bAuditEvent\(\s*(?!Base)|insert\(AuditEvent|\bAuditHead\(\s*(?!Base)|\baudit_head\b",
            path.read_text("utf-8"),
        )
    }
    assert writers == {
        "anze/audit/chain.py",
        "anze/audit/models.py",
        "anze/migrations/versions/0001_tables.py",
        "anze/migrations/versions/0002_audit_guard.py",
    }
