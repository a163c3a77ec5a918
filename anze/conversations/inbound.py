"""A message comes in: stored before anything else, a pressed button known by its token."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from anze.conversations import store
from anze.conversations.models import (
    Direction,
    Message,
    TurnStatus,
)
from anze.conversations.normalise import normalise, storable
from anze.errors import DomainError
from anze.texts import text as say

TEXT_LIMIT = 20_000

"""Characters of one message; more is refused before anything is stored, and the page keeps what was typed."""
_TOKEN = re.compile(r"b\.[A-Za-z0-9_-]{22}")


def receive(
    session: Session,
    conversation_id: str,
    raw: str,
    client_id: str | None,
    file_ids: list[str],
    now: datetime,
    meant: dict[str, Any] | None = None,
) -> Message:
    """Store an inbound message before anything else happens with it. The same `client_id` gives the first message.

    `meant`: {"intent", "entities"}, when our own page says it for the person; never from outside.
    """
    if client_id is not None and (known := store.inbound(session, conversation_id, client_id)) is not None:
        return known
    try:
        text = storable(raw)
    except UnicodeEncodeError as error:
        raise DomainError("text_not_unicode", 400) from error
    if not text and not file_ids:
        raise DomainError("text_empty", 422)
    if len(text) > TEXT_LIMIT:
        raise DomainError("text_too_long", 413, limit=TEXT_LIMIT)
    file_ids = list(dict.fromkeys(file_ids))
    if len(store.files_of(session, conversation_id, file_ids)) != len(file_ids):
        raise DomainError("file_unknown", 422)
    store.lock(session, conversation_id)
    if client_id is not None and (known := store.inbound(session, conversation_id, client_id)) is not None:
        return known
    payload: dict[str, Any] = {"files": file_ids} if file_ids else {}
    text, pressed = (text, meant) if meant else _pressed(session, conversation_id, text, now)
    message = Message(
        conversation_id=conversation_id,
        direction=Direction.IN,
        sender="user",
        client_id=client_id,
        turn_id=uuid4().hex,
        status=TurnStatus.RECEIVED,
        text=text,
        payload=payload | pressed,
        at=now,
    )
    session.add(message)
    session.flush()
    return message


def _pressed(session: Session, conversation_id: str, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """What a message means as a button: by its token, or by its very words while it is the latest offer."""
    if _TOKEN.fullmatch(text):
        button = store.button(session, conversation_id, text)
        if button is None:
            return say("conversation.button_label"), {"refused": "button_unknown"}
        if button.used_at is not None:
            return button.title, {"refused": "button_used"}
    else:
        typed = normalise(text)
        button = next((b for b in store.offered(session, conversation_id) if normalise(b.title) == typed), None)
        if button is None:
            return text, {}
    button.used_at = now
    return button.title, {"intent": button.intent, "entities": button.entities}
