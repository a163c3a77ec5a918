"""One-time codes: six digits, ten minutes, five tries for what is claimed, then a lock of fifteen minutes."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage, OutboxState
from anze.errors import DomainError
from anze.identity import locks
from anze.identity.auth import sha256
from anze.identity.models import Challenge, ChallengePurpose, GuessLock
from anze.texts import text as say

LIVES = timedelta(minutes=10)
DIGITS = 6
SENDS = 5
"""Codes that may be asked for one claim within locks.LOCKS."""


@dataclass(frozen=True)
class Claim:
    """What somebody says who they are, and what is true of it: `subject` None and `phone` None when nothing is."""

    purpose: ChallengePurpose
    pair: str
    subject: dict[str, Any] | None
    phone: str | None


class Codes:
    """Sends and checks codes. The answer is the same whether or not the claim is true; so are the rows written."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo

    def send(self, session: Session, conversation_id: str, claim: Claim, now: datetime) -> dict[str, Any]:
        """Send a code to the phone on file; {"demo_code"} with demo data, else {}. Raises code_locked, rate_limited."""
        lock = locks.held(session, claim.pair)
        if minutes := locks.minutes_locked(lock, now):
            raise DomainError("code_locked", 429, minutes=minutes)
        if lock.sent_since is None or now - lock.sent_since >= locks.LOCKS:
            lock.sent, lock.sent_since = 0, now
        if lock.sent >= SENDS:
            left = int((lock.sent_since + locks.LOCKS - now).total_seconds()) + 1
            raise DomainError("rate_limited", 429, seconds=left)
        lock.sent += 1
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        challenge = Challenge(
            conversation_id=conversation_id,
            purpose=claim.purpose,
            pair_sha256=lock.key_sha256,
            subject=claim.subject,
            code_sha256=sha256(code),
            created_at=now,
            expires_at=now + LIVES,
        )
        session.add(challenge)
        session.flush()
        session.add(_message(challenge, claim.phone, code, now))
        return {"demo_code": code} if self._demo else {}

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
        lock = session.get_one(GuessLock, challenge.pair_sha256, with_for_update=True)
        session.refresh(challenge)  # another request may have used it while this one waited for the lock
        if minutes := locks.minutes_locked(lock, now):
            return DomainError("code_locked", 429, minutes=minutes)
        if challenge.done_at is not None or now >= challenge.expires_at:
            return DomainError("code_expired", 422)
        right = hmac.compare_digest(sha256(code.strip()), challenge.code_sha256)
        if right and challenge.subject is not None:
            lock.failures = 0
            challenge.done_at = now
            return challenge
        left = locks.failed(lock, now)
        if left:
            return DomainError("code_wrong", 422, left=left)
        return DomainError("code_locked", 429, minutes=locks.minutes_locked(lock, now))


def _message(challenge: Challenge, phone: str | None, code: str, now: datetime) -> OutboxMessage:
    """The code on its way; without a phone a row that nobody sends: a false claim costs what a true one does."""
    return OutboxMessage(
        channel="sms",
        subject=f"challenge:{challenge.id}",
        step="code",
        recipient=phone or "",
        text=say("identity.sms_code", code=code) if phone else "",
        body={},
        state=OutboxState.QUEUED if phone else OutboxState.VOID,
        due_at=now,
    )
