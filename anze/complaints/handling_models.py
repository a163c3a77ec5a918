"""What was done with a case, as rows: dates are derived from them and stored nowhere else (6.4 b–e)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.complaints.telling import Telling
from anze.db import Base


class Classification(Base):
    """情况复杂 (6.4 b): once per case, with its reason; it counts from the day on which the complainant was told."""

    __tablename__ = "complaint_classifications"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class ExtensionState(StrEnum):
    """待审批 · 已批准 · 未批准."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class Extension(Base):
    """情况特别复杂 (6.4 c): asked of the superior body, approved or not by a named role; approved once per case."""

    __tablename__ = "complaint_extensions"
    __table_args__ = (UniqueConstraint("complaint_id", "no"), Index("ix_extensions_asked", "state", "answer_by"))

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    no: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(60))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    """Whose supervisors are asked now"""
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who may answer in their place"""
    answer_by: Mapped[datetime]
    """Not answered by then, it goes one level up by itself"""
    state: Mapped[str] = mapped_column(String(10), default=ExtensionState.ASKED)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    approver: Mapped[str | None] = mapped_column(String(30))
    """of clocks.Approver: by which right it was approved"""
    answer: Mapped[str | None] = mapped_column(Text)


class Pause(Base):
    """外部鉴定、检测、评估 (6.4 d): half-open [commissioned, returned), from the day of the notice on."""

    __tablename__ = "complaint_pauses"
    __table_args__ = (UniqueConstraint("complaint_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    no: Mapped[int]
    body: Mapped[str] = mapped_column(String(200))
    """The outside body"""
    purpose: Mapped[str] = mapped_column(Text)
    commissioned_on: Mapped[date]
    expected_on: Mapped[date]
    returned_on: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    returned_by: Mapped[str | None] = mapped_column(String(60))


class About(StrEnum):
    """What the complainant is told of: 受理 · 情况复杂 · 延期 · 暂停计时 · 恢复计时 · 处理决定."""

    ACCEPTANCE = "acceptance"
    CLASSIFICATION = "classification"
    EXTENSION = "extension"
    PAUSE = "pause"
    RETURN = "return"
    DECISION = "decision"


class NoticeChannel(StrEnum):
    """网页 · 短信 · 信函 · 电话 · 当面签收 · 电子邮件."""

    PAGE = "page"
    SMS = "sms"
    LETTER = "letter"
    CALL = "call"
    SIGNATURE = "signature"
    EMAIL = "email"
    UNREACHABLE = "unreachable"
    """经上级确认无法联系：两日内三次、两种方式"""


class Notice(Base):
    """One telling (告知) by one way. `about_no` names the pause or extension. What of it counts: telling.py."""

    __tablename__ = "complaint_notices"
    __table_args__ = (Index("ix_complaint_notices_message", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    about: Mapped[str] = mapped_column(String(20))
    about_no: Mapped[int] = mapped_column(default=1)
    channel: Mapped[str] = mapped_column(String(15))
    recipient: Mapped[str] = mapped_column(String(120))
    text_sha256: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    sent_at: Mapped[datetime | None]
    """The platform took it, the letter was posted, the call was answered, the paper signed"""
    read_at: Mapped[datetime | None]
    """A page's message was shown"""
    failed_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(String(300))
    """The letter's number, what was said in the call, who signed"""

    @property
    def telling(self) -> Telling:
        """What the rule knows of it."""
        return Telling(self.channel, self.sent_at, self.read_at, self.failed_at)


class Interest(Base):
    """Somebody who must not handle a case (回避): declared, or found."""

    __tablename__ = "complaint_interests"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class Cause(Base):
    """Why it came to a closed case, by whom, where (8.2)."""

    __tablename__ = "complaint_causes"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(30))
    """of complaints/causes.yml"""
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class Improvement(Base):
    """A cause that came again (8.2: 持续改进); open until somebody says what was changed."""

    __tablename__ = "improvements"
    __table_args__ = (UniqueConstraint("cause", "branch_id", "provider_id", "opened_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(30))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    opened_on: Mapped[date]
    measure: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(60))
