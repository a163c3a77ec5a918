"""What the operator names in words when the first users are made; the head office of a database that has none."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.errors import DomainError
from anze.identity.administration import OPERATOR
from anze.identity.models import Branch, BranchLevel, Role
from anze.providers.models import Provider
from anze.texts import text as say


def role_named(name: str) -> Role:
    """Raises DomainError user_role."""
    try:
        return Role(name)
    except ValueError as error:
        raise DomainError("user_role", 422, roles="、".join(Role)) from error


def branch_for(session: Session, name: str | None, hotline: str | None, hours: str | None, now: datetime) -> Branch:
    """The branch of this name, the head office without one; in a database without branches it becomes the head office.

    Raises DomainError branch_unknown; head_office_needed when the first branch has no name or no telephone number.
    """
    if session.scalar(select(Branch.id).limit(1)) is None:
        return _head_office(session, name, hotline, hours, now)
    wanted = Branch.name == name if name else Branch.level == BranchLevel.HEAD
    row = session.scalar(select(Branch).where(wanted))
    if row is None:
        raise DomainError("branch_unknown", 422, name=name or "")
    return row


def _head_office(session: Session, name: str | None, hotline: str | None, hours: str | None, now: datetime) -> Branch:
    if not name or not hotline:
        raise DomainError("head_office_needed", 409)
    if any(len(text or "") > most for text, most in ((name, 100), (hotline, 40), (hours, 80))):
        raise DomainError("head_office_long", 422)
    row = Branch(
        path="/",
        level=BranchLevel.HEAD,
        name=name,
        short_name=name[:40],
        hotline=hotline,
        hours=hours or say("identity.cli.office_hours"),
    )
    session.add(row)
    session.flush()
    row.path = f"/{row.id}/"
    append(session, at=now, kind="branch.founded", subject=f"branch:{row.id}", actor=OPERATOR.actor, body={})
    return row


def provider_named(session: Session, name: str | None) -> int | None:
    """The id of the provider with this name; None without a name. Raises DomainError provider_unknown."""
    if not name:
        return None
    found = session.scalar(select(Provider.id).where(Provider.name == name))
    if found is None:
        raise DomainError("provider_unknown", 422, name=name)
    return found
