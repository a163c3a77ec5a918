"""Staff sign in with a password; five wrong ones lock the name for fifteen minutes."""

from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.conversations.models import Channel
from anze.conversations.usecases import open_conversation
from anze.errors import DomainError
from anze.identity.auth import issue
from anze.identity.models import Staff

TRIES = 5
LOCKS = timedelta(minutes=15)
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


def login(
    session: Session, username: str, password: str, *, demo: bool, now: datetime, real_now: datetime
) -> dict[str, Any] | DomainError:
    """A token for a staff conversation. A refusal is returned, not raised, so that the failure is counted."""
    staff = session.scalar(select(Staff).where(Staff.username == username).with_for_update())
    if staff is not None and staff.locked_until is not None and real_now < staff.locked_until:
        minutes = int((staff.locked_until - real_now).total_seconds() // 60) + 1
        return DomainError("login_locked", 429, minutes=minutes)
    right = _verified(staff.password_hash if staff else _NOBODY, password)
    usable = staff is not None and staff.left_at is None and (demo or not staff.demo)
    if staff is None or not right or not usable:
        if staff is not None:
            _count(staff, real_now)
        return DomainError("login_failed", 401)
    staff.failures, staff.locked_until = 0, None
    conversation = open_conversation(session, Channel.STAFF, now, staff_id=staff.id)
    conversation.branch_id = staff.branch_id
    return {"token": issue(session, conversation, real_now), "role": staff.role, "branch": staff.branch.name}


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False


def _count(staff: Staff, real_now: datetime) -> None:
    staff.failures += 1
    if staff.failures >= TRIES:
        staff.failures, staff.locked_until = 0, real_now + LOCKS
