"""Open work of the branches of who asks."""

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.tasks.models import Task, TaskKind

_ORDER = {TaskKind.EMERGENCY: 0, TaskKind.HANDOFF: 1, TaskKind.DUTY_ROUND: 3}


def open_tasks(
    session: Session, speaker: Speaker, *, kind: TaskKind | None = None, page: int = 1, size: int = 20
) -> dict[str, Any]:
    """{"items": [{"id", "kind", "subject", "branch", "body", "created_at"}…], "total", "page"}: emergencies first,
    then who waits for a person, then what is oldest, the periodic reminders of duties last.

    Within the branch tree of the speaker; of nobody else than the insurer's staff.
    """
    query = select(Task).where(Task.branch_id.in_(branches_of(speaker)), Task.done_at.is_(None))
    query = query.where(Task.kind == kind) if kind else query
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = (
        query.order_by(case(_ORDER, value=Task.kind, else_=2), Task.created_at, Task.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    rows = session.execute(ordered.add_columns(Branch.short_name).join(Branch, Branch.id == Task.branch_id))
    items = [
        {"id": row.id, "kind": row.kind, "subject": row.subject, "branch": name, "body": row.body,
         "created_at": row.created_at.isoformat()}
        for row, name in rows
    ]  # fmt: skip
    return {"items": items, "total": total, "page": page}
