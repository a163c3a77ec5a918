"""Who follows the account, what arrived from the platform, and the token by which it knows us.

Instants here are the machine's: the platform's windows, tokens and repeats go by real time, also while a demo clock
runs.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from anze.db import Base


class WeChatUser(Base):
    """Somebody who wrote to the account, with the talk that is theirs."""

    __tablename__ = "wechat_users"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), unique=True)
    following: Mapped[bool] = mapped_column(default=True, server_default=true())
    heard_at: Mapped[datetime | None]
    """When they wrote last: we may write for 48 hours from then"""
    touched_at: Mapped[datetime | None]
    """When they followed, scanned or pressed a menu entry last: we may write for a minute from then"""
    sent: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages of ours since the later of the two"""


class WeChatArrival(Base):
    """One message or event of the platform; the same one again finds this row and does nothing twice."""

    __tablename__ = "wechat_arrivals"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    deliveries: Mapped[int] = mapped_column(default=1, server_default="1")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    """What it became in the talk"""
    reply: Mapped[str | None] = mapped_column(Text)
    """What was answered at once; a repeat gets the same"""
    queued_at: Mapped[datetime | None] = mapped_column(index=True)
    """Set while it waits to be taken up, in order of arrival: under load it is acknowledged before"""
    said_at: Mapped[datetime | None]
    """The application's clock when it arrived: what falls due counts from then"""
    fields: Mapped[str | None] = mapped_column(Text)
    """Its elements as JSON, while it waits"""
    media_id: Mapped[str | None] = mapped_column(String(200), index=True)
    """A picture or video that is still to be fetched from the platform"""
    media_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    media_rests_until: Mapped[datetime | None]


def held(session: Session, key: str) -> WeChatArrival:
    """An arrival as it stands, and nobody else's until this is over."""
    return session.get_one(WeChatArrival, key, with_for_update=True, populate_existing=True)


class WeChatNonce(Base):
    """A signed address of the plain mode, whose signature says nothing of the body: it carries one body only."""

    __tablename__ = "wechat_nonces"

    signed_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class WeChatToken(Base):
    """The access token of an account, shared by all workers."""

    __tablename__ = "wechat_tokens"

    appid: Mapped[str] = mapped_column(String(40), primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    good_until: Mapped[datetime | None]
    asked_by: Mapped[str | None] = mapped_column(String(32))
    """The worker that is asking for a new one, until `asked_until`"""
    asked_until: Mapped[datetime | None]


class WeChatTicket(Base):
    """Lets a page that was opened inside WeChat go on with the talk there: once, and not for long."""

    __tablename__ = "wechat_tickets"

    ticket_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    good_until: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[bool] = mapped_column(default=False, server_default=false())
