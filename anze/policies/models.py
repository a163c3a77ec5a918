"""Applicants (投保人 3.2), insureds (被保险人 3.3), policies and policy years (保单年度, clause 4)."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch
from anze.policies.rules import SizeClass

__all__ = ["Applicant", "Insured", "Policy", "PolicyInsured", "PolicyYear", "PromisedService", "Sector", "SizeClass"]


class Sector(StrEnum):
    """The four sectors of clause 1; any other applies the standard by reference (参照)."""

    MINE = "mine"
    HAZARDOUS_CHEMICALS = "hazardous_chemicals"
    FIREWORKS = "fireworks"
    METAL_SMELTING = "metal_smelting"
    OTHER = "other"


class Applicant(Base):
    """投保人: concludes the contract and pays the premium."""

    __tablename__ = "applicants"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(20), index=True)


class Insured(Base):
    """被保险人: the unit that is protected and has the right to services."""

    __tablename__ = "insureds"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    sector: Mapped[str] = mapped_column(String(30), index=True)
    industry: Mapped[str] = mapped_column(String(60))
    """行业名称 as the insurer's core system writes it, e.g. 建筑施工"""
    size_class: Mapped[str] = mapped_column(String(10), index=True)
    size_basis: Mapped[dict[str, Any] | None]
    """{"year", "employees", "revenue_wan", "assets_wan", "nbs_industry"} of the latest annual report, or None"""
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200))
    contact_name: Mapped[str | None] = mapped_column(String(60))
    contact_phone: Mapped[str | None] = mapped_column(String(20), index=True)


class Policy(Base):
    """An insurance policy; `end_on` is the last day covered, `ended_early_on` the last day after an early end."""

    __tablename__ = "policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicants.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    start_on: Mapped[date]
    end_on: Mapped[date] = mapped_column(index=True)
    ended_early_on: Mapped[date | None]
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    premium_cents: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    applicant: Mapped[Applicant] = relationship()
    branch: Mapped[Branch] = relationship()
    insureds: Mapped[list[Insured]] = relationship(secondary="policy_insureds", order_by=Insured.id)
    years: Mapped[list["PolicyYear"]] = relationship(back_populates="policy", order_by="PolicyYear.no")


class PolicyInsured(Base):
    """Which insureds a policy names."""

    __tablename__ = "policy_insureds"

    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), primary_key=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), primary_key=True, index=True)


class PromisedService(Base):
    """How often a contract promises a service item to each of its insureds in a policy year (4, contract terms)."""

    __tablename__ = "promised_services"

    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(1), primary_key=True)
    """Letter a-g of clause 4"""
    per_year: Mapped[int]


class PolicyYear(Base):
    """A slice of at most twelve months of a policy (AMB-14); derived by rules.policy_years, written with the policy."""

    __tablename__ = "policy_years"
    __table_args__ = (UniqueConstraint("policy_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    no: Mapped[int]
    from_on: Mapped[date] = mapped_column(index=True)
    to_on: Mapped[date] = mapped_column(index=True)
    policy: Mapped[Policy] = relationship(back_populates="years")
