"""Letters of a complaint as they were issued. A row is never changed: what comes later is a new version."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.conversations.models import File
from anze.db import Base


class LetterKind(StrEnum):
    """受理告知书 · 处理决定告知书."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DECISION = "decision"


class LetterOrigin(StrEnum):
    """Made from the template · the sealed paper, scanned."""

    ISSUED = "issued"
    SCAN = "scan"


class ComplaintLetter(Base):
    """One version of a letter. Of a kind the newest scan counts; without one, the newest issued version."""

    __tablename__ = "complaint_letters"
    __table_args__ = (UniqueConstraint("complaint_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    origin: Mapped[str] = mapped_column(String(10))
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), unique=True)
    """What the complainant gets: the PDF, or the scan"""
    word_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """The same as DOCX, for staff"""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(60))
    file: Mapped[File] = relationship(foreign_keys=[file_id])
    word: Mapped[File | None] = relationship(foreign_keys=[word_id])
