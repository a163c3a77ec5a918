"""Bearer tokens: issued once, kept as a digest, looked up at every request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.models import SignIn, Staff

VISITOR_DAYS = 90
STAFF_HOURS = 12


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class SignedIn:
    """Whose request it is: a conversation, and the staff member whose conversation it is, if any."""

    conversation_id: str
    staff_id: int | None


def issue(session: Session, conversation: Conversation, real_now: datetime) -> str:
    """A new token for a conversation. `real_now` is the machine's clock: tokens do not follow a demo clock."""
    token = secrets.token_urlsafe(32)
    lives = timedelta(hours=STAFF_HOURS) if conversation.staff_id else timedelta(days=VISITOR_DAYS)
    session.add(
        SignIn(
            token_sha256=sha256(token),
            conversation_id=conversation.id,
            staff_id=conversation.staff_id,
            created_at=real_now,
            expires_at=real_now + lives,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, authorization: str | None, real_now: datetime) -> SignedIn:
    """Who sends this Authorization header. Raises DomainError unauthorised."""
    kind, _, token = (authorization or "").partition(" ")
    found = session.get(SignIn, sha256(token.strip())) if kind.lower() == "bearer" and token else None
    if found is None or found.revoked_at is not None or found.expires_at <= real_now:
        raise DomainError("unauthorised", 401)
    if found.staff_id is not None and session.get_one(Staff, found.staff_id).left_at is not None:
        raise DomainError("unauthorised", 401)
    return SignedIn(found.conversation_id, found.staff_id)
