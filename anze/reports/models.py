"""What may have to be reported to the regulator (9.2): candidates with verbatim words, decided by people only."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base
from anze.reports.kinds import CandidateKind, CandidateState

__all__ = ["Candidate", "CandidateKind", "CandidateState"]


class Candidate(Base):
    """A possible case of 9.2. Nothing leaves the house by itself: staff confirm or strike it, a supervisor approves."""

    __tablename__ = "report_candidates"
    __table_args__ = (UniqueConstraint("kind", "subject"), Index("ix_report_candidates_open", "branch_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(1))
    subject: Mapped[str] = mapped_column(String(80))
    """The row it is about, e.g. hazard:12, service:7, conversation:…; at most one candidate of a kind about it"""
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    words: Mapped[str] = mapped_column(Text)
    """What was said or found, verbatim"""
    found_at: Mapped[datetime]
    found_by: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default=CandidateState.OPEN)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(60))
