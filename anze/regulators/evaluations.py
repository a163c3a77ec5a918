"""Evaluations and inspections of an authority (9.1): received, what is asked for, until when, answered with files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.audit.chain import append, canonical, digest
from anze.clock import iso, legal_date
from anze.conversations.models import File
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.regulators import authorities, store
from anze.regulators.models import EvaluationFile, EvaluationRequest
from anze.regulators.rules import KEEPS


@dataclass(frozen=True)
class Given:
    """A request as somebody writes it down; `due_on` None: the authority named no day."""

    authority_id: int
    number: str
    received_on: date
    due_on: date | None
    asked: str


def receive(
    session: Session, speaker: Speaker, given: Given, branch_id: int | None, now: datetime
) -> EvaluationRequest:
    """Keep what came. Raises forbidden, not_found, authority_ended, regulator_day, evaluation_due; DeniedError."""
    _may(speaker)
    branch = store.branch_for(session, speaker, branch_id)
    authority = authorities.usable(session, speaker, given.authority_id, legal_date(now))
    if given.received_on > legal_date(now):
        raise DomainError("regulator_day", 422)
    if given.due_on is not None and given.due_on < given.received_on:
        raise DomainError("evaluation_due", 422)
    row = EvaluationRequest(
        branch_id=branch.id, authority_id=authority.id, number=given.number, received_on=given.received_on,
        due_on=given.due_on, asked=given.asked, noted_at=now, noted_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"request_sha256": digest(canonical(request_content(row))), "due_on": iso(given.due_on)}
    append(session, at=now, kind="evaluation.received", subject=f"evaluation:{row.id}", actor=speaker.actor, body=body)
    return row


def answer(
    session: Session, speaker: Speaker, id_: int, on: date, words: str, file_ids: Sequence[str], now: datetime
) -> EvaluationRequest:
    """What people answered, once, with what they handed in.

    Raises forbidden, not_found, evaluation_answered (409), regulator_day, regulator_file; DeniedError.
    """
    _may(speaker)
    row = store.found(session, speaker, EvaluationRequest, id_, lock=True)
    if row.answered_on is not None:
        raise DomainError("evaluation_answered", 409)
    if not row.received_on <= on <= legal_date(now):
        raise DomainError("regulator_day", 422)
    files = [store.uploaded(session, speaker, file_id) for file_id in dict.fromkeys(file_ids)]
    row.answer, row.answered_on, row.answered_at, row.answered_by = words, on, now, speaker.actor
    session.add_all(EvaluationFile(request_id=id_, file_id=file.id) for file in files)
    session.flush()
    ids = sorted(file.id for file in files)
    body = {
        "answer_sha256": digest(canonical(answer_content(row, ids))), "on": on.isoformat(),
        "files": sorted(file.sha256 for file in files),
    }  # fmt: skip
    append(session, at=now, kind="evaluation.answered", subject=f"evaluation:{id_}", actor=speaker.actor, body=body)
    return row


def listed(
    session: Session, speaker: Speaker, today: date, *, open_only: bool = False, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """One page, what waits first, by the day that the authority named."""
    query = select(EvaluationRequest).where(EvaluationRequest.branch_id.in_(branches_of(speaker)))
    if open_only:
        query = query.where(EvaluationRequest.answered_on.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    loaded = query.options(
        joinedload(EvaluationRequest.branch), joinedload(EvaluationRequest.authority),
        selectinload(EvaluationRequest.files).joinedload(EvaluationFile.file),
    ).order_by(
        EvaluationRequest.answered_on.is_not(None), EvaluationRequest.due_on.is_(None), EvaluationRequest.due_on,
        EvaluationRequest.id,
    )  # fmt: skip
    rows = session.scalars(loaded.offset((page - 1) * size).limit(size)).all()
    return {"items": [view(session, row, today) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int, today: date) -> dict[str, Any]:
    """One of them, as in `listed`. Raises not_found; DeniedError."""
    return view(session, store.found(session, speaker, EvaluationRequest, id_), today)


def file_of(session: Session, speaker: Speaker, id_: int, file_id: str) -> File:
    """A file of the answer. Raises not_found; DeniedError."""
    row = store.found(session, speaker, EvaluationRequest, id_)
    file = next((one.file for one in row.files if one.file_id == file_id), None)
    if file is None:
        raise DomainError("not_found", 404)
    return file


def view(session: Session, row: EvaluationRequest, today: date) -> dict[str, Any]:
    """One for programs and pages; `late`: not answered by the day, or answered after it."""
    who = names(session, [row.noted_by, row.answered_by])
    return {
        "id": row.id, "branch": row.branch.name, "authority": row.authority.name, "number": row.number,
        "received_on": row.received_on.isoformat(), "due_on": iso(row.due_on), "asked": row.asked,
        "noted_by": who[row.noted_by], "answer": row.answer, "answered_on": iso(row.answered_on),
        "answered_by": who[row.answered_by] if row.answered_by else None,
        "late": row.due_on is not None and (row.answered_on or today) > row.due_on,
        "files": [{"id": one.file_id, "name": one.file.name, "sha256": one.file.sha256} for one in row.files],
    }  # fmt: skip


def request_content(row: EvaluationRequest) -> dict[str, Any]:
    """What the chain knows of a request by digest."""
    return {
        "branch": row.branch_id, "authority": row.authority_id, "number": row.number,
        "received": row.received_on.isoformat(), "due": iso(row.due_on), "asked": row.asked,
    }  # fmt: skip


def answer_content(row: EvaluationRequest, file_ids: list[str]) -> dict[str, Any]:
    """What the chain knows of an answer by digest."""
    return {"on": iso(row.answered_on), "answer": row.answer, "by": row.answered_by, "files": file_ids}


def _may(speaker: Speaker) -> None:
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
