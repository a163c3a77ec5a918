"""Staff sign in with a password; five wrong ones lock the name for fifteen minutes, whether or not anybody has it."""

from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.conversations.models import Channel
from anze.conversations.opening import open_conversation
from anze.errors import DomainError
from anze.identity import locks
from anze.identity.auth import issue
from anze.identity.models import Staff

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


def stored_hash(session: Session, username: str) -> str:
    """What a password is checked against; for an unknown name a hash that takes as long to check."""
    found = session.scalar(select(Staff.password_hash).where(Staff.username == username))
    return found or _NOBODY


def matches(password_hash: str, password: str) -> bool:
    """Whether it is the password. Slow on purpose: to be called outside any transaction."""
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False


def login(
    session: Session, username: str, *, right: bool, demo: bool, now: datetime, real_now: datetime
) -> dict[str, Any] | DomainError:
    """A token for a staff conversation. A refusal is returned, not raised, so that the failure is counted.

    Of many guesses at once each is judged here, one after the other: after the fifth wrong one no right one counts.
    """
    lock = locks.held(session, f"staff|{username}")
    if minutes := locks.minutes_locked(lock, real_now):
        return DomainError("login_locked", 429, minutes=minutes)
    staff = session.scalar(select(Staff).where(Staff.username == username))
    if staff is None or not right or staff.left_at is not None or (staff.demo and not demo):
        left = locks.failed(lock, real_now)
        if left:
            return DomainError("login_failed", 401)
        return DomainError("login_locked", 429, minutes=locks.minutes_locked(lock, real_now))
    lock.failures = 0
    conversation = open_conversation(session, Channel.STAFF, now, staff_id=staff.id)
    conversation.branch_id = staff.branch_id
    return {"token": issue(session, conversation, real_now), "role": staff.role, "branch": staff.branch.name}
