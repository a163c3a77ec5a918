"""Managers and their training (7.1), management documents and spot checks (7.2), complaint channels (6.4)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.bookings.models import Service
from anze.db import Base
from anze.identity.models import Branch


class Manager(Base):
    """Somebody who manages accident prevention at a branch (事故预防服务管理人员), from a day, perhaps until one."""

    __tablename__ = "managers"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    department: Mapped[str] = mapped_column(String(60))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    """The last day"""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    trainings: Mapped[list["ManagerTraining"]] = relationship(order_by="ManagerTraining.on")


class ManagerTraining(Base):
    """One training of a manager (每年至少接受1次专业技能培训)."""

    __tablename__ = "manager_trainings"

    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("managers.id"), index=True)
    on: Mapped[date]
    topic: Mapped[str] = mapped_column(String(120))
    hours: Mapped[int]
    proof: Mapped[str] = mapped_column(String(120))
    """Certificate or record by its number"""
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(60))


class RuleDocument(Base):
    """A version of one of the seven management documents; never changed, the highest version in force counts."""

    __tablename__ = "rule_documents"
    __table_args__ = (UniqueConstraint("branch_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(60))
    changes: Mapped[str] = mapped_column(Text)
    """What is new in it, and why"""
    in_force_from: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()


class QualityCheck(Base):
    """A service drawn at random for a spot check (7.2: 质量控制机制), and what was found."""

    __tablename__ = "quality_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), unique=True)
    seed: Mapped[str] = mapped_column(String(64))
    """With it anybody draws the same services from the same list"""
    drawn_on: Mapped[date]
    drawn_by: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str | None] = mapped_column(String(10))
    findings: Mapped[str | None] = mapped_column(Text)
    checked_on: Mapped[date | None]
    checked_by: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    service: Mapped[Service] = relationship()


class ComplaintChannel(Base):
    """A way to complain at a branch (6.4: 保持投诉渠道畅通), and whether it worked when it was last tried."""

    __tablename__ = "complaint_channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(200))
    hours: Mapped[str] = mapped_column(String(80))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    tested_on: Mapped[date | None]
    works: Mapped[bool | None]
    tested_by: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
