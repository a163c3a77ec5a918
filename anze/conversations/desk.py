"""Talks that were handed over, as staff see and answer them. Within the branch tree of who asks."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from anze.channels.rasa import MessageOut
from anze.conversations import store, usecases, views
from anze.conversations.models import Channel, Conversation, Handoff
from anze.conversations.outbound import add_out
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.texts import text as say


def found(session: Session, speaker: Speaker, conversation_id: str) -> Conversation:
    """A talk of the speaker's branches that waits for or has a person.

    Raises DomainError not_found; DeniedError for any other talk.
    """
    row = session.scalar(handed_over(speaker).where(Conversation.id == conversation_id))
    if row is not None:
        return row
    if session.get(Conversation, conversation_id) is not None:
        raise DeniedError(speaker.actor, f"conversation:{conversation_id}")
    raise DomainError("not_found", 404)


def handed_over(speaker: Speaker) -> Select[tuple[Conversation]]:
    """Talks that have or wait for a person; also those that the bot answers until somebody is there again."""
    return select(Conversation).where(
        Conversation.branch_id.in_(branches_of(speaker)),
        Conversation.channel != Channel.STAFF,
        or_(Conversation.handoff != Handoff.BOT, Conversation.handoff_at.is_not(None)),
    )


def waiting(session: Session, speaker: Speaker) -> dict[str, Any]:
    """Talks handed over, the longest waiting first."""
    rows = session.scalars(handed_over(speaker).order_by(Conversation.handoff_at)).all()
    items = [
        {"conversation_id": c.id, "handoff": c.handoff, "since": c.handoff_at.isoformat() if c.handoff_at else None,
         "reason": c.handoff_reason, "bound": c.person_id is not None}
        for c in rows
    ]  # fmt: skip
    return {"items": items, "total": len(items), "page": 1}


def read(session: Session, speaker: Speaker, conversation_id: str) -> dict[str, Any]:
    """The talk so far."""
    found(session, speaker, conversation_id)
    rows = store.history(session, conversation_id, 0)
    return {"items": views.messages(session, rows), "last": rows[-1].id if rows else 0}


def reply(session: Session, speaker: Speaker, conversation_id: str, text: str, now: datetime) -> dict[str, Any]:
    """Say something in the talk as a person; from the first word on it is a person's talk."""
    conversation = found(session, speaker, conversation_id)
    conversation.handoff = Handoff.PERSON
    name = session.get_one(Staff, speaker.staff_id).name
    out = MessageOut(text=text, response="utter_handoff_reply")
    row = add_out(session, conversation_id, out, now, pushed=True, sender="staff", sender_name=name)
    return views.messages(session, [row])[0]


def give_back(session: Session, speaker: Speaker, conversation_id: str, now: datetime) -> None:
    """The bot answers again, and says so."""
    found(session, speaker, conversation_id)
    usecases.give_back(session, conversation_id, speaker.actor, now)
    out = MessageOut(text=say("conversation.back_to_bot"), response="utter_handoff_back")
    add_out(session, conversation_id, out, now, pushed=True)
