"""Service plans (事故预防服务方案, 6.1, 附录A): profiles of insureds, plans for one or several, versions, answers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.conversations.models import File
from anze.db import Base
from anze.identity.models import Branch
from anze.policies.models import Insured, Policy


class InsuredProfile(Base):
    """What is known of an insured for its plan; the highest version counts. A row is never changed."""

    __tablename__ = "insured_profiles"
    __table_args__ = (UniqueConstraint("insured_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"))
    version: Mapped[int]
    said: Mapped[dict[str, Any]]
    """By key of knowledge/plan_fields.yml"""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class ServicePlan(Base):
    """One plan, for one insured or several (附录A 填写说明)."""

    __tablename__ = "service_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    parties: Mapped[list["PlanParty"]] = relationship(order_by="PlanParty.insured_id")
    versions: Mapped[list["PlanVersion"]] = relationship(order_by="PlanVersion.version.desc()")

    @property
    def number(self) -> str:
        """How people name it, e.g. FA00000012."""
        return f"FA{self.id:08d}"


class PlanParty(Base):
    """An insured of a plan under its policy."""

    __tablename__ = "plan_parties"

    plan_id: Mapped[int] = mapped_column(ForeignKey("service_plans.id"), primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), primary_key=True, index=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), primary_key=True, index=True)
    policy: Mapped[Policy] = relationship()
    insured: Mapped[Insured] = relationship()


class PlanVersion(Base):
    """What a plan says. While it is a draft it changes; once it was offered it does not."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("plan_id", "version"), Index("ix_plan_versions_state", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("service_plans.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    edition: Mapped[int] = mapped_column(default=1)
    """Counts the changes of a draft: whoever changes an older one is told so"""
    body: Mapped[dict[str, Any]]
    """{"items": [{"item", "form", "times", "provider", "fields", "flow", "schedule"}…], "goals", "safeguards"}"""
    profiles: Mapped[dict[str, Any]]
    """By insured what was known when it was offered; {} of a draft"""
    profiled: Mapped[bool]
    """The factors of 6.1 are all said, of every insured"""
    whole: Mapped[bool]
    """The six elements of 6.1 are all there"""
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str] = mapped_column(String(60))
    offered_at: Mapped[datetime | None]
    offered_by: Mapped[str | None] = mapped_column(String(60))
    pdf_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    word_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    confirmed_at: Mapped[datetime | None]
    """When the last of its insureds agreed"""
    plan: Mapped[ServicePlan] = relationship(back_populates="versions")
    pdf: Mapped[File | None] = relationship(foreign_keys=[pdf_id])
    word: Mapped[File | None] = relationship(foreign_keys=[word_id])
    answers: Mapped[list["PlanAnswer"]] = relationship(order_by="PlanAnswer.id")


class PlanAnswer(Base):
    """What an insured answered to a version; the last one counts. A row is never changed."""

    __tablename__ = "plan_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_versions.id"), index=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"))
    answer: Mapped[str] = mapped_column(String(8))
    how: Mapped[str] = mapped_column(String(8))
    words: Mapped[str | None] = mapped_column(Text)
    """What they want otherwise, verbatim"""
    on: Mapped[date]
    """The day on the paper, or of the message"""
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """The signed paper"""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    insured: Mapped[Insured] = relationship()
