"""The hash chain: one row an event, guarded by triggers against UPDATE and DELETE (7.4: not altered, not destroyed)."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class AuditEvent(Base):
    """`body` is canonical JSON text and holds no personal data: words and files go in by their SHA-256."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_subject", "subject", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    """<topic>.<what>, e.g. complaint.filed"""
    subject: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    previous_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Base):
    """The end of the chain; locked by whoever appends, so that two writers cannot fork it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
