"""A message or event of the platform is stored before anything else, and once."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.wechat.account import Account
from anze.channels.wechat.envelope import Incoming, incoming
from anze.channels.wechat.meaning import Meant, meaning
from anze.channels.wechat.models import WeChatArrival, WeChatUser, held
from anze.channels.wechat.passing_on import client_id
from anze.conversations import inbound, opening
from anze.conversations.models import Channel
from anze.db import insert_missing
from anze.errors import DomainError

MEDIA = frozenset({"image", "video", "shortvideo"})
TOUCHES = frozenset({"subscribe", "scan", "click"})
"""Events after which we may write for a minute"""


@dataclass(frozen=True)
class Arrived:
    """What is known of an arrival once it is stored. `reply`: what is answered at once, without a turn; `queued`: it
    was not taken up yet."""

    key: str
    conversation_id: str | None
    message_id: int | None
    deliveries: int
    fetching: bool
    queued: bool
    reply: str | None


def arrive(session: Session, message: Incoming, account: Account, now: datetime, real_now: datetime) -> Arrived:
    """Store it and what it does. The same one again does nothing and says what became of the first."""
    made = insert_missing(session, WeChatArrival, key=message.key, openid=message.openid, at=real_now)
    row = held(session, message.key)
    if not made:
        row.deliveries += 1
        user = session.get(WeChatUser, message.openid)
        return known(row, user.conversation_id if user else None)
    return _take_up(session, row, message, account, now, real_now)


def take_up(session: Session, key: str, account: Account) -> Arrived | None:
    """What was only queued becomes what it is, as of when it arrived; None when that was done already."""
    row = held(session, key)
    if row.queued_at is None or row.said_at is None:
        return None
    message = incoming(json.loads(row.fields or "{}"))
    row.queued_at = row.fields = None
    return _take_up(session, row, message, account, row.said_at, row.at)


def _take_up(
    session: Session, row: WeChatArrival, message: Incoming, account: Account, now: datetime, real_now: datetime
) -> Arrived:
    user = user_of(session, message.openid, now)
    _heard(user, message, real_now)
    if message.kind in MEDIA:
        row.media_id = message.get("MediaId")[:200] or None
        return known(row, user.conversation_id)
    meant = meaning(session, user, message, account, now)
    if meant is None:
        return known(row, user.conversation_id)
    if meant.reply is None:
        try:
            stored = inbound.receive(
                session, user.conversation_id, meant.text, client_id(row.key), [], now, meant.intent
            )
        except DomainError as refused:
            meant = Meant(reply=refused.detail)
        else:
            row.message_id = stored.id
    row.reply = meant.reply
    return known(row, user.conversation_id)


def known(row: WeChatArrival, conversation_id: str | None) -> Arrived:
    return Arrived(
        row.key, conversation_id, row.message_id, row.deliveries, row.media_id is not None, row.queued_at is not None,
        row.reply,
    )  # fmt: skip


def user_of(session: Session, openid: str, now: datetime) -> WeChatUser:
    """Whose message it is, held; somebody new gets a talk."""
    query = select(WeChatUser).where(WeChatUser.openid == openid).with_for_update()
    found = session.scalar(query)
    if found is not None:
        return found
    conversation = opening.open_conversation(session, Channel.WECHAT, now)
    if not insert_missing(session, WeChatUser, openid=openid, conversation_id=conversation.id):
        session.delete(conversation)  # two first messages at once: the other one's talk counts
    return session.scalars(query).one()


def _heard(user: WeChatUser, message: Incoming, real_now: datetime) -> None:
    if message.event == "unsubscribe":
        user.following = False
        return
    if message.event and message.event not in TOUCHES:
        return  # what the platform reports by itself opens no window
    user.following = True
    if message.event:
        user.touched_at = real_now
    else:
        user.heard_at = real_now
    user.sent = 0
