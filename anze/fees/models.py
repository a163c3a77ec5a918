"""Targets of provinces, budgets, the ledger (专门台账) and what is owed to providers (7.3). Amounts are cents."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch
from anze.policies.models import Policy
from anze.providers.models import Provider


class ProvinceTarget(Base):
    """The share of the premium that a province wants spent (预算目标比例); the highest version of a year counts."""

    __tablename__ = "province_targets"
    __table_args__ = (UniqueConstraint("province", "year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    version: Mapped[int]
    ratio_bp: Mapped[int]
    """Basis points: 1500 is 15 %"""
    document: Mapped[str] = mapped_column(String(120))
    """The notice that sets it"""
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(60))


class FeeBudget(Base):
    """The budget (专项预算) of a branch for a year and a province of its insureds; the highest version counts."""

    __tablename__ = "fee_budgets"
    __table_args__ = (UniqueConstraint("branch_id", "year", "province", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    year: Mapped[int]
    province: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(String(120))
    made_on: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()


class SupportItem(Base):
    """A piece of 相关技术支持工作 by its name; paid for only once somebody else has approved it."""

    __tablename__ = "support_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(60))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(60))


class RelatedParty(Base):
    """A firm related to an applicant or insured: what it is paid waits for a person."""

    __tablename__ = "related_parties"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    plain_name: Mapped[str] = mapped_column(String(120), index=True)
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    relation: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))


class LedgerEntry(Base):
    """One line of the ledger; never changed or removed. A reversal is a line of its own with the amount negative."""

    __tablename__ = "ledger_entries"
    __table_args__ = (Index("ix_ledger_entries_by_branch", "branch_id", "booked_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), index=True)
    booked_on: Mapped[date]
    payee: Mapped[str] = mapped_column(String(120))
    payee_uscc: Mapped[str | None] = mapped_column(String(18))
    account_tail: Mapped[str | None] = mapped_column(String(4))
    """The last digits of the account; the whole is the bank's business"""
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(10))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"), index=True)
    support_id: Mapped[int | None] = mapped_column(ForeignKey("support_items.id"))
    note: Mapped[str] = mapped_column(String(300))
    held_for: Mapped[str | None] = mapped_column(String(20))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), unique=True)
    source_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """What tells an imported line from all others: the same file again adds nothing"""
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(60))
    branch: Mapped[Branch] = relationship()
    policy: Mapped[Policy] = relationship()

    @property
    def number(self) -> str:
        """How people name it, e.g. TZ00000123."""
        return f"TZ{self.id:08d}"


class LedgerDecision(Base):
    """What a supervisor decided about an entry that was held; never changed."""

    __tablename__ = "ledger_decisions"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(60))


class LedgerVoucher(Base):
    """A voucher (凭证) of an entry by its number; never changed."""

    __tablename__ = "ledger_vouchers"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    number: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))


class Payable(Base):
    """What a provider is owed for a service, by which day (及时支付, 不得拖欠); paid by exactly one entry."""

    __tablename__ = "payables"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="positive"),
        Index("ix_payables_open", "branch_id", "paid_entry_id", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), unique=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date]
    terms: Mapped[str] = mapped_column(String(300))
    """What was agreed about paying (7.3: 协商一致)"""
    late_reason: Mapped[str | None] = mapped_column(String(300))
    paid_entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(60))
    provider: Mapped[Provider] = relationship()
    branch: Mapped[Branch] = relationship()
