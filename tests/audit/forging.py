"""A chain with rows and files behind it, and an attacker who has the database, the code and all rights on it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from anze.audit import chain, exporting, heads
from anze.audit.examine import Report, examine, with_files
from anze.audit.exporting import When
from anze.audit.heads import HeadLine
from anze.audit.models import AuditEvent
from anze.complaints.deciding import PARTS, remedies_sha256
from anze.complaints.models import Complaint, Decision, Evidence, Statement
from anze.conversations.files import FileStore
from anze.conversations.models import Conversation, File, Message
from anze.db import Database
from anze.identity.models import Branch, BranchLevel

AT = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
ANCHORED, EVENTS = 160, 200
"""The head was exported after the first of these, and the chain has gone on to the second."""
STATEMENTS, FILES = 12, 4
PARTS_TEXT = dict.fromkeys(PARTS[:-1], "核实如下")
ENDING = "不投诉了"
REMEDIES = [{"way": "review", "where": "总公司", "days": 60}]
COLUMNS = ("seq", "at", "kind", "subject", "actor", "body", "previous_sha256", "sha256")

type Row = dict[str, Any]


@dataclass
class World:
    """The database after the attacker took the triggers down, what lies outside of it, and the genuine events."""

    database: Database
    store: FileStore
    folder: Path
    lines: list[HeadLine]
    digests: list[str]
    rows: list[Row]

    def examined(self, session: Session) -> Report:
        return with_files(examine(session, self.lines), self.store)

    @contextmanager
    def attack(self) -> Iterator[Connection]:
        """All of it is undone afterwards; a test that is done quickly a thousand times."""
        with self.database.engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.rollback()
        for sha256 in self.digests:
            shutil.copyfile(self.folder / "kept" / sha256, self.store.path(sha256))


def built(database: Database, folder: Path) -> World:
    """A complaint with statements, evidence and a decision, told in a chain; most of it anchored."""
    store = FileStore(folder / "files", 1 << 20)
    (folder / "kept").mkdir()
    with database.write() as session:
        digests = _rows(session, folder, store)
        _events(session, digests)
        _filler(session, ANCHORED)
        exporting.export(session, folder / heads.NAME, AT + timedelta(hours=1), When.ASKED)
    with database.write() as session:
        _filler(session, EVENTS)
        events = session.execute(select(AuditEvent.__table__).order_by(AuditEvent.seq)).mappings()
        rows = [dict(row) for row in events]
    with database.engine.begin() as connection:
        unguard(connection)
    return World(database, store, folder, heads.read(folder / heads.NAME), digests, rows)


def unguard(connection: Connection) -> None:
    """Take every trigger down."""
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        guarded = "SELECT DISTINCT event_object_table FROM information_schema.triggers"
        for table in connection.scalars(text(guarded)).all():
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


def _rows(session: Session, folder: Path, store: FileStore) -> list[str]:
    kept = {"conversation_id": "c", "at": AT}
    session.add(Branch(id=1, path="/1/", level=BranchLevel.HEAD, name="总", short_name="总", hotline="1", hours="9"))
    session.flush()
    session.add(Conversation(id="c", channel="web", branch_id=1, state={}, handoff="bot", created_at=AT))
    session.flush()
    session.add(Message(id=1, direction="in", sender="user", text=ENDING, payload={}, **kept))
    session.add(
        Complaint(id=1, number="TS1", status="told", kind="service", edition="e", received_at=AT, conversation_id="c",
                  branch_id=1)
    )  # fmt: skip
    session.flush()
    for number in range(1, STATEMENTS + 1):
        session.add(Statement(id=number, complaint_id=1, kind="story", text=said(number), message_id=1, at=AT))
    session.add(
        Decision(id=1, complaint_id=1, **PARTS_TEXT, remedies=REMEDIES, decided_at=AT, decided_by="staff:1", told_at=AT)
    )
    digests = []
    for number in range(FILES):
        content = b"%PDF-1.4\n" + bytes([65 + number]) * 200
        stored = store.put(content, "a.pdf")
        shutil.copyfile(store.path(stored.sha256), folder / "kept" / stored.sha256)
        digests.append(stored.sha256)
        session.add(
            File(id=f"f{number}", sha256=stored.sha256, name="a.pdf", mime=stored.mime, size=stored.size, **kept)
        )
        session.flush()
        session.add(Evidence(complaint_id=1, file_id=f"f{number}", added_at=AT))
    return digests


def said(number: int) -> str:
    return f"第{number}次没来"


def _events(session: Session, digests: list[str]) -> None:
    for number in range(1, STATEMENTS + 1):
        _add(session, "complaint.stated", {"kind": "story", "text_sha256": chain.digest(said(number))})
    for number, sha256 in enumerate(digests):
        _add(session, "complaint.evidence_added", {"file_id": f"f{number}", "sha256": sha256})
    sealed = {f"{name}_sha256": chain.digest(value) for name, value in PARTS_TEXT.items()}
    _add(session, "complaint.decided", sealed | {"remedies_sha256": remedies_sha256(REMEDIES)})
    _add(session, "complaint.told", {"how": "read", "outcome_sha256": sealed["outcome_sha256"]})
    _add(session, "complaint.withdrawn", {"text_sha256": chain.digest(ENDING)})


def _filler(session: Session, up_to: int) -> None:
    for number in range((session.scalar(select(func.max(AuditEvent.seq))) or 0) + 1, up_to + 1):
        chain.append(session, at=AT + timedelta(seconds=number), kind="identity.granted", subject=f"person:{number}",
                     actor=f"staff:{number % 7}", body={"n": number, "字": "改期"})  # fmt: skip


def _add(session: Session, kind: str, body: Row) -> None:
    chain.append(session, at=AT, kind=kind, subject="complaint:1", actor="person:1", body=body)


def rehashed(rows: list[Row]) -> list[Row]:
    """The events numbered from 1 and hashed as `append` would have done it."""
    before, made = chain.GENESIS, []
    for seq, row in enumerate(rows, 1):
        sha256 = chain.event_sha256(
            seq, row["at"].replace(tzinfo=UTC), row["kind"], row["subject"], row["actor"], row["body"], before
        )
        made.append({**row, "seq": seq, "previous_sha256": before, "sha256": sha256})
        before = sha256
    return made


def write(connection: Connection, rows: list[Row], head: Row | None = None) -> None:
    """Put these events in the place of the chain, and the head on the last one."""
    table = AuditEvent.__table__
    connection.execute(table.delete())  # type: ignore[attr-defined]
    if rows:
        connection.execute(table.insert(), rows)  # type: ignore[attr-defined]
    end = head or (rows[-1] if rows else {"seq": 0, "sha256": chain.GENESIS})
    connection.execute(
        text("UPDATE audit_head SET seq = :seq, sha256 = :sha256"), {k: end[k] for k in ("seq", "sha256")}
    )


type Attack = Callable[[World, Connection, Random], int]
"""Does its harm and gives the place of the first event that is not as it was; 0: rows or files behind the chain."""
