"""Questions that somebody wants answered again and again (订阅)."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Staff

__all__ = ["Subscription"]


class Subscription(Base):
    """One question of one staff member, answered at a time of every day, of a weekday or of a day of the month."""

    __tablename__ = "obligation_subscriptions"
    __table_args__ = (Index("ix_obligation_subscriptions_due", "ended_at", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    query: Mapped[dict[str, Any]]
    weekday: Mapped[int | None]
    """1 Monday … 7 Sunday"""
    monthday: Mapped[int | None]
    at: Mapped[time]
    """In Shanghai"""
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()
