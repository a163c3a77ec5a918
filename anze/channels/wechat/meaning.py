"""What a message or an event of the platform means in the talk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxChannel, OutboxMessage, OutboxState
from anze.channels.outbox.deliver import fail
from anze.channels.rasa import MessageOut
from anze.channels.wechat import shown
from anze.channels.wechat.account import Account
from anze.channels.wechat.envelope import Incoming
from anze.channels.wechat.menu import load_menu
from anze.channels.wechat.models import WeChatUser
from anze.channels.wechat.scenes import policy_in
from anze.conversations import opening, pushing
from anze.conversations.models import Button, Conversation, Direction, Message
from anze.conversations.normalise import normalise
from anze.identity import usecases as identity
from anze.identity.speaker import speaker_of
from anze.texts import text as say

_SCENE = "qrscene_"


@dataclass(frozen=True)
class Meant:
    """Words for the talk, with what they mean when it is known; or what is said back instead of them."""

    text: str = ""
    intent: dict[str, Any] | None = None
    reply: str | None = None


def meaning(session: Session, user: WeChatUser, message: Incoming, account: Account, now: datetime) -> Meant | None:
    """What a message or event says in the talk; what an event only changes is done here. None: nothing to say."""
    if message.kind == "text":
        return _text(session, user, message.get("Content"), account)
    if message.kind == "event":
        return _event(session, user, message, now)
    return _other(message, account)


def _other(message: Incoming, account: Account) -> Meant:
    match message.kind:
        case "voice" if words := message.get("Recognition").strip():
            return Meant(words)
        case "voice":
            return Meant(reply=say("wechat.voice_without_words"))
        case "location":
            return Meant(message.get("Label").strip() or f"{message.get('Location_X')}，{message.get('Location_Y')}")
        case "link":
            return Meant(f"{message.get('Title')} {message.get('Url')}".strip())
        case "file":
            return Meant(reply=say("wechat.file_by_page", url=account.enter_url))
        case _:
            return Meant(reply=say("wechat.not_text"))


def _text(session: Session, user: WeChatUser, typed: str, account: Account) -> Meant | None:
    plain = normalise(typed)
    if not account.may_push and plain == say("wechat.result"):
        return None  # what waits is the answer
    number = shown.number_in(plain)
    if number is not None:
        offered = _offered(session, user.conversation_id)
        if shown.is_numbered([button.title for button in offered]) and number <= len(offered):
            return Meant(offered[number - 1].token)
    return Meant(typed)


def _offered(session: Session, conversation_id: str) -> list[Button]:
    """The buttons that were offered last since the person wrote last, as they were numbered."""
    wrote = select(func.coalesce(func.max(Message.id), 0)).where(
        Message.conversation_id == conversation_id, Message.direction == Direction.IN
    )
    newest = select(func.max(Button.message_id)).where(
        Button.conversation_id == conversation_id, Button.message_id > wrote.scalar_subquery()
    )
    query = select(Button).where(Button.message_id == newest.scalar_subquery()).order_by(Button.position)
    return list(session.scalars(query))


def _event(session: Session, user: WeChatUser, message: Incoming, now: datetime) -> Meant | None:
    key = message.get("EventKey")
    match message.event:
        case "subscribe":
            pushing.push(session, user.conversation_id, opening.welcoming(say("wechat.welcome")), now)
            return _scanned(session, user, key.removeprefix(_SCENE), now)
        case "scan":
            return _scanned(session, user, key, now)
        case "click":
            entry = load_menu().named(key)
            if entry is None:
                return Meant(reply=say("wechat.not_text"))
            return Meant(entry.name, {"intent": entry.intent, "entities": {}})
        case "templatesendjobfinish":
            _reported(session, message, now)
    return None


def _scanned(session: Session, user: WeChatUser, scene: str, now: datetime) -> Meant | None:
    """A code printed for a policy: whoever acts for the firm goes on with it, anybody else is asked to prove it."""
    policy = policy_in(session, scene)
    if policy is None:
        return None
    conversation = session.get_one(Conversation, user.conversation_id)
    own = [one.id for one in policy.insureds if one.id in speaker_of(session, conversation).insured_ids]
    if own:
        firm = identity.act_for(session, conversation.id, own[0], now)
        text = say("wechat.going_on", firm=firm.name, policy=policy.number)
        pushing.push(session, conversation.id, MessageOut(text=text, response="utter_identity_chosen"), now)
        return None
    return Meant(say("wechat.bind", policy=policy.number), {"intent": "identity_bind", "entities": {}})


def _reported(session: Session, message: Incoming, now: datetime) -> None:
    """What became of a template message (模板消息送达通知)."""
    row = session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.external_id == message.get("MsgID"), OutboxMessage.channel == OutboxChannel.WECHAT)
        .with_for_update()
    )
    if row is None or row.state != OutboxState.SENT:
        return
    status = message.get("Status").lower()
    if status == "success":
        row.state, row.delivered_at = OutboxState.DELIVERED, now
    else:
        fail(session, row, status.replace(" ", "_").replace(":", "")[:40] or "failed", now)
