"""Queries over complaints. Every one takes the speaker and gives nothing that the speaker may not see."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from anze.complaints.models import (
    DECIDED_RESPONSE,
    OPEN,
    Complaint,
    ComplaintForm,
    ComplaintSerial,
    ComplaintStatus,
    Decision,
)
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.conversations.turn import Turn
from anze.db import insert_missing
from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker

_JUST_NOW = timedelta(minutes=30)
UNFINISHED = (ComplaintStatus.DRAFT, ComplaintStatus.INTAKE)


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on complaints that holds for what this speaker may see, and for nothing else."""
    if speaker.staff_id is not None:
        return Complaint.branch_id.in_(branches_of(speaker))
    own = [Complaint.conversation_id == speaker.conversation_id, Complaint.id.in_(speaker.opened_complaint_ids)]
    if speaker.person_id is not None:
        own += [Complaint.person_id == speaker.person_id, Complaint.insured_id.in_(speaker.insured_ids)]
    return or_(*own)


def _visible(speaker: Speaker) -> Select[tuple[Complaint]]:
    return select(Complaint).where(visible(speaker))


def unfinished(session: Session, conversation_id: str, *, lock: bool = False) -> Complaint | None:
    """The complaint that this conversation is still filling in, the newest if there were several.

    With `lock` held until the transaction ends: staff may decide one that lies with them.
    """
    query = (
        select(Complaint)
        .where(Complaint.conversation_id == conversation_id, Complaint.status.in_(UNFINISHED))
        .order_by(Complaint.id.desc())
        .limit(1)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def only_open(session: Session, speaker: Speaker) -> Complaint | None:
    """The one filed complaint that is open, held until the transaction ends; None when there are none or several."""
    found = filed(session, speaker, open_only=True, limit=2)
    return by_number(session, speaker, str(found[0].number), lock=True) if len(found) == 1 else None


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


def by_number(session: Session, speaker: Speaker, number: str, *, lock: bool = False) -> Complaint | None:
    """The case with this number; with `lock` held until the transaction ends, taken before the audit chain's head."""
    query = _visible(speaker).where(Complaint.number == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def exists(session: Session, number: str) -> bool:
    """Whether there is such a case at all: to tell a denied read from one of nothing."""
    return session.scalar(select(Complaint.id).where(Complaint.number == number)) is not None


def filed(session: Session, speaker: Speaker, *, open_only: bool = False, limit: int = 20) -> list[Complaint]:
    """Complaints with a number, newest first; with `open_only` those that are not closed."""
    query = _visible(speaker).where(Complaint.number.is_not(None))
    if open_only:
        query = query.where(Complaint.status.in_(OPEN))
    return list(session.scalars(query.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(limit)))


def decided(session: Session, speaker: Speaker, limit: int = 20) -> list[Complaint]:
    """Cases with a decision, the newest first."""
    query = _visible(speaker).join(Decision, Decision.complaint_id == Complaint.id)
    query = query.where(Complaint.status.in_([ComplaintStatus.DECIDED, ComplaintStatus.TOLD]))
    return list(session.scalars(query.order_by(Decision.decided_at.desc(), Complaint.id.desc()).limit(limit)))


def newest_closed(session: Session, speaker: Speaker) -> Complaint | None:
    """The case that was decided last; without one, that was withdrawn last."""
    found = decided(session, speaker, limit=1)
    if found:
        return found[0]
    query = _visible(speaker).where(Complaint.status == ComplaintStatus.WITHDRAWN)
    return session.scalar(query.order_by(Complaint.closed_at.desc(), Complaint.id.desc()).limit(1))


def review_of(session: Session, case: Complaint) -> Complaint | None:
    """The request for review that follows a case, unless it was dropped or withdrawn."""
    ended = (ComplaintStatus.DROPPED, ComplaintStatus.WITHDRAWN)
    query = select(Complaint).where(
        Complaint.follows_id == case.id, Complaint.form == ComplaintForm.REVIEW, Complaint.status.not_in(ended)
    )
    return session.scalar(query.order_by(Complaint.id.desc()).limit(1))


def talks_of(session: Session, case: Complaint) -> list[str]:
    """The talk in which a case was filed and the person's other talks about this firm, in the order of locking."""
    own = [Conversation.id == case.conversation_id]
    if case.person_id is not None:
        about = or_(Conversation.acting_for_id == case.insured_id, Conversation.acting_for_id.is_(None))
        own.append(and_(Conversation.person_id == case.person_id, Conversation.channel != Channel.STAFF, about))
    return list(session.scalars(select(Conversation.id).where(or_(*own)).order_by(Conversation.id)))


def decisions_said(session: Session, conversation_id: str, up_to: int) -> list[str]:
    """Numbers of the cases whose decision was said in a talk, in a message up to this one."""
    payloads = session.scalars(
        select(Message.payload).where(
            Message.conversation_id == conversation_id,
            Message.id <= up_to,
            Message.direction == Direction.OUT,
            Message.response == DECIDED_RESPONSE,
            Message.pushed.is_(True),
        )
    )
    return [payload["data"]["number"] for payload in payloads if "number" in payload.get("data", {})]


def untold(session: Session, numbers: list[str]) -> list[Complaint]:
    """Of these cases those whose decision nobody was told yet, held until the transaction ends."""
    if not numbers:
        return []
    query = select(Complaint).where(Complaint.number.in_(numbers), Complaint.status == ComplaintStatus.DECIDED)
    held = query.order_by(Complaint.id).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(held))


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
