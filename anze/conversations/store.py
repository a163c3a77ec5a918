"""Queries over conversations. Whatever a caller names is looked for inside one conversation only."""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from anze.conversations.models import Button, Conversation, Direction, File, Message, TurnStatus

TURN_LEASE = timedelta(seconds=60)
"""How long a turn's holder may be silent before another process takes the conversation over."""


def inbound(session: Session, conversation_id: str, client_id: str) -> Message | None:
    """The message that a client sent under this id."""
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )


def answers(session: Session, turn_id: str, interim: bool = False) -> list[Message]:
    """What was answered in a turn, in order; without the interim word once there is a real answer."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.turn_id == turn_id, Message.direction == Direction.OUT, Message.interim.is_(interim))
            .order_by(Message.id)
        )
    )


def history(session: Session, conversation_id: str, after: int, limit: int = 200) -> list[Message]:
    """Messages after an id, oldest first; from the start (after 0) the newest `limit`."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    if after:
        return list(session.scalars(query.where(Message.id > after).order_by(Message.id).limit(limit)))
    return list(session.scalars(query.order_by(Message.id.desc()).limit(limit)))[::-1]


def pushed_after(session: Session, conversation_id: str, after: int) -> list[Message]:
    """What was pushed after an id: late answers, words of a staff member, notices."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.id > after, Message.pushed.is_(True))
            .order_by(Message.id)
        )
    )


def last_id(session: Session, conversation_id: str) -> int:
    """The id of the newest message, 0 when there is none."""
    return (
        session.scalar(
            select(Message.id).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(1)
        )
        or 0
    )


def button(session: Session, conversation_id: str, token: str) -> Button | None:
    """A button that was issued to this conversation."""
    return session.scalar(select(Button).where(Button.token == token, Button.conversation_id == conversation_id))


def offered(session: Session, conversation_id: str) -> list[Button]:
    """The unused buttons of the newest message of ours: what somebody means who types a button's words."""
    newest = session.scalar(
        select(Message.id)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.OUT)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return list(session.scalars(select(Button).where(Button.message_id == newest, Button.used_at.is_(None))))


def files_of(session: Session, conversation_id: str, file_ids: list[str]) -> list[File]:
    """Those of the named files that were uploaded in this conversation."""
    return list(session.scalars(select(File).where(File.id.in_(file_ids), File.conversation_id == conversation_id)))


def lock(session: Session, conversation_id: str) -> Conversation:
    """The conversation, held until the transaction ends.

    Whoever adds a message holds it, so that within a conversation ids become visible in their order and a reader who
    asks for what came after an id misses nothing. Taken after the audit chain's head, never before it.
    """
    return session.scalars(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def claim(session: Session, conversation_id: str, owner: str, now: datetime) -> bool:
    """Take the conversation for running its turns, when nobody else holds it. `now` is the real clock."""
    taken = session.execute(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            or_(Conversation.turn_owner.is_(None), Conversation.turn_until < now, Conversation.turn_owner == owner),
        )
        .values(turn_owner=owner, turn_until=now + TURN_LEASE)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def release(session: Session, conversation_id: str, owner: str) -> None:
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.turn_owner == owner)
        .values(turn_owner=None, turn_until=None)
    )


def next_waiting(session: Session, conversation_id: str) -> Message | None:
    """The oldest message of a conversation that has no answer yet."""
    return session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation_id, Message.status.in_([TurnStatus.RECEIVED, TurnStatus.RUNNING])
        )
        .order_by(Message.id)
        .limit(1)
    )


def with_unanswered(session: Session) -> list[str]:
    """Conversations in which a message still waits for its turn."""
    waiting = exists().where(
        Message.conversation_id == Conversation.id, Message.status.in_([TurnStatus.RECEIVED, TurnStatus.RUNNING])
    )
    return list(session.scalars(select(Conversation.id).where(waiting)))
