"""That an insured was told how complaints are handled (投诉处理程序和投诉纠纷调处方式, 6.4)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.policies.models import Insured, Policy


class PolicyNotice(Base):
    """One insured of one policy was told once. A row is never changed."""

    __tablename__ = "policy_notices"
    __table_args__ = (UniqueConstraint("policy_id", "insured_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), index=True)
    told_on: Mapped[date]
    way: Mapped[str] = mapped_column(String(10))
    """A value of kinds.Way"""
    words: Mapped[str] = mapped_column(Text)
    """What was said in the talk; of another way what was handed over, and to whom"""
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """What proves it: the signed sheet, a photo"""
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(60))
    policy: Mapped[Policy] = relationship()
    insured: Mapped[Insured] = relationship()
