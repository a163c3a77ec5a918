"""What waits for somebody is given: as the passive reply to their own message, or by a customer-service message.

The platform takes at most 5 messages within 48 hours after a user's, 3 within a minute after they followed or pressed
a menu entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxChannel, OutboxMessage, OutboxState
from anze.channels.outbox.adapter import Parcel, Refusal, Refused
from anze.channels.outbox.deliver import Wait
from anze.channels.outbox.store import key_for
from anze.channels.wechat import shown
from anze.channels.wechat.account import Account
from anze.channels.wechat.models import WeChatUser, held
from anze.channels.wechat.parts import MOST_BYTES, MOST_PARTS, few, size
from anze.clock import SHANGHAI
from anze.conversations import views
from anze.conversations.models import Message
from anze.texts import shortened
from anze.texts import text as say

WINDOW, MINUTE = timedelta(hours=48), timedelta(minutes=1)
MOST_TOUCHED = 3
_THING = 20
"""Characters of a template's `thing` field"""
_IN_TURN, _UNTIL_ASKED = timedelta(seconds=1), timedelta(minutes=10)

type Given = Callable[[Session, OutboxMessage, datetime], None]
"""What follows from a message having been given: who is told by it."""


@dataclass(frozen=True)
class Giving:
    """`load` prepares a row for the adapter; `passive` takes what waits along with an answer."""

    account: Account
    given: Given
    real_now: Callable[[], datetime]

    def passive(self, session: Session, key: str, now: datetime) -> str | None:
        """The reply to an arrival: what waits for its sender, in order, as far as one message reaches. None: nothing.

        A repeat of the arrival gets the same.
        """
        arrival = held(session, key)
        if arrival.reply is not None:
            return arrival.reply
        text = ""
        for row in _waiting(session, arrival.openid):
            first, *more = self._left(session, row)
            if text and size(text) + 2 + size(first) > MOST_BYTES:
                break
            text = f"{text}\n\n{first}" if text else first
            if more:
                row.body = row.body | {"sent": row.body.get("sent", 0) + 1}
                row.due_at, row.claimed_until = min(row.due_at, now), self.real_now() + _IN_TURN
                break
            row.state, row.sent_at, row.claimed_until = OutboxState.SENT, now, None
            self.given(session, row, now)
        arrival.reply = text or None
        return arrival.reply

    def load(self, session: Session, row: OutboxMessage, now: datetime) -> Parcel | Refused | Wait:
        """A row as the adapter sends it; why not, or that it has to wait."""
        user = session.get(WeChatUser, row.recipient, with_for_update=True, populate_existing=True)
        if user is None or not user.following:
            return Refused(Refusal.PERMANENT, "not_following")
        if not self.account.may_push:
            return Refused(Refusal.PERMANENT, "passive_only") if row.fallback else Wait(_UNTIL_ASKED)
        if _earlier(session, row):
            return Wait(_IN_TURN)
        room = _room(user, self.real_now())
        if not room:
            return self._outside(session, row, now)
        left = self._left(session, row)
        if len(left) > room:
            left = few("\n".join(left), self._more(), room)
        user.sent += len(left)
        return self._parcel(row, {"parts": left})

    def _outside(self, session: Session, row: OutboxMessage, now: datetime) -> Parcel | Refused:
        template = self.account.template
        if template is None or (_asked(session, row) and not row.fallback):
            return Refused(Refusal.PERMANENT, "window_closed")
        data = {template.words: {"value": shortened(row.text.replace("\n", " "), _THING)}}
        if template.time is not None:
            data[template.time] = {"value": now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")}
        body = {"touser": row.recipient, "template_id": template.id, "url": self.account.enter_url, "data": data}
        return self._parcel(row, {"template": body})

    def _parcel(self, row: OutboxMessage, body: dict[str, Any]) -> Parcel:
        return Parcel(row.id, key_for(row), row.recipient, row.text, body | {"unsure": bool(row.body.get("unsure"))})

    def _more(self) -> str:
        return say("wechat.more", url=self.account.enter_url)

    def _left(self, session: Session, row: OutboxMessage) -> list[str]:
        """The parts of a row that were not given yet; never none."""
        url = self.account.enter_url
        message = session.get(Message, row.body.get("message_id") or 0)
        if message is None:
            text = row.text
        else:
            view = views.messages(session, [message])[0]
            text = shown.words(view, url) if message.turn_id else shown.notice(view, url)
        found = few(text, self._more())
        return found[row.body.get("sent", 0) :] or found[-1:]


def note_part(session: Session, id_: int, *, sent: bool) -> None:
    """One more part of a row was taken; or (`sent` False) nobody knows whether it was."""
    row = session.get_one(OutboxMessage, id_, with_for_update=True)
    row.body = row.body | ({"sent": row.body.get("sent", 0) + 1, "unsure": False} if sent else {"unsure": True})


def _waiting(session: Session, openid: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(
        OutboxMessage.channel == OutboxChannel.WECHAT, OutboxMessage.recipient == openid,
        OutboxMessage.state == OutboxState.QUEUED,
    )  # fmt: skip
    return list(session.scalars(query.order_by(OutboxMessage.id).with_for_update(skip_locked=True)))


def _earlier(session: Session, row: OutboxMessage) -> bool:
    """Whether something older is still on its way to the same person: they read it in its order."""
    other = OutboxMessage.__table__.alias()
    query = select(exists().where(
        other.c.channel == OutboxChannel.WECHAT, other.c.recipient == row.recipient, other.c.id < row.id,
        other.c.state.in_([OutboxState.QUEUED, OutboxState.CLAIMED]),
    ))  # fmt: skip
    return bool(session.scalar(query))


def _asked(session: Session, row: OutboxMessage) -> bool:
    message = session.get(Message, row.body.get("message_id") or 0)
    return message is not None and message.turn_id is not None


def _room(user: WeChatUser, real_now: datetime) -> int:
    """How many messages the platform still takes for this person."""
    if user.heard_at is not None and real_now < user.heard_at + WINDOW:
        return max(MOST_PARTS - user.sent, 0)
    if user.touched_at is not None and real_now < user.touched_at + MINUTE:
        return max(MOST_TOUCHED - user.sent, 0)
    return 0
