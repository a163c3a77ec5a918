"""What the other side did is said to the insured; what a colleague must arrange becomes a task of the branch."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.bookings.lines import service_fields
from anze.bookings.models import Service
from anze.channels.rasa import ButtonOut, MessageOut
from anze.conversations.models import Channel, Conversation
from anze.conversations.pushing import busy, push
from anze.identity.models import Right
from anze.identity.speaker import insureds_of_person
from anze.policies.models import Policy, PolicyInsured
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

ANSWER_FOR = timedelta(days=3)
"""So long 好的 is understood as an answer to what was pushed."""


def tell(session: Session, service: Service, what: str, now: datetime, **fields: Any) -> list[str]:
    """Say the text `booking.push.<what>` to the insured: where it was asked for, else in the newest talk of somebody
    who acts for it; in none of those, a colleague telephones. Gives the conversations that were spoken in."""
    said = service_fields(service) | fields
    text = say(f"booking.push.{what}", **said)
    conversation_id = _where(session, service)
    if conversation_id is None:
        body = {"number": service.number, "text": text, "phone": service.contact_phone}
        _task(session, TaskKind.PHONE_CALL, f"service:{service.id}:{what}", service, body, now)
        return []
    asks = what in _ASKING
    buttons = [
        ButtonOut(
            title=say(f"booking.button.{name}"), intent=f"booking_{name}", entities={"booking_no": service.number}
        )
        for name in _BUTTONS.get(what, ())
    ]
    out = MessageOut(text=text, buttons=buttons, response=f"utter_booking_{what}")
    pending = None
    if asks and not busy(session, conversation_id):
        pending = {
            "kind": "booking",
            "subject": f"service:{service.id}",
            "entities": {"booking_no": service.number},
            "question": "confirm",
            "intent": "booking_confirm",
            "until": (now + ANSWER_FOR).isoformat(),
        }
    push(session, conversation_id, out, now, pending)
    return [conversation_id]


_ASKING = {"proposed"}
_BUTTONS = {
    "proposed": ("confirm", "decline"),
    "confirmed": ("move", "cancel"),
    "provider_declined": ("move",),
    "cancelled": ("request",),
    "created": ("confirm", "decline"),
}


def _where(session: Session, service: Service) -> str | None:
    """The conversation of somebody who still acts for the insured."""
    asked = session.get(Conversation, service.conversation_id) if service.conversation_id else None
    if asked is not None and asked.person_id and service.insured_id in insureds_of_person(session, asked.person_id):
        return asked.id
    through_applicant = (
        select(Right.person_id)
        .join(Policy, Policy.applicant_id == Right.applicant_id)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .where(PolicyInsured.insured_id == service.insured_id, Right.ended_at.is_(None))
    )
    named = select(Right.person_id).where(Right.insured_id == service.insured_id, Right.ended_at.is_(None))
    return session.scalar(
        select(Conversation.id)
        .where(
            Conversation.person_id.in_(named.union(through_applicant)),
            Conversation.channel != Channel.STAFF,
            (Conversation.acting_for_id == service.insured_id) | Conversation.acting_for_id.is_(None),
        )
        .order_by(Conversation.created_at.desc())
        .limit(1)
    )


def ask_manager(session: Session, service: Service, why: str, now: datetime, words: str | None = None) -> None:
    """A colleague arranges it: a task of the policy's branch, opened again when it was done before."""
    body = {"number": service.number, "why": why, "words": words, "conversation_id": service.conversation_id}
    _task(session, TaskKind.BOOKING_WISH, f"service:{service.id}", service, body, now)


def _task(
    session: Session, kind: TaskKind, subject: str, service: Service, body: dict[str, Any], now: datetime
) -> None:
    task = session.scalar(select(Task).where(Task.kind == kind, Task.subject == subject))
    if task is None:
        branch_id = session.get_one(Policy, service.policy_id).branch_id
        session.add(Task(kind=kind, subject=subject, branch_id=branch_id, body=body, created_at=now))
    else:
        task.body, task.created_at, task.done_at, task.done_by = body, now, None, None
    session.flush()


def arranged(session: Session, service: Service, by: str, now: datetime) -> None:
    """Nothing is left for a colleague to arrange."""
    session.execute(
        update(Task)
        .where(Task.kind == TaskKind.BOOKING_WISH, Task.subject == f"service:{service.id}", Task.done_at.is_(None))
        .values(done_at=now, done_by=by[:40])
    )
