"""The one way into the audit chain, and the walk that finds what was altered since."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import batched
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from anze.audit.models import AuditEvent, AuditHead
from anze.audit.raw import RawEvent, events, head

GENESIS = "0" * 64
"""What the first event follows."""

_DOMAIN = b"anze.audit.v1\n"
_PIECE = 1000


def digest(content: str | bytes) -> str:
    """SHA-256 in hex of words (UTF-8) or of a file: the form in which both enter an event's body."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical(body: dict[str, Any]) -> str:
    """The one JSON text of a body. Only str, int, bool, None, lists and dicts with str keys; TypeError otherwise."""
    _check(body, "body")
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _check(value: Any, where: str) -> None:
    # A float has more than one spelling; dates, tuples and other things that JSON bends come back as something else.
    if type(value) is dict:
        for key, child in value.items():
            if type(key) is not str:
                raise TypeError(f"{where}: a key must be str, not {type(key).__name__}")
            _check(child, f"{where}.{key}")
    elif type(value) is list:
        for position, child in enumerate(value):
            _check(child, f"{where}[{position}]")
    elif value is not None and not isinstance(value, str) and type(value) not in {int, bool}:
        raise TypeError(f"{where}: {type(value).__name__} has no canonical form")


def event_sha256(seq: int, at: datetime, kind: str, subject: str, actor: str, body: str, previous: str) -> str:
    """Hash of one event: every field with its length before it, so that no two events share a byte string."""
    hashed = hashlib.sha256(_DOMAIN)
    for field in (
        str(seq),
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        kind,
        subject,
        actor,
        body,
        previous,
    ):
        content = field.encode()
        hashed.update(len(content).to_bytes(8, "big") + content)
    return hashed.hexdigest()


def append(session: Session, *, at: datetime, kind: str, subject: str, actor: str, body: dict[str, Any]) -> AuditEvent:
    """Add one event to the chain, inside the caller's transaction.

    `kind` is `<topic>.<what>`, `subject` names the row it is about, `actor` who did it; `body` holds no personal
    data (words and files by `digest`). The head's row is locked until the transaction ends (on SQLite the whole
    database already is), so two writers cannot follow the same event. Raises LookupError without a head.
    """
    event = _next(_held_end(session), NewEvent(at, kind, subject, actor, body))
    session.add(event)
    session.flush()
    return event


@dataclass(frozen=True)
class NewEvent:
    """What `append` is told of one event."""

    at: datetime
    kind: str
    subject: str
    actor: str
    body: dict[str, Any]


def append_all(session: Session, events: Iterable[NewEvent]) -> None:
    """Add many events, in their order: the same chain as by `append`, in few statements."""
    end = _held_end(session)
    for piece in batched(events, _PIECE):
        made = [_next(end, one) for one in piece]
        names = [column.key for column in AuditEvent.__table__.columns]
        session.execute(insert(AuditEvent), [{name: getattr(event, name) for name in names} for event in made])
    session.flush()


def _held_end(session: Session) -> AuditHead:
    end = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if end is None:
        raise LookupError("the audit chain has no head: the database is not migrated or was tampered with")
    return end


def _next(end: AuditHead, new: NewEvent) -> AuditEvent:
    """The event after the end, which moves on to it."""
    if new.at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    text = canonical(new.body)
    event = AuditEvent(
        seq=end.seq + 1, at=new.at, kind=new.kind, subject=new.subject, actor=new.actor, body=text,
        previous_sha256=end.sha256,
    )  # fmt: skip
    event.sha256 = event_sha256(event.seq, new.at, new.kind, new.subject, new.actor, text, end.sha256)
    end.seq, end.sha256 = event.seq, event.sha256
    return event


