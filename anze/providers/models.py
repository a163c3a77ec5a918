"""Providers: 安全生产技术服务机构 (3.4) and what they are qualified for (5)."""

from datetime import date

from sqlalchemy import ForeignKey, String
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
