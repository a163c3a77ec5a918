"""Managers of branches and their yearly training (7.1)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.audit.chain import append
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.speaker import Speaker
from anze.management.models import Manager, ManagerTraining

KEEPS = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.SERVICE})


def named(
    session: Session, speaker: Speaker, name: str, department: str, from_on: date, branch_id: int | None, now: datetime
) -> Manager:
    """A manager of a branch who is none of it then. Raises forbidden, not_found, manager_overlap (409); DeniedError."""
    branch = own_branch(session, speaker, branch_id)
    # Two presses at once must not both find nobody; a reference to the branch may still be written meanwhile.
    session.get(Branch, branch, with_for_update={"key_share": True}, populate_existing=True)
    still = or_(Manager.to_on.is_(None), Manager.to_on >= from_on)
    if session.scalar(select(Manager.id).where(Manager.branch_id == branch, Manager.name == name, still)):
        raise DomainError("manager_overlap", 409)
    row = Manager(
        branch_id=branch, name=name, department=department, from_on=from_on, to_on=None, added_at=now,
        added_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"branch": branch, "from_on": from_on.isoformat()}
    append(session, at=now, kind="manager.named", subject=f"manager:{row.id}", actor=speaker.actor, body=body)
    return row


def ended(session: Session, speaker: Speaker, id_: int, to_on: date, now: datetime) -> Manager:
    """The last day of a manager. Raises forbidden, not_found, manager_days, manager_ended (409); DeniedError."""
    row = _manager(session, speaker, id_)
    if row.to_on is not None:
        raise DomainError("manager_ended", 409)
    if to_on < row.from_on:
        raise DomainError("manager_days", 422)
    row.to_on = to_on
    body = {"to_on": to_on.isoformat()}
    append(session, at=now, kind="manager.ended", subject=f"manager:{id_}", actor=speaker.actor, body=body)
    return row


def trained(
    session: Session, speaker: Speaker, id_: int, on: date, topic: str, hours: int, proof: str, now: datetime
) -> ManagerTraining:
    """Note a training. Raises forbidden, not_found, manager_training_day; DeniedError."""
    row = _manager(session, speaker, id_)
    last = min(legal_date(now), row.to_on or date.max)
    if on > last or on < row.from_on.replace(month=1, day=1):
        raise DomainError("manager_training_day", 422)
    training = ManagerTraining(
        manager_id=id_, on=on, topic=topic, hours=hours, proof=proof, noted_at=now, noted_by=speaker.actor
    )
    session.add(training)
    session.flush()
    body = {"on": on.isoformat(), "hours": hours}
    append(session, at=now, kind="manager.trained", subject=f"manager:{id_}", actor=speaker.actor, body=body)
    return training


def listed(session: Session, speaker: Speaker, today: date, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """{"items": [{"id", "name", "department", "branch", "from_on", "to_on", "trained_on", "trained_this_year"}…],
    "total", "page"}: those of today."""
    query = select(Manager).where(
        Manager.branch_id.in_(branches_of(speaker)), or_(Manager.to_on.is_(None), Manager.to_on >= today)
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    shown = query.options(joinedload(Manager.branch), selectinload(Manager.trainings)).join(Branch)
    rows = session.scalars(shown.order_by(Branch.path, Manager.id).offset((page - 1) * size).limit(size)).all()
    return {"items": [_view(row, today) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int, today: date) -> dict[str, Any]:
    """One of them, as in `listed`. Raises not_found; DeniedError."""
    row = session.get(Manager, id_)
    if row is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, row.branch_id, f"manager:{id_}")
    return _view(row, today)


def _view(row: Manager, today: date) -> dict[str, Any]:
    last = max((training.on for training in row.trainings if training.on <= today), default=None)
    return {
        "id": row.id, "name": row.name, "department": row.department, "branch": row.branch.name,
        "from_on": row.from_on.isoformat(), "to_on": row.to_on.isoformat() if row.to_on else None,
        "trained_on": last.isoformat() if last else None,
        "trained_this_year": last is not None and last.year == today.year,
    }  # fmt: skip


def _mine(session: Session, speaker: Speaker, branch_id: int, subject: str) -> None:
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, subject)


def own_branch(session: Session, speaker: Speaker, branch_id: int | None) -> int:
    """The branch that is meant, within the tree of who may keep this. Raises forbidden, not_found; DeniedError."""
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
    wanted = branch_id or session.get_one(Staff, speaker.staff_id).branch_id
    if session.get(Branch, wanted) is None:
        raise DomainError("not_found", 404)
    _mine(session, speaker, wanted, f"branch:{wanted}")
    return wanted


def _manager(session: Session, speaker: Speaker, id_: int) -> Manager:
    row = session.get(Manager, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    own_branch(session, speaker, row.branch_id)
    return row
