"""Telling the complainant (告知): in the talk, by text message, or as staff did it; what counts is in telling.py."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from anze.audit.chain import append, digest
from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.rasa import ButtonOut, MessageOut
from anze.channels.text_message import text_message
from anze.complaints import store
from anze.complaints.dates import ComplaintDates
from anze.complaints.handling_models import About, Notice, NoticeChannel
from anze.complaints.models import OPEN, Complaint
from anze.complaints.settling import settle
from anze.conversations.models import Channel, Conversation
from anze.conversations.pushing import push
from anze.tasks.models import Task, TaskKind
from anze.texts import shortened
from anze.texts import text as say

MOST_WORDS = 300
"""Characters of a text message; the whole text is in the talk."""


def tell(
    session: Session,
    case: Complaint,
    about: About,
    text: str,
    now: datetime,
    by: str,
    *,
    no: int = 1,
    buttons: list[ButtonOut] | None = None,
) -> list[str]:
    """Say it in the complainant's talks, and send it to the telephone on file, in the caller's transaction.

    Without a telephone and without a talk that somebody reads a colleague has to call or write. Call it after the
    audit chain. Gives the talks that were spoken in.
    """
    out = MessageOut(text=text, buttons=buttons or [], response=f"utter_complaint_{about}")
    read_somewhere = False
    spoken = []
    for conversation_id in store.talks_of(session, case):
        message = push(session, conversation_id, out, now)
        spoken.append(conversation_id)
        if session.get_one(Conversation, conversation_id).channel == Channel.DESK:
            continue
        read_somewhere = True
        _note(session, case, about, no, NoticeChannel.PAGE, conversation_id, text, now, by, message_id=message.id)
    if case.contact_phone:
        row = _text_message(session, case, about, no, text, now)
        _note(session, case, about, no, NoticeChannel.SMS, case.contact_phone, text, now, by, outbox_id=row.id)
    elif not read_somewhere:
        _call(session, case, about, no, now)
    return spoken


def _note(
    session: Session, case: Complaint, about: About, no: int, channel: NoticeChannel, recipient: str, text: str,
    now: datetime, by: str, **via: Any,
) -> Notice:  # fmt: skip
    notice = Notice(
        complaint_id=case.id, about=about, about_no=no, channel=channel, recipient=recipient, text_sha256=digest(text),
        at=now, by=by, **via,
    )  # fmt: skip
    case.notices.append(notice)
    session.flush()
    return notice


def _text_message(session: Session, case: Complaint, about: About, no: int, text: str, now: datetime) -> OutboxMessage:
    step, phone = f"{about}-{no}-{len(case.notices)}", str(case.contact_phone)
    row = OutboxMessage(
        **text_message(
            f"complaint:{case.id}", step, phone, shortened(text, MOST_WORDS), number=case.number,
            branch_id=case.branch_id, now=now,
        )
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _call(session: Session, case: Complaint, about: About, no: int, now: datetime) -> None:
    session.add(
        Task(
            kind=TaskKind.PHONE_CALL,
            subject=f"complaint:{case.id}:{about}-{no}",
            branch_id=case.branch_id,
            body={"number": case.number, "about": say(f"complaint.about.{about}")},
            created_at=now,
        )
    )
    session.flush()


def mark_read(session: Session, conversation_id: str, up_to: int, now: datetime, dates: ComplaintDates) -> list[str]:
    """The talk's page has shown messages up to this id: what they told of is told from now. Numbers of the cases."""
    unread = session.scalars(
        select(Notice)
        .where(
            Notice.channel == NoticeChannel.PAGE,
            Notice.recipient == conversation_id,
            Notice.message_id <= up_to,
            Notice.read_at.is_(None),
        )
        .order_by(Notice.complaint_id, Notice.id)
    )
    return _counted(session, [(notice, "read_at", now) for notice in unread], "page", now, dates)


def note_outbox(session: Session, now: datetime, dates: ComplaintDates) -> list[str]:
    """What the channels made of text messages: told from the sending, untold when a failure comes back."""
    row = aliased(OutboxMessage)
    waiting = select(Notice, row).join(row, row.id == Notice.outbox_id).where(Notice.failed_at.is_(None))
    sent = waiting.where(Notice.sent_at.is_(None), row.state.in_([OutboxState.SENT, OutboxState.DELIVERED]))
    failed = waiting.where(row.state.in_([OutboxState.FAILED, OutboxState.VOID]))
    changes = [
        (notice, "sent_at", message.sent_at or now) for notice, message in session.execute(sent.order_by(Notice.id))
    ]
    changes += [(notice, "failed_at", now) for notice, _ in session.execute(failed.order_by(Notice.id))]
    return _counted(session, changes, "outbox", now, dates)


def _counted(
    session: Session, changes: list[tuple[Notice, str, datetime]], by: str, now: datetime, dates: ComplaintDates
) -> list[str]:
    """Note what became of notices and derive the dates anew, case by case."""
    numbers = []
    for id_ in sorted({notice.complaint_id for notice, _, _ in changes}):
        case = session.get_one(Complaint, id_, with_for_update=True, populate_existing=True)
        for notice, field, at in (change for change in changes if change[0].complaint_id == id_):
            setattr(notice, field, at)
            body = {
                "number": case.number,
                "notice": notice.id,
                "about": notice.about,
                "what": field.removesuffix("_at"),
            }
            append(session, at=now, kind="complaint.notice", subject=f"complaint:{case.id}", actor=by, body=body)
        if case.status in OPEN:
            settle(case, dates, now)
        numbers.append(str(case.number))
    session.flush()
    return numbers
