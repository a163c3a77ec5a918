"""What a complainant says and sends is kept as it came, and the chain gets an event of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.usecases import meant_service
from anze.clock import legal_date
from anze.complaints import representing, words
from anze.complaints.escalating import settled
from anze.complaints.models import (
    Complaint,
    ComplaintForm,
    ComplaintStatus,
    Evidence,
    Statement,
    StatementKind,
)
from anze.conversations.models import File
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.tasks.models import Task, TaskKind


def refuse_staff(turn: Turn) -> None:
    """Staff read complaints here and enter them elsewhere, with the day on which they came in."""
    if turn.speaker.staff_id is not None:
        raise DomainError("complaint_by_staff", 403)


def record(session: Session, turn: Turn, complaint: Complaint, kind: str, body: dict[str, Any]) -> None:
    """An event of this turn in the audit chain."""
    append(
        session, at=turn.now, kind=kind, subject=f"complaint:{complaint.id}", actor=turn.speaker.actor, body=body
    )  # fmt: skip


def state(session: Session, turn: Turn, complaint: Complaint, kind: StatementKind, text: str) -> list[str]:
    """Keep words of the complainant, and take from them what need not be asked any more.

    Gives the names of representatives that are more than a group may have.
    """
    complaint.statements.append(Statement(kind=kind, text=text, message_id=turn.message_id, at=turn.now))
    session.flush()
    record(session, turn, complaint, "complaint.stated", {"kind": kind.value, "text_sha256": digest(text)})
    if kind in {StatementKind.STORY, StatementKind.CORRECTION}:
        _read(session, complaint, normalise(story(complaint)))
    return representing.read(session, turn, complaint, normalise(text))


def _read(session: Session, complaint: Complaint, plain: str) -> None:
    if complaint.follows_id is None:  # what comes back to a decided case is of its kind, whatever the new words are
        complaint.kind = words.kind_of(plain)
    read_form(complaint, plain)
    if complaint.insured_id is not None:
        service = meant_service(session, complaint.insured_id, plain, legal_date(complaint.received_at))
        complaint.service_id = service.id if service else complaint.service_id
    contact = words.own_contact(plain)
    if contact is not None and complaint.contact_phone is None:
        complaint.contact_phone, complaint.contact_name = contact.phone, complaint.contact_name or contact.name


def read_form(complaint: Complaint, plain: str) -> None:
    """An objection stays one, whatever is said after it; a review is one by the way it was opened."""
    if complaint.form != ComplaintForm.REVIEW and words.form_of(plain) == ComplaintForm.OBJECTION:
        complaint.form = ComplaintForm.OBJECTION


def story(complaint: Complaint) -> str:
    """What happened, as it stands after corrections."""
    told: list[str] = []
    for statement in complaint.statements:
        if statement.kind == StatementKind.CORRECTION:
            told = [statement.text]
        elif statement.kind == StatementKind.STORY:
            told.append(statement.text)
    return "\n".join(told)


def attach(session: Session, turn: Turn, complaint: Complaint) -> None:
    """Files of the turn become evidence, each once; one may be the authorisation that an agent is asked for."""
    known = set(session.scalars(select(Evidence.file_id).where(Evidence.complaint_id == complaint.id)))
    files = {file.id: file for file in session.scalars(select(File).where(File.id.in_(turn.file_ids)))}
    for file_id in turn.file_ids:
        if file_id not in known:
            session.add(Evidence(complaint_id=complaint.id, file_id=file_id, added_at=turn.now))
            named = {"file_id": file_id, "sha256": files[file_id].sha256}
            record(session, turn, complaint, "complaint.evidence_added", named)
    session.flush()
    if files:
        representing.take_authorisation(complaint, turn, {id_: file.name for id_, file in files.items()})


def end(session: Session, turn: Turn, complaint: Complaint) -> None:
    """The person ends it: dropped without a number, withdrawn with one."""
    if complaint.status == ComplaintStatus.INTAKE:
        intake_done(session, complaint, turn.now, turn.speaker.actor)
    complaint.status = ComplaintStatus.DROPPED if complaint.number is None else ComplaintStatus.WITHDRAWN
    complaint.closed_at = turn.now
    complaint.version += 1
    settled(session, complaint, turn.now, turn.speaker.actor)
    record(session, turn, complaint, f"complaint.{complaint.status}", {"text_sha256": digest(turn.text)})


def intake_done(session: Session, complaint: Complaint, now: datetime, by: str) -> None:
    """The task to complete an unfinished complaint is done."""
    session.execute(
        update(Task)
        .where(Task.kind == TaskKind.INTAKE, Task.subject == f"complaint:{complaint.id}", Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
    )
