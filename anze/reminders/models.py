"""Reminders as rows: what is due, when it is said, to whom; one sweep claims what is due."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class ReminderState(StrEnum):
    """待发 · 已领取 · 已发 · 作废."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    VOID = "void"


class Reminder(Base):
    """One thing to be said to one recipient at one step before or after a date. Said once; read again before."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "step", "recipient", "due_on"),
        Index("ix_reminders_due", "state", "send_at"),
        Index("ix_reminders_subject", "subject", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    """A kind of knowledge/reminder_policy.yml"""
    subject: Mapped[str] = mapped_column(String(80))
    """The row it is about, e.g. service:12"""
    step: Mapped[str] = mapped_column(String(20))
    """T-5 … T+1 in working days, or `at` for a one-off wish"""
    recipient: Mapped[str] = mapped_column(String(60))
    """insured:<id> (whoever acts for it), person:<id>, branch:<id> (a task for staff)"""
    due_on: Mapped[date]
    send_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=ReminderState.WAITING)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
    body: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
    """The words of a one-off wish"""
    sent_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(40))


class ReminderSetting(Base):
    """Whether a person wants a kind of reminder, and how many working days before."""

    __tablename__ = "reminder_settings"

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    wanted: Mapped[bool] = mapped_column(default=True)
    days_before: Mapped[list[Any] | None]
    """Working days before the date instead of the usual steps"""
    changed_at: Mapped[datetime]
