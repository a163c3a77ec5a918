"""Half days of teams, held or taken. The key of slot_claims forbids two; every claim is one statement.

Whoever claims does it before anything else in a transaction that locks (the day's serial, the audit chain).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from anze.bookings.kinds import Part
from anze.bookings.models import SlotClaim
from anze.bookings.slots import Half, Slot
from anze.db import insert_of

HOLD = timedelta(minutes=15)
"""How long a half day is kept for somebody who is thinking; every answer begins it anew."""


def hold(session: Session, slot: Slot, draft_id: int, now: datetime) -> bool:
    """Hold a free half day for a draft: a new row, or one whose hold is over or is the draft's own already.

    False: somebody else has it. Of many at once exactly one gets it, the others wait for its transaction and lose.
    """
    insert = insert_of(session)
    statement = insert(SlotClaim).values(
        team_id=slot.team_id,
        day=slot.half.day,
        part=slot.half.part.value,
        draft_id=draft_id,
        held_until=now + HOLD,
    )
    held = statement.on_conflict_do_update(
        index_elements=[SlotClaim.team_id, SlotClaim.day, SlotClaim.part],
        set_={"draft_id": statement.excluded.draft_id, "held_until": statement.excluded.held_until},
        where=and_(SlotClaim.service_id.is_(None), or_(SlotClaim.held_until <= now, SlotClaim.draft_id == draft_id)),
    ).returning(SlotClaim.team_id)
    return session.scalar(held) is not None


def take(session: Session, slot: Slot, service_id: int, now: datetime) -> bool:
    """Take a free half day for a service at once, as staff do; one that the service has already is its own."""
    insert = insert_of(session)
    statement = insert(SlotClaim).values(
        team_id=slot.team_id, day=slot.half.day, part=slot.half.part.value, service_id=service_id
    )
    taken = statement.on_conflict_do_update(
        index_elements=[SlotClaim.team_id, SlotClaim.day, SlotClaim.part],
        set_={"service_id": statement.excluded.service_id, "draft_id": None, "held_until": None},
        where=or_(
            SlotClaim.service_id == service_id, and_(SlotClaim.service_id.is_(None), SlotClaim.held_until <= now)
        ),
    ).returning(SlotClaim.team_id)
    return session.scalar(taken) is not None


def keep(session: Session, slot: Slot, draft_id: int, service_id: int) -> None:
    """Turn a draft's hold, just verified by `hold`, into a service's half day."""
    session.execute(
        update(SlotClaim)
        .where(*_is(slot), SlotClaim.draft_id == draft_id)
        .values(service_id=service_id, draft_id=None, held_until=None)
    )


def held_by(session: Session, draft_id: int, now: datetime) -> Slot | None:
    """The half day that a draft holds, as long as the hold lasts."""
    row = session.scalar(select(SlotClaim).where(SlotClaim.draft_id == draft_id, SlotClaim.held_until > now))
    return _slot(row) if row else None


def lapsed_of(session: Session, draft_id: int) -> Slot | None:
    """The half day that a draft holds or held and nobody has taken since."""
    row = session.scalar(select(SlotClaim).where(SlotClaim.draft_id == draft_id).limit(1))
    return _slot(row) if row else None


def taken_by(session: Session, service_id: int) -> list[Slot]:
    """The half days of a service."""
    rows = session.scalars(select(SlotClaim).where(SlotClaim.service_id == service_id).order_by(SlotClaim.day))
    return [_slot(row) for row in rows]


def let_go(session: Session, draft_id: int, but: Slot | None = None) -> None:
    """End a draft's holds, except one."""
    rows = delete(SlotClaim).where(SlotClaim.draft_id == draft_id)
    session.execute(rows.where(~and_(*_is(but))) if but else rows)


def free(session: Session, service_id: int, but: Slot | None = None) -> None:
    """Give a service's half days back, except one."""
    rows = delete(SlotClaim).where(SlotClaim.service_id == service_id)
    session.execute(rows.where(~and_(*_is(but))) if but else rows)


def hand_on(session: Session, service_id: int, to_service_id: int) -> None:
    """The half days of a joint session go to another of its services."""
    session.execute(update(SlotClaim).where(SlotClaim.service_id == service_id).values(service_id=to_service_id))


def not_free(
    session: Session,
    team_ids: Iterable[int],
    first: date,
    last: date,
    now: datetime,
    draft_id: int | None = None,
    service_id: int | None = None,
) -> dict[int, set[Half]]:
    """By team the half days between two days that are taken or held, leaving out a draft's own and a service's own."""
    rows = session.execute(
        select(SlotClaim.team_id, SlotClaim.day, SlotClaim.part).where(
            SlotClaim.team_id.in_(list(team_ids)),
            SlotClaim.day.between(first, last),
            or_(
                and_(SlotClaim.service_id.is_not(None), SlotClaim.service_id != (service_id or 0)),
                and_(SlotClaim.held_until > now, SlotClaim.draft_id != (draft_id or 0)),
            ),
        )
    )
    found: dict[int, set[Half]] = {}
    for team_id, day, part in rows:
        found.setdefault(team_id, set()).add(Half(day, Part(part)))
    return found


def _is(slot: Slot) -> tuple[ColumnElement[bool], ...]:
    return (
        SlotClaim.team_id == slot.team_id,
        SlotClaim.day == slot.half.day,
        SlotClaim.part == slot.half.part.value,
    )


def _slot(row: SlotClaim) -> Slot:
    return Slot(Half(row.day, Part(row.part)), row.team_id)
