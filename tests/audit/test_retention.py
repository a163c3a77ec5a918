"""Records are kept (7.4): how long, and that neither the database nor the program removes one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from anze import migrate
from anze.db import Database

ROWS = (
    "INSERT INTO branches (id, path, level, name, short_name, hotline, hours) "
    "VALUES (1, '/1/', 'head', 'A', 'A', '1', '1')",
    "INSERT INTO conversations (id, channel, branch_id, state, handoff, created_at) "
    "VALUES ('c', 'web', 1, '{}', 'bot', '2026-11-23 02:00:00.000000')",
    "INSERT INTO messages (id, conversation_id, direction, sender, text, payload, interim, pushed, at) "
    "VALUES (1, 'c', 'in', 'user', 'A', '{}', false, false, '2026-11-23 02:00:00.000000')",
    *(
        "INSERT INTO complaints (id, number, status, kind, edition, received_at, conversation_id, branch_id, "
        f"provisional, version) VALUES ({id_}, {number}, 'filed', 'service', 'e', '2026-11-23 02:00:00.000000', 'c', 1, false, 1)"
        for id_, number in ((1, "'TS1'"), (2, "'TS2'"), (3, "NULL"))
    ),
    "INSERT INTO statements (id, complaint_id, kind, text, message_id, at) "
    "VALUES (1, 1, 'story', 'A', 1, '2026-11-23 02:00:00.000000')",
    "INSERT INTO decisions (id, complaint_id, findings, basis, reasons, outcome, remedies, decided_at, decided_by) "
    "VALUES (1, 1, 'f', 'b', 'r', 'o', '[]', '2026-11-23 02:00:00.000000', 'staff:1')",
    "INSERT INTO files (id, conversation_id, sha256, name, mime, size, at) "
    "VALUES ('f', 'c', 'aa', 'a.png', 'image/png', 1, '2026-11-23 02:00:00.000000')",
    "INSERT INTO complaint_evidence (complaint_id, file_id, added_at) VALUES (1, 'f', '2026-11-23 02:00:00.000000')",
)

EVERYWHERE = [
    "DELETE FROM complaints",
    "DELETE FROM complaints WHERE id = 3",
    "DELETE FROM statements",
    "DELETE FROM decisions",
    "DELETE FROM complaint_evidence",
    "DELETE FROM files",
    "UPDATE complaints SET id = 9 WHERE id = 3",
    "UPDATE complaints SET number = 'TS9' WHERE id = 1",
    "UPDATE complaints SET number = NULL WHERE id = 1",
    "UPDATE decisions SET complaint_id = 2",
    "UPDATE complaint_evidence SET added_at = '2020-01-01 00:00:00.000000'",
    "UPDATE files SET sha256 = 'bb'",
    "UPDATE files SET size = 2",
]
OF_ONE = {
    "sqlite": [
        "INSERT OR REPLACE INTO complaints SELECT * FROM complaints WHERE id = 1",
        "INSERT OR REPLACE INTO complaints "
        "(id, number, status, kind, edition, received_at, conversation_id, branch_id, provisional, version) "
        "SELECT 9, number, status, kind, edition, received_at, conversation_id, branch_id, provisional, version "
        "FROM complaints WHERE id = 1",
        "UPDATE OR REPLACE complaints SET number = 'TS1' WHERE id = 3",
        "INSERT OR REPLACE INTO decisions SELECT 9, complaint_id, 'x', basis, reasons, outcome, remedies, decided_at, "
        "decided_by, message_id, told_at FROM decisions",
        "INSERT OR REPLACE INTO complaint_evidence VALUES (1, 'f', '2020-01-01 00:00:00.000000')",
        "INSERT OR REPLACE INTO files SELECT id, conversation_id, 'bb', name, mime, size, at FROM files",
    ],
    "postgresql": [
        "TRUNCATE decisions",
        "TRUNCATE complaint_evidence",
        "TRUNCATE files CASCADE",
        "TRUNCATE complaints CASCADE",
        "SET session_replication_role = replica; DELETE FROM complaints WHERE id = 3",
        "SET session_replication_role = replica; UPDATE files SET sha256 = 'bb'",
    ],
}


@pytest.fixture
def case(database: Database) -> Iterator[Database]:
    """A complaint with all that belongs to it, one with a number and one without."""
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    before = counted(database)
    yield database
    assert counted(database) == before


def counted(database: Database) -> dict[str, list[object]]:
    tables = ("complaints", "statements", "decisions", "complaint_evidence", "files")
    with database.read() as session:
        return {table: [tuple(row) for row in session.execute(text(f"SELECT * FROM {table}"))] for table in tables}


@pytest.mark.parametrize("statement", EVERYWHERE)
def test_the_database_refuses_to_remove(case: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="never"), case.engine.begin() as connection:
        connection.execute(text(statement))


def test_the_database_refuses_its_own_ways_round(case: Database) -> None:
    for statement in OF_ONE[case.engine.dialect.name]:
        with pytest.raises(DBAPIError, match="never"), case.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_case_still_moves_on(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE complaints SET status = 'told', version = 2, number = number"))
        connection.execute(text("UPDATE complaints SET number = 'TS3' WHERE id = 3"))
        connection.execute(text("UPDATE decisions SET told_at = '2026-11-24 02:00:00.000000', message_id = 1"))
        connection.execute(text("UPDATE files SET name = 'b.png'"))
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM complaints WHERE status = 'told'")).scalar() == 3


def test_the_guard_can_be_taken_back_and_put_up_again(case: Database) -> None:
    migrate.downgrade(case.engine, "0003")
    with case.engine.connect() as connection:
        connection.execute(text("DELETE FROM complaint_evidence"))
        connection.execute(text("DELETE FROM decisions"))
        connection.execute(text("UPDATE complaints SET number = 'TS9' WHERE id = 2"))
        connection.rollback()
    migrate.upgrade(case.engine)
    for statement in EVERYWHERE:
        with pytest.raises(DBAPIError, match="never"), case.engine.begin() as connection:
            connection.execute(text(statement))
