"""Records are kept (7.4): how long, and that neither the database nor the program removes one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from anze import migrate
from anze.audit.models import AuditEvent
from anze.audit.retention import RetainedError, record
from anze.audit.rules import retained_until
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints.models import Complaint, Decision, Evidence, Statement
from anze.conversations.models import File
from anze.db import Base, Database
from tests.helpers.gateway import Gateway

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

ROWS = (
    "INSERT INTO branches (id, path, level, name, short_name, hotline, hours) "
    "VALUES (1, '/1/', 'head', 'A', 'A', '1', '1')",
    "INSERT INTO conversations (id, channel, branch_id, state, handoff, created_at) "
    "VALUES ('c', 'web', 1, '{}', 'bot', '2026-11-23 02:00:00.000000')",
    "INSERT INTO messages (id, conversation_id, direction, sender, text, payload, interim, pushed, at) "
    "VALUES (1, 'c', 'in', 'user', 'A', '{}', false, false, '2026-11-23 02:00:00.000000')",
    *(
        "INSERT INTO complaints (id, number, status, kind, edition, received_at, conversation_id, branch_id, "
        f"provisional, version) VALUES ({id_}, {number}, 'filed', 'service', 'e', '2026-11-23 02:00:00.000000', 'c', "
        "1, false, 1)"
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


def attempts(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        kept = select(AuditEvent.subject, AuditEvent.actor, AuditEvent.body).where(
            AuditEvent.kind == "retention.refused"
        )
        return [tuple(row) for row in session.execute(kept)]


async def test_staff_who_want_to_remove_a_complaint_are_refused_and_on_record(demo_gateway: Gateway) -> None:
    with demo_gateway.db.read() as session:
        query = select(Complaint).where(Complaint.number.is_not(None), Complaint.policy_id.is_not(None))
        closed = session.scalars(query.where(Complaint.closed_at.is_not(None)).order_by(Complaint.id)).first()
        assert closed is not None
        assert closed.policy is not None
        assert closed.closed_at is not None
        last = closed.policy.ended_early_on or closed.policy.end_on
        until = retained_until(legal_date(closed.closed_at), last)
        assert until is not None
        path, subject = f"/api/staff/complaints/{closed.number}", f"complaint:{closed.id}"
    chief = await demo_gateway.staff("supervisor")
    refused = await demo_gateway.client.delete(path, headers=chief.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "retained")
    assert spoken(until) in refused.json()["detail"]
    ((about, actor, body),) = attempts(demo_gateway.db)
    assert (about, actor.split(":")[0]) == (subject, "staff")
    assert until.isoformat() in body
    assert (await chief.get(path)).status_code == 200, "it is still there"


async def test_nobody_learns_by_it_what_is_not_theirs(demo_gateway: Gateway) -> None:
    chief = await demo_gateway.staff("supervisor")
    nothing = await demo_gateway.client.delete("/api/staff/complaints/TS1", headers=chief.headers)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    visitor = await demo_gateway.visitor()
    foreign = await demo_gateway.client.delete("/api/staff/complaints/TS1", headers=visitor.headers)
    assert foreign.status_code == 403
    assert attempts(demo_gateway.db) == []


@pytest.mark.parametrize("model", [Complaint, Decision, Statement, Evidence, File])
async def test_the_program_itself_is_refused_before_the_database(case: Database, model: type[Base]) -> None:
    def one(session: Session) -> None:
        session.delete(session.scalars(select(model).limit(1)).one())
        session.flush()

    def all_of_them(session: Session) -> None:
        session.execute(delete(model))

    for work in (one, all_of_them):
        with pytest.raises(RetainedError) as refused, case.write() as session:
            work(session)
        await record(case, refused.value, NOW)
    tables = [subject for subject, _, _ in attempts(case)]
    assert [subject.split(":")[0] for subject in tables] == [model.__tablename__] * 2
    assert {actor for _, actor, _ in attempts(case)} == {"program"}


async def test_what_goes_through_a_request_is_recorded_at_its_edge(gateway: Gateway) -> None:
    @gateway.app.delete("/api/broken")
    async def broken() -> None:
        def work(session: Session) -> None:
            session.execute(delete(Complaint))

        await gateway.db.in_write(work)

    # In front of the page, which takes every path.
    gateway.app.router.routes.insert(0, gateway.app.router.routes.pop())
    refused = await gateway.client.delete("/api/broken")
    assert (refused.status_code, refused.json()["code"]) == (409, "retained")
    assert attempts(gateway.db) == [("complaints", "program", "{}")]
