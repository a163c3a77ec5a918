"""Authorities, reports of 9.2, hand-overs of data (9.1), three-party mechanisms (9.3), evaluations asked for (9.1)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.conversations.models import File
from anze.db import Base
from anze.identity.models import Branch
from anze.reports.models import Candidate


class Authority(Base):
    """An authority of a place, as a branch keeps it; those of a branch hold for all below it too."""

    __tablename__ = "authorities"
    __table_args__ = (UniqueConstraint("branch_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    kind: Mapped[str] = mapped_column(String(12))
    level: Mapped[str] = mapped_column(String(10))
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str | None] = mapped_column(String(40))
    county: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(200))
    """Whom to reach there and how: an office with its telephone, an address"""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))
    ended_on: Mapped[date | None]
    """From this day on nothing is sent to it any more"""
    branch: Mapped[Branch] = relationship()


class Delivery:
    """That people sent something, and what came back. The program itself sends nothing."""

    sent_on: Mapped[date | None]
    sent_way: Mapped[str | None] = mapped_column(String(10))
    document_no: Mapped[str | None] = mapped_column(String(60))
    """文号, or the number that the platform gave"""
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None] = mapped_column(String(60))
    receipt_on: Mapped[date | None]
    receipt_no: Mapped[str | None] = mapped_column(String(60))
    receipt_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """The receipt (回执), scanned"""
    receipt_at: Mapped[datetime | None]
    receipt_by: Mapped[str | None] = mapped_column(String(60))


class RegulatorReport(Delivery, Base):
    """One draft of a report of 9.2. What it says is never changed: another draft is another version."""

    __tablename__ = "regulator_reports"
    __table_args__ = (UniqueConstraint("candidate_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("report_candidates.id"))
    version: Mapped[int]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authorities.id"))
    statement: Mapped[str] = mapped_column(Text)
    pdf_id: Mapped[str] = mapped_column(ForeignKey("files.id"), unique=True)
    word_id: Mapped[str] = mapped_column(ForeignKey("files.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str] = mapped_column(String(60))
    judged_at: Mapped[datetime | None]
    judged_by: Mapped[str | None] = mapped_column(String(60))
    judged_reason: Mapped[str | None] = mapped_column(Text)
    """Why it was returned"""
    candidate: Mapped[Candidate] = relationship()
    authority: Mapped[Authority] = relationship()
    pdf: Mapped[File] = relationship(foreign_keys=[pdf_id])
    word: Mapped[File] = relationship(foreign_keys=[word_id])
    receipt: Mapped[File | None] = relationship(foreign_keys="RegulatorReport.receipt_id")


class DataSubmission(Delivery, Base):
    """Data of a province and a period, as they stood at an instant, made to be handed over (9.1)."""

    __tablename__ = "data_submissions"
    __table_args__ = (UniqueConstraint("branch_id", "province", "period", "data_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    province: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(7))
    """A month or a quarter, 2026-10, 2026-Q3"""
    first_on: Mapped[date]
    last_on: Mapped[date]
    data_at: Mapped[datetime]
    form: Mapped[str] = mapped_column(String(20))
    """The version of the schema"""
    counts: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authorities.id"))
    """To whom it was sent"""
    branch: Mapped[Branch] = relationship()
    authority: Mapped[Authority | None] = relationship()
    files: Mapped[list["SubmissionFile"]] = relationship(order_by="SubmissionFile.name")
    receipt: Mapped[File | None] = relationship(foreign_keys="DataSubmission.receipt_id")


class SubmissionFile(Base):
    """One file of a hand-over. A row is never changed."""

    __tablename__ = "submission_files"

    submission_id: Mapped[int] = mapped_column(ForeignKey("data_submissions.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    rows: Mapped[int]
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), unique=True)
    file: Mapped[File] = relationship()


class Mechanism(Base):
    """A three-party mechanism (事故预防服务三方合作机制, 9.3) of a province, or of one of its cities."""

    __tablename__ = "mechanisms"
    __table_args__ = (Index("ix_mechanisms_place", "province", "city"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str | None] = mapped_column(String(40))
    """None: it holds for the whole province"""
    name: Mapped[str] = mapped_column(String(120))
    agreement: Mapped[str] = mapped_column(String(120))
    """The document that set it up, with its number"""
    members: Mapped[list[Any]]
    """[{"side", "name"}…]"""
    set_up_on: Mapped[date]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))
    ended_on: Mapped[date | None]
    """The last day"""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    records: Mapped[list["MechanismRecord"]] = relationship(order_by="MechanismRecord.on.desc()")


class MechanismRecord(Base):
    """A document or a meeting of a mechanism. A row is never changed."""

    __tablename__ = "mechanism_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    mechanism_id: Mapped[int] = mapped_column(ForeignKey("mechanisms.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    on: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(Text)
    """What was agreed, or what it says"""
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(60))
    file: Mapped[File | None] = relationship()


class EvaluationRequest(Base):
    """An authority evaluates or inspects, and asks for papers (9.1)."""

    __tablename__ = "evaluation_requests"
    __table_args__ = (Index("ix_evaluation_requests_open", "branch_id", "answered_on", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authorities.id"))
    number: Mapped[str] = mapped_column(String(60))
    received_on: Mapped[date]
    due_on: Mapped[date | None]
    """Until when the authority wants the answer; None: it named no day"""
    asked: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(60))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    authority: Mapped[Authority] = relationship()
    files: Mapped[list["EvaluationFile"]] = relationship(order_by="EvaluationFile.file_id")


class EvaluationFile(Base):
    """A file with which a request was answered."""

    __tablename__ = "evaluation_files"

    request_id: Mapped[int] = mapped_column(ForeignKey("evaluation_requests.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True)
    file: Mapped[File] = relationship()
