"""Users of the insurer's staff: added, reset, moved, given another role, gone. Who does it is on record, nobody's data.

Whoever acts does so within the own branch tree and never on the own account; the operator at the command line has no
account and the whole tree.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append
from anze.clock import iso
from anze.errors import DomainError
from anze.identity import locks, sessions
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.speaker import Speaker
from anze.providers.models import Provider

_NAME_LENGTH = 60
_PHONE = re.compile(r"[0-9]{7,20}")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,59}")


@dataclass(frozen=True)
class Admin:
    """Who manages users: how records name them, which part of the branch tree, which account is their own."""

    actor: str
    branch_path: str
    staff_id: int | None = None


OPERATOR = Admin("operator", "/")


def admin_of(speaker: Speaker) -> Admin:
    return Admin(speaker.actor, speaker.branch_path or "-", speaker.staff_id)


@dataclass(frozen=True)
class NewUser:
    """What is known of somebody who starts; `provider_id` goes with the role of a provider's person and no other."""

    username: str
    name: str
    role: Role
    branch_id: int
    provider_id: int | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Filter:
    """`text`: part of the user name or name."""

    role: Role | None = None
    branch_id: int | None = None
    gone: bool = False
    text: str = ""
    page: int = 1
    size: int = 50


def users(session: Session, admin: Admin, wanted: Filter) -> dict[str, Any]:
    """Users of the admin's branches by user name: {"items", "total", "page"}."""
    query = _in_tree(admin).where(Staff.left_at.is_not(None) if wanted.gone else Staff.left_at.is_(None))
    if wanted.role is not None:
        query = query.where(Staff.role == wanted.role)
    if wanted.branch_id is not None:
        query = query.where(Staff.branch_id == wanted.branch_id)
    if wanted.text:
        named = (column.contains(wanted.text, autoescape=True) for column in (Staff.username, Staff.name))
        query = query.where(or_(*named))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Staff.username).offset((wanted.page - 1) * wanted.size).limit(wanted.size)
    rows = session.scalars(ordered.options(joinedload(Staff.branch)))
    return {"items": [view(row) for row in rows], "total": total, "page": wanted.page}


def branches(session: Session, admin: Admin) -> dict[str, Any]:
    """The branches to which the admin may put somebody, from the top: {"items", "total", "page"}."""
    rows = session.scalars(
        select(Branch).where(Branch.path.startswith(admin.branch_path, autoescape=True)).order_by(Branch.path)
    )
    items = [{"id": row.id, "name": row.name, "level": row.level, "parent_id": row.parent_id} for row in rows]
    return {"items": items, "total": len(items), "page": 1}


def view(row: Staff) -> dict[str, Any]:
    return {
        "username": row.username,
        "name": row.name,
        "role": row.role,
        "branch": {"id": row.branch_id, "name": row.branch.name},
        "provider_id": row.provider_id,
        "must_change": row.must_change,
        "demo": row.demo,
        "left_at": iso(row.left_at),
    }


def add(session: Session, admin: Admin, new: NewUser, password_hash: str, now: datetime) -> Staff:
    """A new user, whose password must be changed at the first sign-in.

    Raises DomainError user_name, user_person, user_exists, user_provider, not_found (DeniedError for a branch out of
    the tree).
    """
    if not _USERNAME.fullmatch(new.username):
        raise DomainError("user_name", 422)
    named = bool(new.name.strip()) and len(new.name) <= _NAME_LENGTH
    if not named or (new.phone is not None and not _PHONE.fullmatch(new.phone)):
        raise DomainError("user_person", 422)
    branch = _branch(session, admin, new.branch_id)
    _check_provider(session, new.role, new.provider_id)
    locks.held(session, f"staff|{new.username}")  # of two that add the same name the second sees the first
    if session.scalar(select(Staff.id).where(func.lower(Staff.username) == new.username.lower())) is not None:
        raise DomainError("user_exists", 409)
    row = Staff(
        username=new.username,
        name=new.name,
        role=new.role,
        branch=branch,
        provider_id=new.provider_id,
        phone=new.phone,
        password_hash=password_hash,
        must_change=True,
        demo=False,
    )
    session.add(row)
    session.flush()
    _keep(session, admin, row, "added", {"role": str(new.role), "branch_id": branch.id}, now)
    return row


