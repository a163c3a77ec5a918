"""What is said in a talk of WeChat gets its row of the outbox in the same transaction: nothing said is lost."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxChannel, OutboxMessage
from anze.channels.wechat.models import WeChatUser
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.identity.models import Person
from anze.texts import shortened

HELD = timedelta(seconds=6)
"""An answer waits so long for the passive reply that may take it along."""
CLIENT = "wx:"
"""The client's id of a message that came by WeChat begins so; what was asked on the page is answered there."""
_MOST_WORDS = 300


def client_id(key: str) -> str:
    """The client's id of what an arrival of this key says."""
    return f"{CLIENT}{key[:56]}"


def pass_on(session: Session, conversation: Conversation, message: Message) -> None:
    """Call it when the message and its buttons are stored."""
    if conversation.channel != Channel.WECHAT or message.interim:
        return
    openid = session.scalar(select(WeChatUser.openid).where(WeChatUser.conversation_id == conversation.id))
    if openid is None or not (message.pushed or _asked_here(session, message)):
        return
    session.add(
        OutboxMessage(
            channel=OutboxChannel.WECHAT,
            subject=f"message:{message.id}",
            step="wechat",
            recipient=openid,
            text=shortened(message.text, _MOST_WORDS),
            body={"message_id": message.id, "optional": True},
            due_at=message.at if message.pushed else message.at + HELD,
            fallback=_fallback(session, conversation) if message.pushed and message.turn_id is None else [],
        )
    )


def _asked_here(session: Session, message: Message) -> bool:
    query = select(Message.client_id).where(Message.turn_id == message.turn_id, Message.direction == Direction.IN)
    return message.turn_id is not None and (session.scalar(query) or "").startswith(CLIENT)


def _fallback(session: Session, conversation: Conversation) -> list[dict[str, Any]]:
    """Of what nobody asked for: a text message to whom the talk belongs, then a call by the branch."""
    person = session.get(Person, conversation.person_id) if conversation.person_id is not None else None
    if person is None:
        return []
    call = {"channel": OutboxChannel.PHONE_TASK.value, "recipient": f"branch:{conversation.branch_id}"}
    return [{"channel": OutboxChannel.SMS.value, "recipient": person.phone}, call]
