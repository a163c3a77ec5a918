"""Appraisals of providers (8.1) and what is to be improved (8.2)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch
from anze.providers.models import Provider


class Appraisal(Base):
    """One appraisal of a provider by a branch for a year; never changed, the highest version counts."""

    __tablename__ = "appraisals"
    __table_args__ = (UniqueConstraint("provider_id", "branch_id", "year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    year: Mapped[int]
    version: Mapped[int]
    scores: Mapped[dict[str, Any]]
    """Content of rules.Content → 0–100"""
    services: Mapped[int]
    marks: Mapped[int]
    """How many insureds had given a mark by then, and the sum of the marks"""
    marks_sum: Mapped[int]
    total: Mapped[int]
    passed: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    appraised_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    provider: Mapped[Provider] = relationship()
    branch: Mapped[Branch] = relationship()


class ImprovementItem(Base):
    """Something to be improved (改进项, 8.2) after an appraisal or a regulator's finding, until it is closed."""

    __tablename__ = "improvement_items"
    __table_args__ = (Index("ix_improvement_items_open", "branch_id", "closed_at", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    source: Mapped[str] = mapped_column(String(12))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    finding: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(60))
    due_on: Mapped[date]
    opened_on: Mapped[date]
    opened_by: Mapped[str] = mapped_column(String(60))
    result: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    provider: Mapped[Provider | None] = relationship()