def reset(
    session: Session, admin: Admin, username: str, password_hash: str, *, now: datetime, real_now: datetime
) -> list[str]:
    """A password that must be changed in place of the old one; all sessions end. Gives the talks to wake.

    Raises as `_other`; password_demo for a demo login, whose password is everybody's.
    """
    row = _other(session, admin, username)
    if row.demo:
        raise DomainError("password_demo", 409)
    row.password_hash, row.must_change = password_hash, True
    _keep(session, admin, row, "reset", {}, now)
    return sessions.end_all(session, row.id, real_now)


def leave(session: Session, admin: Admin, username: str, *, now: datetime, real_now: datetime) -> list[str]:
    """The person is gone: no sign-in any more, all sessions end. Gives the talks to wake. Raises as `_other`."""
    row = _other(session, admin, username)
    row.left_at = now
    _keep(session, admin, row, "left", {}, now)
    return sessions.end_all(session, row.id, real_now)


def move(
    session: Session, admin: Admin, username: str, branch_id: int, *, now: datetime, real_now: datetime
) -> list[str]:
    """To another branch of the admin's tree; all sessions end. Gives the talks to wake. Raises as `_other`."""
    row, branch = _other(session, admin, username), _branch(session, admin, branch_id)
    if row.branch_id == branch.id:
        return []
    before, row.branch = row.branch_id, branch
    _keep(session, admin, row, "moved", {"from": before, "to": branch.id}, now)
    return sessions.end_all(session, row.id, real_now)


def give_role(
    session: Session, admin: Admin, username: str, role: Role, provider_id: int | None, *, now: datetime,
    real_now: datetime,
) -> list[str]:  # fmt: skip
    """Another role; all sessions end. Gives the talks to wake. Raises as `_other`; user_provider."""
    row = _other(session, admin, username)
    _check_provider(session, role, provider_id)
    if (row.role, row.provider_id) == (role, provider_id):
        return []
    before, row.role, row.provider_id = row.role, role, provider_id
    _keep(session, admin, row, "role", {"from": str(before), "to": str(role)}, now)
    return sessions.end_all(session, row.id, real_now)


def _in_tree(admin: Admin) -> Select[tuple[Staff]]:
    path = Branch.path.startswith(admin.branch_path, autoescape=True)
    return select(Staff).join(Branch, Branch.id == Staff.branch_id).where(path)


def _other(session: Session, admin: Admin, username: str) -> Staff:
    """Somebody else of the admin's tree who is still here, held until the transaction ends.

    Raises DomainError not_found (DeniedError for somebody out of the tree), user_self, user_left.
    """
    row = session.scalar(select(Staff).where(Staff.username == username).with_for_update())
    if row is None:
        raise DomainError("not_found", 404)
    if not row.branch.path.startswith(admin.branch_path):
        raise DeniedError(admin.actor, f"staff:{row.id}")
    if row.id == admin.staff_id:
        raise DomainError("user_self", 403)
    if row.left_at is not None:
        raise DomainError("user_left", 409)
    return row


def _branch(session: Session, admin: Admin, branch_id: int) -> Branch:
    row = session.get(Branch, branch_id)
    if row is None:
        raise DomainError("not_found", 404)
    if not row.path.startswith(admin.branch_path):
        raise DeniedError(admin.actor, f"branch:{branch_id}")
    return row


def _check_provider(session: Session, role: Role, provider_id: int | None) -> None:
    """A provider's person has a provider, nobody else has. Raises DomainError user_provider."""
    there = provider_id is not None and session.get(Provider, provider_id) is not None
    if there is not (role == Role.PROVIDER) or (provider_id is not None and not there):
        raise DomainError("user_provider", 422)


def _keep(session: Session, admin: Admin, row: Staff, what: str, body: dict[str, Any], now: datetime) -> None:
    append(session, at=now, kind=f"staff.{what}", subject=f"staff:{row.id}", actor=admin.actor, body=body)
