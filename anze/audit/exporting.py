"""The chain's head leaves the database: once a day, after many events, on shutdown, on request; by one worker."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.audit import heads
from anze.audit.chain import GENESIS, canonical
from anze.audit.heads import HeadLine
from anze.audit.models import AuditEvent
from anze.audit.raw import as_text, head, raw
from anze.audit.rules import export_due
from anze.clock import legal_date
from anze.db import insert_missing
from anze.errors import DomainError
from anze.state import AppState

_STATE, _DATABASE = "audit.heads", "audit.database"


class When(Enum):
    """What makes an export necessary: a new day or many events · any new event · the asking."""

    DUE = 1
    MOVED = 2
    ASKED = 3


@dataclass(frozen=True)
class Known:
    """What the database remembers of its last export."""

    lines: int
    """How many lines the file has at least"""
    seq: int
    day: date
    line_sha256: str


@dataclass(frozen=True)
class Exported:
    """The new line. `contradicted`: lines whose heads the chain does not hold (any more)."""

    line: HeadLine
    contradicted: tuple[int, ...]


class UnreadableStateError(Exception):
    """What the database remembered of its exports is gone or was overwritten."""


def known(session: Session) -> Known | None:
    """The last export as the database knows it, None before the first. Raises UnreadableStateError."""
    value = _remembered(session, _STATE)
    if value == b"":
        return None
    try:
        found = json.loads(value)
        return Known(int(found["lines"]), int(found["seq"]), date.fromisoformat(found["day"]), found["line_sha256"])
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableStateError(_STATE) from error


def database_id(session: Session) -> str | None:
    """The name that the database gave itself at its first export."""
    return as_text(_remembered(session, _DATABASE)) or None


def _remembered(session: Session, key: str) -> bytes:
    value = session.scalar(select(raw(session, AppState.value)).where(AppState.key == key))
    return value.encode() if isinstance(value, str) else value or b""


def needed(session: Session, now: datetime, when: When = When.DUE) -> bool:
    """Whether there is something to export."""
    end = head(session)
    if end is None:
        return False  # nothing to say; `anze audit verify` says what is wrong
    try:
        last = known(session)
    except UnreadableStateError:
        return True
    if when is When.MOVED:
        return end[0] > (last.seq if last else 0)
    return when is When.ASKED or export_due((last.day, last.seq) if last else None, legal_date(now), end[0])


def export(
    session: Session, path: Path, now: datetime, when: When = When.DUE, *, restored: str | None = None
) -> Exported | None:
    """Add the head to the file if `when` says so; None when nothing was to do, or another worker has just done it.

    The row of app_state is held from the question to the commit, so two never write at once; a crash in between leaves
    a line that the database does not know of, and the next export goes on after it. `restored`: why a backup was put
    back; lines that the chain contradicts are void from here on. Raises OSError; DomainError audit_heads_foreign when
    the file is another database's, audit_nothing_restored when no line contradicts the chain.
    """
    insert_missing(session, AppState, key=_STATE, value="")
    session.execute(select(AppState.key).where(AppState.key == _STATE).with_for_update())
    end = head(session)
    if end is None or not needed(session, now, when):
        return None
    lines = heads.read(path)
    own = _own_id(session, lines, path)
    contradicted = contradicted_by(session, lines)
    if restored is not None and not contradicted:
        raise DomainError("audit_nothing_restored", 409)
    no, previous = _after(session, lines)
    line = heads.add(
        path,
        HeadLine(
            no=no,
            database=own,
            seq=end[0],
            sha256=end[1],
            at=now.astimezone(UTC).isoformat(timespec="seconds"),
            previous=previous,
            line_sha256="",
            restored=restored,
            void=contradicted if restored is not None else (),
        ),
    )
    remembered = {"lines": no, "seq": line.seq, "day": legal_date(now).isoformat(), "line_sha256": line.line_sha256}
    session.execute(update(AppState).where(AppState.key == _STATE).values(value=canonical(remembered)))
    return Exported(line, contradicted)


def _own_id(session: Session, lines: list[HeadLine], path: Path) -> str:
    own = database_id(session)
    if own is None:
        # The file may be ahead of the database by the first line, where a commit was lost.
        own = lines[-1].database if lines else uuid4().hex
        insert_missing(session, AppState, key=_DATABASE, value=own)
    if any(line.database != own for line in lines):
        raise DomainError("audit_heads_foreign", 409, path=path)
    return own


def _after(session: Session, lines: list[HeadLine]) -> tuple[int, str]:
    """Number and predecessor of the next line: after the file's last, or the database's when the file lost some."""
    try:
        last = known(session)
    except UnreadableStateError:
        last = None
    if lines and (last is None or lines[-1].no >= last.lines):
        return lines[-1].no + 1, lines[-1].line_sha256
    return (last.lines + 1, last.line_sha256) if last else (1, GENESIS)


def contradicted_by(session: Session, lines: list[HeadLine]) -> tuple[int, ...]:
    """Numbers of the lines whose heads are not in the chain, less those that are void already."""
    at = hashes_at(session, [line.seq for line in lines])
    void = {no for line in lines for no in line.void}
    return tuple(line.no for line in lines if line.no not in void and at.get(line.seq) != line.sha256)


def hashes_at(session: Session, places: list[int]) -> dict[int, str]:
    """The chain's hashes at these places; 0 is the place before the first event."""
    found = {0: GENESIS}
    for start in range(0, len(places), 500):
        part = select(AuditEvent.seq, raw(session, AuditEvent.sha256))
        rows = session.execute(part.where(AuditEvent.seq.in_(places[start : start + 500])))
        found |= {seq: as_text(sha256) or "" for seq, sha256 in rows}
    return found
