"""Something is said in a talk without being asked, and what an answer to it will be about is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.channels.rasa import MessageOut
from anze.conversations import store
from anze.conversations.models import Message
from anze.conversations.outbound import add_out

PENDING = "pending"
"""The slot that says what the last push was about: {"kind", "subject", "question", "intent", "until"}."""


def busy(session: Session, conversation_id: str) -> bool:
    """Whether a form is open in the talk: what is not urgent waits for its end."""
    return bool(store.lock(session, conversation_id).state.get("loop"))


def push(
    session: Session, conversation_id: str, out: MessageOut, now: datetime, pending: dict[str, Any] | None = None
) -> Message:
    """Say it. With `pending`, 好的 or 改到周五 that follows is about its subject; `until` is an ISO instant."""
    conversation = store.lock(session, conversation_id)
    if pending is not None:
        # A new dict: a JSON column does not see a change inside the old one.
        slots = conversation.state.get("slots", {}) | {PENDING: pending}
        conversation.state = conversation.state | {"slots": slots}
    return add_out(session, conversation_id, out, now, pushed=True)
