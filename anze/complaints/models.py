"""Complaints (投诉, 6.4). What happened is in the audit chain; these rows are where the case stands now."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.complaints.handling_models import Cause, Classification, Extension, Notice, Pause
from anze.db import Base
from anze.identity.models import Branch, Staff
from anze.policies.models import Insured, Policy

DECIDED_RESPONSE = "utter_complaint_decided"
"""The name of the message that brings a decision into a talk"""


class ComplaintStatus(StrEnum):
    """待补全 · 已放弃 · 待人工补录 · 已登记 · 处理中 · 已作决定，未告知 · 已告知决定 · 已撤回 · 已并入另一件."""

    DRAFT = "draft"
    DROPPED = "dropped"
    INTAKE = "intake"
    FILED = "filed"
    HANDLING = "handling"
    DECIDED = "decided"
    TOLD = "told"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


UNDER_WAY = (ComplaintStatus.INTAKE, ComplaintStatus.FILED, ComplaintStatus.HANDLING)
"""Not decided yet."""
OPEN = (*UNDER_WAY, ComplaintStatus.DECIDED)
"""The clocks run: a decision stops them only when the complainant was told of it (6.4 e)."""


class Source(StrEnum):
    """网上对话 · 微信 · 电话 · 信函 · 来访 · 电子邮件 · 监管转办."""

    CHAT = "chat"
    WECHAT = "wechat"
    PHONE = "phone"
    LETTER = "letter"
    VISIT = "visit"
    EMAIL = "email"
    REGULATOR = "regulator"


class ComplaintKind(StrEnum):
    """`service`: under 6.4, both clocks. `other`: claims, premium or selling, the second clock only."""

    SERVICE = "service"
    OTHER = "other"


class ComplaintForm(StrEnum):
    """投诉 · 异议 · 申请核查 (6.4: the first two are taken in and answered alike; the third is a remedy of 6.4 e)."""

    COMPLAINT = "complaint"
    OBJECTION = "objection"
    REVIEW = "review"


class Complaint(Base):
    """One grievance. `received_at` is that of the first message that stated it (the legal clock's day 0)."""

    __tablename__ = "complaints"
    __table_args__ = (
        Index("ix_complaints_open_draft", "status", "received_at"),
        Index("ix_complaints_by_day", "status", "queue_on", "id", "branch_id", "number"),
        # With what the queue is filtered and sorted by, so that it is counted and sorted out of an index alone.
        Index(
            "ix_complaints_by_branch",
            *("branch_id", "status", "queue_on", "id", "number", "kind", "form", "source", "handler_id", "received_at"),
        ),
        Index("ix_complaints_by_handler", "handler_id", "status", "queue_on", "id", "branch_id", "number"),
        Index("ix_complaints_by_number", "number", "branch_id", "status", "queue_on", "id"),
        Index("ix_complaints_received_at", "received_at", "id"),
        Index("ix_complaints_firm", "firm"),
        Index("ix_complaints_contact_phone", "contact_phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    edition: Mapped[str] = mapped_column(String(60))
    """The edition of the standard under which the case began; it stays on it."""
    received_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    insured_id: Mapped[int | None] = mapped_column(ForeignKey("insureds.id"), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    firm: Mapped[str | None] = mapped_column(String(200))
    """The firm as the visitor wrote it; empty when bound (then insured_id says it)."""
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    form: Mapped[str] = mapped_column(
        String(20), default=ComplaintForm.COMPLAINT, server_default=ComplaintForm.COMPLAINT.value
    )
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("complaints.id"))
    """The decided case that this one comes back to"""
    agent_name: Mapped[str | None] = mapped_column(String(60))
    """Somebody who complains for the complainant; empty: there is one, whose name is that of the contact"""
    principal_name: Mapped[str | None] = mapped_column(String(60))
    """For whom the agent complains; empty: asked and not said"""
    agent_file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """The authorisation (授权委托书)"""
    group_size: Mapped[int | None]
    """How many people complain together; at most five of them represent the others"""
    due_on: Mapped[date | None]
    """The standard's date as told to the complainant at filing; None for `other` kind."""
    second_due_on: Mapped[date | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    queue_on: Mapped[date | None]
    """The earliest of all its dates, as derived when something last happened (the queue's order); None: stopped"""
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    remedial: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A date is 补救期限: what should have been done by an earlier one was not, and stays a breach"""
    ordinary_on: Mapped[date | None]
    """The leading clock's date without 情况复杂 and extension, as derived when something last happened"""
    source: Mapped[str] = mapped_column(String(20), default=Source.CHAT, server_default=Source.CHAT.value)
    entered_at: Mapped[datetime | None]
    """When a colleague wrote down what had come in another way"""
    late_reason: Mapped[str | None] = mapped_column(String(300))
    """Why it was written down on a later day than it came in"""
    standing_right: Mapped[str | None] = mapped_column(String(100))
    """What the complainant is to the policy, as told"""
    regulator_no: Mapped[str | None] = mapped_column(String(60))
    regulator_due_on: Mapped[date | None]
    """The day by which a regulator who transferred it wants an answer"""
    accepted_at: Mapped[datetime | None]
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("complaints.id"))
    version: Mapped[int] = mapped_column(default=1)
    branch: Mapped[Branch] = relationship()
    insured: Mapped[Insured | None] = relationship()
    policy: Mapped[Policy | None] = relationship()
    follows: Mapped["Complaint | None"] = relationship(remote_side=[id], foreign_keys=[follows_id])
    handler: Mapped[Staff | None] = relationship(foreign_keys=[handler_id])
    classification: Mapped[Classification | None] = relationship()
    extensions: Mapped[list[Extension]] = relationship(order_by=Extension.no)
    pauses: Mapped[list[Pause]] = relationship(order_by=Pause.no)
    notices: Mapped[list[Notice]] = relationship(order_by=Notice.id)
    cause: Mapped[Cause | None] = relationship()
    statements: Mapped[list["Statement"]] = relationship(back_populates="complaint", order_by="Statement.id")
    representatives: Mapped[list["Representative"]] = relationship(order_by="Representative.no")
    decision: Mapped["Decision | None"] = relationship(back_populates="complaint")


class StatementKind(StrEnum):
    """经过 · 更正后的经过 · 诉求 · 补充."""

    STORY = "story"
    CORRECTION = "correction"
    WISH = "wish"
    SUPPLEMENT = "supplement"


class Statement(Base):
    """Words of the complainant, kept as said; a correction is a new row."""

    __tablename__ = "statements"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    at: Mapped[datetime]
    complaint: Mapped[Complaint] = relationship(back_populates="statements")


class Evidence(Base):
    """A file that belongs to a complaint."""

    __tablename__ = "complaint_evidence"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True)
    added_at: Mapped[datetime]


class ComplaintSerial(Base):
    """The last serial of a day, for numbers like TS20261120003."""

    __tablename__ = "complaint_serials"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class Representative(Base):
    """One of at most five who speak for a group that complains together."""

    __tablename__ = "complaint_representatives"
    __table_args__ = (
        UniqueConstraint("complaint_id", "no"),
        CheckConstraint("no BETWEEN 1 AND 5", name="at_most_five"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    no: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(20))


class Decision(Base):
    """The decision of a case (6.4 e): five parts, or it is none. The clock stops when the complainant was told."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), unique=True)
    findings: Mapped[str] = mapped_column(Text)
    """核实情况"""
    basis: Mapped[str] = mapped_column(Text)
    """依据"""
    reasons: Mapped[str] = mapped_column(Text)
    """理由"""
    outcome: Mapped[str] = mapped_column(Text)
    """处理决定"""
    remedies: Mapped[list[Any]]
    """救济途径: [{"way": review | mediation | arbitration | litigation, "where", "phone", "until", "bring", "days"?}…];
    `days`: calendar days from the day of being told, where `until` counts from it"""
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(60))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    """The message that brought it into the talk"""
    told_at: Mapped[datetime | None]
    complaint: Mapped[Complaint] = relationship(back_populates="decision")
