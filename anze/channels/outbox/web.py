"""A message of the outbox into a talk: written in the transaction that marks it, so it is there exactly once."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage
from anze.channels.rasa import MessageOut
from anze.conversations import pushing
from anze.conversations.models import Conversation


def put(session: Session, row: OutboxMessage, now: datetime) -> bool:
    """Say it in the talk that is its recipient; False when there is no such talk."""
    if session.get(Conversation, row.recipient) is None:
        return False
    pushing.push(session, row.recipient, MessageOut(text=row.text, response="utter_reminder_notice"), now)
    return True
