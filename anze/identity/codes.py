"""One-time codes: six digits, ten minutes, five tries for a pair of claims, then a lock of fifteen minutes."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage
from anze.errors import DomainError
from anze.identity.auth import sha256
from anze.identity.models import Challenge, ChallengeLock, ChallengePurpose
from anze.texts import text as say

LIVES = timedelta(minutes=10)
LOCKS = timedelta(minutes=15)
TRIES = 5
SENDS = 5
"""Codes that may be asked for one pair within LOCKS."""


@dataclass(frozen=True)
class Claim:
    """What somebody says who they are, and what is true of it: `subject` None and `phone` None when nothing is."""

    purpose: ChallengePurpose
    pair: str
    subject: dict[str, Any] | None
    phone: str | None


class Codes:
    """Sends and checks codes. The answer is the same whether or not the claim is true; so is the work done."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo

    def send(self, session: Session, conversation_id: str, claim: Claim, now: datetime) -> dict[str, Any]:
        """Send a code to the phone on file; {"demo_code"} with demo data, else {}. Raises code_locked, rate_limited."""
        lock = _lock(session, claim.pair, now)
        if lock.sent_since is None or now - lock.sent_since >= LOCKS:
            lock.sent, lock.sent_since = 0, now
        if lock.sent >= SENDS:
            left = int((lock.sent_since + LOCKS - now).total_seconds()) + 1
            raise DomainError("rate_limited", 429, seconds=left)
        lock.sent += 1
        code = f"{secrets.randbelow(10**6):06d}"
        challenge = Challenge(
            conversation_id=conversation_id,
            purpose=claim.purpose,
            pair_sha256=lock.pair_sha256,
            subject=claim.subject,
            code_sha256=sha256(code),
            created_at=now,
            expires_at=now + LIVES,
        )
        session.add(challenge)
        session.flush()
        if claim.phone is not None:
            self._text(session, challenge, claim.phone, code, now)
        return {"demo_code": code} if self._demo else {}

    def _text(self, session: Session, challenge: Challenge, phone: str, code: str, now: datetime) -> None:
        session.add(
            OutboxMessage(
                channel="sms",
                subject=f"challenge:{challenge.id}",
                step="code",
                recipient=phone,
                text=say("identity.sms_code", code=code),
                body={},
                due_at=now,
            )
        )

    def check(
        self, session: Session, conversation_id: str, purpose: ChallengePurpose, code: str, now: datetime
    ) -> Challenge | DomainError:
        """The opened challenge, or the refusal to be raised *after* the failure was committed."""
        challenge = session.scalar(
            select(Challenge)
            .where(
                Challenge.conversation_id == conversation_id,
                Challenge.purpose == purpose,
                Challenge.done_at.is_(None),
            )
            .order_by(Challenge.id.desc())
            .limit(1)
        )
        if challenge is None:
            return DomainError("code_expired", 422)
        lock = session.get_one(ChallengeLock, challenge.pair_sha256, with_for_update=True)
        if (refusal := _locked(lock, now)) is not None:
            return refusal
        if now >= challenge.expires_at:
            return DomainError("code_expired", 422)
        right = hmac.compare_digest(sha256(code.strip()), challenge.code_sha256)
        if not right or challenge.subject is None:
            return _failed(lock, now)
        lock.failures = 0
        challenge.done_at = now
        return challenge


def _lock(session: Session, pair: str, now: datetime) -> ChallengeLock:
    """The lock row of a pair. Raises DomainError code_locked."""
    key = sha256(pair)
    lock = session.get(ChallengeLock, key, with_for_update=True)
    if lock is None:
        lock = ChallengeLock(pair_sha256=key, failures=0, sent=0)
        session.add(lock)
        session.flush()
    if (refusal := _locked(lock, now)) is not None:
        raise refusal
    return lock


def _locked(lock: ChallengeLock, now: datetime) -> DomainError | None:
    if lock.locked_until is None or now >= lock.locked_until:
        return None
    minutes = int((lock.locked_until - now).total_seconds() // 60) + 1
    return DomainError("code_locked", 429, minutes=minutes)


def _failed(lock: ChallengeLock, now: datetime) -> DomainError:
    lock.failures += 1
    if lock.failures < TRIES:
        return DomainError("code_wrong", 422, left=TRIES - lock.failures)
    lock.failures = 0
    lock.locked_until = now + LOCKS
    return DomainError("code_locked", 429, minutes=int(LOCKS.total_seconds() // 60))
