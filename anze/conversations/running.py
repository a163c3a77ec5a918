"""The steps of a turn in the database: whose turn it is, what we answer ourselves, what is stored at its end."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.channels.rasa import ButtonOut, MessageOut, TurnResult, Understood
from anze.conversations import closed, pushing, store, views
from anze.conversations.emergency import is_emergency
from anze.conversations.models import (
    Conversation,
    Handoff,
    Message,
    TurnEffect,
    TurnStatus,
)
from anze.conversations.normalise import UNDERSTOOD_CHARACTERS, for_rasa, normalise
from anze.conversations.outbound import add_out
from anze.conversations.usecases import alarm, give_back, go_on
from anze.identity.models import Branch
from anze.identity.speaker import Audience, speaker_of
from anze.texts import text as say

_BACK_TO_BOT = {"回到助手", "回到智能助手", "结束人工", "退出人工", "不用人工了"}


@dataclass(frozen=True)
class Waiting:
    """A message whose turn has come. `handled`: Rasa is not asked; `said` holds our own answer, if there is one."""

    message_id: int
    turn_id: str
    conversation_id: str
    text: str
    state: dict[str, Any]
    audience: str
    intent: str | None = None
    entities: dict[str, Any] = field(default_factory=dict)
    handled: bool = False
    said: tuple[MessageOut, ...] = ()


def claim_next(
    session: Session, conversation_id: str, owner: str, real_now: datetime, calendar: CalendarStore
) -> Waiting | None:
    """Take the conversation and its oldest unanswered message; None when another holds it or nothing waits."""
    if not store.claim(session, conversation_id, owner, real_now):
        return None
    return _next_or_release(session, conversation_id, owner, calendar)


def give_up(session: Session, conversation_id: str, owner: str) -> None:
    """Let another process take the conversation at once."""
    store.release(session, conversation_id, owner)


def renew(session: Session, conversation_id: str, owner: str, real_now: datetime) -> None:
    store.claim(session, conversation_id, owner, real_now)


def _next_or_release(session: Session, conversation_id: str, owner: str, calendar: CalendarStore) -> Waiting | None:
    # The row is locked: whoever stored a message and then failed to claim can rely on our seeing it.
    conversation = store.lock(session, conversation_id)
    message = store.next_waiting(session, conversation_id)
    if message is None or message.turn_id is None:
        store.release(session, conversation_id, owner)
        return None
    message.status = TurnStatus.RUNNING
    waiting = Waiting(
        message.id,
        message.turn_id,
        conversation_id,
        for_rasa(message.text),
        pushing.without_stale(conversation.state, message.at),
        speaker_of(session, conversation).audience,
        message.payload.get("intent"),
        message.payload.get("entities", {}),
    )
    return _own_answer(session, conversation, message, waiting, calendar)


def _own_answer(
    session: Session, conversation: Conversation, message: Message, waiting: Waiting, calendar: CalendarStore
) -> Waiting:
    """What the application answers by itself, before the bot: a dead button, an emergency, a talk with a person."""

    def handled(*said: MessageOut) -> Waiting:
        return replace(waiting, intent=None, entities={}, handled=True, said=said)

    if refused := message.payload.get("refused"):
        return handled(_spoken("fallback", refused, say(f"conversation.{refused}")))
    if waiting.intent is None and _alarming(message.text):
        return handled(_emergency(session, conversation, message))
    if conversation.handoff != Handoff.BOT:
        if waiting.text in _BACK_TO_BOT or waiting.intent == "handoff_back":
            return handled(_back(session, conversation, message.at, calendar))
        return handled(*_nobody_there(session, conversation, message.at, calendar))
    if not waiting.text and waiting.intent is None:
        evidence = message.payload.get("files") and waiting.audience == Audience.PUBLIC
        intent = "complaint_files" if evidence else "nlu_fallback"
        return replace(waiting, text="", intent=intent)
    return waiting


def not_theirs(waiting: Waiting) -> Waiting:
    """The turn of a button that was offered to somebody else's audience: it is refused in words."""
    said = _spoken("fallback", "button_unknown", say("conversation.button_unknown"))
    return replace(waiting, intent=None, entities={}, handled=True, said=(said,))


def _spoken(topic: str, name: str, text: str) -> MessageOut:
    return MessageOut(text=text, response=f"utter_{topic}_{name}")


def _alarming(text: str) -> bool:
    """Whether a message tells of an emergency, at its beginning or, when it is very long, at its end."""
    plain = normalise(text)
    ends = {plain[:UNDERSTOOD_CHARACTERS], plain[-UNDERSTOOD_CHARACTERS:]}
    return any(is_emergency(end) for end in ends)


