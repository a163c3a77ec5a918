"""Services (事故预防服务, 4 and 6.2) from request to filing, half days of teams, unfinished wishes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.bookings.kinds import Audience, Part, ServiceStatus
from anze.db import Base
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider

__all__ = [
    "Audience",
    "BookingDraft",
    "Part",
    "Service",
    "ServiceSerial",
    "ServiceStatus",
    "ServiceStep",
    "SlotClaim",
]


class Service(Base):
    """One service for one insured under one policy. `item` is the letter a–g of clause 4."""

    __tablename__ = "services"
    __table_args__ = (
        Index("ix_services_duty", "policy_id", "insured_id", "item", "status", "completed_on"),
        Index("ix_services_report", "provider_id", "report_no"),
    )

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
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    joint_with_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    """The service that holds the half days of a joint session; each insured has a service of its own (6.3)."""
    measures: Mapped[str | None] = mapped_column(Text)
    """服务措施 as confirmed by both (6.2)"""
    audience: Mapped[str | None] = mapped_column(String(20))
    statutory: Mapped[bool] = mapped_column(default=False, server_default=false())
    """法定的安全评价、检测检验 (5 b)"""
    attendees: Mapped[int | None]
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    wish: Mapped[str | None] = mapped_column(Text)
    """The wished time in the insured's own words"""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    """Where it was asked for: there the answers go"""
    insured_confirmed_at: Mapped[datetime | None]
    provider_confirmed_at: Mapped[datetime | None]
    """Item, measures and time confirmed (6.2); a new time takes back what the other side had confirmed."""
    started_at: Mapped[datetime | None]
    rules_seen_at: Mapped[datetime | None]
    """The provider's people have read the site's safety rules (6.2)"""
    process: Mapped[str | None] = mapped_column(Text)
    """服务过程 as recorded by the provider's people (6.3)"""
    archived_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    """When it was cancelled, refused or could not be carried out"""
    ended_reason: Mapped[str | None] = mapped_column(Text)
    """What was said then, verbatim"""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    policy: Mapped[Policy] = relationship()
    insured: Mapped[Insured] = relationship()
    provider: Mapped[Provider | None] = relationship()


class SlotClaim(Base):
    """A half day of a team, held for somebody who is thinking or taken by a service. The key forbids two of them.

    A hold whose time is over may be taken by anybody, in one statement.
    """

    __tablename__ = "slot_claims"
    __table_args__ = (CheckConstraint("(service_id IS NULL) <> (held_until IS NULL)", name="held_or_taken"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(String(2), primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("booking_drafts.id"), index=True)
    held_until: Mapped[datetime | None]


class BookingDraft(Base):
    """What somebody has said so far of a service that is wanted, or of the new time of one that is booked."""

    __tablename__ = "booking_drafts"
    __table_args__ = (Index("ix_booking_drafts_open", "conversation_id", "done_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    insured_id: Mapped[int | None] = mapped_column(ForeignKey("insureds.id"))
    moves_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    """The booked service whose time is to be changed"""
    item: Mapped[str | None] = mapped_column(String(1))
    audience: Mapped[str | None] = mapped_column(String(20))
    statutory: Mapped[bool | None]
    wish: Mapped[str | None] = mapped_column(Text)
    wish_from: Mapped[datetime | None]
    wish_to: Mapped[datetime | None]
    """The wished time; slots are offered by their distance from it. An open end is None"""
    wish_others: Mapped[list[Any] | None]
    """The words have more than one reading: the others, [[from, to], …] as ISO instants; None when they are clear"""
    place: Mapped[str | None] = mapped_column(String(200))
    attendees: Mapped[int | None]
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    to_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No free half day suits: a colleague is to arrange it"""
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ServiceStep(Base):
    """A step that a service has gone through, with its day and who took it: what people see as stages."""

    __tablename__ = "service_steps"
    __table_args__ = (UniqueConstraint("service_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    """A value of kinds.Step"""
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    who: Mapped[str] = mapped_column(String(60))
    """The name or side to be shown"""
    client_id: Mapped[str | None] = mapped_column(String(64))
    """What the provider's page called this step: sent twice over a bad line, it is taken once"""
    body: Mapped[dict[str, Any]]


class ServiceSerial(Base):
    """The last serial of a day, for numbers like FW20261123001."""

    __tablename__ = "service_serials"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
