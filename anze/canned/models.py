"""Canned answers (常用答复) of a branch, for all branches below it too."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch


class CannedAnswer(Base):
    """One answer under its title. `text` has placeholders of rules.Placeholder."""

    __tablename__ = "canned_answers"
    __table_args__ = (UniqueConstraint("branch_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
