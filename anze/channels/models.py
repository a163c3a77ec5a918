"""Messages that leave the application by another way than the page: rows first, delivery after."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class OutboxState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    """A worker is sending it, until `claimed_until`"""
    SENT = "sent"
    """The channel took it"""
    DELIVERED = "delivered"
    """The channel says that it arrived"""
    FAILED = "failed"
    """Refused for good, or a failure came back: the next channel takes over"""
    VOID = "void"
    """Not meant to be sent."""


class OutboxChannel(StrEnum):
    """网页 · 短信 · 邮件 · 微信 · 电话任务."""

    WEB = "web"
    SMS = "sms"
    EMAIL = "email"
    WECHAT = "wechat"
    PHONE_TASK = "phone_task"


class OutboxMessage(Base):
    """One delivery; (subject, step, recipient) is unique: sent at least once, shown once."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("subject", "step", "recipient"),
        Index("ix_outbox_due", "state", "due_at"),
        Index("ix_outbox_waiting", "recipient", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    """of OutboxChannel"""
    subject: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(80))
    """A phone number, a mail address, a conversation's id, a branch's id, an openid"""
    text: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.QUEUED)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(80))
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(String(80), index=True)
    """The channel's own id of the message, by which a late failure names it"""
    delivered_at: Mapped[datetime | None]
    fallback: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What is tried next when this channel refuses: [{"channel", "recipient"}…]"""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    """The delivery that failed before this one"""