def _back(session: Session, conversation: Conversation, now: datetime, calendar: CalendarStore) -> MessageOut:
    """The bot answers again. Who waits while nobody is there is answered by a person all the same."""
    at = closed.opening(session, conversation, now, calendar)
    if at is None or conversation.handoff != Handoff.WAITING:
        give_back(session, conversation.id, "user", now)
        return _spoken("handoff", "back", say("conversation.back_to_bot"))
    go_on(session, conversation.id)
    return _spoken("handoff", "meanwhile", say("conversation.meanwhile", opens=closed.words(at, now)))


def _nobody_there(
    session: Session, conversation: Conversation, now: datetime, calendar: CalendarStore
) -> list[MessageOut]:
    """Said once in a closed time: the words are kept, when somebody reads them, what can be done until then."""
    at = closed.opening(session, conversation, now, calendar)
    if at is None or not closed.note(conversation, at):
        return []
    branch = session.get_one(Branch, conversation.branch_id)
    text = say("conversation.closed", branch=branch.name, hotline=branch.hotline, opens=closed.words(at, now))
    back = ButtonOut(title=say("conversation.back_button"), intent="handoff_back")
    return [MessageOut(text=text, response="utter_handoff_closed", buttons=[back])]


def _emergency(session: Session, conversation: Conversation, message: Message) -> MessageOut:
    return _spoken("handoff", "emergency", alarm(session, conversation, message.id, message.at))


def finish(
    session: Session,
    waiting: Waiting,
    result: TurnResult | None,
    owner: str,
    now: datetime,
    real_now: datetime,
    calendar: CalendarStore,
) -> Waiting | None:
    """Store the answers and the new state of a turn, once, and take the next message of the conversation."""
    conversation = store.lock(session, waiting.conversation_id)
    message = session.get_one(Message, waiting.message_id)
    if message.status != TurnStatus.DONE:
        said = list(waiting.said) if waiting.handled else _said(result)
        late = bool(store.answers(session, waiting.turn_id, interim=True))
        _store_answers(session, waiting, said, now, pushed=late)
        message.status = TurnStatus.DONE
        understood = result.understood if result else Understood()
        message.topic = next((out.topic for out in said if out.topic), "handoff" if not said else "fallback")
        message.understood = {
            "intent": waiting.intent or understood.intent,
            "confidence": 1.0 if waiting.intent else round(understood.confidence, 4),
        }
        if result is not None:
            conversation.state = result.state
    return claim_next(session, waiting.conversation_id, owner, real_now, calendar)


def _said(result: TurnResult | None) -> list[MessageOut]:
    if result is not None and result.messages:
        return result.messages
    return [_spoken("fallback", "trouble", say("conversation.trouble"))]


def _store_answers(session: Session, waiting: Waiting, said: list[MessageOut], now: datetime, *, pushed: bool) -> None:
    for out in said:
        add_out(session, waiting.conversation_id, out, now, turn_id=waiting.turn_id, pushed=pushed)


def say_interim(session: Session, message_id: int, now: datetime) -> list[dict[str, Any]] | None:
    """A polite word while the answer takes longer; None when the answer has come meanwhile."""
    conversation_id = session.get_one(Message, message_id).conversation_id
    store.lock(session, conversation_id)
    message = session.get_one(Message, message_id, populate_existing=True)
    if message.status == TurnStatus.DONE:
        return None
    said = store.answers(session, str(message.turn_id), interim=True)
    if not said:
        out = _spoken("fallback", "interim", say("conversation.interim"))
        said = [add_out(session, conversation_id, out, now, turn_id=message.turn_id, interim=True)]
    return views.messages(session, said)


def answers_if_done(session: Session, message_id: int) -> dict[str, Any] | None:
    """The contract's answer to an inbound message, or None while it has none."""
    message = session.get_one(Message, message_id)
    if message.status != TurnStatus.DONE:
        return None
    rows = store.answers(session, str(message.turn_id))
    return {"topic": message.topic, "understood": message.understood, "messages": views.messages(session, rows)}


def unanswered(session: Session) -> list[str]:
    """Conversations in which a message still waits."""
    return store.with_unanswered(session)


def has_written(session: Session, turn_id: str) -> bool:
    """Whether an action of this turn has written something; then the turn must not be run again blindly."""
    return session.scalar(select(TurnEffect.turn_id).where(TurnEffect.turn_id == turn_id).limit(1)) is not None
