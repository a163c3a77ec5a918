"""Messages that leave the application by another way than the page: rows first, delivery after."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    VOID = "void"
    """Not meant to be sent."""


class OutboxMessage(Base):
    """One delivery; (subject, step, recipient) is unique: sent at least once, shown once."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("subject", "step", "recipient"), Index("ix_outbox_due", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    """sms | web"""
    subject: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(80))
    """A phone number or a conversation's id"""
    text: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.QUEUED)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(80))
