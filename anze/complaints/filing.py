"""A complaint is registered: number, both dates with their reasons; by the person, or after two hours by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.channels.rasa import MessageOut
from anze.clock import legal_date
from anze.complaints import store
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.drafting import know_speaker, unfinished
from anze.complaints.keeping import intake_done, record
from anze.complaints.models import Complaint, ComplaintForm, ComplaintKind, ComplaintStatus
from anze.complaints.settling import settle
from anze.conversations.outbound import add_out
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

UNFINISHED_FOR = timedelta(hours=2)
"""A draft that nobody finished or dropped in this time goes to the staff, with the receipt time it has."""


def submit(session: Session, turn: Turn, dates: ComplaintDates) -> dict[str, Any]:
    """Register the complaint: number, both dates with their reasons, all of it told in this turn's answer."""
    draft = unfinished(session, turn)
    know_speaker(session, turn, draft)
    was_intake = draft.status == ComplaintStatus.INTAKE
    _number(session, draft, turn.now)
    told = _fix_dates(draft, turn.now, dates)
    draft.status = ComplaintStatus.FILED
    draft.filed_at = turn.now
    record(session, turn, draft, "complaint.filed", {"number": draft.number} | _how(draft) | told.record())
    if was_intake:
        intake_done(session, draft, turn.now, turn.speaker.actor)
    branch = session.get_one(Branch, draft.branch_id)
    contact = {"branch": branch.name, "hotline": branch.hotline, "hours": branch.hours}
    return {
        "way": _way(draft),
        "reachable": bool(draft.contact_phone),
        "fields": {"number": draft.number} | told.fields() | contact,
        "data": told.data(str(draft.number)),
        "clauses": list(told.clauses),
        "edition": draft.edition,
    }


def _way(draft: Complaint) -> str:
    """Which acknowledgement it gets: of a request for review, of a grievance outside the standard, the ordinary one."""
    if draft.form == ComplaintForm.REVIEW:
        return "_review"
    return "_other" if draft.kind == ComplaintKind.OTHER else ""


def _how(draft: Complaint) -> dict[str, Any]:
    """For the chain, where it is more than a plain complaint: its form and the case it comes back to."""
    return {"form": draft.form, "follows": draft.follows.number} if draft.follows else {"form": draft.form}


def _fix_dates(draft: Complaint, now: datetime, dates: ComplaintDates) -> Told:
    return settle(draft, dates, now)


def _number(session: Session, draft: Complaint, now: datetime) -> None:
    if draft.number is None:
        day = legal_date(now)
        draft.number = f"TS{day:%Y%m%d}{store.next_serial(session, day):03d}"


def hand_over_stale(session: Session, now: datetime, dates: ComplaintDates) -> list[str]:
    """Drafts older than two hours become intake tasks with their own receipt time; the person is told so.

    From then on they stand in the queue with their dates: the legal clock runs whether or not they are complete.

    Returns the conversations that were told.
    """
    told = []
    for draft in store.stale_drafts(session, now - UNFINISHED_FOR):
        draft.status = ComplaintStatus.INTAKE
        _number(session, draft, now)
        stated = _fix_dates(draft, now, dates)
        session.add(
            Task(
                kind=TaskKind.INTAKE,
                subject=f"complaint:{draft.id}",
                branch_id=draft.branch_id,
                body={"number": draft.number, "conversation_id": draft.conversation_id},
                created_at=now,
            )
        )
        append(
            session,
            at=now,
            kind="complaint.handed_to_intake",
            subject=f"complaint:{draft.id}",
            actor="system",
            body={"number": draft.number} | stated.record(),
        )
        received = f"{legal_date(draft.received_at):%Y-%m-%d}"
        text = say("complaint.handed_to_intake", number=draft.number, received=received)
        out = MessageOut(text=text, response="utter_complaint_handed_to_intake")
        add_out(session, draft.conversation_id, out, now, pushed=True)
        told.append(draft.conversation_id)
    return told
