"""Three-party mechanisms (三方合作机制, 9.3) of places: who takes part since when, documents, meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, canonical, digest
from anze.clock import iso, legal_date
from anze.conversations.models import File
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.regulators import store
from anze.regulators.kinds import RecordKind, Side
from anze.regulators.models import Mechanism, MechanismRecord
from anze.regulators.rules import KEEPS, three_parties


@dataclass(frozen=True)
class Given:
    """A mechanism as somebody writes it down. `city` None: the whole province."""

    province: str
    city: str | None
    name: str
    agreement: str
    members: Sequence[tuple[Side, str]]
    set_up_on: date


def add(session: Session, speaker: Speaker, given: Given, branch_id: int | None, now: datetime) -> Mechanism:
    """Keep one, of the place of the branch that keeps it; head office keeps any.

    Raises DomainError forbidden, mechanism_parties, mechanism_place, regulator_day, mechanism_twice (409), not_found;
    DeniedError.
    """
    _may(speaker)
    branch = store.branch_for(session, speaker, branch_id, lock=True)
    _place(branch, given)
    if not three_parties(side for side, _ in given.members):
        raise DomainError("mechanism_parties", 422)
    if given.set_up_on > legal_date(now):
        raise DomainError("regulator_day", 422)
    same = Mechanism.branch_id == branch.id, Mechanism.name == given.name, Mechanism.ended_on.is_(None)
    if session.scalar(select(Mechanism.id).where(*same)):
        raise DomainError("mechanism_twice", 409)
    row = Mechanism(
        branch_id=branch.id, province=given.province, city=given.city or None, name=given.name,
        agreement=given.agreement, members=[{"side": side.value, "name": name} for side, name in given.members],
        set_up_on=given.set_up_on, added_at=now, added_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"mechanism_sha256": digest(canonical(content_of(row))), "on": row.set_up_on.isoformat()}
    append(session, at=now, kind="mechanism.added", subject=f"mechanism:{row.id}", actor=speaker.actor, body=body)
    return row


def note(
    session: Session, speaker: Speaker, id_: int, kind: RecordKind, on: date, title: str, words: str,
    file_id: str | None, now: datetime,
) -> MechanismRecord:  # fmt: skip
    """A document or a meeting. Raises forbidden, not_found, regulator_day, regulator_file; DeniedError."""
    _may(speaker)
    row = store.found(session, speaker, Mechanism, id_, lock=True)
    if not row.set_up_on <= on <= min(legal_date(now), row.ended_on or date.max) and kind is RecordKind.MEETING:
        raise DomainError("regulator_day", 422)
    if on > legal_date(now):
        raise DomainError("regulator_day", 422)
    file = store.uploaded(session, speaker, file_id) if file_id else None
    record = MechanismRecord(
        mechanism_id=id_, kind=kind.value, on=on, title=title, words=words, file_id=file.id if file else None,
        noted_at=now, noted_by=speaker.actor,
    )  # fmt: skip
    session.add(record)
    session.flush()
    body = {
        "record": record.id, "record_sha256": digest(canonical(record_content(record))),
        "file_sha256": file.sha256 if file else None,
    }  # fmt: skip
    append(session, at=now, kind="mechanism.noted", subject=f"mechanism:{id_}", actor=speaker.actor, body=body)
    return record


def end(session: Session, speaker: Speaker, id_: int, on: date, now: datetime) -> Mechanism:
    """Its last day. Raises forbidden, not_found, mechanism_ended (409), regulator_day; DeniedError."""
    _may(speaker)
    row = store.found(session, speaker, Mechanism, id_, lock=True)
    if row.ended_on is not None:
        raise DomainError("mechanism_ended", 409)
    if not row.set_up_on <= on <= legal_date(now):
        raise DomainError("regulator_day", 422)
    row.ended_on, row.ended_at, row.ended_by = on, now, speaker.actor
    body = {"on": on.isoformat()}
    append(session, at=now, kind="mechanism.ended", subject=f"mechanism:{id_}", actor=speaker.actor, body=body)
    return row


def listed(session: Session, speaker: Speaker, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """One page of the mechanisms of the tree, those that hold first."""
    query = select(Mechanism).where(Mechanism.branch_id.in_(branches_of(speaker)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.options(joinedload(Mechanism.branch)).order_by(
        Mechanism.ended_on.is_not(None), Mechanism.province, Mechanism.city, Mechanism.id
    )
    rows = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return {"items": [view(row) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """A mechanism with its documents and meetings, the newest first. Raises not_found; DeniedError."""
    row = store.found(session, speaker, Mechanism, id_)
    who = names(session, [record.noted_by for record in row.records])
    records = [
        {
            "id": record.id, "kind": record.kind, "on": record.on.isoformat(), "title": record.title,
            "words": record.words, "file": record.file.name if record.file else None, "noted_by": who[record.noted_by],
        }
        for record in row.records
    ]  # fmt: skip
    return view(row) | {"records": records}


def file_of(session: Session, speaker: Speaker, id_: int, record_id: int) -> File:
    """The file of a document or meeting. Raises not_found; DeniedError."""
    row = store.found(session, speaker, Mechanism, id_)
    file = next((record.file for record in row.records if record.id == record_id), None)
    if file is None:
        raise DomainError("not_found", 404)
    return file


def view(row: Mechanism) -> dict[str, Any]:
    """One for programs and pages, without its records."""
    return {
        "id": row.id, "branch": row.branch.name, "province": row.province, "city": row.city, "name": row.name,
        "agreement": row.agreement, "members": row.members, "set_up_on": row.set_up_on.isoformat(),
        "ended_on": iso(row.ended_on),
    }  # fmt: skip


def content_of(row: Mechanism) -> dict[str, Any]:
    """What the chain knows of one by digest."""
    return {
        "branch": row.branch_id, "province": row.province, "city": row.city, "name": row.name,
        "agreement": row.agreement, "members": row.members, "on": row.set_up_on.isoformat(),
    }  # fmt: skip


def record_content(row: MechanismRecord) -> dict[str, Any]:
    """What the chain knows of a document or meeting by digest."""
    return {
        "mechanism": row.mechanism_id, "kind": row.kind, "on": row.on.isoformat(), "title": row.title,
        "words": row.words, "file": row.file_id,
    }  # fmt: skip


def _may(speaker: Speaker) -> None:
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)


def _place(branch: Branch, given: Given) -> None:
    if branch.province is not None and branch.province != given.province:
        raise DomainError("mechanism_place", 422, place=f"{branch.province}{branch.city or ''}")
    if branch.city is not None and branch.city != given.city:
        raise DomainError("mechanism_place", 422, place=f"{branch.province}{branch.city}")
