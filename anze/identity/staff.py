"""Staff sign in with a password; five wrong ones lock the name for fifteen minutes, whether or not anybody has it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.conversations.models import Channel
from anze.conversations.opening import open_conversation
from anze.errors import DomainError
from anze.identity import locks, sessions
from anze.identity.auth import SignedIn, Way, issue_to_staff, must_change
from anze.identity.models import Carrier, Role, Staff
from anze.identity.passwords import NOBODY


@dataclass(frozen=True)
class Checked:
    """A password that was compared, outside any transaction: with what hash, and whether it is the one."""

    against: str
    right: bool

    def opens(self, staff: Staff) -> bool:
        """Whether it is right still: the password may have been changed since it was compared."""
        return self.right and staff.password_hash == self.against


def stored_hash(session: Session, username: str) -> str:
    """What a password is checked against; for an unknown name a hash that takes as long to check."""
    found = session.scalar(select(Staff.password_hash).where(Staff.username == username))
    return found or NOBODY


def login(
    session: Session, username: str, checked: Checked, way: Way, *, demo: bool, now: datetime, real_now: datetime
) -> dict[str, Any] | DomainError:
    """A token for a staff conversation. A refusal is returned, not raised, so that the failure is counted.

    Of many guesses at once each is judged here, one after the other: after the fifth wrong one no right one counts.
    """
    lock = locks.held(session, f"staff|{username}")
    if minutes := locks.minutes_locked(lock, real_now):
        return DomainError("login_locked", 429, minutes=minutes)
    staff = session.scalar(select(Staff).where(Staff.username == username))
    if staff is None or not checked.opens(staff) or staff.left_at is not None or (staff.demo and not demo):
        left = locks.failed(lock, real_now)
        if left:
            return DomainError("login_failed", 401)
        return DomainError("login_locked", 429, minutes=locks.minutes_locked(lock, real_now))
    lock.failures = 0
    return come_in(session, staff, way, now=now, real_now=real_now)


def come_in(session: Session, staff: Staff, way: Way, *, now: datetime, real_now: datetime) -> dict[str, Any]:
    """A conversation and its token for somebody who has proved who they are: {"token", "role", "branch"}.

    With `"must_change": true` when the token opens nothing but the change of the password. Raises DomainError
    forbidden for a provider's person with a cookie: the console is the insurer's.
    """
    if way.carrier == Carrier.COOKIE and staff.role == Role.PROVIDER:
        raise DomainError("forbidden", 403)
    conversation = open_conversation(session, Channel.STAFF, now, staff_id=staff.id)
    conversation.branch_id = staff.branch_id
    token = issue_to_staff(session, conversation, staff, way, real_now)
    more = {"must_change": True} if must_change(staff, way.proof) else {}
    return {"token": token, "role": staff.role, "branch": staff.branch.name, **more}


def own_name(session: Session, me: SignedIn) -> str:
    """The user name of who asks. Raises DomainError forbidden for anybody who is no staff."""
    if me.staff_id is None:
        raise DomainError("forbidden", 403)
    return session.get_one(Staff, me.staff_id).username


def change_password(
    session: Session, me: SignedIn, checked: Checked, new_hash: str, *, now: datetime, real_now: datetime
) -> list[str] | DomainError:
    """Put the new password in the old one's place and end all other sessions; gives the talks to wake.

    A refusal is returned, so that it is counted: a wrong old password counts like one at the door.
    """
    staff = session.get_one(Staff, me.staff_id)
    if staff.demo:
        return DomainError("password_demo", 409)
    lock = locks.held(session, f"staff|{staff.username}")
    session.refresh(staff)  # another request may have changed it while this one waited for the lock
    if minutes := locks.minutes_locked(lock, real_now):
        return DomainError("login_locked", 429, minutes=minutes)
    if not checked.opens(staff):
        if locks.failed(lock, real_now):
            return DomainError("password_wrong", 422)
        return DomainError("login_locked", 429, minutes=locks.minutes_locked(lock, real_now))
    lock.failures = 0
    staff.password_hash, staff.must_change = new_hash, False
    actor = f"staff:{staff.id}"
    append(session, at=now, kind="staff.password_changed", subject=actor, actor=actor, body={})
    return sessions.end_all(session, staff.id, real_now, but=me.token_sha256)
