"""The rows of the outbox: which are due, whose they are, what became of them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.outbox.adapter import key_of


def any_due(session: Session, channels: Collection[str], *, now: datetime, real_now: datetime) -> bool:
    """Whether there is anything to take: asked each second, and hardly ever true."""
    return bool(session.scalar(select(exists().where(_free(now, real_now), OutboxMessage.channel.in_(channels)))))


def claim(
    session: Session, channels: Collection[str], owner: str, until: datetime, *, now: datetime, real_now: datetime,
    limit: int,
) -> list[int]:  # fmt: skip
    """Take rows in one statement: due by the application's clock, and by the real one not in their back-off or lease.

    A queued row keeps in `claimed_until` when it may be tried again.
    """
    chosen = (
        select(OutboxMessage.id)
        .where(_free(now, real_now), OutboxMessage.channel.in_(channels))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    taken = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(select(chosen.c.id)))
        .values(state=OutboxState.CLAIMED, claimed_by=owner, claimed_until=until)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken)


def _free(now: datetime, real_now: datetime) -> ColumnElement[bool]:
    rested = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= real_now)
    return or_(
        and_(OutboxMessage.state == OutboxState.QUEUED, OutboxMessage.due_at <= now, rested),
        and_(OutboxMessage.state == OutboxState.CLAIMED, OutboxMessage.claimed_until <= real_now),
    )


def claimed(session: Session, id_: int, owner: str) -> OutboxMessage | None:
    """The row, held, as long as it is this worker's: a report that came meanwhile has the last word."""
    return session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.id == id_, OutboxMessage.state == OutboxState.CLAIMED, OutboxMessage.claimed_by == owner
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip


def reported(session: Session, key: str, external_id: str | None) -> OutboxMessage | None:
    """The row that a channel's report is about, held: by our key, which ends in the row's id, or by its own name."""
    if external_id:
        found = session.scalar(
            select(OutboxMessage).where(OutboxMessage.external_id == external_id).with_for_update()
        )  # fmt: skip
        if found is not None:
            return found
    stem, _, id_ = key.rpartition(".")
    if not stem or not id_.isdecimal() or len(id_) > 18:
        return None
    row = session.get(OutboxMessage, int(id_), with_for_update=True)
    return row if row is not None and key_for(row) == key else None


def key_for(row: OutboxMessage) -> str:
    """The row's idempotency key: a digest, and the id by which a report finds the row."""
    return f"{key_of(row.id, row.subject, row.step, row.recipient, row.due_at)}.{row.id}"