class Fault(StrEnum):
    """What is wrong with a stretch of the chain."""

    CHANGED = "changed"
    """the event does not have its hash"""
    REORDERED = "reordered"
    """a genuine event, at another place than its own"""
    BROKEN = "broken"
    """the event has its hash but does not follow the one before it: replaced or inserted"""
    MISSING = "missing"
    """removed from the beginning or the middle"""
    CUT = "cut"
    """removed from the end: the head has gone further"""
    BEYOND = "beyond"
    """after the head: written past `append`"""
    HEAD = "head"
    """the head is gone, or is not the hash of the last event"""


@dataclass(frozen=True)
class Problem:
    """Events `first` to `last` (both included) have this fault."""

    fault: Fault
    first: int
    last: int


@dataclass(frozen=True)
class _Suspect:
    """An event that does not have its hash at its place, and the hash of a sound event right before it."""

    event: RawEvent
    before: str | None


def verify(session: Session) -> list[Problem]:
    """Walk the whole chain against its hashes and its head; an empty list means nothing was altered.

    Whoever can write the tables and recompute every hash is found only by a head kept outside the database
    (anze.audit.examine).
    """
    problems: list[Problem] = []
    suspects: dict[int, _Suspect] = {}
    reach = 0
    before: str | None = GENESIS
    """Hash of the event at `reach`, as long as that event is sound."""
    for event in events(session):
        if event.seq < 1:
            problems.append(Problem(Fault.BROKEN, event.seq, event.seq))
            continue
        if event.seq > reach + 1:
            problems.append(Problem(Fault.MISSING, reach + 1, event.seq - 1))
            before = None
        reach = event.seq
        if event.sha256 is None or _hash_at(event, event.seq) != event.sha256:
            suspects[event.seq] = _Suspect(event, before)
            before = None
            continue
        if before not in {None, event.previous_sha256}:
            problems.append(Problem(Fault.BROKEN, event.seq, event.seq))
        before = event.sha256
    problems += _judge(suspects)
    problems += _at_the_end(head(session), reach, before)
    return _stretches(problems)


def _hash_at(event: RawEvent, seq: int) -> str | None:
    """The hash that the event would have at place `seq`; None when its fields cannot be an event's at all."""
    if event.at is None or event.kind is None or event.subject is None or event.actor is None:
        return None
    if event.body is None or event.previous_sha256 is None:
        return None
    return event_sha256(seq, event.at, event.kind, event.subject, event.actor, event.body, event.previous_sha256)


def _judge(suspects: dict[int, _Suspect]) -> list[Problem]:
    """Tell genuine events that changed places from changed ones: who follows the last known hash, and fits there?"""
    by_previous = {suspect.event.previous_sha256: suspect.event for suspect in suspects.values()}
    by_previous.pop(None, None)
    moved: set[int] = set()
    found: dict[int, str] = {}
    for seq, suspect in sorted(suspects.items()):
        event = by_previous.get(suspect.before or found.get(seq - 1))
        if event is not None and event.sha256 is not None and _hash_at(event, seq) == event.sha256:
            found[seq] = event.sha256
            moved.add(event.seq)
    return [Problem(Fault.REORDERED if seq in moved else Fault.CHANGED, seq, seq) for seq in suspects]


def _at_the_end(end: tuple[int, str] | None, reach: int, last: str | None) -> list[Problem]:
    if end is None:
        return [Problem(Fault.HEAD, reach, reach)]
    seq, sha256 = end
    if seq > reach:
        return [Problem(Fault.CUT, reach + 1, seq)]
    if seq < reach:
        return [Problem(Fault.BEYOND, seq + 1, reach)]
    return [Problem(Fault.HEAD, reach, reach)] if last not in {None, sha256} else []


def _stretches(problems: list[Problem]) -> list[Problem]:
    """Neighbours with the same fault as one problem, in the order of the chain."""
    merged: list[Problem] = []
    for problem in sorted(problems, key=lambda one: (one.fault, one.first)):
        if merged and merged[-1].fault == problem.fault and merged[-1].last == problem.first - 1:
            merged[-1] = Problem(problem.fault, merged[-1].first, problem.last)
        else:
            merged.append(problem)
    return sorted(merged, key=lambda one: (one.first, one.fault))
