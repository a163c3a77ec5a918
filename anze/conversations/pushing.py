"""Something is said in a talk without being asked, and what an answer to it will be about is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.channels.rasa import MessageOut
from anze.conversations import store
from anze.conversations.models import Message
from anze.conversations.outbound import add_out

PENDING = "pending"
"""The slot that says what the last push was about: {"kind", "subject", "question", "intent", "until", "entities"}."""


def busy(session: Session, conversation_id: str) -> bool:
    """Whether a form is open in the talk: what is not urgent waits for its end."""
    return bool(store.lock(session, conversation_id).state.get("loop"))


def push(
    session: Session, conversation_id: str, out: MessageOut, now: datetime, pending: dict[str, Any] | None = None
) -> Message:
    """Say it. With `pending`, 好的 or 改到周五 that follows is about its subject; `until` is an ISO instant.

    What the buttons of the push mean (a number) goes into `entities`, for whoever answers without pressing one.
    """
    conversation = store.lock(session, conversation_id)
    if pending is not None:
        pending = {"entities": out.buttons[0].entities if out.buttons else {}} | pending
        # A new dict: a JSON column does not see a change inside the old one.
        slots = conversation.state.get("slots", {}) | {PENDING: pending}
        conversation.state = conversation.state | {"slots": slots}
    return add_out(session, conversation_id, out, now, pushed=True)


def without_stale(state: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The state without what a push asked too long ago for a text of this instant to answer it."""
    pending = state.get("slots", {}).get(PENDING)
    if pending is None or datetime.fromisoformat(pending["until"]) > at:
        return state
    return state | {"slots": {name: value for name, value in state["slots"].items() if name != PENDING}}
