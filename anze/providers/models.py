"""Providers: 安全生产技术服务机构 (3.4) and what they are qualified for (5)."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base


class Provider(Base):
    """An organisation that the insurer entrusts with services."""

    __tablename__ = "providers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    short_name: Mapped[str] = mapped_column(String(40))
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    legal_status: Mapped[str] = mapped_column(String(40))
    province: Mapped[str] = mapped_column(String(40))
    qualifications: Mapped[list["Qualification"]] = relationship(back_populates="provider", order_by="Qualification.id")


class Qualification(Base):
    """A qualification with its validity; `kind` is AQ8011, evaluation, testing or general."""

    __tablename__ = "qualifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    items: Mapped[str] = mapped_column(String(20))
    """Letters of the service items it covers, e.g. "abd"."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    provider: Mapped[Provider] = relationship(back_populates="qualifications")


class Team(Base):
    """People of a provider who go out together: one team does one thing in one half day."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("provider_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    no: Mapped[int]
    people: Mapped[list[Any]]
    """Names of the professionals (安全生产专业技术人员, 3.5)"""
    items: Mapped[str] = mapped_column(String(20))
    """Letters of the service items that these people can do; what the provider is qualified for decides beside it."""
    weekends: Mapped[bool] = mapped_column(default=False)
    """Whether the team also goes out on days that are not working days"""
    ended_on: Mapped[date | None]
    provider: Mapped[Provider] = relationship()


class TeamLeave(Base):
    """Days on which a team does not go out, first and last included."""

    __tablename__ = "team_leave"
    __table_args__ = (Index("ix_team_leave_days", "team_id", "to_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(String(100))


class Certificate(Base):
    """A certificate of one of a provider's professionals (安全生产专业技术人员, 3.5), known by its number."""

    __tablename__ = "provider_certificates"
    __table_args__ = (UniqueConstraint("provider_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    person: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Equipment(Base):
    """An instrument of a provider, known by its number, and until when its check holds."""

    __tablename__ = "provider_equipment"
    __table_args__ = (UniqueConstraint("provider_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(60))
    checked_until: Mapped[date | None]
    """检定（校准）有效期; None: it needs none"""
