"""What the complaint desk keeps beside the cases: saved views of the queue, and registers as they were issued."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch


class SavedView(Base):
    """Filters and order of the queue under a name. `query`: the fields of Wanted that differ from its defaults."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class ComplaintRegister(Base):
    """登记册 of a branch tree for a month or quarter, as issued. A row is never changed: a correction is a version."""

    __tablename__ = "complaint_registers"
    __table_args__ = (UniqueConstraint("branch_id", "period", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    period: Mapped[str] = mapped_column(String(7))
    """2026-10 or 2026-Q4"""
    version: Mapped[int]
    until: Mapped[date]
    """The last day that it covers: the period's, or the day of issue while the period runs"""
    content: Mapped[dict[str, Any]]
    """{"rows": [...], "sums": {...}, "changes": [...]}: register_rules.py"""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of register_rules.sealed: in the chain too"""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
