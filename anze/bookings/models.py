"""Services (事故预防服务, 4 and 6.2) from request to completion."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider


class ServiceStatus(StrEnum):
    """申请 · 已确认 · 已派单 · 服务中 · 已完成 · 已取消."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DISPATCHED = "dispatched"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Service(Base):
    """One service for one insured under one policy. `item` is the letter a–g of clause 4."""

    __tablename__ = "services"
    __table_args__ = (Index("ix_services_duty", "policy_id", "insured_id", "item", "status", "completed_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"), index=True)
    item: Mapped[str] = mapped_column(String(1))
    status: Mapped[str] = mapped_column(String(20))
    requested_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    completed_on: Mapped[date | None]
    """The last session day (AMB-11); a service marked completed without it is 缺证据."""
    report_no: Mapped[str | None] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(200))
    people: Mapped[list[Any]]
    """Names of the professionals (安全生产专业技术人员, 3.5) who come."""
    note: Mapped[str | None] = mapped_column(Text)
    policy: Mapped[Policy] = relationship()
    insured: Mapped[Insured] = relationship()
    provider: Mapped[Provider | None] = relationship()
