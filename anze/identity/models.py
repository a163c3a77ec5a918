"""Branches, staff, persons, what they may act for, sessions, and the steps by which they prove who they are."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base


class BranchLevel(StrEnum):
    """总公司 · 省级 · 地市级 · 县级."""

    HEAD = "head"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Branch(Base):
    """A branch of the insurer (分支机构, 7.1). `path` holds the ids from the root, `/1/4/9/`, for scope by prefix."""

    __tablename__ = "branches"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    path: Mapped[str] = mapped_column(String(200), index=True)
    level: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100), unique=True)
    short_name: Mapped[str] = mapped_column(String(40))
    province: Mapped[str | None] = mapped_column(String(40))
    city: Mapped[str | None] = mapped_column(String(40))
    hotline: Mapped[str] = mapped_column(String(40))
    hours: Mapped[str] = mapped_column(String(80))


class Role(StrEnum):
    """投诉处理员 · 服务管理员 · 上级/高管 · 审计员 · 管理员 · 服务机构人员."""

    INTAKE = "intake"
    SERVICE = "service"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"
    PROVIDER = "provider"


class Staff(Base):
    """Somebody who signs in with a password. A provider's person belongs to `provider_id`, the others to a branch."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(20))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    phone: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The password was given by somebody else: a sign-in with it may only change it"""
    demo: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    branch: Mapped[Branch] = relationship()


class Person(Base):
    """Somebody on the insured's side; reached by phone, in time also by an openid.

    A phone that was only named (by an invited colleague) proves nothing: such a person is never found by the phone,
    so that nobody becomes another by naming the other's number.
    """

    __tablename__ = "persons"
    __table_args__ = (
        Index(
            "uq_persons_proved_phone",
            "phone",
            unique=True,
            sqlite_where=text("phone_proved_at IS NOT NULL"),
            postgresql_where=text("phone_proved_at IS NOT NULL"),
        ),
        Index("ix_persons_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20))
    phone_proved_at: Mapped[datetime | None]
    """When a code sent to the phone came back; at most one person has proved a phone."""
    created_at: Mapped[datetime]


class RightKind(StrEnum):
    """主联系人 · 同事 · 投保人 · 代理人."""

    MAIN_CONTACT = "main_contact"
    COLLEAGUE = "colleague"
    APPLICANT = "applicant"
    AGENT = "agent"


class Right(Base):
    """A person acts for an insured, or for an applicant and so for all insureds of its policies. Ended, not deleted."""

    __tablename__ = "rights"
    __table_args__ = (CheckConstraint("(insured_id IS NULL) <> (applicant_id IS NULL)", name="one_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    insured_id: Mapped[int | None] = mapped_column(ForeignKey("insureds.id"), index=True)
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("applicants.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    proof: Mapped[str] = mapped_column(String(40))
    """code | invite | staff"""
    granted_at: Mapped[datetime]
    granted_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(40))
    person: Mapped[Person] = relationship()


class Carrier(StrEnum):
    """How a token travels; one is never taken the other way."""

    BEARER = "bearer"
    COOKIE = "cookie"


class Proof(StrEnum):
    """By what a staff member signed in."""

    PASSWORD = "password"  # noqa: S105 - names the kind, is none
    OIDC = "oidc"


class SignIn(Base):
    """A token, kept as its SHA-256; it stands for one conversation (and a staff member, for staff)."""

    __tablename__ = "sign_ins"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    carrier: Mapped[str] = mapped_column(String(10), default=Carrier.BEARER, server_default=Carrier.BEARER)
    proof: Mapped[str | None] = mapped_column(String(10))
    """Of staff; None: a visitor, whom a token alone makes known"""
    seen_at: Mapped[datetime | None]
    """Of staff, by the machine's clock and to the minute: when it was last used"""
    idle_until: Mapped[datetime | None]
    """It ends then unless it is used before; None: only `expires_at` ends it"""
    agent: Mapped[str | None] = mapped_column(String(200))
    """The browser as it names itself, so that somebody knows the own sessions apart"""


class OidcFlow(Base):
    """A sign-in under way at the issuer. Taken once, by the browser that began it."""

    __tablename__ = "oidc_flows"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_sha256: Mapped[str] = mapped_column(String(64))
    """Digest of a cookie of the browser that began"""
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    """PKCE's (RFC 7636)"""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ChallengePurpose(StrEnum):
    BIND = "bind"
    COMPLAINT = "complaint"


class Challenge(Base):
    """A one-time code on its way. For a pair that does not exist the row is kept all the same, without a subject."""

    __tablename__ = "challenges"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    pair_sha256: Mapped[str] = mapped_column(String(64), index=True)
    """Digest of what was claimed together (policy and phone, or complaint number): the key of the lock."""
    subject: Mapped[dict[str, Any] | None]
    """What a right code opens: {"policy_id", "phone"} or {"complaint_id"}; None: nothing."""
    code_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class GuessLock(Base):
    """Wrong guesses at one key (what is claimed together with a code, a staff name), and codes sent for it."""

    __tablename__ = "guess_locks"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    sent: Mapped[int] = mapped_column(default=0)
    sent_since: Mapped[datetime | None]


class RequestState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class RightRequest(Base):
    """Somebody without the phone on file asks to act for a firm: the main contact (colleague) or staff decide."""

    __tablename__ = "right_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    insured_id: Mapped[int | None] = mapped_column(ForeignKey("insureds.id"))
    policy_no: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), default=RequestState.WAITING)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decision_reason: Mapped[str | None] = mapped_column(Text)


class Invitation(Base):
    """A link by which the main contact lets in one colleague; used once, expires."""

    __tablename__ = "invitations"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))


class DeniedRead(Base):
    """Somebody asked for what is not theirs; kept for the auditor, without the content."""

    __tablename__ = "denied_reads"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
