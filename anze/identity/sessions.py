"""The sessions of a staff member: seen and ended by themselves, ended by what changes who they are."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import iso
from anze.errors import DomainError
from anze.identity.auth import SignedIn, is_live
from anze.identity.models import SignIn

_ID = 16
"""Of the digest's 64 digits: enough to tell one's own sessions apart, and nothing to sign in with."""


def own(session: Session, me: SignedIn, real_now: datetime) -> dict[str, Any]:
    """The live sessions of who asks, the last used first: {"items", "total", "page"}."""
    rows = sorted(_live(session, me.staff_id, real_now), key=lambda row: row.seen_at or row.created_at, reverse=True)
    return {"items": [_view(row, me) for row in rows], "total": len(rows), "page": 1}


def _view(row: SignIn, me: SignedIn) -> dict[str, Any]:
    ends = min(row.expires_at, row.idle_until or row.expires_at)
    return {
        "id": row.token_sha256[:_ID],
        "current": row.token_sha256 == me.token_sha256,
        "carrier": row.carrier,
        "proof": row.proof,
        "agent": row.agent,
        "since": row.created_at.astimezone(UTC).isoformat(),
        "seen_at": iso(row.seen_at),
        "ends_at": ends.isoformat(),
    }


def end_one(session: Session, me: SignedIn, id_: str, real_now: datetime) -> list[str]:
    """End one of one's own sessions. Gives the talks to wake. Raises DomainError not_found."""
    rows = [row for row in _live(session, me.staff_id, real_now) if row.token_sha256[:_ID] == id_]
    if not rows:
        raise DomainError("not_found", 404)
    return _end(rows, real_now)


def end_current(session: Session, me: SignedIn, real_now: datetime) -> list[str]:
    """Sign out. Gives the talks to wake."""
    return _end([session.get_one(SignIn, me.token_sha256)], real_now)


def end_all(session: Session, staff_id: int | None, real_now: datetime, *, but: str | None = None) -> list[str]:
    """End the sessions of a staff member, all or all but the one with this digest. Gives the talks to wake."""
    return _end([row for row in _live(session, staff_id, real_now) if row.token_sha256 != but], real_now)


def _live(session: Session, staff_id: int | None, real_now: datetime) -> list[SignIn]:
    if staff_id is None:
        raise DomainError("forbidden", 403)
    rows = session.scalars(
        select(SignIn).where(SignIn.staff_id == staff_id, SignIn.revoked_at.is_(None)).order_by(SignIn.created_at)
    )
    return [row for row in rows if is_live(row, real_now)]


def _end(rows: list[SignIn], real_now: datetime) -> list[str]:
    for row in rows:
        row.revoked_at = real_now
    return [row.conversation_id for row in rows]
