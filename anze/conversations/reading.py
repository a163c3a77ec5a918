"""How far the person's page has shown the talk. An in-page notice is told when it was read."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.conversations.models import Conversation, Message
from anze.errors import DomainError


def check_own(session: Session, conversation_id: str, message_id: int) -> None:
    """Raises DomainError not_found for a message that is not of this talk."""
    query = select(Message.id).where(Message.id == message_id, Message.conversation_id == conversation_id)
    if session.scalar(query) is None:
        raise DomainError("not_found", 404)


def move_mark(session: Session, conversation_id: str, message_id: int) -> None:
    """Move the mark forward, never back. Writes the conversation's row: after the audit chain, never before it."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.read_up_to < message_id)
        .values(read_up_to=message_id)
    )
