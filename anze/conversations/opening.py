"""A conversation begins."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.rasa import ButtonOut, MessageOut
from anze.conversations.models import (
    Channel,
    Conversation,
    Handoff,
)
from anze.conversations.outbound import add_out
from anze.errors import DomainError
from anze.identity.models import Branch, BranchLevel
from anze.texts import text as say

EMPTY_STATE: dict[str, Any] = {"slots": {}, "loop": None}


def open_conversation(session: Session, channel: Channel, now: datetime, staff_id: int | None = None) -> Conversation:
    """A new conversation, at the head office until it is known which branch it belongs to; a person is welcomed."""
    branch_id = session.scalar(select(Branch.id).where(Branch.level == BranchLevel.HEAD))
    if branch_id is None:
        raise DomainError("not_set_up", 503)
    conversation = Conversation(
        id=uuid4().hex,
        channel=channel,
        staff_id=staff_id,
        branch_id=branch_id,
        state=EMPTY_STATE,
        handoff=Handoff.BOT,
        created_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def welcome(session: Session, conversation: Conversation, now: datetime) -> None:
    """The first words of a web conversation."""
    add_out(session, conversation.id, welcoming(say("conversation.welcome")), now)


def welcoming(text: str) -> MessageOut:
    """First words, with what can be done."""
    buttons = [
        ButtonOut(title=say(f"conversation.offer.{intent}"), intent=intent)
        for intent in ("complaint_file", "booking_request", "status_due", "standard_ask", "identity_bind")
    ]
    return MessageOut(text=text, response="utter_chitchat_welcome", buttons=buttons)
