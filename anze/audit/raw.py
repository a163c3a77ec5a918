"""The chain's rows as they stand, whatever was written into them: reading what was altered must not stop the search."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, String, cast, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from anze.audit.models import AuditEvent, AuditHead


class RawEvent(NamedTuple):
    """One row; a field that `append` cannot have written so is None."""

    seq: int
    at: datetime | None
    kind: str | None
    subject: str | None
    actor: str | None
    body: str | None
    previous_sha256: str | None
    sha256: str | None

    @property
    def content(self) -> dict[str, Any]:
        """The body read; empty when it cannot be."""
        try:
            found = json.loads(self.body or "")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def events(session: Session, *kinds: str, naming: str | None = None) -> Iterator[RawEvent]:
    """All events in the order of their places; with `kinds` only those, with `naming` those whose body has this key."""
    columns = [raw(session, column) for column in (AuditEvent.kind, AuditEvent.subject, AuditEvent.actor,
               AuditEvent.body, AuditEvent.previous_sha256, AuditEvent.sha256)]  # fmt: skip
    statement = select(AuditEvent.seq, _instant(session), *columns).order_by(AuditEvent.seq)
    if kinds:
        statement = statement.where(AuditEvent.kind.in_(kinds))
    if naming:
        statement = statement.where(AuditEvent.body.contains(f'"{naming}":', autoescape=True))
    strict = session.get_bind().dialect.name == "sqlite"
    for seq, at, *texts in session.execute(statement.execution_options(yield_per=1000)):
        yield RawEvent(seq, _read_instant(as_text(at), strict=strict), *(as_text(value) for value in texts))


def head(session: Session) -> tuple[int, str] | None:
    """Place and hash of the end of the chain; None when the row is gone or holds nothing that can be one."""
    columns = cast(AuditHead.seq, String), AuditHead.sha256
    row = session.execute(select(*(raw(session, column) for column in columns)).where(AuditHead.id == 1)).first()
    if row is None:
        return None
    seq, sha256 = (as_text(value) for value in row)
    return (int(seq), sha256) if seq and seq.isascii() and seq.isdecimal() and sha256 is not None else None


def reach(session: Session) -> int:
    """Place of the last event there is; 0 without any."""
    return session.scalar(select(func.max(AuditEvent.seq))) or 0


def raw(
    session: Session, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | ColumnElement[str]
) -> ColumnElement[Any]:
    """A column of text for reading with `as_text`: in SQLite it may hold bytes that are no text at all."""
    return cast(column, LargeBinary) if session.get_bind().dialect.name == "sqlite" else type_coerce(column, String)


def as_text(value: bytes | str | None) -> str | None:
    """What `raw` gave, as text; None for bytes that are none."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def raw_json(session: Session, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column of JSON for reading with `as_json`."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(type_coerce(column, String), LargeBinary)
    return column.expression


def as_json(value: Any) -> Any:
    """What `raw_json` gave, read; None when it cannot be."""
    if not isinstance(value, bytes):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _instant(session: Session) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return raw(session, type_coerce(AuditEvent.at, String))
    return cast(func.timezone("UTC", AuditEvent.at), String)  # as text: its "infinity" is no instant for Python


def _read_instant(value: str | None, *, strict: bool) -> datetime | None:
    try:
        at = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    # Another spelling of the same instant is a changed byte too. PostgreSQL keeps an instant, not its spelling.
    if at.tzinfo is not None or (strict and at.isoformat(" ", "microseconds") != value):
        return None
    return at.replace(tzinfo=UTC)
