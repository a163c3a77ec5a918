"""What actions do in a conversation: once in a turn, to a person and back. Each takes an open session."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.conversations import closed, store
from anze.conversations.models import (
    Conversation,
    Handoff,
    TurnEffect,
)
from anze.conversations.turn import Turn
from anze.identity.models import Branch
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say


def alarm(session: Session, conversation: Conversation, message_id: int, at: datetime) -> str:
    """Alert the branch on duty, once for a message; gives the fixed advice."""
    branch = session.get_one(Branch, conversation.branch_id)
    _add_task(session, TaskKind.EMERGENCY, f"message:{message_id}", conversation, at)
    key = "emergency_in_form" if conversation.state.get("loop") else "emergency"
    return say(f"conversation.{key}", hotline=branch.hotline)


def raise_alarm(session: Session, turn: Turn) -> dict[str, Any]:
    """The alarm for a message in which the words alone did not tell the emergency, but the bot understood it."""
    conversation = session.get_one(Conversation, turn.conversation_id)
    return {"advice": alarm(session, conversation, turn.message_id, turn.now)}


def _add_task(session: Session, kind: TaskKind, subject: str, conversation: Conversation, at: datetime) -> None:
    known = session.scalar(select(Task.id).where(Task.kind == kind, Task.subject == subject))
    if known is None:
        session.add(
            Task(
                kind=kind,
                subject=subject,
                branch_id=conversation.branch_id,
                body={"conversation_id": conversation.id},
                created_at=at,
            )
        )


def once(session: Session, turn_id: str, action: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `work` once in a turn: a replay of the same action returns what the first run returned."""
    done = session.get(TurnEffect, (turn_id, action))
    if done is not None:
        return done.result
    result = work()
    session.add(TurnEffect(turn_id=turn_id, action=action, result=result))
    session.flush()
    return result


def hand_off(session: Session, conversation_id: str, reason: str, at: datetime) -> None:
    """Give the conversation to a person: the bot keeps silent until it is given back."""
    conversation = session.get_one(Conversation, conversation_id)
    if conversation.handoff != Handoff.BOT:
        return
    conversation.handoff = Handoff.WAITING
    conversation.handoff_reason = reason
    if conversation.handoff_at is not None:
        return  # the first wish is still to be answered: who went on with the bot meanwhile has waited since then
    conversation.handoff_at = at
    _add_task(session, TaskKind.HANDOFF, f"conversation:{conversation_id}:{at.isoformat()}", conversation, at)


def ask_for_person(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """Hand the talk over; says which branch, its telephone and hours.

    `opens`: when somebody is there again, "" while somebody is there; `said`: it was said in this closed time before.
    """
    conversation = session.get_one(Conversation, turn.conversation_id)
    hand_off(session, turn.conversation_id, "asked", turn.now)
    at = closed.opening(session, conversation, turn.now, calendar)
    first = at is not None and closed.note(conversation, at)
    return branch_contact(session, turn) | {
        "opens": closed.words(at, turn.now) if at else "",
        "said": at is not None and not first,
    }


def branch_contact(session: Session, turn: Turn) -> dict[str, Any]:
    """The branch that looks after the conversation."""
    branch = session.get_one(Branch, turn.branch_id)
    return {"branch": branch.name, "hotline": branch.hotline, "hours": branch.hours}


def give_back(session: Session, conversation_id: str, by: str, at: datetime) -> None:
    """The bot answers again; the waiting task is done."""
    conversation = session.get_one(Conversation, conversation_id)
    conversation.handoff = Handoff.BOT
    conversation.handoff_at = None
    session.execute(
        update(Task)
        .where(
            Task.kind == TaskKind.HANDOFF,
            Task.subject.startswith(f"conversation:{conversation_id}:"),
            Task.done_at.is_(None),
        )
        .values(done_at=at, done_by=by)
    )


def go_on(session: Session, conversation_id: str) -> None:
    """The bot answers meanwhile, while nobody is there; the task waits for staff all the same."""
    session.get_one(Conversation, conversation_id).handoff = Handoff.BOT


YES, NO = ("_confirm", "_agree"), ("_decline", "_refuse")
"""How the intents of buttons end that say yes, or no, to what our message asked."""


def take_confirmation(session: Session, turn: Turn) -> dict[str, Any]:
    """The button of our newest message that says yes, pressed by a typed yes; {} when there is none."""
    return _pressed(session, turn, YES)


def take_refusal(session: Session, turn: Turn) -> dict[str, Any]:
    """The button of our newest message that says no, pressed by a typed no; {} when there is none."""
    return _pressed(session, turn, NO)


def _pressed(session: Session, turn: Turn, ends: tuple[str, ...]) -> dict[str, Any]:
    for button in store.offered(session, turn.conversation_id):
        if button.intent.endswith(ends):
            button.used_at = turn.now
            return {"intent": button.intent, "entities": button.entities}
    return {}
