"""What the insured must know of a hazard is said in the talks of its main contacts, or sent to their phones."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.bookings.models import Service
from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.rasa import ButtonOut, MessageOut
from anze.channels.text_message import text_message
from anze.conversations.main_contacts import main_contacts, talks_of
from anze.conversations.pushing import busy, push
from anze.hazards.models import Hazard, HazardLevel
from anze.identity.models import Branch
from anze.standard.usecases import cite
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

ANSWER_FOR = timedelta(days=3)
"""So long a short answer is understood as one to what was pushed."""
_BUTTONS = {
    "found_general": ("done",),
    "found_major": ("propose",),
    "proposed": ("agree", "refuse"),
    "refused": ("propose",),
    "supervisor_refused": ("propose",),
    "sent_back": ("done",),
}
_ASKS: dict[str, tuple[str | None, str]] = {
    "found_major": ("hazard_day", "hazard_propose"),
    "refused": ("hazard_day", "hazard_propose"),
    "supervisor_refused": ("hazard_day", "hazard_propose"),
    "proposed": (None, "hazard_agree"),
}
"""Which open question of the dialogue a push asks, and what an answer to it means."""


def found_text(session: Session, hazard: Hazard) -> str:
    """What was found, where, by what measure, and what is advised (6.2)."""
    service = session.get_one(Service, hazard.service_id)
    return say(
        f"hazard.push.found_{hazard.level}",
        provider=service.provider.short_name if service.provider else say("hazard.own_engineers"),
        item=item_name(service.item),
        service=service.number,
        number=hazard.number,
        place=hazard.place,
        description=hazard.description,
        basis=hazard.basis,
        advice=hazard.advice,
    )


def tell_found(session: Session, hazard: Hazard, file_ids: list[str], now: datetime) -> list[str]:
    """Tell of a new hazard at once (6.2 及时), also while a form is open. Gives the talks that were spoken in.

    `notified_at` is the moment at which a talk got it. Without a talk a text message goes to the phone on file and
    `notified_at` waits until it is sent (`note_sent`); without a phone a colleague calls.
    """
    citations = cite(["6.2"]) if hazard.level == HazardLevel.MAJOR else []
    custom = {"files": file_ids, "citations": citations}
    told = tell(session, hazard, f"found_{hazard.level}", found_text(session, hazard), now, step="found", custom=custom)
    if told:
        hazard.notified_at = now
    return told


def tell(
    session: Session,
    hazard: Hazard,
    what: str,
    text: str,
    now: datetime,
    *,
    step: str,
    custom: dict[str, Any] | None = None,
) -> list[str]:
    """Say `text` to the main contacts. `step` names the message: it leaves once. Call it after the audit chain."""
    buttons = [
        ButtonOut(title=say(f"hazard.button.{name}"), intent=f"hazard_{name}", entities={"hazard_no": hazard.number})
        for name in _BUTTONS.get(what, ())
    ]
    out = MessageOut(text=text, buttons=buttons, response=f"utter_hazard_{what}", custom=custom or {})
    talks = talks_of(session, hazard.insured_id)
    for conversation_id in talks:
        pending = None if busy(session, conversation_id) else _pending(hazard, what, now)
        push(session, conversation_id, out, now, pending)
    if not talks:
        _by_phone(session, hazard, text, now, step)
    return talks


def _pending(hazard: Hazard, what: str, now: datetime) -> dict[str, Any] | None:
    if what not in _ASKS:
        return None
    question, intent = _ASKS[what]
    return {
        "kind": "hazard",
        "subject": f"hazard:{hazard.id}",
        "entities": {"hazard_no": hazard.number},
        "question": question,
        "intent": intent,
        "until": (now + ANSWER_FOR).isoformat(),
    }


def _by_phone(session: Session, hazard: Hazard, text: str, now: datetime, step: str) -> None:
    subject = f"hazard:{hazard.id}"
    phones = [p.phone for p in main_contacts(session, hazard.insured_id)] or [hazard.insured.contact_phone or ""]
    if not any(phones):
        body = {"number": hazard.number, "text": text}
        session.add(
            Task(
                kind=TaskKind.PHONE_CALL,
                subject=f"{subject}:{step}",
                branch_id=hazard.branch_id,
                body=body,
                created_at=now,
            )
        )
    for phone in dict.fromkeys(filter(None, phones)):
        session.add(
            OutboxMessage(
                **text_message(subject, step, phone, text, number=hazard.number, branch_id=hazard.branch_id, now=now)
            )
        )
    session.flush()


def note_sent(session: Session) -> int:
    """Hazards of which the insured was told by text message only: told when the channel took it. Gives how many."""
    sent = session.execute(
        select(Hazard, OutboxMessage.sent_at)
        .join(OutboxMessage, OutboxMessage.subject == "hazard:" + Hazard.id.cast(String))
        .where(
            Hazard.notified_at.is_(None),
            OutboxMessage.step == "found",
            OutboxMessage.state.in_([OutboxState.SENT, OutboxState.DELIVERED]),
        )
        .order_by(OutboxMessage.sent_at)
    ).all()
    for hazard, sent_at in sent:
        hazard.notified_at = hazard.notified_at or sent_at
    session.flush()
    return len({hazard.id for hazard, _ in sent})


def branch_fields(session: Session, hazard: Hazard) -> dict[str, Any]:
    """Who looks after it, and how to reach them."""
    branch = session.get_one(Branch, hazard.branch_id)
    return {"branch": branch.name, "hotline": branch.hotline}
