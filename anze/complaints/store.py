"""Queries over complaints. Every one takes the speaker and gives nothing that the speaker may not see."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from anze.complaints.models import Complaint, ComplaintSerial, ComplaintStatus
from anze.conversations.models import Direction, Message
from anze.conversations.turn import Turn
from anze.db import insert_missing
from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker

_JUST_NOW = timedelta(minutes=30)
UNFINISHED = (ComplaintStatus.DRAFT, ComplaintStatus.INTAKE)
OPEN = (ComplaintStatus.INTAKE, ComplaintStatus.FILED, ComplaintStatus.HANDLING)


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on complaints that holds for what this speaker may see, and for nothing else."""
    if speaker.staff_id is not None:
        if speaker.role == Role.PROVIDER or speaker.branch_path is None:
            return false()
        in_scope = select(Branch.id).where(Branch.path.startswith(speaker.branch_path, autoescape=True))
        return Complaint.branch_id.in_(in_scope)
    own = [Complaint.conversation_id == speaker.conversation_id, Complaint.id.in_(speaker.opened_complaint_ids)]
    if speaker.person_id is not None:
        own += [Complaint.person_id == speaker.person_id, Complaint.insured_id.in_(speaker.insured_ids)]
    return or_(*own)


def _visible(speaker: Speaker) -> Select[tuple[Complaint]]:
    return select(Complaint).where(visible(speaker))


def unfinished(session: Session, conversation_id: str) -> Complaint | None:
    """The complaint that this conversation is still filling in, the newest if there were several."""
    return session.scalar(
        select(Complaint)
        .where(Complaint.conversation_id == conversation_id, Complaint.status.in_(UNFINISHED))
        .order_by(Complaint.id.desc())
        .limit(1)
    )


def misunderstood_before(session: Session, turn: Turn) -> Message | None:
    """The message just before a pressed「我要投诉」, when it was not understood: those were the first words."""
    before = session.scalar(
        select(Message)
        .where(
            Message.conversation_id == turn.conversation_id,
            Message.direction == Direction.IN,
            Message.id < turn.message_id,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    lost = before is not None and before.topic in {"fallback", "out_of_scope"} and turn.now - before.at <= _JUST_NOW
    return before if lost else None


def by_number(session: Session, speaker: Speaker, number: str) -> Complaint | None:
    return session.scalar(_visible(speaker).where(Complaint.number == number))


def filed(session: Session, speaker: Speaker, *, open_only: bool = False, limit: int = 20) -> list[Complaint]:
    """Complaints with a number, newest first; with `open_only` those that are not closed."""
    query = _visible(speaker).where(Complaint.number.is_not(None))
    if open_only:
        query = query.where(Complaint.status.in_(OPEN))
    return list(session.scalars(query.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(limit)))


def stale_drafts(session: Session, received_before: datetime) -> list[Complaint]:
    """Drafts that nobody finished in time."""
    return list(
        session.scalars(
            select(Complaint)
            .where(Complaint.status == ComplaintStatus.DRAFT, Complaint.received_at <= received_before)
            .order_by(Complaint.received_at)
            .with_for_update(skip_locked=True)
        )
    )


def next_serial(session: Session, day: date) -> int:
    """The next serial of a day; the row is locked until the number is used."""
    insert_missing(session, ComplaintSerial, day=day, last=0)
    serial = session.get_one(ComplaintSerial, day, with_for_update=True, populate_existing=True)
    serial.last += 1
    session.flush()
    return serial.last
