"""What can be done with a conversation. Each takes an open session and never commits."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.channels.rasa import ButtonOut, MessageOut, TurnResult, Understood
from anze.conversations import store, views
from anze.conversations.emergency import is_emergency
from anze.conversations.files import Stored
from anze.conversations.hours import in_service_hours
from anze.conversations.models import (
    Button,
    Channel,
    Conversation,
    Direction,
    File,
    Handoff,
    Message,
    TurnEffect,
    TurnStatus,
)
from anze.conversations.normalise import UNDERSTOOD_CHARACTERS, for_rasa, normalise, storable
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.auth import SignedIn
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, BranchLevel
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

TEXT_LIMIT = 20_000
"""Characters of one message; more is refused before anything is stored, and the page keeps what was typed."""
_TOKEN = re.compile(r"b\.[A-Za-z0-9_-]{22}")
_BACK_TO_BOT = {"回到助手", "回到智能助手", "结束人工", "退出人工", "不用人工了"}
EMPTY_STATE: dict[str, Any] = {"slots": {}, "loop": None}


@dataclass(frozen=True)
class Waiting:
    """A message whose turn has come. `handled`: Rasa is not asked; `said` holds our own answer, if there is one."""

    message_id: int
    turn_id: str
    conversation_id: str
    text: str
    state: dict[str, Any]
    intent: str | None = None
    entities: dict[str, Any] = field(default_factory=dict)
    handled: bool = False
    said: tuple[MessageOut, ...] = ()


def open_conversation(session: Session, channel: Channel, now: datetime, staff_id: int | None = None) -> Conversation:
    """A new conversation, at the head office until it is known which branch it belongs to; a person is welcomed."""
    branch_id = session.scalar(select(Branch.id).where(Branch.level == BranchLevel.HEAD))
    if branch_id is None:
        raise DomainError("not_set_up", 503)
    conversation = Conversation(
        id=uuid4().hex,
        channel=channel,
        staff_id=staff_id,
        branch_id=branch_id,
        state=EMPTY_STATE,
        handoff=Handoff.BOT,
        created_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def welcome(session: Session, conversation: Conversation, now: datetime) -> None:
    """The first words of a web conversation."""
    buttons = [
        ButtonOut(title=say(f"conversation.offer.{intent}"), intent=intent)
        for intent in ("complaint_file", "complaint_status", "standard_ask", "identity_bind")
    ]
    out = MessageOut(text=say("conversation.welcome"), response="utter_chitchat_welcome", buttons=buttons)
    add_out(session, conversation.id, out, now)


def receive(
    session: Session, conversation_id: str, raw: str, client_id: str | None, file_ids: list[str], now: datetime
) -> Message:
    """Store an inbound message before anything else happens with it. The same `client_id` gives the first message."""
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
    text, pressed = _pressed(session, conversation_id, text, now)
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


def claim_next(session: Session, conversation_id: str, owner: str, real_now: datetime) -> Waiting | None:
    """Take the conversation and its oldest unanswered message; None when another holds it or nothing waits."""
    if not store.claim(session, conversation_id, owner, real_now):
        return None
    return _next_or_release(session, conversation_id, owner)


def give_up(session: Session, conversation_id: str, owner: str) -> None:
    """Let another process take the conversation at once."""
    store.release(session, conversation_id, owner)


def renew(session: Session, conversation_id: str, owner: str, real_now: datetime) -> None:
    store.claim(session, conversation_id, owner, real_now)


def _next_or_release(session: Session, conversation_id: str, owner: str) -> Waiting | None:
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
        conversation.state,
        message.payload.get("intent"),
        message.payload.get("entities", {}),
    )
    return _own_answer(session, conversation, message, waiting)


def _own_answer(session: Session, conversation: Conversation, message: Message, waiting: Waiting) -> Waiting:
    """What the application answers by itself, before the bot: a dead button, an emergency, a talk with a person."""

    def handled(*said: MessageOut) -> Waiting:
        return Waiting(waiting.message_id, waiting.turn_id, waiting.conversation_id, waiting.text, waiting.state,
                       handled=True, said=said)  # fmt: skip

    if refused := message.payload.get("refused"):
        return handled(_spoken("fallback", refused, say(f"conversation.{refused}")))
    if waiting.intent is None and _alarming(message.text):
        return handled(_emergency(session, conversation, message))
    if conversation.handoff != Handoff.BOT:
        if waiting.text in _BACK_TO_BOT or waiting.intent == "handoff_back":
            give_back(session, conversation.id, "user", message.at)
            return handled(_spoken("handoff", "back", say("conversation.back_to_bot")))
        return handled()
    if not waiting.text and waiting.intent is None:
        intent = "complaint_files" if message.payload.get("files") else "nlu_fallback"
        return Waiting(waiting.message_id, waiting.turn_id, waiting.conversation_id, "", waiting.state, intent)
    return waiting


def _alarming(text: str) -> bool:
    """Whether a message tells of an emergency, at its beginning or, when it is very long, at its end."""
    plain = normalise(text)
    ends = {plain[:UNDERSTOOD_CHARACTERS], plain[-UNDERSTOOD_CHARACTERS:]}
    return any(is_emergency(end) for end in ends)


def _spoken(topic: str, name: str, text: str) -> MessageOut:
    return MessageOut(text=text, response=f"utter_{topic}_{name}")


def _emergency(session: Session, conversation: Conversation, message: Message) -> MessageOut:
    return _spoken("handoff", "emergency", _alarm(session, conversation, message.id, message.at))


def _alarm(session: Session, conversation: Conversation, message_id: int, at: datetime) -> str:
    """Alert the branch on duty, once for a message; gives the fixed advice."""
    branch = session.get_one(Branch, conversation.branch_id)
    _add_task(session, TaskKind.EMERGENCY, f"message:{message_id}", conversation, at)
    key = "emergency_in_form" if conversation.state.get("loop") else "emergency"
    return say(f"conversation.{key}", hotline=branch.hotline)


def raise_alarm(session: Session, turn: Turn) -> dict[str, Any]:
    """The alarm for a message in which the words alone did not tell the emergency, but the bot understood it."""
    conversation = session.get_one(Conversation, turn.conversation_id)
    return {"advice": _alarm(session, conversation, turn.message_id, turn.now)}


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


def finish(
    session: Session, waiting: Waiting, result: TurnResult | None, owner: str, now: datetime, real_now: datetime
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
    return claim_next(session, waiting.conversation_id, owner, real_now)


def _said(result: TurnResult | None) -> list[MessageOut]:
    if result is not None and result.messages:
        return result.messages
    return [_spoken("fallback", "trouble", say("conversation.trouble"))]


def _store_answers(session: Session, waiting: Waiting, said: list[MessageOut], now: datetime, *, pushed: bool) -> None:
    for out in said:
        add_out(session, waiting.conversation_id, out, now, turn_id=waiting.turn_id, pushed=pushed)


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
    store.lock(session, conversation_id)
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
    return message


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


def storable_name(name: str) -> str:
    """A file's name as shown: its last part, without control characters, at most 200 characters."""
    try:
        clean = storable(name)
    except UnicodeEncodeError as error:
        raise DomainError("text_not_unicode", 400) from error
    last = clean.replace("\n", "").replace("\t", " ").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    return (last.strip(" .") and last) or say("conversation.file_without_name")


