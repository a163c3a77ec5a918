"""The turn that is being answered: what use cases know of the message and of who sent it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.conversations.models import Conversation, Direction, Message
from anze.errors import DomainError
from anze.identity.speaker import Speaker, speaker_of


@dataclass(frozen=True)
class Turn:
    """`now` is the receipt of the message, not the moment of asking; `text` is what was typed, whole."""

    id: str
    message_id: int
    conversation_id: str
    branch_id: int
    text: str
    file_ids: tuple[str, ...]
    now: datetime
    speaker: Speaker
    intent: str | None = None
    """What a pressed button means; None for typed words."""


def load_turn(session: Session, turn_id: str) -> Turn:
    """The turn with this opaque id. Raises DomainError not_found."""
    message = session.scalar(select(Message).where(Message.turn_id == turn_id, Message.direction == Direction.IN))
    if message is None:
        raise DomainError("not_found", 404)
    conversation = session.get_one(Conversation, message.conversation_id)
    return Turn(
        turn_id,
        message.id,
        conversation.id,
        conversation.branch_id,
        message.text,
        tuple(message.payload.get("files", [])),
        message.at,
        speaker_of(session, conversation),
        message.payload.get("intent"),
    )
