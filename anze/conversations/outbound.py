"""A message of ours goes out, with its buttons."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from anze.channels.rasa import MessageOut
from anze.channels.wechat.passing_on import pass_on
from anze.conversations import store
from anze.conversations.models import (
    Button,
    Direction,
    Message,
)


def add_out(
    session: Session,
    conversation_id: str,
    out: MessageOut,
    now: datetime,
    *,
    turn_id: str | None = None,
    pushed: bool = False,
    interim: bool = False,
    sender: str = "bot",
    sender_name: str | None = None,
) -> Message:
    """Store one message of ours with its buttons, each of which gets a token of this conversation."""
    conversation = store.lock(session, conversation_id)
    message = Message(
        conversation_id=conversation_id,
        direction=Direction.OUT,
        sender=sender,
        sender_name=sender_name,
        turn_id=turn_id,
        text=out.text,
        payload={k: v for k, v in out.custom.items() if k in {"citations", "table", "data", "files"} and v},
        topic=out.topic,
        response=out.response,
        interim=interim,
        pushed=pushed,
        at=now,
    )
    session.add(message)
    session.flush()
    for position, button in enumerate(out.buttons):
        session.add(
            Button(
                token=f"b.{secrets.token_urlsafe(16)}",
                conversation_id=conversation_id,
                message_id=message.id,
                position=position,
                title=button.title,
                intent=button.intent,
                entities=button.entities,
            )
        )
    session.flush()
    pass_on(session, conversation, message)
    return message
