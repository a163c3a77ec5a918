"""The last resort: somebody of the branch calls. A task, written in the transaction that marks the message."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage
from anze.db import insert_missing
from anze.identity.models import Branch, BranchLevel
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say


def put(session: Session, row: OutboxMessage, now: datetime) -> bool:
    """A call for the branch that is the recipient (`branch:3`); head office when it names none. False without any."""
    branch_id = _branch(session, row.recipient)
    if branch_id is None:
        return False
    called = {"name": row.body.get("name", ""), "phone": row.body.get("phone", "")}
    insert_missing(
        session,
        Task,
        kind=TaskKind.PHONE_CALL,
        subject=row.subject,
        branch_id=branch_id,
        body=called | {"said": say("outbox.call", said=row.text)},
        created_at=now,
    )
    return True


def _branch(session: Session, recipient: str) -> int | None:
    named = recipient.partition(":")[2]
    if named.isdecimal():
        return session.scalar(select(Branch.id).where(Branch.id == int(named)))
    return session.scalar(select(Branch.id).where(Branch.level == BranchLevel.HEAD))