def add_file(session: Session, conversation_id: str, stored: Stored, name: str, now: datetime) -> File:
    """Register an uploaded file with the conversation in which it was uploaded."""
    row = File(
        id=uuid4().hex,
        conversation_id=conversation_id,
        sha256=stored.sha256,
        name=name,
        mime=stored.mime,
        size=stored.size,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def own_file(session: Session, me: SignedIn, file_id: str) -> File:
    """A file of one's own conversation. Raises DomainError not_found; DeniedError when it is another's."""
    file = session.get(File, file_id)
    if file is None:
        raise DomainError("not_found", 404)
    if file.conversation_id != me.conversation_id:
        raise DeniedError(
            f"staff:{me.staff_id}" if me.staff_id else f"conversation:{me.conversation_id}", f"file:{file_id}"
        )
    return file


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
    if conversation.handoff == Handoff.BOT:
        conversation.handoff = Handoff.WAITING
        conversation.handoff_at = at
        conversation.handoff_reason = reason
        _add_task(session, TaskKind.HANDOFF, f"conversation:{conversation_id}:{at.isoformat()}", conversation, at)


def ask_for_person(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """Hand the talk over; says which branch, its telephone, its hours, and whether somebody is there now."""
    hand_off(session, turn.conversation_id, "asked", turn.now)
    return branch_contact(session, turn) | {"open": in_service_hours(turn.now, calendar.calendar())}


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


def take_confirmation(session: Session, turn: Turn) -> dict[str, Any]:
    """The confirming button (`…_confirm`) of our newest message, pressed by a typed yes; {} when there is none."""
    for button in store.offered(session, turn.conversation_id):
        if button.intent.endswith("_confirm"):
            button.used_at = turn.now
            return {"intent": button.intent, "entities": button.entities}
    return {}
