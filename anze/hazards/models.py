"""Hazards found in a service (生产安全事故隐患, 6.2): what, where, until when agreed, how put right."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.bookings.models import Service
from anze.db import Base
from anze.hazards.kinds import DateState, HazardLevel, HazardStatus, Side
from anze.policies.models import Insured

__all__ = [
    "DateState",
    "Hazard",
    "HazardDate",
    "HazardFile",
    "HazardLevel",
    "HazardSerial",
    "HazardStatus",
    "Side",
]


class Hazard(Base):
    """One hazard of one insured, as the provider's people found it."""

    __tablename__ = "hazards"
    __table_args__ = (Index("ix_hazards_open", "branch_id", "status", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    client_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Given by the provider's page, which may send twice over a bad line"""
    level: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    """What it violates, and why it has its level"""
    advice: Mapped[str] = mapped_column(Text)
    """整改建议 (6.2)"""
    status: Mapped[str] = mapped_column(String(10))
    found_at: Mapped[datetime]
    found_by: Mapped[str] = mapped_column(String(60))
    notified_at: Mapped[datetime | None]
    """When the insured was told of it (6.2)"""
    agreed_on: Mapped[date | None]
    """The date that counts for 9.2 a): derived by rules.standing from the dates below, kept for queries"""
    rectified_at: Mapped[datetime | None]
    """Of the report that stands; None again when it was sent back"""
    rectification: Mapped[str | None] = mapped_column(Text)
    """The insured's words, of every report"""
    sent_back_at: Mapped[datetime | None]
    """Photos from before are no evidence of what was put right since"""
    verdict: Mapped[str | None] = mapped_column(Text)
    """What staff said when they closed it, or last sent it back"""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1)
    service: Mapped[Service] = relationship()
    insured: Mapped[Insured] = relationship()
    dates: Mapped[list["HazardDate"]] = relationship(back_populates="hazard", order_by="HazardDate.no")


class HazardDate(Base):
    """A date for putting a major hazard right (6.2, 9.2 a): one side proposes, the other agrees; never removed."""

    __tablename__ = "hazard_dates"
    __table_args__ = (UniqueConstraint("hazard_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    no: Mapped[int]
    due_on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(Text)
    interim_measures: Mapped[str | None] = mapped_column(Text)
    """临时管控措施; a new date needs a reason and these"""
    state: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(String(60))
    proposed_side: Mapped[str] = mapped_column(String(10))
    """A value of Side"""
    agreed_at: Mapped[datetime | None]
    """When the other side agreed; where a supervisor's consent is needed too, the date counts from the later one"""
    agreed_by: Mapped[str | None] = mapped_column(String(60))
    supervised_at: Mapped[datetime | None]
    supervised_by: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[datetime | None]
    """When it was refused or taken back"""
    ended_by: Mapped[str | None] = mapped_column(String(60))
    end_reason: Mapped[str | None] = mapped_column(Text)
    hazard: Mapped[Hazard] = relationship(back_populates="dates")


class HazardFile(Base):
    """A photo of a hazard as found, or of its rectification."""

    __tablename__ = "hazard_files"
    __table_args__ = (Index("ix_hazard_files_added", "added_at"),)

    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """found | rectified"""
    added_at: Mapped[datetime]


class HazardSerial(Base):
    """The last serial of a day, for numbers like YH20261123001."""

    __tablename__ = "hazard_serials"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
