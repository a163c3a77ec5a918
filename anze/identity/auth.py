"""Tokens: issued once, kept as a digest, looked up at every request, whether a header or a cookie brings them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.models import Carrier, Proof, Role, SignIn, Staff

VISITOR_DAYS = 90
STAFF_HOURS = 12
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is known: each note of it is a write."""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Shown:
    """What a request shows: its Authorization header and the console's cookie, of which the header counts if there.

    `own`: it reads only, or our own page sent it, so that a cookie (which browsers add by themselves) may be believed.
    """

    authorization: str | None = None
    cookie: str | None = None
    own: bool = False


@dataclass(frozen=True)
class Way:
    """How a staff member came in: by what, what carries the token, how long it may lie idle, the browser's name."""

    idle: timedelta
    carrier: Carrier = Carrier.BEARER
    proof: Proof = Proof.PASSWORD
    agent: str = ""


@dataclass(frozen=True)
class SignedIn:
    """Whose request it is: a conversation, and the staff member whose conversation it is, if any."""

    conversation_id: str
    staff_id: int | None
    token_sha256: str = ""
    unnoted: bool = False
    """Its last use is to be noted (`note_use`)"""


def issue(session: Session, conversation: Conversation, real_now: datetime) -> str:
    """A new token for a visitor's conversation. `real_now` is the machine's clock: tokens follow no demo clock."""
    token, row = _fresh(conversation.id, real_now, timedelta(days=VISITOR_DAYS))
    session.add(row)
    session.flush()
    return token


def issue_to_staff(session: Session, conversation: Conversation, staff: Staff, way: Way, real_now: datetime) -> str:
    """A new token for a staff member's conversation.

    A provider's person has no idle limit: the phone page works for hours without a line, and then hands in all.
    """
    token, row = _fresh(conversation.id, real_now, timedelta(hours=STAFF_HOURS))
    row.staff_id = staff.id
    row.carrier, row.proof, row.seen_at = way.carrier, way.proof, real_now
    row.idle_until = None if staff.role == Role.PROVIDER else real_now + way.idle
    row.agent = way.agent or None
    session.add(row)
    session.flush()
    return token


def _fresh(conversation_id: str, real_now: datetime, lives: timedelta) -> tuple[str, SignIn]:
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_sha256=sha256(token),
        conversation_id=conversation_id,
        carrier=Carrier.BEARER,
        created_at=real_now,
        expires_at=real_now + lives,
    )
    return token, row


def signed_in(session: Session, shown: Shown, real_now: datetime, *, to_change: bool = False) -> SignedIn:
    """Who sends a request. `to_change`: it is the one that changes the password.

    Raises DomainError unauthorised; cross_site for a cookie that another site may have made the browser send;
    password_must_change for any other request of somebody whose password was given by another.
    """
    found = _sign_in(session, shown)
    if found is None or not is_live(found, real_now):
        raise DomainError("unauthorised", 401)
    if found.carrier == Carrier.COOKIE and not shown.own:
        raise DomainError("cross_site", 403)
    if found.staff_id is None:
        return SignedIn(found.conversation_id, None, found.token_sha256)
    staff = session.get_one(Staff, found.staff_id)
    if staff.left_at is not None:
        raise DomainError("unauthorised", 401)
    if must_change(staff, found.proof) and not to_change:
        raise DomainError("password_must_change", 403)
    unnoted = found.seen_at is None or real_now - found.seen_at >= SEEN_EVERY
    return SignedIn(found.conversation_id, found.staff_id, found.token_sha256, unnoted)


def _sign_in(session: Session, shown: Shown) -> SignIn | None:
    """The row of the token that is shown, if it came the way it was issued for."""
    if shown.authorization is not None:
        kind, _, token = shown.authorization.partition(" ")
        token, carrier = token.strip() if kind.lower() == "bearer" else "", Carrier.BEARER
    else:
        token, carrier = shown.cookie or "", Carrier.COOKIE
    found = session.get(SignIn, sha256(token)) if token else None
    return found if found is not None and found.carrier == carrier else None


def is_live(row: SignIn, real_now: datetime) -> bool:
    """Whether it has neither been ended nor run out, nor lain idle for too long."""
    idle = row.idle_until is not None and row.idle_until <= real_now
    return row.revoked_at is None and row.expires_at > real_now and not idle


def must_change(staff: Staff, proof: str | None) -> bool:
    """Whether this sign-in may do nothing but change the password. A demo's password is everybody's and stays."""
    return staff.must_change and not staff.demo and proof != Proof.OIDC


def note_use(session: Session, token_sha256: str, idle: timedelta, real_now: datetime) -> None:
    """The session was used: its idle limit begins anew, if it has one."""
    mine = SignIn.token_sha256 == token_sha256
    session.execute(update(SignIn).where(mine).values(seen_at=real_now))
    session.execute(update(SignIn).where(mine, SignIn.idle_until.is_not(None)).values(idle_until=real_now + idle))
